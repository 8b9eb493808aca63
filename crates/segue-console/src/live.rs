//! `GET /live`: says that the pages would look different, as Server-Sent Events. A viewer then loads its page again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::fault::Fault;
use crate::state::AppState;
use crate::viewers::Viewer;

/// A stream ends after this time, and the browser opens another one.
const LONGEST: Duration = Duration::from_mins(10);
/// Finds viewers that are gone, and keeps proxies from closing the stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Watching {
    viewer: Viewer,
    changes: watch::Receiver<u64>,
    end: Instant,
}

impl Watching {
    /// Waits for the next change. Changes while a viewer does not read become one: nothing is queued.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let pause = self.viewer.pause();
        let changed = async {
            tokio::time::sleep(pause).await;
            self.changes.changed().await.ok()?;
            Some(*self.changes.borrow_and_update())
        };
        let number = tokio::time::timeout_at(self.end, changed).await.ok()??;
        let event = Event::default().event("change").data(number.to_string());
        Some((Ok(event), self))
    }
}

pub(crate) async fn stream(State(state): State<AppState>) -> Response {
    let Some(viewer) = state.viewers.enter() else {
        return Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages are open. This one shows changes when you load it again.",
        )
        .into_response();
    };
    let mut changes = state.data.changes();
    changes.mark_unchanged();
    let watching = Watching {
        viewer,
        changes,
        end: Instant::now() + LONGEST,
    };
    let events = stream::unfold(watching, Watching::next);
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewers::Viewers;

    #[tokio::test(start_paused = true)]
    async fn changes_that_are_not_read_become_one() {
        let (sender, changes) = watch::channel(0);
        let watching = Watching {
            viewer: Viewers::default().enter().unwrap(),
            changes,
            end: Instant::now() + LONGEST,
        };
        for number in 1..=1000 {
            sender.send_replace(number);
        }
        let (_, watching) = watching.next().await.unwrap();
        assert!(!watching.changes.has_changed().unwrap());
        assert!(
            watching.next().await.is_none(),
            "it ends when nothing happens"
        );
    }
}
