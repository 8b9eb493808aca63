//! The engine over the log on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use conversions_delivery::{
    AppendGroup, Clock, DeadLetterStore, DestinationOptions, DurableLog, Ended, Engine, Filter,
    FinishOptions, InputId, InputOffset, StatusReader, UnixMillis,
};
use conversions_disk_log::{DiskLog, StatusFile};
use conversions_transport::{RecordingTransport, SendError};
use facebook_conversions::reply::{EventsReceived, GraphError};

use crate::stage::{NOW, event, events, options};

fn plain() -> DestinationOptions {
    DestinationOptions {
        linger: Duration::ZERO,
        concurrency: 1,
        ..DestinationOptions::default()
    }
}

/// A clock that a test sets.
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

fn engine(
    log: &Arc<DiskLog>,
    transport: &Arc<RecordingTransport>,
    clock: &Arc<SetClock>,
) -> Engine {
    Engine::builder()
        .log(Arc::clone(log) as _)
        .clock(Arc::clone(clock) as _)
        .destination("shop", Arc::clone(transport) as _, plain())
        .start()
}

fn now() -> Arc<SetClock> {
    Arc::new(SetClock(AtomicI64::new(NOW.0)))
}

async fn finish(engine: &Engine) -> conversions_delivery::Summary {
    engine
        .finish(FinishOptions::default(), std::future::pending())
        .await
}

/// Every request that has this event in it is refused.
fn refusing(id: &'static str) -> Arc<RecordingTransport> {
    let bad_event = format!(r#""{id}""#);
    Arc::new(RecordingTransport::answering(move |request| {
        let has_bad_event = request.events().any(|event| {
            std::str::from_utf8(&event)
                .expect("text")
                .contains(&bad_event)
        });
        if has_bad_event {
            Err(SendError::refused(GraphError::new(
                400,
                100,
                Some(2_804_050),
            )))
        } else {
            Ok(EventsReceived::all_of(request.len()))
        }
    }))
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_run_resumes_behind_its_last_offset() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = InputId([7; 16]);
    let group = |numbers: std::ops::Range<usize>| AppendGroup {
        offset: Some(InputOffset {
            input,
            line: numbers.end as u64,
            note: Bytes::from(format!("read {}", numbers.end)),
        }),
        ..numbers
            .map(|number| event(format!("e{number}")))
            .collect::<Vec<_>>()
            .into()
    };

    let log = Arc::new(DiskLog::open(folder.path(), options()).expect("a log"));
    let down = Arc::new(RecordingTransport::answering(|_| {
        Err(SendError::refused(GraphError::new(503, 2, None)))
    }));
    let first = engine(&log, &down, &now());
    first.append(group(0..10)).await.expect("room");
    first.append(group(10..20)).await.expect("room");
    let summary = first
        .finish(FinishOptions::default(), std::future::ready(()))
        .await;
    assert_eq!(
        (summary.ended, summary.progress.total().pending),
        (Ended::Shutdown, 20)
    );
    drop((first, log));

    let log = Arc::new(DiskLog::open(folder.path(), options()).expect("a log"));
    let resumption = log
        .resumption(input)
        .await
        .expect("readable")
        .expect("known");
    assert_eq!((resumption.line, &*resumption.note), (20, &b"read 20"[..]));
    let refusing = refusing("e3");
    let second = engine(&log, &refusing, &now());
    second.append(group(20..30)).await.expect("room");
    let summary = finish(&second).await;
    assert_eq!(summary.ended, Ended::Done);
    let resumption = log
        .resumption(input)
        .await
        .expect("readable")
        .expect("known");
    assert_eq!(
        (
            resumption.appended,
            resumption.delivered,
            resumption.dead_lettered
        ),
        (30, 29, 1)
    );
    assert_eq!(resumption.pending(), 0);

    // What is replayed belongs to the input again.
    let all = Filter::all();
    log.dead_letters()
        .replay(&all, NOW, false, &mut |_| Ok(()))
        .expect("asked");
    assert_eq!(log.requeue_replays(NOW).await.expect("taken up"), 1);
    let resumption = log
        .resumption(input)
        .await
        .expect("readable")
        .expect("known");
    assert_eq!((resumption.dead_lettered, resumption.pending()), (0, 1));
    let works = Arc::new(RecordingTransport::new());
    finish(&engine(&log, &works, &now())).await;
    let resumption = log
        .resumption(input)
        .await
        .expect("readable")
        .expect("known");
    assert_eq!((resumption.delivered, resumption.pending()), (30, 0));
    log.forget_input(input).await.expect("forgotten");
    assert_eq!(log.resumption(input).await.expect("readable"), None);
}

#[tokio::test(start_paused = true)]
async fn another_process_reads_the_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(DiskLog::open(folder.path(), options()).expect("a log"));
    let transport = Arc::new(RecordingTransport::answering(|_| {
        Err(SendError::refused(GraphError::new(400, 190, Some(463))))
    }));
    let engine = engine(&log, &transport, &now());
    engine.append(events(5)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(5)).await;
    let status = StatusFile::open(folder.path())
        .and_then(|file| file.read_status())
        .expect("readable")
        .expect("written");
    let shop = &status.destinations["shop"];
    assert_eq!((shop.backlog, shop.accepted, shop.delivered), (5, 5, 0));
    assert_eq!(shop.oldest_at, Some(NOW));
    let held = shop.held.as_ref().expect("held");
    assert_eq!(held.cause.name(), "authentication");
    assert_eq!(
        shop.last_error.as_ref().expect("an error").subcode,
        Some(463)
    );
    assert_eq!(status.pid, std::process::id());
    assert!(status.is_fresh(NOW) && !status.is_fresh(NOW.plus(Duration::from_mins(1))));
}

#[tokio::test(start_paused = true)]
async fn a_replay_reaches_meta_while_the_engine_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(DiskLog::open(folder.path(), options()).expect("a log"));
    let transport = refusing("e1");
    let engine = engine(&log, &transport, &now());
    engine.append(events(3)).await.expect("room");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let operator = conversions_disk_log::DeadLetters::open(folder.path(), options().dead_letters)
        .expect("shared");
    let all = conversions_delivery::Filter::all();
    let replay = operator
        .replay(&all, NOW, false, &mut |_| Ok(()))
        .expect("asked");
    assert_eq!(replay.requested.len(), 1);
    let before = transport.requests().len();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(transport.requests().len(), before + 1, "sent again");
    // Refused again, it is a dead letter again, under a new id.
    assert_eq!(
        operator.counts().expect("counts")["shop"]
            .values()
            .sum::<u64>(),
        1
    );
    assert_eq!(operator.get(replay.requested[0]).expect("readable"), None);
    finish(&engine).await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_a_day_loses_nothing() {
    const DAY: i64 = 86_400_000;
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(DiskLog::open(folder.path(), options()).expect("a log"));
    let transport = Arc::new(RecordingTransport::new());
    let clock = now();
    let engine = engine(&log, &transport, &clock);
    let jump_to = |time: i64, id: &'static str| {
        clock.0.store(NOW.0 + time, Ordering::Relaxed);
        let mut event = event(id);
        event.event_time = clock.now().seconds();
        event
    };
    engine
        .append(vec![jump_to(0, "before")])
        .await
        .expect("room");
    tokio::time::sleep(Duration::from_mins(2)).await;
    engine
        .append(vec![jump_to(DAY, "a day ahead")])
        .await
        .expect("room");
    tokio::time::sleep(Duration::from_mins(2)).await;
    engine
        .append(vec![jump_to(-DAY, "a day back")])
        .await
        .expect("room");
    let mut ahead = event("an hour ahead of the clock that is back");
    ahead.event_time = NOW.seconds() - 86_400 + 3600;
    engine.append(vec![ahead]).await.expect("room");
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(transport.requests().len(), 3);
    clock.0.store(NOW.0, Ordering::Relaxed);
    let summary = finish(&engine).await;
    assert_eq!(summary.ended, Ended::Done);
    assert_eq!(summary.progress.total().delivered, 4);
    assert_eq!(summary.progress.total().dead_lettered, 0);
}
