//! A group of events comes in.

use std::collections::BTreeMap;
use std::sync::Arc;

use redb::{ReadableTable, WriteTransaction};
use tokio::sync::oneshot;

use crate::accepted::{AcceptedEvent, AppendGroup, InputId};
use crate::disk_log::Inner;
use crate::disk_log::inputs::{self, Tally};
use crate::disk_log::record::Record;
use crate::disk_log::tables::{BYTES, Names};
use crate::disk_log::writer::{Change, Draft};
use crate::log::{AppendError, AppendOutcome, Appended, EventKey, LogError, due_at};
use crate::time::UnixMillis;

pub(in crate::disk_log) struct Append {
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
    pub(in crate::disk_log) fn new(
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
        let new_ids = &mut draft.new_ids;
        let next_key = &mut draft.next_key;
        let outcome = |event: &AcceptedEvent| {
            if let Some(message_id) = &event.message_id
                && ledger
                    .seen
                    .is_duplicate(new_ids, &event.destination, message_id, self.now)
            {
                return AppendOutcome::Duplicate;
            }
            let key = EventKey(*next_key);
            *next_key += 1;
            AppendOutcome::Stored(key)
        };
        self.group.events.iter().map(outcome).collect()
    }

    fn input(&self) -> Option<InputId> {
        self.group.checkpoint.as_ref().map(|point| point.input)
    }
}

impl Change for Append {
    fn apply(
        &mut self,
        transaction: &WriteTransaction,
        draft: &mut Draft<'_>,
    ) -> Result<(), redb::Error> {
        let bytes = self.group.event_bytes();
        if let Err(full) = draft.inner.check_room(draft.added_bytes, bytes) {
            self.result = Err(full);
            return Ok(());
        }
        let appended = Appended {
            outcomes: self.outcomes(draft),
        };
        let input = self.input();
        let mut by_destination: BTreeMap<&Arc<str>, Vec<(EventKey, &AcceptedEvent)>> =
            BTreeMap::new();
        for (event, outcome) in self.group.events.iter().zip(&appended.outcomes) {
            if let AppendOutcome::Stored(key) = outcome {
                let events = by_destination.entry(&event.destination).or_default();
                events.push((*key, event));
            }
        }
        self.grown.clear();
        for (destination, events) in by_destination {
            let growth = insert(transaction, destination, &events, input, self.now)?;
            draft.added_bytes += growth.bytes;
            draft.is_dirty = true;
            self.grown.insert(Arc::clone(destination), growth);
        }
        if let Some(point) = &self.group.checkpoint {
            let tally = Tally {
                appended: self.grown.values().map(|growth| growth.events).sum(),
                duplicates: appended.duplicates().try_into().unwrap_or(u64::MAX),
                ..Tally::default()
            };
            inputs::advance(transaction, point, tally, self.now)?;
            draft.is_dirty = true;
        }
        self.result = Ok(appended);
        Ok(())
    }

    fn committed(self: Box<Self>, inner: &Inner) {
        for (destination, growth) in &self.grown {
            inner.grew(
                destination,
                growth.events,
                growth.later,
                growth.bytes,
                self.now,
            );
        }
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

/// Writes events of one destination.
fn insert(
    transaction: &WriteTransaction,
    destination: &str,
    events: &[(EventKey, &AcceptedEvent)],
    input: Option<InputId>,
    now: UnixMillis,
) -> Result<Growth, redb::Error> {
    let names = Names::of(destination);
    let mut waiting = transaction.open_table(names.waiting())?;
    let mut later = None;
    let mut growth = Growth::default();
    let mut bytes = Vec::new();
    for (key, event) in events {
        bytes.clear();
        let record = Record {
            accepted_at: now,
            event_time: event.event_time,
            window: event.window,
            line: event.line,
            input,
            test_event_code: event.test_event_code.as_deref(),
            event: &event.event,
        };
        record.write(destination, *key, &mut bytes);
        growth.events += 1;
        growth.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match due_at(event.event_time, now) {
            None => {
                waiting.insert(key.0, bytes.as_slice())?;
            }
            Some(due) => {
                let later = match &mut later {
                    Some(later) => later,
                    None => later.insert(transaction.open_table(names.later())?),
                };
                later.insert((due.0, key.0), bytes.as_slice())?;
                growth.later += 1;
            }
        }
    }
    let mut held = transaction.open_table(BYTES)?;
    let before = held.get(destination)?.map_or(0, |bytes| bytes.value());
    held.insert(destination, before + growth.bytes)?;
    Ok(growth)
}
