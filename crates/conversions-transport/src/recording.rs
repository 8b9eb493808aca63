//! A transport that records requests instead of sending them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use facebook_conversions::reply::EventsReceived;

use crate::{EventsRequest, SendError, Transport};

type Answer = Result<EventsReceived, SendError>;
type AnswerFn = dyn Fn(&EventsRequest) -> Answer + Send + Sync;

/// Records every request and answers from a script. Once the script is used up, the function given to
/// [`answering`](Self::answering) answers; without one, all events count as received.
///
/// ```
/// use conversions_transport::{EventsRequest, RecordingTransport, SendError, Transport};
/// use facebook_conversions::reply::GraphError;
///
/// # async fn example() -> Result<(), SendError> {
/// let transport = RecordingTransport::new();
/// transport.push_answer(Err(SendError::refused(GraphError::new(400, 4, None))));
///
/// let request = EventsRequest::new(vec!["{}".into()]);
/// assert!(transport.send(&request).await.is_err());
/// assert_eq!(transport.send(&request).await?.events_received, Some(1));
/// assert_eq!(transport.requests().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct RecordingTransport {
    state: Mutex<State>,
    answer: Option<Box<AnswerFn>>,
}

#[derive(Default)]
struct State {
    requests: Vec<EventsRequest>,
    script: VecDeque<Answer>,
}

impl RecordingTransport {
    /// A transport without a script: every request succeeds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A transport whose answers a function makes from the request, once the script is used up.
    #[must_use]
    pub fn answering(
        answer: impl Fn(&EventsRequest) -> Result<EventsReceived, SendError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            state: Mutex::default(),
            answer: Some(Box::new(answer)),
        }
    }

    /// Adds an answer to the end of the script.
    pub fn push_answer(&self, answer: Result<EventsReceived, SendError>) {
        self.state().script.push_back(answer);
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
        let scripted = {
            let mut state = self.state();
            state.requests.push(request.clone());
            state.script.pop_front()
        };
        match (scripted, &self.answer) {
            (Some(scripted), _) => scripted,
            (None, Some(answer)) => answer(request),
            (None, None) => Ok(EventsReceived::all_of(request.len())),
        }
    }
}

impl fmt::Debug for RecordingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("RecordingTransport")
            .field("requests", &state.requests)
            .field("script", &state.script.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use facebook_conversions::reply::{EventsReceived, GraphError};

    use super::RecordingTransport;
    use crate::{EventsRequest, SendError, Transport};

    fn request(events: &[&'static str]) -> EventsRequest {
        EventsRequest::new(
            events
                .iter()
                .map(|event| (*event).into())
                .collect::<Vec<_>>(),
        )
    }

    #[tokio::test]
    async fn scripted_answers_come_first_and_in_order() {
        let transport = RecordingTransport::new();
        transport.push_answer(Ok(EventsReceived::all_of(7)));
        transport.push_answer(Err(SendError::refused(GraphError::new(400, 4, None))));
        assert_eq!(
            transport
                .send(&request(&["1"]))
                .await
                .unwrap()
                .events_received,
            Some(7)
        );
        assert!(transport.send(&request(&["2"])).await.is_err());
        assert_eq!(
            transport
                .send(&request(&["3", "4"]))
                .await
                .unwrap()
                .events_received,
            Some(2)
        );
        let sent: Vec<_> = transport
            .requests()
            .iter()
            .flat_map(|request| request.events().collect::<Vec<_>>())
            .collect();
        assert_eq!(sent, ["1", "2", "3", "4"]);
    }

    #[tokio::test]
    async fn an_answer_can_depend_on_the_request() {
        let transport = RecordingTransport::answering(|request| match request.len() {
            0 | 1 => Ok(EventsReceived::all_of(request.len())),
            _ => Err(SendError::refused(GraphError::new(400, 100, None))),
        });
        assert!(transport.send(&request(&["1", "2"])).await.is_err());
        assert!(transport.send(&request(&["1"])).await.is_ok());
    }
}
