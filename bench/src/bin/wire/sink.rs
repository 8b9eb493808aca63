//! Answers as Meta does and keeps nothing.

use std::io;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use memchr::memmem;
use tokio::net::TcpListener;

/// Each event has this member once.
const IN_EVERY_EVENT: &[u8] = b"\"event_time\":";

pub(crate) async fn serve() -> io::Result<()> {
    let listener = listen().await?;
    axum::serve(listener, Router::new().fallback(take)).await
}

/// Binds a free port and prints the address.
#[expect(clippy::print_stdout, reason = "xtask reads the address")]
pub(crate) async fn listen() -> io::Result<impl axum::serve::Listener<Addr = std::net::SocketAddr>>
{
    use axum::serve::ListenerExt;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    }))
}

async fn take(mut body: Body) -> impl IntoResponse {
    // An event whose member is cut by the end of a frame is not counted: few are, and no figure depends on the count.
    let mut events = 0;
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(data) = frame.data_ref() {
            events += memmem::find_iter(data, IN_EVERY_EVENT).count();
        }
    }
    let answer =
        format!(r#"{{"events_received":{events},"messages":[],"fbtrace_id":"AbCdEfGhIjKlMnOp"}}"#);
    ([(CONTENT_TYPE, "application/json")], answer)
}
