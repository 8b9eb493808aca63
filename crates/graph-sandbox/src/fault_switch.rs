//! The script in force, and what it does to the next request.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    script::{Script, ScriptError, Step},
    trace_ids::scramble,
};

/// The script in force.
#[derive(Debug, Default)]
pub(crate) struct FaultSwitch {
    script: Mutex<Script>,
    draws: AtomicU64,
}

/// What happens to one request.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) answer_delay: Duration,
    pub(crate) step: Step,
}

impl FaultSwitch {
    pub(crate) fn set(&self, script: Script) -> Result<(), ScriptError> {
        script.check()?;
        *self.script() = script;
        Ok(())
    }

    pub(crate) fn get(&self) -> Script {
        self.script().clone()
    }

    /// What happens to the request that has just arrived; uses up a step.
    pub(crate) fn next(&self) -> Plan {
        let mut script = self.script();
        Plan {
            delay: self.with_jitter(script.delay_ms, script.jitter_ms),
            answer_delay: self.with_jitter(script.answer_delay_ms, script.jitter_ms),
            step: next_step(&mut script.steps).unwrap_or_else(Step::pass),
        }
    }

    pub(crate) fn token_expired(&self) -> bool {
        self.script().token_expired
    }

    /// The code and subcode by which the script refuses a request with these events, if it does.
    pub(crate) fn refusal(&self, event_ids: &[&str]) -> Option<(u32, Option<u32>)> {
        let mut script = self.script();
        let refused = script.refuse.iter_mut().find(|refused| {
            refused.times != Some(0) && event_ids.iter().any(|id| refused.event_ids.contains(*id))
        })?;
        refused.times = refused.times.map(|times| times - 1);
        Some((refused.code, refused.subcode))
    }

    fn with_jitter(&self, delay_ms: u64, jitter_ms: u64) -> Duration {
        if delay_ms == 0 {
            return Duration::ZERO;
        }
        let draw = scramble(self.draws.fetch_add(1, Ordering::Relaxed));
        Duration::from_millis(delay_ms.saturating_add(draw % jitter_ms.saturating_add(1).max(1)))
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next_step(steps: &mut Vec<Step>) -> Option<Step> {
    while let Some(first) = steps.first_mut() {
        match &mut first.times {
            Some(0) => drop(steps.remove(0)),
            Some(times) => {
                *times -= 1;
                let is_used_up = *times == 0;
                let step = first.clone();
                if is_used_up {
                    steps.remove(0);
                }
                return Some(step);
            }
            None => return Some(first.clone()),
        }
    }
    None
}
