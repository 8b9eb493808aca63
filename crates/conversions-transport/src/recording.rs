//! A transport that remembers instead of sending.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use facebook_conversions::reply::EventsReceived;

use crate::{EventsRequest, SendError, Transport};

/// Remembers every request; answers from a script, and when that is used up, that all events were received.
#[derive(Debug, Default)]
pub struct RecordingTransport {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<EventsRequest>,
    answers: VecDeque<Result<EventsReceived, SendError>>,
}

impl RecordingTransport {
    /// A transport without a script: every request succeeds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer to the end of the script.
    pub fn push_answer(&self, answer: Result<EventsReceived, SendError>) {
        self.state().answers.push_back(answer);
    }

    /// The requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<EventsRequest> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for RecordingTransport {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        let mut state = self.state();
        state.requests.push(request.clone());
        state.answers.pop_front().unwrap_or_else(|| {
            Ok(EventsReceived {
                events_received: u64::try_from(request.len()).ok(),
                ..EventsReceived::default()
            })
        })
    }
}
