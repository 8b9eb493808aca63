//! Takes one destination's events out of the log, makes batches, and keeps requests in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tracing::Instrument;

use super::shared::Phase;
use crate::batcher::Batcher;
use crate::delivery::deliver;
use crate::event::LeasedEvent;
use crate::lane::{Interrupted, Lane};
use crate::log::Wanted;
use crate::options::DestinationOptions;
use crate::time::UnixMillis;

/// The log is asked at least this often, so that a clock that jumps keeps nothing waiting.
const AT_LEAST_EVERY: Duration = Duration::from_mins(1);

/// While events linger for others, the log is not asked for each of them, but so often.
const GATHERING: Duration = Duration::from_millis(10);

/// Serves a destination until the engine stops.
pub(super) async fn serve(lane: Arc<Lane>) {
    let mut dispatcher = Dispatcher {
        batcher: Batcher::default(),
        in_flight: JoinSet::new(),
        next_due: None,
        lane,
    };
    while dispatcher.lane.shared.phase() < Phase::Stopping {
        if dispatcher.round().await.is_err() {
            break;
        }
    }
    dispatcher.wind_up().await;
}

struct Dispatcher {
    lane: Arc<Lane>,
    batcher: Batcher,
    in_flight: JoinSet<()>,
    next_due: Option<UnixMillis>,
}

impl Dispatcher {
    async fn round(&mut self) -> Result<(), Interrupted> {
        let options = self.lane.batch_options();
        let linger = match self.phase() {
            Phase::Running => options.linger,
            Phase::Draining | Phase::Stopping => Duration::ZERO,
        };
        let log_is_empty = self.fill(&options).await?;
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
        self.lane.shared.phase()
    }

    /// Leases what there is room for. Says whether the log has nothing more for now.
    async fn fill(&mut self, options: &DestinationOptions) -> Result<bool, Interrupted> {
        let mut failures = 0;
        while self.has_slot(options) {
            // A held destination keeps in memory what it had in flight, and nothing more.
            let is_held = self.lane.gate.held().is_some() && !self.in_flight.is_empty();
            let Some((events, bytes)) = self.batcher.room(options) else {
                return Ok(false);
            };
            if is_held {
                return Ok(true);
            }
            let wanted = Wanted {
                destination: &self.lane.name,
                events,
                bytes,
            };
            match self.lane.log.lease(wanted, self.lane.clock.now()).await {
                Ok(lease) => {
                    self.next_due = lease.next_due;
                    if lease.events.is_empty() {
                        return Ok(true);
                    }
                    for event in lease.events {
                        self.batcher.push(event, options);
                    }
                }
                Err(error) => self.lane.ride_out(&error, &mut failures).await?,
            }
        }
        Ok(false)
    }

    fn next_batch(
        &mut self,
        options: &DestinationOptions,
        linger: Duration,
        log_is_empty: bool,
    ) -> Option<Vec<LeasedEvent>> {
        let now = self.lane.clock.now();
        self.batcher.pop_full().or_else(|| {
            if self.batcher.room(options).is_none() {
                // Many kinds of batches, none of them full: the oldest goes.
                self.batcher.pop_overdue(now, Duration::ZERO)
            } else if log_is_empty {
                self.batcher.pop_overdue(now, linger)
            } else {
                None
            }
        })
    }

    fn send(&mut self, batch: Vec<LeasedEvent>) {
        let span =
            tracing::info_span!("batch", destination = %self.lane.name, events = batch.len());
        let lane = Arc::clone(&self.lane);
        self.in_flight
            .spawn(async move { deliver(&lane, batch).await }.instrument(span));
    }

    /// Waits until there may be something to do.
    async fn wait(
        &mut self,
        options: &DestinationOptions,
        linger: Duration,
        gathers: bool,
    ) -> Result<(), Interrupted> {
        let now = self.lane.clock.now();
        let mut longest = AT_LEAST_EVERY;
        if self.has_slot(options) {
            let overdue = self.batcher.overdue_in(now, linger);
            let due = self.next_due.map(|due| due.since(now));
            // Never nothing: what is due at this very moment is taken in the next round.
            longest = [overdue, due]
                .into_iter()
                .flatten()
                .fold(longest, Duration::min)
                .max(Duration::from_millis(1));
        }
        tokio::select! {
            stopping = self.lane.shared.reached(Phase::Stopping) => return Err(stopping),
            Some(ended) = self.in_flight.join_next() => report(&self.lane, ended),
            () = self.lane.wake.notified() => {
                if gathers {
                    let gathered = tokio::time::sleep(GATHERING.min(linger / 10));
                    tokio::select! {
                        _ = self.lane.shared.reached(Phase::Draining) => {}
                        () = gathered => {}
                    }
                }
            }
            () = tokio::time::sleep(longest) => {}
        }
        while let Some(ended) = self.in_flight.try_join_next() {
            report(&self.lane, ended);
        }
        Ok(())
    }

    /// Gives back what is not on its way, and waits for what is.
    async fn wind_up(mut self) {
        let left = self.batcher.drain();
        if !left.is_empty() {
            let keys: Vec<_> = left.iter().map(|event| event.key).collect();
            self.lane.give_back(&keys).await;
        }
        while let Some(ended) = self.in_flight.join_next().await {
            report(&self.lane, ended);
        }
    }

    fn has_slot(&self, options: &DestinationOptions) -> bool {
        self.in_flight.len() < options.concurrency
    }
}

/// A batch whose task broke down keeps its leases, and nobody would ever settle them: that must not pass unseen.
fn report(lane: &Lane, ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        lane.shared
            .fail(&"a transport or a log panicked while a batch was delivered");
    }
    lane.shared.stirred();
}
