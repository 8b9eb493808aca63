//! Stores a piece of a frame: in a message of its own, or in one that it shares.

use std::sync::Arc;

use async_nats::HeaderMap;
use conversions_delivery::frame_codec::StoredFrame;
use conversions_delivery::{EventKey, UnixMillis};
use conversions_transport::{Frame, FrameHeader};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::groups::{Group, Member, joined};
use crate::publish::{Confirmed, Outgoing, Refused, publish, publish_since};
use crate::shared::Shared;
use crate::{fingerprint, message};

/// Where the events of a request are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// In the stream, the first one under this key.
    From(EventKey),
    /// The broker had all of them before.
    Before,
}

impl Stored {
    fn of(confirmed: Confirmed, place: u64) -> Self {
        match confirmed {
            Confirmed::Stored(sequence) => {
                Self::From(EventKey(message::base_key(sequence) + place))
            }
            Confirmed::Duplicate => Self::Before,
        }
    }
}

/// Publishes runs of a piece in a message of its own, and waits until it is confirmed.
pub(crate) async fn alone(
    shared: &Shared,
    piece: &Frame,
    runs: &[StoredFrame],
) -> Result<Stored, Refused> {
    let confirmed = publish(&shared.context, &outgoing(shared, piece, runs)).await?;
    Ok(Stored::of(confirmed, 0))
}

/// Publishes a piece with others that come at the same time, and waits until it is confirmed.
pub(crate) async fn together(
    shared: &Arc<Shared>,
    piece: &Frame,
    now: UnixMillis,
) -> Result<Stored, Refused> {
    let (answer, answered) = oneshot::channel();
    let member = Member {
        piece: piece.clone(),
        now,
        since: Instant::now(),
        answer,
    };
    if let Some(group) = shared.groups.join(member) {
        let (shared, header) = (Arc::clone(shared), Arc::clone(piece.header()));
        let runtime = shared.runtime.clone();
        runtime.spawn(send(shared, header, group));
    }
    let given_up = |_| Err(Refused::Unavailable("the log is closed".to_owned()));
    let (confirmed, place) = answered.await.unwrap_or_else(given_up)?;
    Ok(Stored::of(confirmed, place))
}

/// Publishes a group, and those that collect meanwhile.
async fn send(shared: Arc<Shared>, header: Arc<FrameHeader>, first: Group) {
    let mut next = Some(first);
    while let Some(group) = next {
        let stored = publish_group(&shared, &group).await;
        let mut place = 0;
        for member in group.members {
            let events = member.piece.len() as u64;
            let answer = stored.clone().map(|confirmed| (confirmed, place));
            place += events;
            // Nobody listens any more when the log is closed.
            let _ = member.answer.send(answer);
        }
        next = shared.groups.done(&header);
    }
}

async fn publish_group(shared: &Shared, group: &Group) -> Result<Confirmed, Refused> {
    let members = || group.members.iter();
    let frame = joined(members().map(|member| &member.piece))
        .map_err(|error| Refused::Unavailable(error.to_string()))?;
    let run = StoredFrame {
        first_key: EventKey(0),
        accepted_at: members()
            .map(|member| member.now)
            .min()
            .unwrap_or(UnixMillis(0)),
        input: None,
        frame,
    };
    let since = members().map(|member| member.since).min();
    let message = outgoing(shared, &run.frame, std::slice::from_ref(&run));
    publish_since(
        &shared.context,
        &message,
        since.unwrap_or_else(Instant::now),
    )
    .await
}

/// The message of a piece, of which these runs are stored.
fn outgoing(shared: &Shared, piece: &Frame, runs: &[StoredFrame]) -> Outgoing {
    let events = runs.iter().map(|run| run.frame.len()).sum();
    Outgoing {
        subject: shared.names_of(piece.destination()).events_subject(events),
        // Of all events, so that a repetition on a machine that has not seen the duplicates has the same id.
        id: fingerprint::of_frame(piece),
        headers: HeaderMap::new(),
        payload: message::write(runs),
    }
}
