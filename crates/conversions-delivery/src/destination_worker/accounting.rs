//! The counts of a destination: what its requests and events came to.

use std::time::Duration;

use conversions_transport::{EventsRequest, SendError};
use facebook_conversions::error_table::Disposition;
use facebook_conversions::reply::EventsReceived;

use super::{DestinationWorker, EVERYTHING_REFUSED};
use crate::dead_letter::{DeadLetterReason, Verdict};
use crate::progress::{DestinationProgress, HoldCause, LastError, LastWarning, RetryClass};

/// After this many refusals in a row the events are hardly at fault: more likely the token has no access to the pixel.
const SUSPICIOUS_REFUSALS: u64 = 100;

/// The counts so far.
#[derive(Debug, Default)]
pub(super) struct DestinationCounts {
    pub(super) progress: DestinationProgress,
    version_warned: bool,
}

impl DestinationCounts {
    /// Whether this is the first version warning.
    pub(super) fn is_first_version_warning(&mut self) -> bool {
        !std::mem::replace(&mut self.version_warned, true)
    }
}

impl DestinationWorker {
    /// Counts appended events, and wakes the dispatcher.
    pub(crate) fn count_appended(&self, stored: usize, duplicates: usize) {
        let [stored, duplicates] =
            [stored, duplicates].map(|count| count.try_into().unwrap_or(u64::MAX));
        let mut counts = self.counts();
        counts.progress.accepted += stored;
        counts.progress.duplicates += duplicates;
        drop(counts);
        self.metrics.accepted.increment(stored);
        self.metrics.duplicates.increment(duplicates);
        if stored > 0 {
            self.wake.notify_one();
        }
    }

    /// Counts a request that starts; `again` says why it repeats an earlier one.
    pub(crate) fn count_request(
        &self,
        request: &EventsRequest,
        again: Option<RetryClass>,
        is_part: bool,
    ) {
        let mut counts = self.counts();
        let progress = &mut counts.progress;
        progress.requests += 1;
        progress.in_flight += 1;
        match again {
            Some(class) => *progress.retries.entry(class).or_default() += 1,
            None if is_part => progress.split_requests += 1,
            None => {}
        }
        drop(counts);
        self.metrics.count_request(request, again);
    }

    /// Counts the answer to a request.
    pub(crate) fn count_answer(
        &self,
        request: &EventsRequest,
        took: Duration,
        answer: &Result<EventsReceived, SendError>,
    ) {
        let now = self.clock.now();
        let mut counts = self.counts();
        let progress = &mut counts.progress;
        progress.in_flight = progress.in_flight.saturating_sub(1);
        match answer {
            Ok(_) => progress.last_delivery = Some(now),
            Err(error) => {
                progress.ambiguous += u64::from(error.may_have_been_processed());
                let verdict = Verdict::of(error).unwrap_or_default();
                progress.last_error = Some(LastError {
                    at: now,
                    sentence: sentence(error),
                    is_tried_again: is_tried_again(error),
                    status: verdict.status,
                    code: verdict.code,
                    subcode: verdict.subcode,
                    fbtrace_id: verdict.fbtrace_id,
                });
            }
        }
        drop(counts);
        self.metrics.count_answer(took, answer);
        match answer {
            Ok(received) => tracing::debug!(
                destination = %self.name,
                events = request.len(),
                milliseconds = took.as_millis(),
                fbtrace_id = received.fbtrace_id,
                "delivered"
            ),
            Err(error) => tracing::debug!(
                destination = %self.name,
                events = request.len(),
                milliseconds = took.as_millis(),
                "request failed: {}", sentence(error)
            ),
        }
    }

    /// Counts and logs remarks of Meta on a request that it took.
    pub(crate) fn count_remarks(&self, request: &EventsRequest, received: &EventsReceived) {
        let sent = u64::try_from(request.len()).unwrap_or(u64::MAX);
        let differs = received.events_received.is_some_and(|count| count != sent);
        if !differs && received.messages.is_empty() {
            return;
        }
        let mut counts = self.counts();
        let warnings = &mut counts.progress.warnings;
        warnings.requests += 1;
        warnings.events_received_differs += u64::from(differs);
        warnings.messages += u64::from(!received.messages.is_empty());
        warnings.last = Some(LastWarning {
            at: self.clock.now(),
            sent,
            received: received.events_received,
            messages: received.messages.clone(),
            fbtrace_id: received.fbtrace_id.clone(),
        });
        drop(counts);
        self.metrics.remarks.increment(1);
        tracing::warn!(
            destination = %self.name,
            sent,
            received = received.events_received,
            messages = received.messages.len(),
            fbtrace_id = received.fbtrace_id,
            "Meta took the request with remarks"
        );
    }

    pub(super) fn count_delivered(&self, events: u64) {
        let mut counts = self.counts();
        counts.progress.delivered += events;
        counts.progress.refused_in_a_row = 0;
        drop(counts);
        self.metrics.delivered.increment(events);
        self.state.record_progress();
        self.wake.notify_one();
    }

    pub(super) fn count_dead_lettered(&self, events: u64, reason: DeadLetterReason) {
        let mut counts = self.counts();
        let progress = &mut counts.progress;
        *progress.dead_lettered.entry(reason).or_default() += events;
        let before = progress.refused_in_a_row;
        if reason == DeadLetterReason::Refused {
            progress.refused_in_a_row += events;
        }
        let is_suspicious =
            before < SUSPICIOUS_REFUSALS && progress.refused_in_a_row >= SUSPICIOUS_REFUSALS;
        drop(counts);
        if is_suspicious {
            tracing::error!(destination = %self.name, "{EVERYTHING_REFUSED}");
            if self.log.is_shared() {
                self.hold(HoldCause::EverythingRefused, EVERYTHING_REFUSED);
            }
        }
        self.metrics.count_dead_lettered(events, reason);
        tracing::warn!(destination = %self.name, events, reason = reason.name(), "events given up");
        self.state.record_progress();
        self.wake.notify_one();
    }
}

/// What a failure was and what it means, in words of our own: Meta's may quote an event.
fn sentence(error: &SendError) -> String {
    let meaning = error.meaning().sentence;
    if meaning.is_empty() {
        error.to_string()
    } else {
        meaning.to_owned()
    }
}

/// Whether the same request is sent again after this.
fn is_tried_again(error: &SendError) -> bool {
    match error.meaning().disposition {
        Disposition::Retry
        | Disposition::RetryFew
        | Disposition::RetrySlow
        | Disposition::Throttled
        | Disposition::Hold(_) => true,
        Disposition::Expired
        | Disposition::Split
        | Disposition::SplitOnce
        | Disposition::TooLarge => false,
    }
}
