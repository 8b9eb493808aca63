//! The end of a run: everything delivered, or a reason to stop before.

use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use super::Engine;
use crate::engine_state::Phase;
use crate::progress::Progress;

/// When to stop waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishOptions {
    /// How long nothing may be settled, while something is pending, before the run ends.
    pub give_up_after: Duration,
    /// Whether the run ends as soon as everything that is pending belongs to held destinations.
    pub end_on_hold: bool,
    /// How long requests in flight get to end.
    pub grace: Duration,
}

impl Default for FinishOptions {
    /// Ten minutes without progress, or a hold; 30 seconds of grace.
    fn default() -> Self {
        Self {
            give_up_after: Duration::from_mins(10),
            end_on_hold: true,
            grace: Duration::from_secs(30),
        }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing is pending.
    Done,
    /// What is pending belongs to destinations that are held: [`Progress::held`] says why.
    Held,
    /// Nothing was settled for as long as was to be waited.
    NoProgress,
    /// The caller asked for it.
    Shutdown,
    /// The log failed: [`Progress::log_fault`].
    LogFailed,
}

/// A run, summed up.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was done.
    pub progress: Progress,
    /// Why it ended.
    pub ended: Ended,
    /// From start to end.
    pub took: Duration,
    /// The lowest line of the input whose event is not settled: where a run without a durable log would have to start
    /// again.
    pub lowest_pending_line: Option<u64>,
}

/// What is pending, and whether it can move.
#[derive(Clone, Copy, Debug, Default)]
struct DrainState {
    pending: u64,
    /// Of these, in destinations that are not held.
    moving: u64,
    any_held: bool,
}

impl Engine {
    /// Waits until everything in the log is settled, or it makes no sense to wait longer, or `shutdown` completes. Then
    /// nothing more is leased, requests in flight get their grace, and the engine is at its end.
    ///
    /// To shut down at once, pass `std::future::ready(())`.
    pub async fn finish(
        &self,
        options: FinishOptions,
        shutdown: impl Future<Output = ()>,
    ) -> Summary {
        self.state.advance(Phase::Draining);
        for worker in self.workers.values() {
            worker.wake.notify_one();
        }
        self.state.record_idle();
        let ended = tokio::select! {
            biased;
            () = shutdown => Ended::Shutdown,
            ended = self.wait_until_drained(options) => ended,
        };
        self.stop(options.grace).await;
        let progress = self.progress().await;
        self.log.publish(&progress, self.clock.now()).await;
        let lowest_pending_line = progress
            .destinations
            .values()
            .filter_map(|destination| destination.backlog.lowest_line)
            .min();
        Summary {
            ended: match ended {
                _ if self.state.has_failed() => Ended::LogFailed,
                _ if progress.total().pending == 0 => Ended::Done,
                ended => ended,
            },
            progress,
            took: self.started.elapsed(),
            lowest_pending_line,
        }
    }

    /// While events are still being appended: waits until it makes no sense to go on, because a destination is held (if
    /// `options` says so), nothing moves, or the log failed. Never completes while there is nothing to do.
    ///
    /// Select it against the reading of the input: [`append`](Self::append) on a full log in memory waits as long as
    /// the destination does.
    pub async fn wait_until_stuck(&self, options: FinishOptions) -> Ended {
        self.wait_for(options, |drain_state| {
            (options.end_on_hold && drain_state.any_held).then_some(Ended::Held)
        })
        .await
    }

    async fn wait_until_drained(&self, options: FinishOptions) -> Ended {
        self.wait_for(options, |drain_state| match drain_state {
            DrainState { pending: 0, .. } => Some(Ended::Done),
            DrainState { moving: 0, .. } if options.end_on_hold => Some(Ended::Held),
            _ => None,
        })
        .await
    }

    async fn wait_for(
        &self,
        options: FinishOptions,
        ends_with: impl Fn(DrainState) -> Option<Ended>,
    ) -> Ended {
        let mut progress_signal = self.state.progress_signal();
        loop {
            progress_signal.mark_unchanged();
            if self.state.has_failed() {
                return Ended::LogFailed;
            }
            let drain_state = self.drain_state().await;
            if let Some(ended) = ends_with(drain_state) {
                return ended;
            }
            if drain_state.pending == 0 {
                self.state.record_idle();
            }
            let deadline = self.state.last_progress() + options.give_up_after;
            if Instant::now() >= deadline {
                return Ended::NoProgress;
            }
            tokio::select! {
                _ = progress_signal.changed() => {}
                () = tokio::time::sleep_until(deadline) => {}
            }
        }
    }

    async fn drain_state(&self) -> DrainState {
        let mut drain_state = DrainState::default();
        for (name, worker) in &self.workers {
            let is_held = worker.breaker.held().is_some();
            drain_state.any_held |= is_held;
            match self.log.backlog(name).await {
                Ok(backlog) => {
                    drain_state.pending += backlog.events;
                    drain_state.moving += if is_held { 0 } else { backlog.events };
                }
                Err(error) => {
                    // An unknown backlog counts as one event: the run must not end as done.
                    self.state.report_log_trouble(&error);
                    drain_state.pending += 1;
                    drain_state.moving += 1;
                }
            }
        }
        drain_state
    }

    /// Stops leasing, lets requests in flight end within `grace`, then ends them.
    async fn stop(&self, grace: Duration) {
        self.state.advance(Phase::Stopping);
        let mut tasks = std::mem::take(&mut *self.tasks());
        let mut all_ended = pin!(async { while tasks.join_next().await.is_some() {} });
        let _ = tokio::time::timeout(grace, all_ended.as_mut()).await;
        // Dropping the set aborts the tasks that are left. Their events stay in the log.
    }
}
