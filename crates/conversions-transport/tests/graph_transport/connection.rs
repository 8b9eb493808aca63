//! Failing connections: which requests were not sent, and which may have been processed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conversions_transport::{AmbiguousKind, NotSentKind, SendError, Transport as _};
use facebook_conversions::error_table::Disposition;
use tokio::net::TcpSocket;

use crate::support::{
    SHORT, base_url, builder, events, hang, read_request, reset, tcp_server, transport, write,
};

const RECEIPT: &str = r#"{"events_received":1}"#;

/// The outcome of one request to a server that answers slowly or never.
async fn failure(base_url: &str) -> SendError {
    let transport = builder(base_url).total_timeout(SHORT).build().unwrap();
    let failure = transport.send(&events(1)).await.unwrap_err();
    assert_eq!(failure.disposition(), Disposition::Retry);
    failure
}

fn assert_ambiguous(failure: &SendError, expected: AmbiguousKind) {
    assert!(
        matches!(failure, SendError::Ambiguous { kind, .. } if *kind == expected),
        "{failure:?}"
    );
    assert!(failure.may_have_been_processed());
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    // Bound but not listening, so that no other process gets the port.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let failure = failure(&base_url(address)).await;
    assert!(
        matches!(
            failure,
            SendError::NotSent {
                kind: NotSentKind::Refused,
                ..
            }
        ),
        "{failure:?}"
    );
    assert!(!failure.may_have_been_processed());
}

#[tokio::test]
async fn a_reset_before_the_request_is_read_is_ambiguous() {
    let server = tcp_server(|stream| async move {
        // A part of the request has arrived; it is not read.
        stream.readable().await.unwrap();
        reset(stream);
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Reset);
}

#[tokio::test]
async fn a_reset_after_the_request_was_read_is_ambiguous() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        reset(stream);
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Reset);
}

#[tokio::test]
async fn a_close_without_an_answer_is_ambiguous() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Reset);
}

#[tokio::test]
async fn no_answer_in_time_is_ambiguous() {
    let server = tcp_server(hang).await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Timeout);
}

#[tokio::test]
async fn headers_without_a_body_in_time_are_ambiguous() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        write(
            &mut stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n{\"events_",
        )
        .await;
        hang(stream).await;
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Timeout);
}

#[tokio::test]
async fn an_answer_byte_by_byte_does_not_extend_the_timeout() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        write(
            &mut stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
        )
        .await;
        let mut drip = tokio::time::interval(SHORT / 10);
        // It ends when the transport hangs up.
        while tokio::io::AsyncWriteExt::write_all(&mut stream, b" ")
            .await
            .is_ok()
        {
            drip.tick().await;
        }
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Timeout);
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_ambiguous() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        write(
            &mut stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n{\"events_",
        )
        .await;
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Reset);
}

#[tokio::test]
async fn an_error_whose_body_is_cut_off_is_ambiguous() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        write(
            &mut stream,
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 900\r\n\r\n{\"error\":",
        )
        .await;
        reset(stream);
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Reset);
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_ambiguous() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        write(&mut stream, "SSH-2.0-OpenSSH_9.2\r\n").await;
    })
    .await;
    assert_ambiguous(&failure(&server).await, AmbiguousKind::Reset);
}

#[tokio::test]
async fn an_answer_of_unknown_length_ends_with_the_connection() {
    let server = tcp_server(|mut stream| async move {
        read_request(&mut stream).await;
        write(
            &mut stream,
            &format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{RECEIPT}"),
        )
        .await;
    })
    .await;
    assert_eq!(
        transport(&server)
            .send(&events(1))
            .await
            .unwrap()
            .events_received,
        Some(1)
    );
}

#[tokio::test]
async fn requests_reuse_a_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let server = tcp_server(move |mut stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            for _ in 0..5 {
                read_request(&mut stream).await;
                let length = RECEIPT.len();
                write(
                    &mut stream,
                    &format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{RECEIPT}"),
                )
                .await;
            }
        }
    })
    .await;
    let transport = transport(&server);
    for _ in 0..5 {
        transport.clone().send(&events(1)).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failed_request_is_not_retried() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let server = tcp_server(move |mut stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            read_request(&mut stream).await;
            reset(stream);
        }
    })
    .await;
    let _ = failure(&server).await;
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}
