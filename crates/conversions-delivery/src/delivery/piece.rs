//! A part of a batch on its way: what was tried, and how it is split.

use conversions_transport::EventsRequest;

use crate::dead_letter::Verdict;
use crate::event::LeasedEvent;
use crate::progress::RetryClass;

/// While nothing of a batch has been taken, a doubtful refusal splits it only so often: sixteen parts, all refused, are
/// not the fault of single events.
const DOUBTFUL_LEVELS: u32 = 4;

/// Events that travel together: a batch, or a part of a refused one.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) events: Vec<LeasedEvent>,
    /// Kept, so that a repetition is the same bytes.
    request: Option<EventsRequest>,
    /// Requests that these events were part of.
    pub(super) attempts: u32,
    /// Failures in a row.
    pub(super) failures: u32,
    /// Answers that may or may not pass.
    pub(super) doubts: u32,
    /// How often the batch has been halved to get here.
    level: u32,
    /// The other half comes next, and the refusal of both was for the fault of an event.
    pub(super) is_first_half: bool,
    /// A culprit is in here: the other half was taken.
    pub(super) has_culprit: bool,
    /// Why the next request repeats an earlier one.
    pub(super) again: Option<RetryClass>,
    /// What was answered last.
    pub(super) verdict: Option<Verdict>,
}

/// Why a piece is halved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// An event in it is at fault.
    Refused,
    /// It is too large.
    TooLarge,
}

impl Piece {
    pub(super) fn whole(events: Vec<LeasedEvent>) -> Self {
        Self {
            events,
            request: None,
            attempts: 0,
            failures: 0,
            doubts: 0,
            level: 0,
            is_first_half: false,
            has_culprit: false,
            again: None,
            verdict: None,
        }
    }

    /// The request, the same one every time unless events were taken out.
    pub(super) fn request(&mut self) -> EventsRequest {
        self.request
            .get_or_insert_with(|| {
                let code = self
                    .events
                    .first()
                    .and_then(|event| event.test_event_code.as_deref());
                let events: Vec<_> = self
                    .events
                    .iter()
                    .map(|event| event.event.clone())
                    .collect();
                EventsRequest::new(events).with_test_event_code(code)
            })
            .clone()
    }

    /// Takes out the events for which `leaves` holds.
    pub(super) fn take_out(&mut self, leaves: impl Fn(&LeasedEvent) -> bool) -> Vec<LeasedEvent> {
        if !self.events.iter().any(&leaves) {
            return Vec::new();
        }
        self.request = None;
        let (out, stay) = std::mem::take(&mut self.events)
            .into_iter()
            .partition(|event| leaves(event));
        self.events = stay;
        out
    }

    pub(super) fn is_part(&self) -> bool {
        self.level > 0
    }

    /// Whether a refusal that may not be the fault of an event is worth another split.
    pub(super) fn may_split_in_doubt(&self, something_was_taken: bool) -> bool {
        self.events.len() > 1 && (something_was_taken || self.level < DOUBTFUL_LEVELS)
    }

    /// Two halves; of an odd number the first is the smaller one.
    pub(super) fn halves(mut self, why: Why) -> (Self, Self) {
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
            half(std::mem::take(&mut self.events), why == Why::Refused),
            half(second, false),
        )
    }
}
