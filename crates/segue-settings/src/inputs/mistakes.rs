//! Mistakes of an input that no single setting shows. Values are not quoted: a secret may stand in their place.

use super::{InputKind, InputSettings};
use crate::diagnostic::{Mistake, quoted_or};
use crate::reader::Reader;
use crate::sources::EventSource;
use crate::suggest::closest;
use crate::tree::Node;

/// Settings that only one kind of broker has.
const OF_KAFKA: &[&str] = &[
    "brokers",
    "topics",
    "group",
    "tls",
    "sasl_mechanism",
    "session_timeout_seconds",
];
const OF_NATS: &[&str] = &[
    "servers",
    "stream",
    "consumer",
    "subject",
    "credentials",
    "nkey_seed",
];

/// Reports every mistake of an input that stands behind these others.
pub(super) fn check(
    item: &Node,
    input: &InputSettings,
    others: &[InputSettings],
    sources: &[EventSource],
    reader: &mut Reader<'_>,
) {
    check_source(item, input, sources, reader);
    if !input.given.contains_key("kind") {
        let mistake = Mistake::new("an input needs a `kind`");
        let help = "kind = \"kafka\" for Kafka and what speaks its protocol, kind = \"nats\" for NATS JetStream";
        reader.error(&item.span, mistake.help(help));
        return;
    }
    check_foreign_settings(input, reader);
    let mut mistakes = needed(input);
    mistakes.extend(credentials(input));
    mistakes.extend(addresses(input));
    mistakes.extend(shared_group(input, others));
    for mistake in mistakes {
        reader.error(&item.span, mistake);
    }
}

fn check_source(
    item: &Node,
    input: &InputSettings,
    sources: &[EventSource],
    reader: &mut Reader<'_>,
) {
    let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let Some((source, given)) = input.source.as_ref().zip(input.given.get("source")) else {
        if let Some(first) = known.first() {
            let mistake = Mistake::new("an input must name the `source` whose rules apply");
            let help = format!("for example source = \"{first}\"");
            reader.error(&item.span, mistake.help(help));
        }
        return;
    };
    if known.contains(&source.as_str()) {
        return;
    }
    let mut mistake = Mistake::new(format!(
        "there is no source {}",
        quoted_or(source, "of this name")
    ));
    mistake.help = closest(source, known.iter().copied())
        .map(|name| format!("did you mean `{name}`?"))
        .or_else(|| {
            Some("[[sources]] has a name and the destinations of these messages".to_owned())
        });
    reader.error_at(given.value, mistake);
}

/// Settings of the other kind of broker.
fn check_foreign_settings(input: &InputSettings, reader: &mut Reader<'_>) {
    let (foreign, kind) = match input.kind {
        InputKind::Kafka => (OF_NATS, "nats"),
        InputKind::Nats => (OF_KAFKA, "kafka"),
    };
    for (name, at) in &input.given {
        if foreign.contains(name) {
            let mistake = format!("`{name}` is a setting of inputs with kind = \"{kind}\"");
            reader.error_at(at.key, Mistake::new(mistake).help("leave it out"));
        }
    }
}

/// What this kind of broker cannot do without.
fn needed(input: &InputSettings) -> Vec<Mistake> {
    let rows = match input.kind {
        InputKind::Kafka => [
            (
                input.brokers.is_empty(),
                "an input from Kafka needs `brokers`",
                "for example brokers = [\"127.0.0.1:9092\"]",
            ),
            (
                input.topics.is_empty(),
                "an input from Kafka needs `topics`",
                "for example topics = [\"segment.events\"]",
            ),
            (
                input.group.is_none(),
                "an input from Kafka needs a `group`: the broker keeps its position under this name",
                "for example group = \"segue\"; all machines that share the work have the same",
            ),
        ],
        InputKind::Nats => [
            (
                input.servers.is_empty(),
                "an input from NATS needs `servers`",
                "for example servers = [\"nats://127.0.0.1:4222\"]",
            ),
            (
                input.stream.is_none(),
                "an input from NATS needs a `stream`",
                "for example stream = \"SEGMENT\"; `nats stream ls` lists those that are there",
            ),
            (
                input.consumer.is_none(),
                "an input from NATS needs a `consumer`: the servers keep its position under this name",
                "for example consumer = \"segue\"; all machines that share the work have the same",
            ),
        ],
    };
    rows.into_iter()
        .filter(|(is_missing, ..)| *is_missing)
        .map(|(_, mistake, help)| Mistake::new(mistake).help(help))
        .collect()
}

fn credentials(input: &InputSettings) -> Vec<Mistake> {
    let mut mistakes = input.access.mistakes();
    if input.given.contains_key("sasl_mechanism") && input.access.user.is_none() {
        let mistake = Mistake::new("`sasl_mechanism` needs a `user` and a `password`");
        mistakes.push(mistake.help("add them, or leave it out"));
    }
    mistakes
}

/// Addresses that are none, and brokers elsewhere without TLS.
fn addresses(input: &InputSettings) -> Vec<Mistake> {
    let access = &input.access;
    match input.kind {
        InputKind::Kafka => {
            let brokers = input.brokers.iter();
            brokers
                .filter_map(|broker| access.mistake_of_kafka_broker(broker, input.tls))
                .collect()
        }
        InputKind::Nats => {
            let servers = input.servers.iter();
            servers
                .filter_map(|server| access.mistake_of_nats_server(server))
                .collect()
        }
    }
}

/// Two inputs with one group would take records from each other.
fn shared_group(input: &InputSettings, others: &[InputSettings]) -> Option<Mistake> {
    let group = input.group_name()?;
    let same = |other: &&InputSettings| {
        other.kind == input.kind
            && other.stream == input.stream
            && other.group_name() == Some(group)
    };
    let other = others.iter().find(same)?;
    let name = match input.kind {
        InputKind::Kafka => "group",
        InputKind::Nats => "consumer",
    };
    let mistake = format!(
        "the input {} has the same `{name}`: each would get a part of the records only",
        other.name
    );
    Some(Mistake::new(mistake).help("give each input one of its own"))
}
