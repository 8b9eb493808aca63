//! Dead letters become events again.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversions_delivery::{DeadLetter, InputId, LogError, UnixMillis};
use redb::{ReadableTable, WriteTransaction};
use tokio::sync::oneshot;

use crate::shared::Inner;
use crate::write_batch::Draft;
use crate::inputs;
use crate::record::Record;
use crate::tables::{BURIED, REPLAYED};
use crate::commit_loop::Change;

/// Appends dead letters as events. A letter whose id is in the table of the replayed is an event already: asking twice
/// does no harm.
pub(crate) struct Requeue {
    pub(crate) letters: Vec<DeadLetter>,
    pub(crate) now: UnixMillis,
    /// Destination and bytes of each event that was added.
    pub(crate) added: Vec<(Arc<str>, u64)>,
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for Requeue {
    fn apply(
        &mut self,
        transaction: &WriteTransaction,
        draft: &mut Draft<'_>,
    ) -> Result<(), redb::Error> {
        self.added.clear();
        let mut replayed = transaction.open_table(REPLAYED)?;
        let mut buried = transaction.open_table(BURIED)?;
        let mut revived: BTreeMap<InputId, u64> = BTreeMap::new();
        for letter in &self.letters {
            if replayed.get(letter.id.0)?.is_some() {
                continue;
            }
            let key = draft.take_key();
            let input = buried.remove(letter.id.0)?;
            let input = input.and_then(|input| input.value().try_into().ok().map(InputId));
            if let Some(input) = input {
                *revived.entry(input).or_default() += 1;
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
            let bytes = draft.add(&letter.destination, key, &record, None);
            replayed.insert(letter.id.0, key.0.to_le_bytes().as_slice())?;
            self.added.push((Arc::clone(&letter.destination), bytes));
        }
        for (input, events) in revived {
            inputs::revive(transaction, input, events, self.now)?;
        }
        Ok(())
    }

    fn committed(&mut self, inner: &Inner) {
        for (destination, bytes) in &self.added {
            inner.grew(destination, 1, 0, *bytes, self.now);
        }
    }

    fn answer(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
