//! HTTP/2: a request that the server says it did not look at was not sent; any other that fails may have been processed.

use std::sync::Arc;

use bytes::Bytes;
use conversions_transport::{NotSentKind, SendError, Transport as _};
use h2::Reason;
use h2::server::{Connection, SendResponse};
use http::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::support::{builder, events};
use crate::tls::certified;

type Stream = Connection<TlsStream<TcpStream>, Bytes>;

/// What the server does with the first request. It answers all others.
#[derive(Clone, Copy)]
enum First {
    Reset(Reason),
    /// It closes the connection, and has taken no stream.
    GoAway,
}

/// A server that speaks HTTP/2 only: its base address and its certificate.
async fn server(first: First) -> (String, String) {
    let (mut config, certificate) = certified("127.0.0.1");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut first = Some(first);
        while let Ok((stream, _)) = listener.accept().await {
            let stream = acceptor.accept(stream).await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            if let Some(First::GoAway) = first {
                first = None;
                connection.abrupt_shutdown(Reason::NO_ERROR);
                while connection.accept().await.is_some() {}
                continue;
            }
            serve(connection, &mut first).await;
        }
    });
    (base_url, certificate)
}

async fn serve(mut connection: Stream, first: &mut Option<First>) {
    while let Some(Ok((request, mut answer))) = connection.accept().await {
        if let Some(First::Reset(reason)) = first.take() {
            answer.send_reset(reason);
        } else {
            tokio::spawn(confirm(request, answer));
        }
    }
}

async fn confirm(request: Request<h2::RecvStream>, mut answer: SendResponse<Bytes>) {
    let mut body = request.into_body();
    while let Some(Ok(part)) = body.data().await {
        let _ = body.flow_control().release_capacity(part.len());
    }
    let mut answer = answer.send_response(Response::new(()), false).unwrap();
    let receipt = Bytes::from_static(br#"{"events_received":1}"#);
    answer.send_data(receipt, true).unwrap();
}

/// Sends one event to such a server, and another one afterwards, which must arrive.
async fn failure_after(first: First) -> SendError {
    let (base_url, certificate) = server(first).await;
    let transport = builder(&base_url).trust_only(certificate).build().unwrap();
    let failure = transport.send(&events(1)).await.unwrap_err();
    let receipt = transport.send(&events(1)).await.unwrap();
    assert_eq!(receipt.events_received, Some(1));
    failure
}

#[tokio::test]
async fn a_refused_stream_was_not_sent() {
    let failure = failure_after(First::Reset(Reason::REFUSED_STREAM)).await;
    assert!(
        matches!(
            failure,
            SendError::NotSent {
                kind: NotSentKind::StreamRefused,
                ..
            }
        ),
        "{failure:?}"
    );
    assert!(!failure.may_have_been_processed());
}

#[tokio::test]
async fn a_stream_on_a_connection_that_is_closed_in_order_was_not_sent() {
    let failure = failure_after(First::GoAway).await;
    assert!(!failure.may_have_been_processed(), "{failure:?}");
}

#[tokio::test]
async fn a_stream_that_is_reset_for_another_reason_may_have_been_processed() {
    for reason in [Reason::INTERNAL_ERROR, Reason::CANCEL] {
        let failure = failure_after(First::Reset(reason)).await;
        assert!(failure.may_have_been_processed(), "{failure:?}");
    }
}
