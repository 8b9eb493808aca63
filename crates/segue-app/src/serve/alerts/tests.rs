//! Alerts are told once when something begins and once when it ends, and arrive although the receiver fails first.

use std::time::Duration;

use wiremock::matchers::{body_partial_json, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::rules::ObservedDestination;
use super::*;

fn observation(of_shop: ObservedDestination) -> Observation {
    Observation {
        destinations: [("shop".to_owned(), of_shop)].into(),
        held_for: Duration::from_mins(1),
        ..Observation::default()
    }
}

fn held(seconds: u64) -> Observation {
    let why = "the access token has expired. Create a new one".to_owned();
    observation(ObservedDestination {
        held: Some((Duration::from_secs(seconds), why)),
        ..ObservedDestination::default()
    })
}

fn told(alerts: &mut Alerts, observation: &Observation) -> Vec<String> {
    let told = alerts.update(observation);
    let line = |alert: &Alert| {
        let json = alert.to_json();
        let word = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", word("status"), word("rule"), word("subject"))
    };
    told.iter().map(line).collect()
}

#[test]
fn an_alert_is_told_when_it_begins_and_when_it_ends() {
    let mut alerts = Alerts::default();
    assert!(
        told(&mut alerts, &held(60)).is_empty(),
        "not for long enough"
    );
    assert_eq!(
        told(&mut alerts, &held(61)),
        ["firing destination_held shop"]
    );
    assert!(told(&mut alerts, &held(500)).is_empty(), "it goes on");
    let over = observation(ObservedDestination::default());
    assert_eq!(told(&mut alerts, &over), ["resolved destination_held shop"]);
    assert!(told(&mut alerts, &over).is_empty());
}

#[test]
fn each_rule_fires_beyond_its_threshold_and_not_at_it() {
    let minutes = Duration::from_mins;
    let destination = |rejected, oldest, new_dead_letters| {
        observation(ObservedDestination {
            rejected,
            oldest: Some(oldest),
            new_dead_letters,
            ..ObservedDestination::default()
        })
    };
    let rest = |silent, disk, fault: Option<&str>| Observation {
        silent_for: [("web".to_owned(), minutes(silent))].into(),
        silence: Some(minutes(30)),
        disk_percent: Some(disk),
        settings_fault: fault.map(str::to_owned),
        ..Observation::default()
    };
    let fine = [
        destination((5, 100), minutes(10), 0),
        destination((99, 99), minutes(0), 0),
        rest(30, 80, None),
        Observation {
            silence: None,
            ..rest(1000, 0, None)
        },
    ];
    for observation in fine {
        assert_eq!(
            told(&mut Alerts::default(), &observation),
            [""; 0],
            "{observation:?}"
        );
    }
    let wrong = destination((6, 100), minutes(11), 1);
    let expected = [
        "firing many_rejected shop",
        "firing events_wait shop",
        "firing new_dead_letters shop",
    ];
    assert_eq!(told(&mut Alerts::default(), &wrong), expected);
    let wrong = rest(31, 81, Some("the settings cannot be used"));
    let expected = [
        "firing source_silent web",
        "firing disk_full ",
        "firing settings_refused ",
    ];
    assert_eq!(told(&mut Alerts::default(), &wrong), expected);
}

#[tokio::test]
async fn an_alert_arrives_although_the_receiver_fails_first() {
    let receiver = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .expect(1)
        .mount(&receiver)
        .await;
    Mock::given(method("POST"))
        .and(body_partial_json(json!({
            "status": "firing", "rule": "destination_held", "subject": "shop",
            "text": "segue: shop is held, and its events wait: the access token has expired. Create a new one. Put it right and reload the settings; delivery goes on by itself.",
        })))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&receiver)
        .await;
    let webhook = Webhook::new(&receiver.uri()).expect("an address");
    let outbox = Outbox::start();
    for alert in Alerts::default().update(&held(61)) {
        outbox.put(&webhook, &alert);
    }
    let arrived = async {
        while receiver
            .received_requests()
            .await
            .is_none_or(|all| all.len() < 2)
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), arrived)
        .await
        .expect("it arrives");
    receiver.verify().await;
}

#[tokio::test]
async fn a_test_alert_says_what_is_wrong_with_the_webhook() {
    let receiver = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(404))
        .mount(&receiver)
        .await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("address");
    for (address, expected) in [
        (
            receiver.uri(),
            "the test alert did not arrive: the webhook answered with status 404",
        ),
        ("not an address".to_owned(), "must be an address"),
    ] {
        std::fs::write(&file, address).expect("written");
        let settings = AlertSettings {
            webhook: Some(segue_settings::SecretSource::File(file.clone())),
            ..AlertSettings::default()
        };
        let sentence = send_test(&settings).await.expect_err("it fails").sentence();
        assert!(sentence.contains(expected), "{sentence}");
    }
    let sentence = send_test(&AlertSettings::default())
        .await
        .expect_err("none")
        .sentence();
    assert!(sentence.contains("set `webhook`"), "{sentence}");
}
