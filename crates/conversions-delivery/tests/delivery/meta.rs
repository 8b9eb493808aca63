//! A stand-in for Meta that follows a script.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use conversions_transport::{EventsRequest, SendError, Transport};
use facebook_conversions::reply::{EventsReceived, GraphError};
use tokio::time::Instant;

/// Refuses requests with a bad event in them, answers the next requests from a script, counts what it accepts.
#[derive(Default)]
pub(crate) struct Meta {
    state: Mutex<State>,
    latency: Duration,
    most_in_flight: Mutex<(usize, usize)>,
}

#[derive(Default)]
struct State {
    bad_events: BTreeSet<String>,
    /// Answers to the next requests.
    script: VecDeque<Answer>,
    /// The answer to every request while it is set.
    always: Option<Answer>,
    requests: Vec<Seen>,
    accepted: BTreeMap<String, u32>,
}

/// A request that came in.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) request: EventsRequest,
}

type Answer = Arc<dyn Fn() -> Result<EventsReceived, SendError> + Send + Sync>;

/// What Meta says of an event that lacks customer information.
pub(crate) fn refusal() -> SendError {
    SendError::refused(GraphError::new(400, 100, Some(2_804_050)))
}

pub(crate) fn graph(status: u16, code: i64, subcode: Option<i64>) -> SendError {
    SendError::refused(GraphError::new(status, code, subcode))
}

impl Meta {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Takes so long for each answer.
    pub(crate) fn slow(latency: Duration) -> Arc<Self> {
        Arc::new(Self {
            latency,
            ..Self::default()
        })
    }

    pub(crate) fn refuses(&self, ids: impl IntoIterator<Item = impl Into<String>>) {
        let ids = ids.into_iter().map(Into::into);
        self.state.lock().expect("no panic").bad_events.extend(ids);
    }

    /// Answers the next request with this error, whatever is in it.
    pub(crate) fn answers_next(&self, error: impl Fn() -> SendError + Send + Sync + 'static) {
        let answer: Answer = Arc::new(move || Err(error()));
        self.state
            .lock()
            .expect("no panic")
            .script
            .push_back(answer);
    }

    /// Answers the next request with this receipt.
    pub(crate) fn receives_next(&self, receipt: EventsReceived) {
        let answer: Answer = Arc::new(move || Ok(receipt.clone()));
        self.state
            .lock()
            .expect("no panic")
            .script
            .push_back(answer);
    }

    /// Answers every request with this error until [`works_again`](Self::works_again).
    pub(crate) fn always_answers(&self, error: impl Fn() -> SendError + Send + Sync + 'static) {
        self.state.lock().expect("no panic").always = Some(Arc::new(move || Err(error())));
    }

    pub(crate) fn works_again(&self) {
        self.state.lock().expect("no panic").always = None;
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.state.lock().expect("no panic").requests.clone()
    }

    /// The sizes of the requests, in order.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.requests()
            .iter()
            .map(|seen| seen.request.len())
            .collect()
    }

    /// How often each event was accepted.
    pub(crate) fn accepted(&self) -> BTreeMap<String, u32> {
        self.state.lock().expect("no panic").accepted.clone()
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.most_in_flight.lock().expect("no panic").1
    }

    fn answer(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        let mut state = self.state.lock().expect("no panic");
        if let Some(always) = state.always.clone() {
            return always();
        }
        if let Some(answer) = state.script.pop_front() {
            let received = answer()?;
            state.accept(request);
            return Ok(received);
        }
        if ids(request).any(|id| state.bad_events.contains(&id)) {
            return Err(refusal());
        }
        state.accept(request);
        Ok(EventsReceived {
            events_received: u64::try_from(request.len()).ok(),
            ..EventsReceived::default()
        })
    }
}

impl State {
    fn accept(&mut self, request: &EventsRequest) {
        for id in ids(request) {
            *self.accepted.entry(id).or_default() += 1;
        }
    }
}

/// The `event_id`s of a request.
pub(crate) fn ids(request: &EventsRequest) -> impl Iterator<Item = String> {
    request.events().map(|event| {
        let event: serde_json::Value = serde_json::from_slice(&event).expect("JSON");
        event["event_id"].as_str().expect("an id").to_owned()
    })
}

#[async_trait]
impl Transport for Meta {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        self.state.lock().expect("no panic").requests.push(Seen {
            at: Instant::now(),
            request: request.clone(),
        });
        {
            let mut most = self.most_in_flight.lock().expect("no panic");
            most.0 += 1;
            most.1 = most.1.max(most.0);
        }
        let answer = self.answer(request);
        tokio::time::sleep(self.latency).await;
        self.most_in_flight.lock().expect("no panic").0 -= 1;
        answer
    }
}
