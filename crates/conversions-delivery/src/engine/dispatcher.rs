//! Takes one destination's events out of the log, makes batches, and keeps requests in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tracing::Instrument;

use crate::batcher::Batcher;
use crate::delivery::deliver;
use crate::destination_worker::DestinationWorker;
use crate::engine_state::Interrupted;
use crate::engine_state::Phase;
use crate::leased_batch::LeasedBatch;
use crate::log::Wanted;
use crate::options::DestinationOptions;
use crate::time::UnixMillis;

/// The log is asked at least this often: the system's clock may jump past a due time without waking anything.
const ASK_AT_LEAST_EVERY: Duration = Duration::from_mins(1);

/// While a batch waits for more events, the log is asked this often rather than for every single one.
const LEASE_INTERVAL: Duration = Duration::from_millis(10);

/// Serves a destination until the engine stops.
pub(super) async fn serve(worker: Arc<DestinationWorker>) {
    let mut dispatcher = Dispatcher {
        batcher: Batcher::default(),
        in_flight: JoinSet::new(),
        next_due: None,
        worker,
    };
    while dispatcher.worker.state.phase() < Phase::Stopping {
        if dispatcher.round().await.is_err() {
            break;
        }
    }
    dispatcher.release_and_wait().await;
}

struct Dispatcher {
    worker: Arc<DestinationWorker>,
    batcher: Batcher,
    in_flight: JoinSet<()>,
    next_due: Option<UnixMillis>,
}

impl Dispatcher {
    async fn round(&mut self) -> Result<(), Interrupted> {
        let options = self.worker.batch_options();
        let linger = match self.phase() {
            Phase::Running => options.linger,
            Phase::Draining | Phase::Stopping => Duration::ZERO,
        };
        let log_is_empty = self.fill_batches(&options).await?;
        while self.has_slot(&options) {
            let Some(batch) = self.next_batch(&options, linger, log_is_empty) else {
                break;
            };
            self.send(batch);
        }
        let gathers = log_is_empty && self.phase() == Phase::Running;
        self.wait(&options, linger, gathers).await
    }

    fn phase(&self) -> Phase {
        self.worker.state.phase()
    }

    /// Leases what there is room for. Returns whether the log has nothing more for now.
    async fn fill_batches(&mut self, options: &DestinationOptions) -> Result<bool, Interrupted> {
        let mut failures = 0;
        while self.has_slot(options) {
            // While the destination is held, one batch is enough: it is the probe.
            let is_held = self.worker.breaker.held().is_some() && !self.in_flight.is_empty();
            let Some((events, bytes)) = self.batcher.room(options) else {
                return Ok(false);
            };
            if is_held {
                return Ok(true);
            }
            let wanted = Wanted {
                destination: &self.worker.name,
                events,
                bytes,
            };
            match self.worker.log.lease(wanted, self.worker.clock.now()).await {
                Ok(lease) => {
                    self.next_due = lease.next_due;
                    if lease.is_empty() {
                        return Ok(true);
                    }
                    for frame in lease.frames {
                        self.worker.report_replay(&frame);
                        self.batcher.push(frame, options);
                    }
                }
                Err(error) => self.worker.back_off(&error, &mut failures).await?,
            }
        }
        Ok(false)
    }

    fn next_batch(
        &mut self,
        options: &DestinationOptions,
        linger: Duration,
        log_is_empty: bool,
    ) -> Option<LeasedBatch> {
        let now = self.worker.clock.now();
        self.batcher.pop_full().or_else(|| {
            if self.batcher.room(options).is_none() {
                // Many batches, by test code and age limit, and none is full: the oldest goes, so that there is room
                // again.
                self.batcher.pop_overdue(now, Duration::ZERO)
            } else if log_is_empty {
                self.batcher.pop_overdue(now, linger)
            } else {
                None
            }
        })
    }

    fn send(&mut self, batch: LeasedBatch) {
        let span =
            tracing::info_span!("batch", destination = %self.worker.name, events = batch.len());
        let worker = Arc::clone(&self.worker);
        self.in_flight
            .spawn(async move { deliver(&worker, batch).await }.instrument(span));
    }

    /// Waits until there may be something to do.
    async fn wait(
        &mut self,
        options: &DestinationOptions,
        linger: Duration,
        gathers: bool,
    ) -> Result<(), Interrupted> {
        let now = self.worker.clock.now();
        let mut longest = ASK_AT_LEAST_EVERY;
        if self.has_slot(options) {
            let overdue = self.batcher.overdue_in(now, linger);
            let due = self.next_due.map(|due| due.since(now));
            // At least a millisecond: due times are whole milliseconds, and a wait of none would spin.
            longest = [overdue, due]
                .into_iter()
                .flatten()
                .fold(longest, Duration::min)
                .max(Duration::from_millis(1));
        }
        tokio::select! {
            stopping = self.worker.state.wait_for_phase(Phase::Stopping) => return Err(stopping),
            Some(ended) = self.in_flight.join_next() => check_ended(&self.worker, ended),
            () = self.worker.wake.notified() => {
                if gathers {
                    let gathered = tokio::time::sleep(LEASE_INTERVAL.min(linger / 10));
                    tokio::select! {
                        _ = self.worker.state.wait_for_phase(Phase::Draining) => {}
                        () = gathered => {}
                    }
                }
            }
            () = self.worker.log.arrived(&self.worker.name) => {}
            () = tokio::time::sleep(longest) => {}
        }
        while let Some(ended) = self.in_flight.try_join_next() {
            check_ended(&self.worker, ended);
        }
        Ok(())
    }

    /// Releases what is not on its way, and waits for what is.
    async fn release_and_wait(mut self) {
        let left = self.batcher.drain();
        if !left.is_empty() {
            let keys = left.iter().flat_map(LeasedBatch::keys);
            self.worker.release(&keys.collect::<Vec<_>>()).await;
        }
        while let Some(ended) = self.in_flight.join_next().await {
            check_ended(&self.worker, ended);
        }
    }

    fn has_slot(&self, options: &DestinationOptions) -> bool {
        self.in_flight.len() < options.concurrency
    }
}

/// Fails the engine when a batch's task has panicked: its events stay leased, and would never be settled.
fn check_ended(worker: &DestinationWorker, ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        worker
            .state
            .fail(&"a transport or a log panicked while a batch was delivered");
    }
    worker.state.notify_progress();
}
