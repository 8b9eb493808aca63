//! What an observer is told: every request, and every event once it is settled.

use std::sync::{Arc, Mutex};

use conversions_delivery::{
    AppendOutcome, Attempt, DeliveryObserver, EventLog, KeyRange, MemoryLog, Settlement,
};

use crate::meta::{Meta, graph};
use crate::stage::{builder, event, events, finish, patient, plain};

/// Writes down what it is told, keys counted from 0, with the backlog that the log has at that time.
struct Notebook {
    log: Arc<MemoryLog>,
    lines: Mutex<Vec<String>>,
}

impl Notebook {
    fn note(&self, keys: &[KeyRange], what: &str) {
        let keys = keys.iter().flat_map(|range| range.keys());
        let keys: Vec<_> = keys.map(|key| key.0).collect();
        let line = format!("{keys:?} {what}");
        self.lines.lock().expect("no panic").push(line);
    }

    fn dead_letters(&self) -> usize {
        self.log.dead_letters().len()
    }
}

impl DeliveryObserver for Notebook {
    fn attempted(&self, destination: &Arc<str>, keys: &[KeyRange], attempt: &Attempt<'_>) {
        let answer = match attempt.answer {
            Ok(received) => format!("received {:?}", received.events_received),
            Err(error) => format!("{:?}", error.meaning().disposition),
        };
        self.note(keys, &format!("{destination} #{} {answer}", attempt.number));
    }

    fn settled(&self, _: &Arc<str>, keys: &[KeyRange], settlement: &Settlement<'_>) {
        let what = match settlement {
            Settlement::Delivered {
                attempts,
                batch_events,
                ..
            } => format!("delivered, attempts {attempts}, batch {batch_events}"),
            Settlement::DeadLettered {
                reason,
                verdict,
                attempts,
                ..
            } => format!(
                "{reason}, attempts {attempts}, subcode {:?}, dead letters in the log {}",
                verdict.and_then(|verdict| verdict.subcode),
                self.dead_letters()
            ),
            _ => "unknown".to_owned(),
        };
        self.note(keys, &what);
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_each_request_and_of_each_event_once_it_is_settled() {
    let meta = Meta::new();
    meta.refuses(["e1"]);
    meta.answers_next(|| graph(400, 190, None));
    let log = Arc::new(MemoryLog::default());
    let notebook = Arc::new(Notebook {
        log: Arc::clone(&log),
        lines: Mutex::default(),
    });
    let engine = builder()
        .log(Arc::clone(&log) as Arc<dyn EventLog>)
        .observer(Arc::clone(&notebook) as _)
        .destination("shop", Arc::clone(&meta) as _, plain())
        .start();
    let mut group = events(3);
    group.push(event("e0"));
    let appended = engine.append(group).await.expect("room");
    assert_eq!(appended.outcomes().nth(3), Some(AppendOutcome::Duplicate));
    finish(&engine, patient()).await;

    let lines = notebook.lines.lock().expect("no panic").join("\n");
    insta::assert_snapshot!(lines);
}
