//! An endpoint with a sink that records events.

use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use conversions_ingest::{
    DestinationMapping, EventSink, Ingest, IngestOptions, OutcomeCount, OutcomeKind, SinkError,
    Source,
};
use conversions_mapping::{Mapping, Settings};
use conversions_transport::{DedupKey, Frame, FrameEvent, Labels};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::Value;
use tower::ServiceExt as _;

/// The time of day in every test.
pub(crate) const NOW: &str = "2026-11-23T14:30:00Z";
/// The key of the source `web`.
pub(crate) const KEY: &str = "WK_TEST";
/// The same as Basic authentication.
pub(crate) const BASIC: &str = "Basic V0tfVEVTVDo=";
/// A message that becomes an event.
pub(crate) const ORDER: &str =
    r#"{"event":"Order Completed","userId":"u1","messageId":"m1","properties":{"revenue":19.90}}"#;

/// An event that was stored.
#[derive(Debug)]
pub(crate) struct Taken {
    frame: Frame,
}

impl Taken {
    pub(crate) fn source(&self) -> Option<&str> {
        self.frame.source().map(|source| &**source)
    }

    pub(crate) fn destination(&self) -> &str {
        self.frame.destination()
    }

    pub(crate) fn test_event_code(&self) -> Option<&str> {
        self.frame.test_event_code().map(|code| &**code)
    }

    pub(crate) fn facts(&self) -> FrameEvent<'_> {
        self.frame.event(0).expect("one event")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.facts().json).expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.facts().json).expect("an event is JSON")
    }

    pub(crate) fn labels(&self) -> Labels {
        Labels::of_event(self.facts().json)
    }

    /// `event_id`, by which a repetition is recognised too.
    pub(crate) fn id(&self) -> String {
        let id = self.labels().event_id.expect("an id");
        let expected = DedupKey::new(self.destination(), &id);
        assert_eq!(self.facts().dedup_key, Some(expected));
        id
    }
}

/// A sink that records events, and fails or hangs on demand.
#[derive(Default)]
pub(crate) struct Recorder {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: Vec<Taken>,
    counts: Vec<OutcomeCount>,
    fails: Option<SinkError>,
    hangs: bool,
}

#[async_trait::async_trait]
impl EventSink for Recorder {
    async fn accept(&self, frames: Vec<Frame>) -> Result<(), SinkError> {
        let (fails, hangs) = self.with(|state| (state.fails, state.hangs));
        if hangs {
            std::future::pending::<()>().await;
        }
        if let Some(error) = fails {
            return Err(error);
        }
        let events = frames.iter().flat_map(|frame| {
            let event = |index| Taken {
                frame: frame.slice(index..index + 1),
            };
            (0..frame.len()).map(event)
        });
        self.with(|state| state.events.extend(events));
        Ok(())
    }

    fn observe(&self, _: &str, counts: &[OutcomeCount]) {
        self.with(|state| state.counts.extend_from_slice(counts));
    }
}

impl Recorder {
    fn with<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn fail(&self, error: Option<SinkError>) {
        self.with(|state| state.fails = error);
    }

    pub(crate) fn hang(&self) {
        self.with(|state| state.hangs = true);
    }

    /// Removes and returns the events that were stored.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.with(|state| std::mem::take(&mut state.events))
    }

    /// Removes and returns the stored events as JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.taken().iter().map(Taken::json).collect()
    }

    /// Removes and returns how many messages had each outcome: `accepted`, or `skipped: not_track`.
    pub(crate) fn outcomes(&self) -> Vec<(String, u64)> {
        let counts = self.with(|state| std::mem::take(&mut state.counts));
        let outcome = |one: OutcomeCount| match one.kind {
            OutcomeKind::Accepted => ("accepted".to_owned(), one.count),
            kind => (format!("{}: {}", kind.name(), one.reason), one.count),
        };
        let mut outcomes: Vec<_> = counts.into_iter().map(outcome).collect();
        outcomes.sort();
        outcomes
    }
}

/// A destination that maps by default settings.
pub(crate) fn destination(name: &str) -> Arc<DestinationMapping> {
    let mapping = Mapping::new(Settings::default()).expect("the defaults are fine");
    Arc::new(DestinationMapping::new(name, mapping))
}

/// The options of most tests: one source, one destination.
pub(crate) fn options() -> IngestOptions {
    let source = Source::new("web", vec![destination("shop")]).with_write_key(KEY);
    IngestOptions::new(vec![source])
}

pub(crate) struct Endpoint {
    pub(crate) ingest: Ingest,
    pub(crate) sink: Arc<Recorder>,
}

/// An endpoint with changed options.
pub(crate) fn endpoint(change: impl FnOnce(&mut IngestOptions)) -> Endpoint {
    let mut options = options();
    change(&mut options);
    let sink = Arc::new(Recorder::default());
    let now: Timestamp = NOW.parse().expect("a time");
    let ingest =
        Ingest::with_clock(options, sink.clone(), Arc::new(now)).expect("options are fine");
    Endpoint { ingest, sink }
}

/// An endpoint with the options of most tests.
pub(crate) fn plain() -> Endpoint {
    endpoint(|_| {})
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("an answer in JSON")
    }

    /// `200`, or `400 bad_request`.
    pub(crate) fn verdict(&self) -> String {
        let status = self.status.as_u16();
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(json) if json["code"].is_string() => {
                format!("{status} {}", json["code"].as_str().unwrap_or_default())
            }
            _ => status.to_string(),
        }
    }
}

impl Endpoint {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .ingest
            .router()
            .oneshot(request)
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.to_vec(),
        }
    }

    /// Posts with the key of the source, and with further headers.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let with_key = [&[("authorization", BASIC)], headers].concat();
        self.send(request(Method::POST, path, &with_key, body))
            .await
    }

    /// Posts with the key of the source.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.post_with(path, &[], body).await
    }

    /// Posts without a key.
    pub(crate) async fn post_bare(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.send(request(Method::POST, path, &[], body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, &[], Body::empty()))
            .await
    }
}

/// A request from a public address.
pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer: std::net::SocketAddr = "203.0.113.7:4711".parse().expect("an address");
    request
        .extension(ConnectInfo(peer))
        .body(body.into())
        .expect("a request")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A batch of messages.
pub(crate) fn batch(messages: &[&str]) -> String {
    format!("{{\"batch\":[{}]}}", messages.join(","))
}

/// A body in pieces.
pub(crate) struct Pieces {
    pieces: std::vec::IntoIter<Vec<u8>>,
    end: End,
}

/// How a body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With its last byte.
    Well,
    /// Never: no more bytes arrive.
    Never,
    /// The connection breaks.
    Broken,
}

impl Pieces {
    pub(crate) fn body(pieces: Vec<Vec<u8>>, end: End) -> Body {
        let pieces = pieces.into_iter();
        Body::new(Self { pieces, end })
    }
}

impl http_body::Body for Pieces {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, std::io::Error>>> {
        match (self.pieces.next(), self.end) {
            (Some(piece), _) => Poll::Ready(Some(Ok(http_body::Frame::data(piece.into())))),
            (None, End::Well) => Poll::Ready(None),
            (None, End::Never) => Poll::Pending,
            (None, End::Broken) => {
                Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
            }
        }
    }
}
