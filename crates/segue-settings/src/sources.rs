//! `[[sources]]`: who may send events to `segue serve`, with which keys, and where they go.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

use crate::destination::Destination;
use crate::destinations::name_of;
use crate::diagnostic::{Mistake, named, quoted_or};
use crate::reader::Reader;
use crate::secret::SecretSource;
use crate::suggest::closest;
use crate::tree::{Entry, Node, Value};
use crate::write_key;

/// A source of events.
#[derive(Clone, Debug)]
pub struct EventSource {
    /// Unique among the sources.
    pub name: String,
    /// Several at a time are valid, so that they can be exchanged.
    pub write_keys: Vec<SecretString>,
    /// Names of destinations; empty when there is but one, which has no name.
    pub destinations: Vec<String>,
    /// How Segment's webhook signs, if it feeds this source.
    pub webhook: Option<Webhook>,
}

/// Segment's webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Signs the body of a request.
    pub secret: SecretSource,
    /// A header, and the secret that has to be in it.
    pub header: Option<(String, SecretSource)>,
}

/// The keys of a source, in both spellings where these differ.
const KEYS: [(&str, &str); 6] = [
    ("name", "name"),
    ("write_keys", "writeKeys"),
    ("destinations", "destinations"),
    ("webhook_secret", "webhookSecret"),
    ("webhook_header", "webhookHeader"),
    ("webhook_header_secret", "webhookHeaderSecret"),
];

/// Reads the list.
pub(crate) fn read(
    node: &Node,
    destinations: &[Destination],
    reader: &mut Reader<'_>,
) -> Vec<EventSource> {
    let Value::List(items) = &node.value else {
        reader.error(
            &node.span,
            Mistake::new("`sources` must be a list of tables, like [[sources]]"),
        );
        return Vec::new();
    };
    let known: Vec<&str> = destinations
        .iter()
        .filter_map(|one| one.name.as_deref())
        .collect();
    let mut names = BTreeSet::new();
    let mut keys = BTreeSet::new();
    let mut sources = Vec::with_capacity(items.len());
    for item in items {
        let Some(entries) = reader.members("an entry of sources", item, "{ name = \"web\" }")
        else {
            continue;
        };
        let [naming, write_keys, targets, signed, header, header_secret] = members(entries, reader);
        let name = name_of("source", item, naming, &mut names, reader);
        let webhook = read_webhook(item, signed, [header, header_secret], reader);
        let write_keys = if write_keys.is_none() && signed.is_some() {
            Vec::new()
        } else {
            read_write_keys(item, write_keys, &mut keys, reader)
        };
        let destinations = read_targets(item, targets, &known, reader);
        if let Some(name) = name {
            sources.push(EventSource {
                name,
                write_keys,
                destinations,
                webhook,
            });
        }
    }
    sources
}

/// The entries of the keys; others are unknown, both spellings of one are too many.
fn members<'n>(entries: &'n [Entry], reader: &mut Reader<'_>) -> [Option<&'n Entry>; 6] {
    for entry in entries.iter().filter(|entry| {
        !KEYS
            .iter()
            .any(|(snake, camel)| entry.key == *snake || entry.key == *camel)
    }) {
        let mut mistake = Mistake::new(format!("unknown key{}", named(&entry.key)));
        let meant = closest(&entry.key, KEYS.iter().map(|(snake, _)| *snake));
        mistake.help = meant.map(|name| format!("did you mean `{name}`?"));
        reader.error(&entry.key_span, mistake);
    }
    KEYS.map(|(snake, camel)| {
        let mut given = entries
            .iter()
            .filter(|entry| entry.key == snake || entry.key == camel);
        let first = given.next();
        if let Some(second) =
            given.find(|second| first.is_some_and(|first| first.key != second.key))
        {
            let mistake = format!("`{snake}` and `{camel}` are the same key");
            reader.error(
                &second.key_span,
                Mistake::new(mistake).help("keep one of the two"),
            );
        }
        first.filter(|entry| !entry.node.is_unset())
    })
}

fn read_write_keys(
    item: &Node,
    entry: Option<&Entry>,
    taken: &mut BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> Vec<SecretString> {
    let keys = entry
        .and_then(|entry| reader.names("write_keys", &entry.node))
        .unwrap_or_default();
    if keys.is_empty() {
        let span = entry.map_or(&item.span, |entry| &entry.node.span);
        reader.error(
            span,
            Mistake::new("a source needs at least one of `write_keys`")
                .help("`segue init` makes one; a source of Segment's webhook has `webhook_secret` instead"),
        );
    }
    for key in &keys {
        if !write_key::is_possible(key) {
            let span = entry.map_or(&item.span, |entry| &entry.node.span);
            reader.error(
                span,
                Mistake::new("a write key must have no blanks and no colon"),
            );
        }
        if !taken.insert(key.clone()) {
            let span = entry.map_or(&item.span, |entry| &entry.node.span);
            reader.error(
                span,
                Mistake::new("a write key is there twice, so it does not tell which source sends"),
            );
        }
    }
    keys.into_iter().map(SecretString::from).collect()
}

fn read_webhook(
    item: &Node,
    signed: Option<&Entry>,
    [header, header_secret]: [Option<&Entry>; 2],
    reader: &mut Reader<'_>,
) -> Option<Webhook> {
    let name = header.and_then(|entry| reader.text("webhook_header", &entry.node));
    let secret =
        header_secret.and_then(|entry| reader.secret("webhook_header_secret", &entry.node));
    if let Some(entry) = header
        && name.is_some_and(|name| http::HeaderName::try_from(name).is_err())
    {
        reader.error(
            &entry.node.span,
            Mistake::new("`webhook_header` must be the name of a header"),
        );
    }
    if header.is_some() != header_secret.is_some() {
        reader.error(
            &item.span,
            Mistake::new(
                "`webhook_header` and `webhook_header_secret` belong together: one is missing",
            ),
        );
    }
    let Some(signed) = signed else {
        if header.is_some() {
            reader.error(
                &item.span,
                Mistake::new("`webhook_header` needs a `webhook_secret`"),
            );
        }
        return None;
    };
    Some(Webhook {
        secret: reader.secret("webhook_secret", &signed.node)?,
        header: name.map(str::to_owned).zip(secret),
    })
}

fn read_targets(
    item: &Node,
    entry: Option<&Entry>,
    known: &[&str],
    reader: &mut Reader<'_>,
) -> Vec<String> {
    let Some(entry) = entry else {
        if !known.is_empty() {
            let help = format!(
                "for example destinations = [\"{}\"]",
                known.first().copied().unwrap_or_default()
            );
            reader.error(
                &item.span,
                Mistake::new("a source must name its `destinations`").help(help),
            );
        }
        return Vec::new();
    };
    let targets = reader
        .names("destinations", &entry.node)
        .unwrap_or_default();
    for target in targets
        .iter()
        .filter(|target| !known.contains(&target.as_str()))
    {
        let mut mistake = Mistake::new(format!(
            "there is no destination {}",
            quoted_or(target, "of this name")
        ));
        mistake.help =
            closest(target, known.iter().copied()).map(|name| format!("did you mean `{name}`?"));
        reader.error(&entry.node.span, mistake);
    }
    targets
}

/// For tests and for reloading: the same keys for the same destinations.
impl PartialEq for EventSource {
    fn eq(&self, other: &Self) -> bool {
        let keys = |source: &Self| -> Vec<String> {
            source
                .write_keys
                .iter()
                .map(|key| key.expose_secret().to_owned())
                .collect()
        };
        (&self.name, &self.destinations, &self.webhook, keys(self))
            == (
                &other.name,
                &other.destinations,
                &other.webhook,
                keys(other),
            )
    }
}
