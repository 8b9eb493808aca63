//! Asks for a checkpoint: everything that only the journal holds is written into the tables.

use conversions_delivery::LogError;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::shared::Shared;
use crate::write_batch::WriteBatch;

/// A change without content of its own, which only asks for a checkpoint.
pub(crate) struct Checkpoint {
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for Checkpoint {
    fn needs_checkpoint(&self, _: &Shared) -> bool {
        true
    }

    fn write_to_tables(
        &mut self,
        _: &WriteTransaction,
        _: &mut WriteBatch<'_>,
    ) -> Result<(), redb::Error> {
        Ok(())
    }

    fn reply_done(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn reply_failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
