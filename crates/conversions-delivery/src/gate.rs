//! Holds a destination whose token or settings are wrong: nothing is sent but one probe now and then.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::progress::Held;

/// Open, or held with one probe at a time.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    Held {
        held: Held,
        next_probe: Instant,
        probing: bool,
    },
}

/// What one who passed is to report back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// The gate was open.
    Normal,
    /// The gate is held, and this request finds out whether it may open.
    Probe,
}

impl Gate {
    /// Waits until a request may be made.
    pub(crate) async fn pass(&self) -> Pass {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let probe_at = match &mut *self.state() {
                State::Open => return Pass::Normal,
                State::Held {
                    next_probe,
                    probing,
                    ..
                } => {
                    if !*probing && *next_probe <= Instant::now() {
                        *probing = true;
                        return Pass::Probe;
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

    /// Holds, or goes on holding: the next probe is due after `interval`.
    pub(crate) fn hold(&self, held: Held, interval: Duration) {
        let mut state = self.state();
        let held = match &*state {
            // The same fault, seen again, began when it was first seen.
            State::Held { held: known, .. } if known.cause == held.cause => Held {
                since: known.since,
                ..held
            },
            _ => held,
        };
        *state = State::Held {
            held,
            next_probe: Instant::now() + interval,
            probing: false,
        };
        drop(state);
        self.changed.notify_waiters();
    }

    /// Opens: an answer has shown that token and settings are right. Says whether it was held.
    pub(crate) fn open(&self) -> bool {
        let was_held = !matches!(std::mem::take(&mut *self.state()), State::Open);
        if was_held {
            self.changed.notify_waiters();
        }
        was_held
    }

    /// A probe ended without showing anything: the next one is due after `interval`.
    pub(crate) fn unknown(&self, pass: Pass, interval: Duration) {
        if pass == Pass::Normal {
            return;
        }
        if let State::Held {
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
        if let State::Held { next_probe, .. } = &mut *self.state() {
            *next_probe = Instant::now();
        }
        self.changed.notify_waiters();
    }

    /// Why it is held, if it is.
    pub(crate) fn held(&self) -> Option<Held> {
        match &*self.state() {
            State::Open => None,
            State::Held { held, .. } => Some(held.clone()),
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
    async fn one_probe_per_interval_and_all_pass_when_it_works() {
        let gate = Arc::new(Gate::default());
        assert_eq!(gate.pass().await, Pass::Normal);
        gate.hold(held(), INTERVAL);
        let start = Instant::now();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    let pass = gate.pass().await;
                    let at = start.elapsed().as_secs();
                    if pass == Pass::Probe {
                        tokio::time::sleep(Duration::from_secs(5)).await;
                        gate.open();
                    }
                    (pass, at)
                })
            })
            .collect();
        let mut passes = Vec::new();
        for task in waiting {
            passes.push(task.await.expect("no panic"));
        }
        passes.sort_by_key(|(_, at)| *at);
        assert_eq!(
            passes,
            [(Pass::Probe, 60), (Pass::Normal, 65), (Pass::Normal, 65)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_shows_nothing_leaves_the_gate_held() {
        let gate = Gate::default();
        gate.hold(held(), INTERVAL);
        let start = Instant::now();
        for minute in 1..=3 {
            let pass = gate.pass().await;
            assert_eq!(start.elapsed(), INTERVAL * minute);
            gate.unknown(pass, INTERVAL);
        }
        assert!(gate.held().is_some());
        gate.probe_now();
        assert_eq!(gate.pass().await, Pass::Probe);
        assert_eq!(start.elapsed(), INTERVAL * 3, "at once after a reload");
    }
}
