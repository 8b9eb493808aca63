//! Appends a group of events.

use conversions_delivery::{
    AppendError, AppendGroup, Appended, AppendedFrame, EventKey, LogError, UnixMillis, due_at,
};
use conversions_transport::Frame;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::input_counts::InputCounts;
use crate::shared::Shared;
use crate::write_batch::WriteBatch;

/// Appends a group of events.
pub(crate) struct Append {
    group: AppendGroup,
    now: UnixMillis,
    result: Result<Appended, AppendError>,
    /// The numbers of the frames in the commit.
    numbers: Vec<usize>,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
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
            numbers: Vec::new(),
            reply,
        };
        (change, answer)
    }

    /// Which events of a frame are duplicates: their places.
    fn duplicates(&self, frame: &Frame, batch: &mut WriteBatch<'_>) -> Vec<usize> {
        let state = batch.shared.state();
        let ids = &mut batch.new_ids;
        let places = frame.events().enumerate().filter(|(_, event)| {
            let mut is_duplicate = |key| state.dedup.is_duplicate(ids, key, self.now);
            event.dedup_key.is_some_and(&mut is_duplicate)
        });
        places.map(|(place, _)| place).collect()
    }
}

impl Change for Append {
    /// Events that are not due yet go into the tables, which alone are ordered by due time.
    fn fits_journal(&self, _: &Shared) -> bool {
        let mut events = self.group.frames.iter().flat_map(Frame::events);
        events.all(|event| due_at(event.event_time, self.now).is_none())
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
        self.numbers.clear();
        if let Err(full) = batch.check_room(self.group.event_bytes()) {
            self.result = Err(full);
            return;
        }
        let input = self.group.offset.as_ref().map(|offset| offset.input);
        let mut appended = Appended::default();
        for frame in &self.group.frames {
            let duplicates = self.duplicates(frame, batch);
            let number = batch.add(frame, duplicates.clone(), input, self.now);
            self.numbers.push(number);
            appended.frames.push(AppendedFrame {
                first_key: EventKey(0),
                events: frame.len(),
                duplicates,
            });
        }
        if let Some(offset) = &self.group.offset {
            let count = |events: usize| u64::try_from(events).unwrap_or(u64::MAX);
            let counts = InputCounts {
                appended: count(appended.stored()),
                duplicates: count(appended.duplicates()),
                ..InputCounts::default()
            };
            batch.inputs.advance(offset, counts, self.now);
            batch.is_dirty = true;
        }
        self.result = Ok(appended);
    }

    fn take_keys(&mut self, batch: &WriteBatch<'_>) {
        if let Ok(appended) = &mut self.result {
            for (frame, number) in appended.frames.iter_mut().zip(&self.numbers) {
                frame.first_key = batch.first_key(*number);
            }
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
