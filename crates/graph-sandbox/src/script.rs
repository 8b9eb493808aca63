//! Scripts of misbehaviour: faults that the sandbox shows to the next requests.
//!
//! A script is data: an embedder builds it, `PUT /faults` takes it as JSON, and
//! `GET /faults` shows what is left of it.

mod step;

use std::{collections::BTreeSet, time::Duration};

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use step::{Action, FaultStage, Step};

/// What happens to the next requests; by default nothing unusual.
///
/// Steps are used up in order, one for each request to the events edge. Everything else stays in force until
/// the script is replaced. Two faults need no script: shut the sandbox down for a refused connection, and
/// speak `https` to it for a failed TLS handshake.
///
/// ```
/// use graph_sandbox::{Sandbox, Script, Step};
/// use std::time::Duration;
///
/// let edge = Sandbox::builder().build();
/// edge.set_script(
///     Script::default()
///         .delay(Duration::from_millis(20))
///         .step(Step::graph_error(2, None).status(503).transient().times(3))
///         .step(Step::graph_error(80_004, None).status(400).header("retry-after", "2"))
///         .step(Step::reset().after_storing()),
/// )?;
/// # Ok::<_, graph_sandbox::ScriptError>(())
/// ```
///
/// The same as JSON:
///
/// ```
/// # let script: graph_sandbox::Script = serde_json::from_str(r#"
/// {"delay_ms": 20, "steps": [
///     {"times": 3, "action": {"graph_error": {"code": 2, "status": 503, "is_transient": true}}},
///     {"times": 1, "action": {"graph_error": {"code": 80004, "headers": {"retry-after": "2"}}}},
///     {"times": 1, "at": "after_storing", "action": "reset"}]}
/// # "#).unwrap();
/// # assert_eq!(script.steps.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Milliseconds between the request and its handling.
    pub delay_ms: u64,
    /// Milliseconds between the handling, when accepted events are already stored, and the answer.
    pub answer_delay_ms: u64,
    /// Up to this many milliseconds are added to each delay that is not zero.
    pub jitter_ms: u64,
    /// Whether every token is answered with 190 and 463, expired.
    pub token_expired: bool,
    /// Requests that contain certain events are refused.
    pub refuse: Vec<RefusedEvents>,
    /// What happens to the next requests.
    pub steps: Vec<Step>,
}

/// Events for which a request is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedEvents {
    /// The `event_id` of each.
    pub event_ids: BTreeSet<String>,
    /// Graph's code.
    pub code: u32,
    /// Graph's subcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<u32>,
    /// How many requests are refused; without it all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// Why a script cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// A status outside 200 to 599.
    #[error("step {step} has a status that is not between 200 and 599")]
    Status {
        /// The step's position, from 1.
        step: usize,
    },
    /// A header's name or value that HTTP does not allow.
    #[error("step {step} has a header that HTTP does not allow")]
    Header {
        /// The step's position, from 1.
        step: usize,
    },
}

impl Script {
    /// With a time between each request and its handling.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay_ms = milliseconds(delay);
        self
    }

    /// With a time between storing accepted events and answering.
    #[must_use]
    pub fn answer_delay(mut self, delay: Duration) -> Self {
        self.answer_delay_ms = milliseconds(delay);
        self
    }

    /// With a random time added to each delay that is not zero; the times are the same in each run.
    #[must_use]
    pub fn jitter(mut self, at_most: Duration) -> Self {
        self.jitter_ms = milliseconds(at_most);
        self
    }

    /// With every token expired.
    #[must_use]
    pub fn token_expired(mut self) -> Self {
        self.token_expired = true;
        self
    }

    /// With requests refused that contain any of these events, until the script is replaced.
    #[must_use]
    pub fn refuse<S: Into<String>>(
        mut self,
        event_ids: impl IntoIterator<Item = S>,
        code: u32,
        subcode: Option<u32>,
    ) -> Self {
        let event_ids = event_ids.into_iter().map(Into::into).collect();
        self.refuse.push(RefusedEvents {
            event_ids,
            code,
            subcode,
            times: None,
        });
        self
    }

    /// With one more step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Checks that HTTP allows every status and header.
    pub(crate) fn check(&self) -> Result<(), ScriptError> {
        for (position, step) in (1..).zip(&self.steps) {
            let (Action::GraphError {
                status, headers, ..
            }
            | Action::Answer {
                status, headers, ..
            }) = &step.action
            else {
                continue;
            };
            // A status below 200 is informational: it does not answer a request.
            if !(200..=599).contains(status) || StatusCode::from_u16(*status).is_err() {
                return Err(ScriptError::Status { step: position });
            }
            let is_allowed = |(name, value): (&String, &String)| {
                HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
            };
            if !headers.iter().all(is_allowed) {
                return Err(ScriptError::Header { step: position });
            }
        }
        Ok(())
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
