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
    mistakes.extend(plaintext(input));
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
    let mut mistakes = Vec::new();
    let mut add = |is_wrong: bool, mistake: &str, help: &str| {
        if is_wrong {
            mistakes.push(Mistake::new(mistake).help(help));
        }
    };
    let one_is_missing = "set both, or none";
    add(
        input.tls_certificate.is_some() != input.tls_key.is_some(),
        "`tls_certificate` and `tls_key` belong together: one is missing",
        one_is_missing,
    );
    add(
        input.user.is_some() != input.password.is_some(),
        "`user` and `password` belong together: one is missing",
        one_is_missing,
    );
    add(
        input.given.contains_key("sasl_mechanism") && input.user.is_none(),
        "`sasl_mechanism` needs a `user` and a `password`",
        "add them, or leave it out",
    );
    let ways = [
        input.credentials.is_some(),
        input.nkey_seed.is_some(),
        input.user.is_some(),
    ];
    add(
        ways.into_iter().filter(|is_given| *is_given).count() > 1,
        "`credentials`, `nkey_seed` and `user` say who this is in different ways",
        "keep one of them",
    );
    mistakes
}

/// Addresses that are none, and brokers elsewhere without TLS.
fn plaintext(input: &InputSettings) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let (name, addresses, form) = match input.kind {
        InputKind::Kafka => ("brokers", &input.brokers, "host:9092"),
        InputKind::Nats => (
            "servers",
            &input.servers,
            "nats://host:4222 or tls://host:4222",
        ),
    };
    for address in addresses {
        let (scheme, host) = address.split_once("://").unwrap_or(("", address));
        let is_of_kind = match input.kind {
            InputKind::Kafka => scheme.is_empty() && has_port(host),
            InputKind::Nats => ["nats", "tls"].contains(&scheme) && !host.is_empty(),
        };
        if host.contains('@') {
            let mistake = format!("an entry of `{name}` has a user in it");
            let help = "`user` and `password` are where that belongs";
            mistakes.push(Mistake::new(mistake).help(help));
        } else if !is_of_kind {
            let mistake = format!("an entry of `{name}` must be like {form}");
            mistakes.push(Mistake::new(mistake));
        } else if !input.allow_plaintext && !is_here(host) && !is_encrypted(input, scheme) {
            let mistake = format!(
                "an entry of `{name}` is on another machine and without TLS: messages hold contact data"
            );
            let encrypt = match input.kind {
                InputKind::Kafka => "set tls = true",
                InputKind::Nats => "write tls://",
            };
            let help = format!(
                "{encrypt}, or allow_plaintext = true where the network itself is encrypted"
            );
            mistakes.push(Mistake::new(mistake).help(help));
        }
    }
    mistakes
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

fn is_here(host: &str) -> bool {
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here))
}

fn is_encrypted(input: &InputSettings, scheme: &str) -> bool {
    match input.kind {
        InputKind::Kafka => input.tls,
        InputKind::Nats => scheme == "tls",
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
