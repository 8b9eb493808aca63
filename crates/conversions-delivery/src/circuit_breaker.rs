//! The circuit breaker of a destination: while its token or settings are wrong, nothing is sent but one probe at a
//! time.
//!
//! ```text
//!            a hold: token, permission, configuration, dead letters full, everything refused
//!   Closed ─────────────────────────────────────────────────────────────▶ Open ──┐ probe inconclusive:
//!      ▲                                                                  │  ▲   │ next probe later
//!      └────────── any answer about events, or room for dead letters ─────┘  └───┘
//! ```
//!
//! A reload of the settings makes the next probe due at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::progress::Held;

/// Closed, or open with one probe at a time.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreaker {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Open {
        held: Held,
        next_probe: Instant,
        probing: bool,
    },
}

/// The permission to make a request. A probe must be reported back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// The breaker was closed.
    Normal,
    /// The breaker is open, and this request finds out whether it may close.
    Probe,
}

impl CircuitBreaker {
    /// Waits until a request may be made.
    pub(crate) async fn acquire(&self) -> Permit {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let probe_at = match &mut *self.state() {
                State::Closed => return Permit::Normal,
                State::Open {
                    next_probe,
                    probing,
                    ..
                } => {
                    if !*probing && *next_probe <= Instant::now() {
                        *probing = true;
                        return Permit::Probe;
                    }
                    (!*probing).then_some(*next_probe)
                }
            };
            match probe_at {
                Some(at) => tokio::select! {
                    () = changed => {}
                    () = tokio::time::sleep_until(at) => {}
                },
                None => changed.await,
            }
        }
    }

    /// Opens, or stays open: the next probe is due after `interval`.
    pub(crate) fn open(&self, held: Held, interval: Duration) {
        let mut state = self.state();
        let held = match &*state {
            // The same fault, seen again, began when it was seen first.
            State::Open { held: known, .. } if known.cause == held.cause => Held {
                since: known.since,
                ..held
            },
            _ => held,
        };
        *state = State::Open {
            held,
            next_probe: Instant::now() + interval,
            probing: false,
        };
        drop(state);
        self.changed.notify_waiters();
    }

    /// Closes: an answer has shown that token and settings are right. Returns whether it was open.
    pub(crate) fn close(&self) -> bool {
        let was_held = !matches!(std::mem::take(&mut *self.state()), State::Closed);
        if was_held {
            self.changed.notify_waiters();
        }
        was_held
    }

    /// A probe showed nothing, for instance because nothing answered. The next one is due after `interval`.
    pub(crate) fn probe_inconclusive(&self, permit: Permit, interval: Duration) {
        if permit == Permit::Normal {
            return;
        }
        if let State::Open {
            next_probe,
            probing,
            ..
        } = &mut *self.state()
        {
            *next_probe = Instant::now() + interval;
            *probing = false;
        }
        self.changed.notify_waiters();
    }

    /// Makes the next probe due now: the settings have changed.
    pub(crate) fn probe_now(&self) {
        if let State::Open { next_probe, .. } = &mut *self.state() {
            *next_probe = Instant::now();
        }
        self.changed.notify_waiters();
    }

    /// Why it is open; `None` while it is closed.
    pub(crate) fn held(&self) -> Option<Held> {
        match &*self.state() {
            State::Closed => None,
            State::Open { held, .. } => Some(held.clone()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::progress::HoldCause;
    use crate::time::UnixMillis;

    const INTERVAL: Duration = Duration::from_mins(1);

    fn held() -> Held {
        Held {
            cause: HoldCause::Authentication,
            since: UnixMillis(0),
            sentence: String::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_per_interval_and_all_requests_once_it_closes() {
        let breaker = Arc::new(CircuitBreaker::default());
        assert_eq!(breaker.acquire().await, Permit::Normal);
        breaker.open(held(), INTERVAL);
        let start = Instant::now();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let breaker = Arc::clone(&breaker);
                tokio::spawn(async move {
                    let permit = breaker.acquire().await;
                    let at = start.elapsed().as_secs();
                    if permit == Permit::Probe {
                        tokio::time::sleep(Duration::from_secs(5)).await;
                        breaker.close();
                    }
                    (permit, at)
                })
            })
            .collect();
        let mut permits = Vec::new();
        for task in waiting {
            permits.push(task.await.expect("no panic"));
        }
        permits.sort_by_key(|(_, at)| *at);
        assert_eq!(
            permits,
            [
                (Permit::Probe, 60),
                (Permit::Normal, 65),
                (Permit::Normal, 65)
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_inconclusive_probe_leaves_the_breaker_open() {
        let breaker = CircuitBreaker::default();
        breaker.open(held(), INTERVAL);
        let start = Instant::now();
        for minute in 1..=3 {
            let permit = breaker.acquire().await;
            assert_eq!(start.elapsed(), INTERVAL * minute);
            breaker.probe_inconclusive(permit, INTERVAL);
        }
        assert!(breaker.held().is_some());
        breaker.probe_now();
        assert_eq!(breaker.acquire().await, Permit::Probe);
        assert_eq!(start.elapsed(), INTERVAL * 3, "at once after a reload");
    }
}
