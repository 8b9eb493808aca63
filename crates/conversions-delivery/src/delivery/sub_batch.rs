//! A sub-batch: events that are sent in one request, what was tried with them, and how they are split.

use conversions_transport::{EventsRequest, FrameEvent};

use crate::dead_letter::Verdict;
use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::leased_batch::LeasedBatch;
use crate::progress::RetryClass;

/// While nothing of a batch has been accepted, a doubtful refusal splits it this often at most: when sixteen parts are
/// all refused, single events are not at fault.
const MAX_LEVELS_IN_DOUBT: u32 = 4;

/// Events that are sent together: a batch, or a part of a refused one.
#[derive(Debug)]
pub(super) struct SubBatch {
    pub(super) events: LeasedBatch,
    /// Kept, so that a retry sends the same bytes.
    request: Option<EventsRequest>,
    /// Requests that these events were part of.
    pub(super) attempts: u32,
    /// Failures in a row.
    pub(super) failures: u32,
    /// Failures of which it is unclear whether they pass.
    pub(super) doubts: u32,
    /// How often the batch has been halved to get here.
    level: u32,
    /// Its other half comes next, and both were refused together because of an event.
    pub(super) is_first_half: bool,
    /// An event at fault is in here: the whole was refused, and the other half was accepted.
    pub(super) is_known_bad: bool,
    /// Why the next request repeats an earlier one.
    pub(super) again: Option<RetryClass>,
    /// The last answer.
    pub(super) verdict: Option<Verdict>,
}

/// Why a sub-batch is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SplitReason {
    /// An event in it is at fault.
    Refused,
    /// It is too large.
    TooLarge,
}

impl SubBatch {
    pub(super) fn whole(events: LeasedBatch) -> Self {
        Self {
            events,
            request: None,
            attempts: 0,
            failures: 0,
            doubts: 0,
            level: 0,
            is_first_half: false,
            is_known_bad: false,
            again: None,
            verdict: None,
        }
    }

    /// The request, the same one every time unless events were taken out.
    pub(super) fn request(&mut self) -> EventsRequest {
        self.request
            .get_or_insert_with(|| EventsRequest::of_frames(self.events.request_frames()))
            .clone()
    }

    /// Takes out the events for which `leaves` holds.
    pub(super) fn take_out(&mut self, leaves: impl Fn(&FrameEvent<'_>) -> bool) -> LeasedBatch {
        let out = self.events.take_out(leaves);
        if !out.is_empty() {
            self.request = None;
        }
        out
    }

    /// Forgets events that are not leased any more.
    pub(super) fn forget(&mut self, keys: &[KeyRange]) {
        let is_gone = |key: EventKey| keys.iter().any(|one| one.range().contains(&key.0));
        self.events.remove_keys(is_gone);
        self.request = None;
    }

    pub(super) fn is_part(&self) -> bool {
        self.level > 0
    }

    /// Whether to split again after a refusal that may not be an event's fault.
    pub(super) fn may_split_in_doubt(&self, something_was_accepted: bool) -> bool {
        self.events.len() > 1 && (something_was_accepted || self.level < MAX_LEVELS_IN_DOUBT)
    }

    /// Splits into two halves; of an odd number the first is smaller.
    pub(super) fn halves(mut self, why: SplitReason) -> (Self, Self) {
        let second = self.events.split_off(self.events.len() / 2);
        let half = |events, is_first_half| Self {
            attempts: self.attempts,
            doubts: self.doubts,
            level: self.level + 1,
            is_first_half,
            verdict: self.verdict.clone(),
            ..Self::whole(events)
        };
        (
            half(
                std::mem::take(&mut self.events),
                why == SplitReason::Refused,
            ),
            half(second, false),
        )
    }
}
