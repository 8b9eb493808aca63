//! Appends a group of events.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversions_delivery::{
    AppendError, AppendGroup, AppendOutcome, Appended, AppendedFrame, LogError, UnixMillis, due_at,
};
use conversions_transport::Frame;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::input_counts::InputCounts;
use crate::record::Record;
use crate::shared::Shared;
use crate::write_batch::WriteBatch;

/// A larger group goes into the tables at once: in the journal it would soon force a checkpoint, and be written twice.
const MAX_JOURNALED_BYTES: usize = 4 << 20;

/// Appends a group of events.
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

impl Growth {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.later += other.later;
        self.bytes += other.bytes;
    }
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
    fn outcomes(&self, batch: &mut WriteBatch<'_>) -> Appended {
        let state = batch.shared.state();
        let frames = self.group.frames.iter().map(|frame| {
            let mut duplicates = Vec::new();
            for (index, event) in frame.events().enumerate() {
                if let Some(key) = event.dedup_key
                    && state.dedup.is_duplicate(&mut batch.new_ids, key, self.now)
                {
                    duplicates.push(index);
                }
            }
            AppendedFrame {
                first_key: batch.take_keys(frame.len()),
                events: frame.len(),
                duplicates,
            }
        });
        Appended {
            frames: frames.collect(),
        }
    }
}

impl Change for Append {
    /// Events that are not due yet go into the tables, which alone are ordered by due time.
    fn fits_journal(&self, _: &Shared) -> bool {
        let mut events = self.group.frames.iter().flat_map(Frame::events);
        self.appended_bytes() <= MAX_JOURNALED_BYTES
            && events.all(|event| due_at(event.event_time, self.now).is_none())
    }

    fn needs_checkpoint(&self, _: &Shared) -> bool {
        true
    }

    fn write_to_tables(
        &mut self,
        _: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        self.add_to_batch(batch);
        Ok(())
    }

    fn add_to_batch(&mut self, batch: &mut WriteBatch<'_>) {
        let bytes = self.group.event_bytes();
        if let Err(full) = batch.check_room(bytes) {
            self.result = Err(full);
            return;
        }
        let appended = self.outcomes(batch);
        let input = self.group.offset.as_ref().map(|offset| offset.input);
        self.grown.clear();
        for (frame, appended) in self.group.frames.iter().zip(&appended.frames) {
            if appended.stored() == 0 {
                continue;
            }
            let destination = frame.destination();
            let mut growth = Growth::default();
            for (event, outcome) in frame.events().zip(appended.outcomes()) {
                let AppendOutcome::Stored(key) = outcome else {
                    continue;
                };
                let record = Record {
                    accepted_at: self.now,
                    event_time: event.event_time,
                    max_age: event.max_age,
                    line: event.line,
                    input,
                    test_event_code: frame.test_event_code().map(|code| &**code),
                    event: event.json,
                };
                let due = due_at(event.event_time, self.now);
                growth.bytes += batch.add(destination, key, &record, due);
                growth.events += 1;
                growth.later += u64::from(due.is_some());
            }
            self.grown
                .entry(Arc::clone(destination))
                .or_default()
                .add(growth);
        }
        if let Some(offset) = &self.group.offset {
            let counts = InputCounts {
                appended: self.grown.values().map(|growth| growth.events).sum(),
                duplicates: appended.duplicates().try_into().unwrap_or(u64::MAX),
                ..InputCounts::default()
            };
            batch.inputs.advance(offset, counts, self.now);
            batch.is_dirty = true;
        }
        self.result = Ok(appended);
    }

    fn update_memory(&mut self, shared: &Shared) {
        for (destination, growth) in &self.grown {
            shared.count_appended(
                destination,
                growth.events,
                growth.later,
                growth.bytes,
                self.now,
            );
        }
    }

    fn reply_done(self: Box<Self>) {
        // The caller may have stopped waiting; it knows then that the group may be there.
        let _ = self.reply.send(self.result);
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error.into()));
    }

    fn appended_bytes(&self) -> usize {
        self.group.event_bytes().try_into().unwrap_or(usize::MAX)
    }
}
