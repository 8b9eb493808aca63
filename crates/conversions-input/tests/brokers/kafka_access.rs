//! A broker that asks for TLS and a password, and one that cannot be reached for a while.

use std::collections::BTreeSet;
use std::time::Duration;

use conversions_input::kafka::{KafkaInput, KafkaInputOptions, KafkaTls, Sasl, SaslMechanism};
use conversions_input::{Arrival, Limits};

use crate::certificates::Certificates;
use crate::fixture::{Fixture as _, settle, take, text, texts};
use crate::front::{Asks, acceptor};
use crate::kafka::{Kafka, PARTITIONS, kafka_at};
use crate::kafka_broker::Broker;

const USER: &str = "segue";
const PASSWORD: &str = "a-password-of-tests";

/// A broker that asks for both, with a topic of one record.
async fn locked(certificates: &Certificates, case: &str) -> Option<Kafka> {
    let file = |name| certificates.file(name);
    let asks = Asks {
        tls: Some(acceptor(&file("server.pem"), &file("server-key.pem"))),
        password: Some((USER, PASSWORD)),
    };
    let client = [
        ("security.protocol", "sasl_ssl".to_owned()),
        ("ssl.ca.location", file("ca.pem").display().to_string()),
        ("sasl.mechanism", "PLAIN".to_owned()),
        ("sasl.username", USER.to_owned()),
        ("sasl.password", PASSWORD.to_owned()),
    ];
    let broker = Broker::start_behind(asks, client.to_vec())?;
    let mut kafka = kafka_at(broker, case).await;
    kafka.options.tls = Some(KafkaTls {
        ca: Some(file("ca.pem")),
        identity: None,
    });
    kafka.options.sasl = Some(sasl(SaslMechanism::Plain, PASSWORD));
    kafka.produce(0, text("one")).await;
    Some(kafka)
}

fn sasl(mechanism: SaslMechanism, password: &str) -> Sasl {
    Sasl {
        mechanism,
        username: USER.to_owned(),
        password: password.to_owned().into(),
    }
}

/// What is said when an option is wrong.
async fn refusal(kafka: &Kafka, change: impl FnOnce(&mut KafkaInputOptions)) -> String {
    let refused: Result<KafkaInput, _> = kafka.try_open(change).await;
    let said = refused.expect_err("refused").to_string();
    for secret in [PASSWORD, "hunter2"] {
        assert!(!said.contains(secret), "{said}");
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_password_and_certificates_is_said_and_nothing_is_lost() {
    let certificates = Certificates::new();
    let Some(kafka) = locked(&certificates, "locked").await else {
        return;
    };
    // At the same time, since the client tries each for ten seconds.
    let (password, mechanism, issuer, file, plain) = tokio::join!(
        refusal(&kafka, |options| {
            options.sasl = Some(sasl(SaslMechanism::Plain, "hunter2"));
        }),
        refusal(&kafka, |options| {
            options.sasl = Some(sasl(SaslMechanism::ScramSha256, PASSWORD));
        }),
        // Trusted are those of the system only.
        refusal(&kafka, |options| options.tls = Some(KafkaTls::default())),
        refusal(&kafka, |options| {
            let ca = Some("/nowhere/ca.pem".into());
            options.tls = Some(KafkaTls { ca, identity: None });
        }),
        refusal(&kafka, |options| options.tls = None),
    );
    let refused = "the broker refuses access: it does not take user and password; check them and the mechanism";
    assert_eq!((&*password, &*mechanism), (refused, refused));
    let nobody = "no broker answers at 127.0.0.1:";
    assert!(
        issuer.starts_with(nobody) && issuer.contains("TLS failed"),
        "{issuer}"
    );
    assert!(file.contains("check the paths of certificates"), "{file}");
    assert!(
        plain.starts_with(nobody) && plain.contains("ask for TLS"),
        "{plain}"
    );

    let input = kafka.open(Limits::default()).await;
    let records = take(&*input, 1).await;
    assert_eq!(texts(&records), ["one"]);
    settle(&*input, &records).await;
    input.leave().await.expect("left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_away_for_a_while_loses_nothing_and_positions_move_on() {
    let Some(broker) = Broker::start_behind(Asks::default(), Vec::new()) else {
        return;
    };
    let kafka = kafka_at(broker, "away").await;
    let front = kafka.broker.front.as_ref().expect("a port before it");
    for number in 0..10 {
        kafka
            .produce(number % PARTITIONS, text(&format!("before {number}")))
            .await;
    }
    let input = kafka.open(Limits::default()).await;
    let before = take(&*input, 10).await;
    front.set_cut(true);
    // What is done meanwhile is committed later.
    settle(&*input, &before[..5]).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    front.set_cut(false);
    for number in 0..10 {
        kafka
            .produce(number % PARTITIONS, text(&format!("after {number}")))
            .await;
    }
    settle(&*input, &before[5..]).await;
    let mut came = BTreeSet::new();
    let until = tokio::time::Instant::now() + Duration::from_secs(40);
    while came.len() < 10 {
        let next = tokio::time::timeout_at(until, input.next()).await;
        match next.unwrap_or_else(|_| panic!("only these came: {came:?}")) {
            Ok(Arrival::Records(records)) => {
                settle(&*input, &records).await;
                // Where the group has given up the member, records may come again.
                let texts = texts(&records).into_iter();
                came.extend(texts.filter(|text| text.starts_with("after ")));
            }
            Ok(_) => {}
            Err(error) => assert!(!error.is_fatal(), "{error}"),
        }
    }
    input.leave().await.expect("left");
    let again = kafka.open(Limits::default()).await;
    assert_eq!(again.lag().await.map(|lag| lag.unwrap_or(0)), Ok(0));
}
