//! Messages that come into hand.

use std::sync::Arc;

use crate::acknowledging;
use crate::hand::{Arrival, Taken};
use crate::lane::Lane;
use crate::shared::Shared;

/// Puts a message into the hand whose events can all be read, or are buried.
pub(crate) fn take(shared: &Arc<Shared>, lane: &Arc<Lane>, arrival: Arrival) {
    let taken = lane.hand().take(arrival);
    match taken {
        Taken::New => lane.arrived.notify_one(),
        Taken::Repeated => {}
        Taken::Settled => acknowledging::start(shared, lane),
    }
}
