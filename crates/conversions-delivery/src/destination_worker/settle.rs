//! Writing to the log what became of events, and waiting while the log cannot be written.

use std::sync::Arc;
use std::time::Duration;

use conversions_transport::SendError;
use facebook_conversions::reply::EventsReceived;

use super::{DestinationWorker, Interrupted};
use crate::backoff::Backoff;
use crate::dead_letter::{DeadLetter, DeadLetterReason, Verdict};
use crate::event::EventKey;
use crate::key_set::KeyRange;
use crate::leased::LeasedFrame;
use crate::leased_batch::LeasedBatch;
use crate::log::LogError;
use crate::observer::{Attempt, ReplayedEvent, Settlement};
use crate::progress::HoldCause;
use crate::time::UnixMillis;

/// How long to wait while the log cannot be written: short at first, since most failures pass, and twice a minute for a
/// full disk.
const LOG_BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(100),
    cap: Duration::from_secs(30),
};

impl DestinationWorker {
    /// Removes delivered events from the log. While the log cannot be written, it is tried again: to give up here would
    /// send the events a second time.
    pub(crate) async fn acknowledge(
        &self,
        events: &LeasedBatch,
        receipt: &EventsReceived,
        attempts: u32,
    ) -> Result<(), Interrupted> {
        let keys = events.keys();
        let mut failures = 0;
        loop {
            let now = self.clock.now();
            match self.log.acknowledge(&self.name, &keys, now).await {
                Ok(()) => break,
                Err(error) => self.back_off(&error, &mut failures).await?,
            }
        }
        self.count_delivered(events.len().try_into().unwrap_or(u64::MAX));
        self.report_settlement(events, |at| Settlement::Delivered {
            at,
            receipt,
            attempts,
            batch_events: events.len(),
        });
        Ok(())
    }

    /// Moves events to the dead letters. While there is no room for them the destination is held.
    pub(crate) async fn dead_letter(
        &self,
        events: LeasedBatch,
        reason: DeadLetterReason,
        verdict: Option<&Verdict>,
        attempts: u32,
    ) -> Result<(), Interrupted> {
        let now = self.clock.now();
        let letters: Vec<_> = events
            .events()
            .map(|event| DeadLetter {
                verdict: verdict.cloned(),
                attempts,
                ..DeadLetter::new(Arc::clone(&self.name), event, reason, now)
            })
            .collect();
        let mut failures = 0;
        loop {
            match self
                .log
                .dead_letter(letters.clone(), self.clock.now())
                .await
            {
                Ok(()) => break,
                Err(error) => {
                    let waited = self.back_off(&error, &mut failures).await;
                    if waited == Err(Interrupted::Stopping) {
                        self.release(&events.keys()).await;
                    }
                    waited?;
                }
            }
        }
        if self.is_held_for(HoldCause::DeadLettersFull) {
            self.end_hold();
        }
        self.count_dead_lettered(events.len().try_into().unwrap_or(u64::MAX), reason);
        self.report_settlement(&events, |at| Settlement::DeadLettered {
            at,
            reason,
            verdict,
            attempts,
        });
        Ok(())
    }

    /// Tells the observer, if there is one, of leased events that were dead letters.
    pub(crate) fn report_replay(&self, leased: &LeasedFrame) {
        let (Some(observer), Some(before)) = (&self.observer, leased.frame.header().replay_of)
        else {
            return;
        };
        for (key, event) in leased.keys().keys().zip(leased.frame.events()) {
            let replay = ReplayedEvent {
                replay_of: EventKey(before),
                key,
                at: leased.accepted_at,
                event: event.json,
            };
            observer.replayed(&self.name, &replay);
        }
    }

    /// Tells the observer, if there is one, of the answer to a request with these events.
    pub(crate) fn report_attempt(
        &self,
        events: &LeasedBatch,
        number: u32,
        took: Duration,
        answer: &Result<EventsReceived, SendError>,
    ) {
        if let Some(observer) = &self.observer {
            let attempt = Attempt {
                number,
                at: self.clock.now(),
                took,
                answer: answer.as_ref(),
            };
            observer.attempted(&self.name, &events.keys(), &attempt);
        }
    }

    fn report_settlement<'a>(
        &self,
        events: &LeasedBatch,
        settlement: impl FnOnce(UnixMillis) -> Settlement<'a>,
    ) {
        if let Some(observer) = &self.observer {
            observer.settled(&self.name, &events.keys(), &settlement(self.clock.now()));
        }
    }

    /// Releases leased events, to be leased again at once.
    pub(crate) async fn release(&self, keys: &[KeyRange]) {
        if let Err(error) = self.log.release(&self.name, keys, None).await {
            // They count as leased until the log is opened again; nothing is lost.
            self.state.report_log_trouble(&error);
        }
        self.wake.notify_one();
    }

    /// Releases a leased event until it is due.
    pub(crate) async fn defer(
        &self,
        key: EventKey,
        due: Option<UnixMillis>,
    ) -> Result<(), Interrupted> {
        let keys = [KeyRange::one(key)];
        let mut failures = 0;
        while let Err(error) = self.log.release(&self.name, &keys, due).await {
            self.back_off(&error, &mut failures).await?;
        }
        self.wake.notify_one();
        Ok(())
    }

    /// Waits before the log is tried again. A fatal error ends the engine.
    pub(crate) async fn back_off(
        &self,
        error: &LogError,
        failures: &mut u32,
    ) -> Result<(), Interrupted> {
        *failures = failures.saturating_add(1);
        match error {
            LogError::DeadLettersFull { .. } => {
                self.hold(HoldCause::DeadLettersFull, &error.to_string());
                self.pause(self.options().probe_interval).await
            }
            LogError::Failed { .. } => {
                self.state.fail(error);
                Err(Interrupted::LogFailed)
            }
            LogError::Unavailable { .. } => {
                self.state.report_log_trouble(error);
                self.pause(LOG_BACKOFF.half_jitter(*failures, &*self.random))
                    .await
            }
        }
    }
}
