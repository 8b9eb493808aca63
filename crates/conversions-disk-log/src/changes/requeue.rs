//! Makes events of dead letters again.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversions_delivery::{DeadLetter, InputId, LogError, UnixMillis};
use conversions_transport::{Frame, FrameEntry, FrameEvent, FrameHeader};
use redb::{ReadableTable, WriteTransaction};
use tokio::sync::oneshot;

use crate::change::Change;
use crate::inputs;
use crate::tables::{DEAD_LETTER_INPUTS, REPLAYED};
use crate::write_batch::WriteBatch;

/// Appends dead letters as events. A letter whose id is in the table `replayed` is an event already, and is left
/// out: the same replay requested twice does no harm.
pub(crate) struct Requeue {
    pub(crate) letters: Vec<DeadLetter>,
    pub(crate) now: UnixMillis,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for Requeue {
    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        let mut replayed = transaction.open_table(REPLAYED)?;
        let mut letter_inputs = transaction.open_table(DEAD_LETTER_INPUTS)?;
        let mut replayed_of_input: BTreeMap<InputId, u64> = BTreeMap::new();
        for letter in &self.letters {
            if replayed.get(letter.id.0)?.is_some() {
                continue;
            }
            let Some(frame) = frame_of(letter) else {
                continue;
            };
            let input = letter_inputs.remove(letter.id.0)?;
            let input = input.and_then(|input| input.value().try_into().ok().map(InputId));
            if let Some(input) = input {
                *replayed_of_input.entry(input).or_default() += 1;
            }
            // No duplicate, although its `messageId` was seen: a person asked for it.
            batch.add(&frame, Vec::new(), input, self.now);
            replayed.insert(letter.id.0, [].as_slice())?;
        }
        for (input, events) in replayed_of_input {
            inputs::count_replayed(transaction, input, events, self.now)?;
        }
        Ok(())
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}

/// A letter as a frame of one event.
fn frame_of(letter: &DeadLetter) -> Option<Frame> {
    let event = FrameEvent {
        json: &letter.event,
        event_time: letter.event_time,
        max_age: letter.max_age,
        dedup_key: None,
        line: letter.line,
    };
    let header = FrameHeader {
        source: None,
        destination: Arc::clone(&letter.destination),
        test_event_code: letter.test_event_code.clone(),
        replay_of: Some(letter.id.0),
    };
    let entry = FrameEntry::of(&event, letter.event.len());
    Frame::from_parts(Arc::new(header), letter.event.clone(), vec![entry]).ok()
}
