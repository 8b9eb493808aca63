//! What a recorder is told of the messages of a request, and when.

use std::sync::{Arc, Mutex};

use conversions_ingest::{
    EventSink, Ingest, MessageRecorder, RecordedMessage, Refusal, SinkError, Source,
};
use conversions_mapping::Outcome;
use conversions_transport::Frame;
use jiff::Timestamp;
use tower::ServiceExt as _;

use crate::support::{BASIC, KEY, NOW, ORDER, batch, destination, options, request};

/// Writes down what its recorders are told, once their requests are stored.
#[derive(Clone, Default)]
struct Notebook {
    lines: Arc<Mutex<Vec<String>>>,
    fails: bool,
}

struct Page {
    notebook: Notebook,
    lines: Vec<String>,
}

impl Notebook {
    fn add(&self, lines: impl IntoIterator<Item = String>) {
        self.lines.lock().expect("no panic").extend(lines);
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().expect("no panic"))
    }
}

#[async_trait::async_trait]
impl EventSink for Notebook {
    async fn accept(&self, _: Vec<Frame>) -> Result<(), SinkError> {
        if self.fails {
            return Err(SinkError::Full);
        }
        Ok(())
    }

    async fn accept_recorded(
        &self,
        frames: Vec<Frame>,
        recorder: Box<dyn MessageRecorder>,
    ) -> Result<(), SinkError> {
        let events = frames.iter().map(Frame::len).sum::<usize>();
        let keys: Vec<_> = (1..=events as u64).map(Some).collect();
        self.accept(frames).await?;
        recorder.finish(&keys);
        Ok(())
    }

    fn recorder(&self, source: &Arc<str>) -> Option<Box<dyn MessageRecorder>> {
        Some(Box::new(Page {
            notebook: self.clone(),
            lines: vec![format!("source {source}")],
        }))
    }

    fn observe_refusal(&self, refusal: Refusal) {
        self.add([format!("refused: {}", refusal.code())]);
    }
}

impl MessageRecorder for Page {
    fn record(&mut self, message: &RecordedMessage<'_>) {
        let id = message.message.and_then(|message| message.message_id);
        let library = message.message.and_then(|message| message.context.library);
        let destination = message
            .mapped
            .map_or("nowhere", |mapped| &mapped.destination[..]);
        let event = match message.mapped.map(|mapped| mapped.outcome) {
            Some(Outcome::Accepted(mapped)) => mapped.event.event_name.to_string(),
            _ => "no event".to_owned(),
        };
        self.lines.push(format!(
            "{:?} {:?} to {destination}: {} {}, {event}",
            id.map(segment_spec::Raw::text),
            library.map(segment_spec::Raw::text),
            message.kind.name(),
            message.reason,
        ));
    }

    fn finish(mut self: Box<Self>, keys: &[Option<u64>]) {
        self.lines.push(format!("stored {keys:?}"));
        self.notebook.add(std::mem::take(&mut self.lines));
    }
}

async fn post(notebook: &Notebook, key: &str, body: String) -> u16 {
    let mut options = options();
    options.sources =
        vec![Source::new("web", vec![destination("shop"), destination("ads")]).with_write_key(KEY)];
    let now: Timestamp = NOW.parse().expect("a time");
    let sink = Arc::new(notebook.clone());
    let ingest = Ingest::with_clock(options, sink, Arc::new(now)).expect("options are fine");
    let headers = [("authorization", key)];
    let asked = request(axum::http::Method::POST, "/v1/batch", &headers, body);
    let response = ingest.router().oneshot(asked).await.expect("infallible");
    response.status().as_u16()
}

#[tokio::test]
async fn a_recorder_is_told_of_each_message_at_each_destination_and_then_the_keys() {
    let notebook = Notebook::default();
    let page = r#"{"type":"page","userId":"u1","messageId":"m2"}"#;
    let context = r#""context":{"library":{"name":"analytics-node"}}"#;
    let body = batch(&[
        &ORDER.replace("\"event\"", "\"type\":\"track\",\"event\""),
        page,
        "7",
    ])
    .replacen('{', &format!("{{{context},"), 1);
    assert_eq!(post(&notebook, BASIC, body).await, 200);
    let library = r#"Some("{\"name\":\"analytics-node\"}")"#;
    assert_eq!(
        notebook.taken(),
        [
            "source web".to_owned(),
            format!(r#"Some("\"m1\"") {library} to shop: accepted , Purchase"#),
            format!(r#"Some("\"m1\"") {library} to ads: accepted , Purchase"#),
            format!(r#"Some("\"m2\"") {library} to shop: skipped not_track, no event"#),
            format!(r#"Some("\"m2\"") {library} to ads: skipped not_track, no event"#),
            "None None to nowhere: rejected not_an_object, no event".to_owned(),
            "stored [Some(1), Some(2)]".to_owned(),
        ]
    );
}

#[tokio::test]
async fn keys_come_in_the_order_of_the_messages_although_frames_lie_in_that_of_the_destinations() {
    let notebook = Notebook::default();
    let orders = ["m1", "m2", "m3"].map(|id| {
        let order = ORDER.replace("m1", id);
        order.replace("\"event\"", "\"type\":\"track\",\"event\"")
    });
    let body = batch(&[&orders[0], &orders[1], &orders[2]]);
    assert_eq!(post(&notebook, BASIC, body).await, 200);
    // The frame of `shop` has the keys 1 to 3, that of `ads` 4 to 6.
    let stored = "stored [Some(1), Some(4), Some(2), Some(5), Some(3), Some(6)]";
    assert_eq!(notebook.taken().pop().as_deref(), Some(stored));
}

#[tokio::test]
async fn a_request_that_is_not_stored_finishes_no_recorder() {
    let notebook = Notebook {
        fails: true,
        ..Notebook::default()
    };
    let order = ORDER.replace("\"event\"", "\"type\":\"track\",\"event\"");
    assert_eq!(post(&notebook, BASIC, batch(&[&order])).await, 429);
    assert_eq!(
        notebook.taken(),
        [format!("refused: {}", Refusal::Full.code())]
    );
}

#[tokio::test]
async fn a_request_with_an_unknown_key_is_reported_as_a_refusal() {
    let notebook = Notebook::default();
    let status = post(&notebook, "Bearer wrong", batch(&[ORDER])).await;
    assert_eq!(status, 401);
    assert_eq!(notebook.taken(), ["refused: unknown_write_key"]);
}
