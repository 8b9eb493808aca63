//! Makes events of dead letters again.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversions_delivery::{DeadLetter, InputId, LogError, UnixMillis};
use redb::{ReadableTable, WriteTransaction};
use tokio::sync::oneshot;

use crate::change::Change;
use crate::inputs;
use crate::record::Record;
use crate::shared::Shared;
use crate::tables::{DEAD_LETTER_INPUTS, REPLAYED};
use crate::write_batch::WriteBatch;

/// Appends dead letters as events. A letter whose id is in the table `replayed` is an event already, and is left
/// out: the same replay requested twice does no harm.
pub(crate) struct Requeue {
    pub(crate) letters: Vec<DeadLetter>,
    pub(crate) now: UnixMillis,
    /// Destination and bytes of each event that was added.
    pub(crate) added: Vec<(Arc<str>, u64)>,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for Requeue {
    fn write_to_tables(
        &mut self,
        transaction: &WriteTransaction,
        batch: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        self.added.clear();
        let mut replayed = transaction.open_table(REPLAYED)?;
        let mut letter_inputs = transaction.open_table(DEAD_LETTER_INPUTS)?;
        let mut replayed_of_input: BTreeMap<InputId, u64> = BTreeMap::new();
        for letter in &self.letters {
            if replayed.get(letter.id.0)?.is_some() {
                continue;
            }
            let key = batch.take_key();
            let input = letter_inputs.remove(letter.id.0)?;
            let input = input.and_then(|input| input.value().try_into().ok().map(InputId));
            if let Some(input) = input {
                *replayed_of_input.entry(input).or_default() += 1;
            }
            let record = Record {
                accepted_at: self.now,
                event_time: letter.event_time,
                max_age: letter.max_age,
                line: letter.line,
                input,
                test_event_code: letter.test_event_code.as_deref(),
                event: &letter.event,
            };
            let bytes = batch.add(&letter.destination, key, &record, None);
            replayed.insert(letter.id.0, key.0.to_le_bytes().as_slice())?;
            self.added.push((Arc::clone(&letter.destination), bytes));
        }
        for (input, events) in replayed_of_input {
            inputs::count_replayed(transaction, input, events, self.now)?;
        }
        Ok(())
    }

    fn update_memory(&mut self, shared: &Shared) {
        for (destination, bytes) in &self.added {
            shared.count_appended(destination, 1, 0, *bytes, self.now);
        }
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
