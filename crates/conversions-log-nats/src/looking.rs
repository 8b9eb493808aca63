//! Asks the broker who leads, so that messages whose acknowledgement is covered are done, or are acknowledged again.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use async_nats::jetstream::Context;
use async_nats::jetstream::response::Response;
use serde::Deserialize;
use tokio::sync::watch;

use crate::acknowledging;
use crate::hand::Leadership;
use crate::lane::Lane;
use crate::names::CONSUMER;
use crate::shared::Shared;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Messages are acknowledged again when the broker has not said for this part of `ack_wait` who leads: long before it gives
/// them to another node.
const UNANSWERED_PART: u32 = 4;

/// The part of the answer that is of interest here.
#[derive(Deserialize)]
struct ConsumerInfo {
    #[serde(default)]
    cluster: Option<Cluster>,
}

#[derive(Deserialize)]
struct Cluster {
    #[serde(default)]
    leader: Option<String>,
    #[serde(default)]
    leader_since: Option<String>,
}

/// Starts to look for a lane.
pub(crate) fn start(shared: &Arc<Shared>, lane: &Arc<Lane>) {
    let (weak, closing) = (Arc::downgrade(shared), shared.closing());
    shared.spawn(keep_looking(weak, Arc::clone(lane), closing));
}

/// Looks at once, then every second while messages are covered, until the log is closed or dropped.
async fn keep_looking(weak: Weak<Shared>, lane: Arc<Lane>, mut closing: watch::Receiver<bool>) {
    while !*closing.borrow()
        && let Some(shared) = weak.upgrade()
    {
        if lane.hand().covered().wants_look() {
            look(&shared, &lane).await;
        }
        drop(shared);
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => {}
            () = lane.look.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Looks a last time; nothing is covered after it.
pub(crate) async fn finish(shared: &Shared, lane: &Lane) {
    if !lane.hand().covered().wants_look() {
        return;
    }
    look(shared, lane).await;
    let unanswered = lane.hand().uncover_all();
    if unanswered > 0 {
        let _ = acknowledging::acknowledge(shared, lane).await;
    }
}

/// Asks who leads, and acknowledges again what another leader may have lost.
async fn look(shared: &Shared, lane: &Lane) {
    let look = lane.hand().covered().begin_look();
    let leadership = leadership(&shared.context, &lane.names.events_stream).await;
    let again = if let Some(leadership) = leadership {
        lane.hand().end_look(look, leadership)
    } else {
        let then = Instant::now().checked_sub(shared.options.ack_wait / UNANSWERED_PART);
        then.map_or(0, |then| lane.hand().uncover_before(then))
    };
    if again > 0 {
        tracing::info!(
            destination = %lane.destination,
            messages = again,
            "the servers may have lost acknowledgements: they are sent again"
        );
        // Maintenance tries again what fails.
        let _ = acknowledging::acknowledge(shared, lane).await;
    }
}

/// Who leads the consumer of a stream; `None` when that is not known, or does not tell one leadership from another.
async fn leadership(context: &Context, stream: &str) -> Option<Leadership> {
    let subject = format!("CONSUMER.INFO.{stream}.{CONSUMER}");
    // The servers refuse a request that is not empty.
    let asked = context.request(subject, &serde_json::json!({})).await;
    let Ok(Response::Ok(ConsumerInfo { cluster })) = asked else {
        return None;
    };
    let Some(cluster) = cluster else {
        // A server of a cluster leaves it out while it does not know the consumer yet.
        let is_single = context.client().server_info().cluster.is_none();
        return is_single.then(Leadership::default);
    };
    Some(Leadership {
        leader: cluster.leader?,
        since: cluster.leader_since?,
    })
}
