//! Small requests share messages.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{AppendGroup, EventLog as _};
use conversions_transport::FrameBuilder;
use futures_util::future::join_all;

use crate::server::{Server, event, ids, lease, now, open};

/// A request with one event.
fn one(id: &str, event_time: i64) -> AppendGroup {
    let mut builder = FrameBuilder::new("shop".into());
    builder.add_new_event(&event(id, event_time));
    AppendGroup::new(builder.finish())
}

/// Requests at the same time, half of which go away before they have an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_the_same_time_share_messages_and_each_gets_its_own_keys() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut options = server.options();
    options.group_small = true;
    let log = Arc::new(open(options).await);
    let now = now();
    let seconds = now.0 / 1000;
    let appends = (0..200).map(|number| {
        let log = Arc::clone(&log);
        async move {
            let id = format!("m-{number}");
            let group = one(&id, seconds);
            let appending = log.append(group, now);
            if number % 2 == 1 {
                let _ = tokio::time::timeout(Duration::from_millis(1), appending).await;
                return None;
            }
            let appended = appending.await.expect("appended");
            Some((id, appended.frames[0].first_key))
        }
    });
    let answered: Vec<_> = join_all(appends).await.into_iter().flatten().collect();
    let leased = lease(&log, 200, now, Duration::from_secs(20)).await;
    assert_eq!(
        ids(&leased).into_iter().collect::<BTreeSet<_>>(),
        (0..200).map(|number| format!("m-{number}")).collect(),
        "also those of senders that went away"
    );
    for (id, key) in answered {
        let found = leased
            .iter()
            .find(|event| event.key == key)
            .expect("leased");
        assert_eq!(ids(std::slice::from_ref(found)), [id]);
    }
    let messages: BTreeSet<u64> = leased.iter().map(|event| event.key.0 >> 12).collect();
    assert!(messages.len() <= 60, "{} messages", messages.len());

    let again = log.append(one("m-7", seconds), now);
    let again = again.await.expect("appended");
    assert_eq!(again.frames[0].duplicates, [0], "this node knows its id");
}
