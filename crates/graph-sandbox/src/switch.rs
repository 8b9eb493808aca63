//! The fault switch: the script in force, and what it says about the next request.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::json;

use crate::{
    edge::Edge,
    script::{Script, ScriptError, Step},
    trace::scramble,
};

/// The script in force.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    script: Mutex<Script>,
    draws: AtomicU64,
}

/// What is to happen to one request.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) answer_delay: Duration,
    pub(crate) step: Step,
}

impl Switch {
    pub(crate) fn set(&self, script: Script) -> Result<(), ScriptError> {
        script.check()?;
        *self.script() = script;
        Ok(())
    }

    pub(crate) fn get(&self) -> Script {
        self.script().clone()
    }

    /// What is to happen to a request that has come; uses up a step.
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

    /// The code and subcode with which the script refuses a request that holds these events.
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

/// `GET /faults`: what is left of the script.
pub(crate) async fn get(State(edge): State<Arc<Edge>>) -> Response {
    Json(edge.switch.get()).into_response()
}

/// `PUT /faults`: another script takes the place of the one in force.
pub(crate) async fn put(State(edge): State<Arc<Edge>>, body: Bytes) -> Response {
    let set = serde_json::from_slice::<Script>(&body)
        .map_err(|error| error.to_string())
        .and_then(|script| edge.switch.set(script).map_err(|error| error.to_string()));
    match set {
        Ok(()) => Json(edge.switch.get()).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response(),
    }
}

/// `DELETE /faults`: nothing unusual happens any more.
pub(crate) async fn delete(State(edge): State<Arc<Edge>>) -> Response {
    match edge.switch.set(Script::default()) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
