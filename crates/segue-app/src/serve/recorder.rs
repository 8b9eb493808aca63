//! Tells history and trace what ingest and delivery do.
//!
//! It runs inside of requests and deliveries: everything here is cheap, and nothing waits.

mod counting;
mod library;
mod names;
mod provenance;
mod replays;
mod request;
mod spare;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{
    Attempt, Clock as _, DeliveryObserver, KeyRange, ReplayedEvent, Settlement,
};
use conversions_history::history::{AnswerTimes, Counter, History, HistoryOptions};
use conversions_history::trace::{AttemptRecord, SettlementRecord, Trace, TraceOptions};
use conversions_ingest::MessageRecorder;
use segue_settings::{HistorySettings, TraceSettings};

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use provenance::ProvenanceLimit;
use replays::ReplayedMembers;
use request::RequestRecorder;
use spare::SpareNotes;

/// The settings of history and trace.
pub(super) struct RecordingSettings {
    pub(super) history: HistorySettings,
    pub(super) trace: TraceSettings,
}

/// What a running endpoint remembers of what happened.
#[derive(Clone, Default)]
pub struct Recorder {
    /// The counts, unless the settings switch them off.
    pub history: Option<Arc<History>>,
    /// The trace, unless the settings switch it off.
    pub trace: Option<Arc<Trace>>,
    provenance: Arc<ProvenanceLimit>,
    spare: Arc<SpareNotes>,
}

impl Recorder {
    /// Opens what the settings want. What cannot be opened is logged, and events are delivered without it.
    pub(super) fn open(folder: &DataFolder, clock: RunClock, settings: &RecordingSettings) -> Self {
        let RecordingSettings { history, trace } = settings;
        let now = Arc::new(move || clock.now().0);
        let history_options = HistoryOptions {
            clock: now.clone(),
            ..HistoryOptions::default()
        };
        let trace_options = TraceOptions {
            max_events: trace.max_events,
            max_age: trace.max_age,
            max_bytes: trace.max_bytes,
            clock: now,
        };
        let path = folder.path();
        Self {
            history: history
                .enabled
                .then(|| logged(History::open(path, &history_options)))
                .flatten(),
            trace: trace
                .enabled
                .then(|| logged(Trace::open(path, trace_options)))
                .flatten(),
            provenance: Arc::default(),
            spare: Arc::default(),
        }
    }

    /// Whether anything is remembered.
    fn is_on(&self) -> bool {
        self.history.is_some() || self.trace.is_some()
    }

    /// Who is told of deliveries.
    pub(super) fn observer(&self) -> Option<Arc<dyn DeliveryObserver>> {
        self.is_on().then(|| Arc::new(self.clone()) as _)
    }

    /// Writes what is not written yet.
    pub(super) fn flush(&self) {
        if let Some(history) = &self.history {
            history.flush();
        }
        if let Some(trace) = &self.trace {
            trace.flush();
        }
    }

    /// Who takes down the messages of a request of this source.
    pub(super) fn of_request(
        self: &Arc<Self>,
        source: &Arc<str>,
    ) -> Option<Box<dyn MessageRecorder>> {
        self.is_on()
            .then(|| Box::new(RequestRecorder::new(Arc::clone(self), Arc::clone(source))) as _)
    }

    /// Counts a request that was refused as a whole.
    pub(super) fn count_refusal(&self, reason: &str) {
        if let Some(history) = &self.history {
            history.record(|counts| counts.add(Counter::Refused { reason }, 1));
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("history", &self.history)
            .field("trace", &self.trace)
            .finish_non_exhaustive()
    }
}

fn logged<T, E: std::error::Error + 'static>(opened: Result<T, E>) -> Option<Arc<T>> {
    opened
        .inspect_err(|error| {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "events are delivered, but what became of them is not kept"
            );
        })
        .ok()
        .map(Arc::new)
}

impl DeliveryObserver for Recorder {
    fn attempted(&self, destination: &Arc<str>, keys: &[KeyRange], attempt: &Attempt<'_>) {
        if let Some(history) = &self.history {
            let bound = AnswerTimes::bound_of(attempt.took.as_millis());
            let has_answer = !matches!(attempt.outcome(), "not_sent" | "ambiguous" | "setup");
            let reason = attempt.outcome();
            history.record(|counts| {
                if has_answer {
                    counts.add(Counter::Answer { destination, bound }, 1);
                }
                if attempt.answer.is_err() {
                    let failed = Counter::FailedRequest {
                        destination,
                        reason,
                    };
                    counts.add(failed, 1);
                }
            });
        }
        if let (Some(trace), Err(error)) = (&self.trace, attempt.answer) {
            let verdict = conversions_delivery::Verdict::of(error).unwrap_or_default();
            let record = AttemptRecord {
                destination,
                at: attempt.at.0,
                number: attempt.number,
                took_ms: milliseconds(attempt.took),
                outcome: attempt.outcome(),
                status: verdict.status,
                code: verdict.code,
                subcode: verdict.subcode,
                fbtrace_id: verdict.fbtrace_id.as_deref().unwrap_or_default(),
            };
            trace.attempted(&record, ranges(keys));
        }
    }

    fn replayed(&self, destination: &Arc<str>, replay: &ReplayedEvent<'_>) {
        if let Some(trace) = &self.trace {
            let members = ReplayedMembers::of(replay.event);
            trace.replayed(&members.record(destination, replay));
        }
    }

    fn settled(&self, destination: &Arc<str>, keys: &[KeyRange], settlement: &Settlement<'_>) {
        let events: u64 = keys.iter().map(|range| range.count).sum();
        let record = match settlement {
            Settlement::Delivered {
                at,
                receipt,
                attempts,
                batch_events,
            } => SettlementRecord {
                destination,
                at: at.0,
                dead_letter_reason: "",
                attempts: *attempts,
                batch_events: u32::try_from(*batch_events).unwrap_or(u32::MAX),
                fbtrace_id: receipt.fbtrace_id.as_deref().unwrap_or_default(),
            },
            Settlement::DeadLettered {
                at,
                reason,
                verdict,
                attempts,
            } => SettlementRecord {
                destination,
                at: at.0,
                dead_letter_reason: reason.name(),
                attempts: *attempts,
                batch_events: u32::try_from(events).unwrap_or(u32::MAX),
                fbtrace_id: verdict
                    .and_then(|verdict| verdict.fbtrace_id.as_deref())
                    .unwrap_or_default(),
            },
            _ => return,
        };
        let counter = match record.dead_letter_reason {
            "" => Counter::Delivered { destination },
            reason => Counter::DeadLettered {
                destination,
                reason,
            },
        };
        if let Some(history) = &self.history {
            history.record(|counts| counts.add(counter, events));
        }
        if let Some(trace) = &self.trace {
            trace.settled(&record, ranges(keys));
        }
    }
}

/// First key and number of each range.
fn ranges(keys: &[KeyRange]) -> impl Iterator<Item = (u64, u64)> {
    keys.iter().map(|range| (range.first.0, range.count))
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
