//! Whether the pages would look different: the counts of delivery and the trace are compared twice a second, while somebody
//! looks.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Weak};
use std::time::Duration;

use conversions_delivery::Progress;
use tokio::sync::watch;

use crate::serve::delivery::Delivery;

const INTERVAL: Duration = Duration::from_millis(500);

/// A number that changes with delivery and trace. Ends with delivery itself.
pub(super) fn watch(
    delivery: &Arc<Delivery>,
    trace: Option<watch::Receiver<u64>>,
) -> watch::Receiver<u64> {
    let (sender, receiver) = watch::channel(0);
    let delivery = Arc::downgrade(delivery);
    tokio::spawn(compare(delivery, trace, sender));
    receiver
}

async fn compare(
    delivery: Weak<Delivery>,
    trace: Option<watch::Receiver<u64>>,
    sender: watch::Sender<u64>,
) {
    let mut last = None;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(delivery) = delivery.upgrade() else {
            return;
        };
        // The one receiver is the console itself; each viewer has a copy of it.
        if sender.receiver_count() <= 1 {
            last = None;
            continue;
        }
        let traced = trace.as_ref().map(|trace| *trace.borrow());
        let now = (fingerprint(&delivery.progress().await), traced);
        // The first look counts as a change: something may have happened since the viewer's page was made.
        if last.replace(now) != Some(now) {
            sender.send_modify(|number| *number = number.wrapping_add(1));
        }
    }
}

fn fingerprint(progress: &Progress) -> u64 {
    let mut hasher = DefaultHasher::new();
    progress.log_fault.hash(&mut hasher);
    for (name, one) in &progress.destinations {
        name.hash(&mut hasher);
        one.dead_lettered.hash(&mut hasher);
        one.held.as_ref().map(|held| held.since.0).hash(&mut hasher);
        one.paused_for.is_some().hash(&mut hasher);
        [
            one.accepted,
            one.duplicates,
            one.delivered,
            one.backlog.events,
            one.requests,
        ]
        .hash(&mut hasher);
    }
    hasher.finish()
}
