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
    let mut events = EventCounter::default();
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(data) = frame.data_ref() {
            events.read(data);
        }
    }
    let answer = format!(
        r#"{{"events_received":{},"messages":[],"fbtrace_id":"AbCdEfGhIjKlMnOp"}}"#,
        events.count
    );
    ([(CONTENT_TYPE, "application/json")], answer)
}

/// Counts the events of a body that comes in pieces, which may be cut anywhere.
#[derive(Default)]
struct EventCounter {
    count: usize,
    /// The end of what was read, too short to hold the member itself.
    tail: Vec<u8>,
}

impl EventCounter {
    fn read(&mut self, piece: &[u8]) {
        let longest = IN_EVERY_EVENT.len() - 1;
        self.tail
            .extend_from_slice(piece.get(..longest).unwrap_or(piece));
        self.count += memmem::find_iter(&self.tail, IN_EVERY_EVENT).count();
        if let Some((_, end)) = piece.split_last_chunk::<{ IN_EVERY_EVENT.len() - 1 }>() {
            self.count += memmem::find_iter(piece, IN_EVERY_EVENT).count();
            self.tail.clear();
            self.tail.extend_from_slice(end);
        } else {
            let surplus = self.tail.len().saturating_sub(longest);
            self.tail.drain(..surplus);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_wherever_the_body_is_cut() {
        let body =
            br#"{"data":[{"event_time":1},{"event_time":2,"event_name":"x"},{"event_time":3}]}"#;
        for size in 1..=body.len() {
            for first in 0..size {
                let (start, rest) = body.split_at(first);
                let mut events = EventCounter::default();
                events.read(start);
                rest.chunks(size).for_each(|piece| events.read(piece));
                assert_eq!(events.count, 3, "{first} bytes, then pieces of {size}");
            }
        }
    }
}
