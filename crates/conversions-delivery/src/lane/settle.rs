//! Writing to the log what became of events, however long that takes.

use std::sync::Arc;
use std::time::Duration;

use super::{Interrupted, Lane};
use crate::backoff::Backoff;
use crate::dead_letter::{DeadLetter, DeadLetterReason, Verdict};
use crate::event::{EventKey, LeasedEvent};
use crate::log::LogError;
use crate::progress::HoldCause;
use crate::time::UnixMillis;

/// Waits while the log cannot be written.
const LOG_TROUBLE: Backoff = Backoff {
    base: Duration::from_millis(100),
    cap: Duration::from_secs(30),
};

impl Lane {
    /// Removes delivered events from the log. A log that cannot be written for the moment is asked again until it can.
    pub(crate) async fn acknowledge(&self, keys: &[EventKey]) -> Result<(), Interrupted> {
        let mut failures = 0;
        loop {
            let now = self.clock.now();
            match self.log.acknowledge(&self.name, keys, now).await {
                Ok(()) => break,
                Err(error) => self.ride_out(&error, &mut failures).await?,
            }
        }
        self.delivered(keys.len().try_into().unwrap_or(u64::MAX));
        Ok(())
    }

    /// Moves events to the dead letters. While there is no room for them the destination is held.
    pub(crate) async fn give_up(
        &self,
        events: Vec<LeasedEvent>,
        reason: DeadLetterReason,
        verdict: Option<&Verdict>,
        attempts: u32,
    ) -> Result<(), Interrupted> {
        let keys: Vec<_> = events.iter().map(|event| event.key).collect();
        let now = self.clock.now();
        let letters: Vec<_> = events
            .into_iter()
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
                    let waited = self.ride_out(&error, &mut failures).await;
                    if waited == Err(Interrupted::Stopping) {
                        self.give_back(&keys).await;
                    }
                    waited?;
                }
            }
        }
        if self
            .gate
            .held()
            .is_some_and(|held| held.cause == HoldCause::DeadLettersFull)
        {
            self.open_gate();
        }
        self.given_up(keys.len().try_into().unwrap_or(u64::MAX), reason);
        Ok(())
    }

    /// Gives leased events back, to be leased again at once.
    pub(crate) async fn give_back(&self, keys: &[EventKey]) {
        if let Err(error) = self.log.release(&self.name, keys, None).await {
            // They count as leased until the log is opened again; nothing is lost.
            self.shared.log_troubled(&error);
        }
        self.wake.notify_one();
    }

    /// Gives a leased event back until it is due.
    pub(crate) async fn put_aside(
        &self,
        key: EventKey,
        due: Option<UnixMillis>,
    ) -> Result<(), Interrupted> {
        let mut failures = 0;
        while let Err(error) = self.log.release(&self.name, &[key], due).await {
            self.ride_out(&error, &mut failures).await?;
        }
        self.wake.notify_one();
        Ok(())
    }

    /// Waits before the log is asked again; an error for good ends the engine.
    pub(crate) async fn ride_out(
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
                self.shared.fail(error);
                Err(Interrupted::LogFailed)
            }
            LogError::Unavailable { .. } => {
                self.shared.log_troubled(error);
                self.pause(LOG_TROUBLE.half_jitter(*failures, &*self.random))
                    .await
            }
        }
    }
}
