//! What is in the journal only is written into the tables.

use conversions_delivery::LogError;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::shared::Inner;
use crate::write_batch::Draft;
use crate::commit_loop::Change;

/// Changes nothing, but for where things are.
pub(crate) struct Absorb {
    pub(crate) reply: oneshot::Sender<Result<(), LogError>>,
}

impl Change for Absorb {
    fn wants_absorbed(&self, _: &Inner) -> bool {
        true
    }

    fn apply(&mut self, _: &WriteTransaction, _: &mut Draft<'_>) -> Result<(), redb::Error> {
        Ok(())
    }

    fn answer(self: Box<Self>) {
        let _ = self.reply.send(Ok(()));
    }

    fn failed(self: Box<Self>, error: LogError) {
        let _ = self.reply.send(Err(error));
    }
}
