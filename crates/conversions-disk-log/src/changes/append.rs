//! A group of events comes in.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversions_delivery::{AppendError, AppendGroup, AppendOutcome, Appended, LogError, UnixMillis, due_at};
use conversions_transport::NewEvent;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::shared::Inner;
use crate::write_batch::Draft;
use crate::inputs::Tally;
use crate::record::Record;
use crate::commit_loop::Change;

/// A group of more bytes is written into the tables at once.
const LARGE: usize = 4 << 20;

pub(crate) struct Append {
    group: AppendGroup,
    now: UnixMillis,
    result: Result<Appended, AppendError>,
    grown: BTreeMap<Arc<str>, Growth>,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
}

/// By how much a destination grows.
#[derive(Clone, Copy, Debug, Default)]
struct Growth {
    events: u64,
    later: u64,
    bytes: u64,
}

impl Append {
    pub(crate) fn new(
        group: AppendGroup,
        now: UnixMillis,
    ) -> (Self, oneshot::Receiver<Result<Appended, AppendError>>) {
        let (reply, answer) = oneshot::channel();
        let change = Self {
            group,
            now,
            result: Ok(Appended::default()),
            grown: BTreeMap::new(),
            reply,
        };
        (change, answer)
    }

    /// Which events are new, and under which keys.
    fn outcomes(&self, draft: &mut Draft<'_>) -> Vec<AppendOutcome> {
        let ledger = draft.inner.ledger();
        let outcome = |event: &NewEvent| {
            if let Some(message_id) = &event.message_id {
                let ids = &mut draft.new_ids;
                let seen = &ledger.seen;
                if seen.is_duplicate(ids, &event.destination, message_id, self.now) {
                    return AppendOutcome::Duplicate;
                }
            }
            AppendOutcome::Stored(draft.take_key())
        };
        self.group.events.iter().map(outcome).collect()
    }
}

impl Change for Append {
    /// What is not due yet is put aside, which the tables do.
    fn is_quick(&self, _: &Inner) -> bool {
        let events = &self.group.events;
        let is_due = |event: &NewEvent| due_at(event.event_time, self.now).is_none();
        self.size() <= LARGE && events.iter().all(is_due)
    }

    fn wants_absorbed(&self, _: &Inner) -> bool {
        true
    }

    fn apply(&mut self, _: &WriteTransaction, draft: &mut Draft<'_>) -> Result<(), redb::Error> {
        self.stage(draft);
        Ok(())
    }

    fn stage(&mut self, draft: &mut Draft<'_>) {
        let bytes = self.group.event_bytes();
        if let Err(full) = draft.check_room(bytes) {
            self.result = Err(full);
            return;
        }
        let appended = Appended {
            outcomes: self.outcomes(draft),
        };
        let input = self.group.offset.as_ref().map(|point| point.input);
        self.grown.clear();
        for (event, outcome) in self.group.events.iter().zip(&appended.outcomes) {
            let AppendOutcome::Stored(key) = outcome else {
                continue;
            };
            let record = Record {
                accepted_at: self.now,
                event_time: event.event_time,
                max_age: event.action_source.max_age(),
                line: event.line,
                input,
                test_event_code: event.test_event_code.as_deref(),
                event: &event.event,
            };
            let due = due_at(event.event_time, self.now);
            let bytes = draft.add(&event.destination, *key, &record, due);
            let growth = match self.grown.get_mut(&event.destination) {
                Some(growth) => growth,
                None => self
                    .grown
                    .entry(Arc::clone(&event.destination))
                    .or_default(),
            };
            growth.events += 1;
            growth.later += u64::from(due.is_some());
            growth.bytes += bytes;
        }
        if let Some(point) = &self.group.offset {
            let tally = Tally {
                appended: self.grown.values().map(|growth| growth.events).sum(),
                duplicates: appended.duplicates().try_into().unwrap_or(u64::MAX),
                ..Tally::default()
            };
            draft.inputs.advance(point, tally, self.now);
            draft.is_dirty = true;
        }
        self.result = Ok(appended);
    }

    fn committed(&mut self, inner: &Inner) {
        for (destination, growth) in &self.grown {
            inner.grew(
                destination,
                growth.events,
                growth.later,
                growth.bytes,
                self.now,
            );
        }
    }

    fn answer(self: Box<Self>) {
        // Whoever does not wait any more knows that the group may be there.
        let _ = self.reply.send(self.result);
    }

    fn failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error.into()));
    }

    fn size(&self) -> usize {
        self.group.event_bytes().try_into().unwrap_or(usize::MAX)
    }
}
