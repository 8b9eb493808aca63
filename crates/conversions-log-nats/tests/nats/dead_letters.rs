//! Dead letters, as operators treat them.

use std::ops::ControlFlow;
use std::time::Duration;

use conversions_delivery::{
    AppendGroup, DeadLetter, DeadLetterReason, DeadLetterStore as _, EventLog as _, Filter,
};
use conversions_log_nats::NatsDeadLetters;

use crate::server::{Server, event, ids, lease, now, open};

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_kept_counted_replayed_and_removed() {
    let Some(server) = Server::start() else {
        return;
    };
    let options = server.options();
    let log = open(options.clone()).await;
    let events = ["a", "b", "c"].map(|id| event(id, now().seconds()));
    log.append(AppendGroup::from(events.to_vec()), now())
        .await
        .expect("appended");
    let leased = lease(&log, 3, now(), Duration::from_secs(5)).await;
    let letters = leased
        .into_iter()
        .map(|event| DeadLetter::new("shop".into(), event, DeadLetterReason::Refused, now()));
    let letters: Vec<_> = letters.collect();
    log.dead_letter(letters.clone(), now()).await.expect("kept");
    log.dead_letter(letters, now())
        .await
        .expect("once more, as after a lost answer");
    assert_eq!(log.backlog("shop").await.expect("a backlog").events, 0);
    let operator = tokio::task::spawn_blocking(move || {
        let store = NatsDeadLetters::open(&options).expect("connected");
        let counts = store.counts().expect("counted");
        assert_eq!(counts["shop"][&DeadLetterReason::Refused], 3);
        let mut found = Vec::new();
        let visited = store.visit(&Filter::all().destination("shop"), &mut |letter| {
            found.push((letter.id, letter.labels().event_id.unwrap_or_default()));
            ControlFlow::Continue(())
        });
        assert_eq!(visited, Ok(3));
        let (first, second) = (found[0].0, found[1].0);
        let one = store.get(second).expect("read").expect("kept");
        assert_eq!(one.labels().event_id.as_deref(), Some(found[1].1.as_str()));
        let replayed = store.replay(&Filter::all().ids([first]), now(), false, &mut |_| Ok(()));
        assert_eq!(replayed.expect("replayed").requested, [first]);
        assert_eq!(store.get(first), Ok(None));
        assert_eq!(store.purge(&Filter::all().ids([second]), false), Ok(1));
        store.remove(&[second]).expect("gone already");
        assert_eq!(
            store.visit(&Filter::all(), &mut |_| ControlFlow::Continue(())),
            Ok(1)
        );
        found[0].1.clone()
    });
    let replayed = operator.await.expect("operated");
    let again = lease(&log, 1, now(), Duration::from_secs(5)).await;
    assert_eq!(ids(&again), [replayed]);
}
