//! Sends files of events to Meta, or to a sandbox in this process.

mod deliver;
mod dry_run;
mod job;
mod progress;
mod reading;
mod report;
mod run_log;
mod run_totals;

use std::sync::Arc;

use crate::destinations::Mode;
use crate::error::AppError;
use crate::shutdown::Shutdown;

pub use job::{SendJob, SendOptions};
pub use progress::{SendObserver, SilentObserver};
pub use report::{Figures, KeptIn, OtherEvents, Remarks, SendReport};
pub use run_totals::RunTotals;

impl SendJob {
    /// Reads and delivers until everything is settled, the end is asked for, or going on makes no sense. What happened is in
    /// the report. Must be called in a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the run cannot be started, or its event log fails. An input that cannot be read is part of the report.
    pub async fn run(
        self,
        shutdown: Shutdown,
        observer: Arc<dyn SendObserver>,
    ) -> Result<SendReport, AppError> {
        match self.mode {
            Mode::DryRun => dry_run::run(self, shutdown, &*observer).await,
            Mode::Meta | Mode::Sandbox => deliver::run(self, shutdown, observer).await,
        }
    }
}
