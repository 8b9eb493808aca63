//! The baseline of `segue serve`: answers when a body is on disk; all waiting bodies share one write and one sync.

use std::fs::File;
use std::io::{self, Write};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::sync::{mpsc, oneshot};

use crate::sink::listen;

/// At most this many bodies wait for the disk.
const WAITING: usize = 4096;
/// At most this many bodies are written together.
const COMMIT: usize = 1024;

/// A body, and the channel to its request.
type Waiting = (Bytes, oneshot::Sender<()>);

pub(crate) async fn serve(file: &str) -> io::Result<()> {
    let (bodies, queue) = mpsc::channel(WAITING);
    let file = File::create(file)?;
    std::thread::spawn(move || commit(file, queue));
    let routes = Router::new().fallback(post(take)).with_state(bodies);
    axum::serve(listen().await?, routes).await
}

async fn take(
    State(bodies): State<mpsc::Sender<Waiting>>,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let (done, written) = oneshot::channel();
    let handed_in = bodies.send((body, done)).await.is_ok();
    if handed_in && written.await.is_ok() {
        (StatusCode::OK, r#"{"success":true}"#)
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, r#"{"success":false}"#)
    }
}

/// Writes bodies until the first error; requests then get 503, because their channels are closed.
fn commit(mut file: File, mut queue: mpsc::Receiver<Waiting>) {
    let (mut waiting, mut text) = (Vec::new(), Vec::new());
    while queue.blocking_recv_many(&mut waiting, COMMIT) > 0 {
        text.clear();
        for (body, _) in &waiting {
            text.extend_from_slice(body);
            text.push(b'\n');
        }
        if file
            .write_all(&text)
            .and_then(|()| file.sync_data())
            .is_err()
        {
            return;
        }
        for (_, done) in waiting.drain(..) {
            let _ = done.send(());
        }
    }
}
