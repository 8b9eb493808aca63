//! What is in the journal only is written into the tables.

use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::disk_log::Inner;
use crate::disk_log::draft::Draft;
use crate::disk_log::writer::Change;
use crate::log::LogError;

/// Changes nothing, but for where things are.
pub(in crate::disk_log) struct Absorb {
    pub(in crate::disk_log) reply: oneshot::Sender<Result<(), LogError>>,
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
