//! Delivers events that the program makes itself: a log on disk, batches, retries, and dead letters for what Meta refuses.
//!
//! A sandbox in this process stands in for Meta. For Meta itself, leave `base_url` out and use the token of a system user.

use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use conversions_delivery::{DeadLetterStore, DestinationOptions, Engine, Filter, FinishOptions};
use conversions_disk_log::{DeadLetters, DiskLog, DiskLogOptions};
use conversions_transport::{AccessToken, GraphTransport, NewEvent};
use facebook_conversions::normalize::{HashedKey, NormalizeContext};
use facebook_conversions::{ActionSource, ServerEvent};
use graph_sandbox::Sandbox;

/// Ids and e-mail addresses of telephone calls. The second has nothing to match a person by, so that Meta refuses it;
/// `facebook_conversions::validation` would have said so before. The last repeats the first.
const CALLS: [(&str, &str); 4] = [
    ("call-1", "jane@example.com"),
    ("call-2", ""),
    ("call-3", "joe@example.org"),
    ("call-1", "jane@example.com"),
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start().await?;
    let token = AccessToken::parse("any-token")?;
    let transport = GraphTransport::builder("1234567890".parse()?, token)
        .base_url(sandbox.url().parse()?)
        .build()?;

    let folder = tempfile::tempdir()?;
    let log = DiskLog::open(folder.path(), DiskLogOptions::default())?;
    let engine = Engine::builder()
        .log(Arc::new(log))
        .destination("shop", Arc::new(transport), DestinationOptions::default())
        .start();

    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let context = NormalizeContext::in_year(2026);
    let events = CALLS.map(|(id, email)| {
        let mut event = ServerEvent::new("Contact", now - 60);
        event.event_id = Some(id.into());
        event.action_source = Some(ActionSource::PhoneCall);
        event.user_data.em = HashedKey::Em.hash(email, &context).into_iter().collect();
        NewEvent::of_server_event("shop", event.to_json(), &event)
    });
    // When this returns, the events are on disk.
    let appended = engine.append(Vec::from(events)).await?;
    println!("repeated: {}", appended.duplicates());

    let never = std::future::pending();
    let summary = engine.finish(FinishOptions::default(), never).await;
    println!("delivered: {}", summary.progress.total().delivered);
    for event in sandbox.events() {
        println!("received: {:?}", event.event_id);
    }
    let letters = DeadLetters::open(folder.path(), DiskLogOptions::default().dead_letters)?;
    letters.visit(&Filter::all(), &mut |letter| {
        println!(
            "dead letter: {}, {:?}",
            letter.reason.name(),
            letter.labels().event_id
        );
        ControlFlow::Continue(())
    })?;
    sandbox.shutdown().await;
    Ok(())
}
