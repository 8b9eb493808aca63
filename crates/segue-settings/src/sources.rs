//! `[[sources]]`: who may send events to `segue serve`, with which keys, and where they go.

mod table;

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

use crate::destination::Destination;
use crate::destinations::name_of;
use crate::diagnostic::{Mistake, quoted_or};
use crate::reader::Reader;
use crate::secret::SecretSource;
use crate::suggest::closest;
use crate::table::{Given, read as read_table};
use crate::tree::{Node, Value};

/// A source of events.
#[derive(Clone, Debug, Default)]
pub struct EventSource {
    /// Unique among the sources.
    pub name: String,
    /// Several are valid at a time, so that they can be exchanged.
    pub write_keys: Vec<SecretString>,
    /// Names of destinations; empty when there is but one, which has no name.
    pub destinations: Vec<String>,
    /// Signs the requests of Segment's webhook, if it feeds this source.
    pub webhook_secret: Option<SecretSource>,
    /// A header of the webhook's requests that holds a further secret.
    pub webhook_header: Option<String>,
    /// The group of sources that share what is remembered of people, where `[memory]` has `scope = "group"`.
    pub memory_group: Option<String>,
    /// The secret in that header.
    pub webhook_header_secret: Option<SecretSource>,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl EventSource {
    /// Where its secrets come from.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretSource> {
        let header = self.webhook_header_secret.as_ref();
        self.webhook_secret.iter().chain(header)
    }
}

/// Reads the list. Sources that inputs feed need no write keys.
pub(crate) fn read(
    node: &Node,
    destinations: &[Destination],
    fed_by_inputs: &BTreeSet<&str>,
    reader: &mut Reader<'_>,
) -> Vec<EventSource> {
    let Value::List(items) = &node.value else {
        let mistake = Mistake::new("`sources` must be a list of tables, like [[sources]]");
        reader.error(&node.span, mistake);
        return Vec::new();
    };
    let known = destinations.iter().filter_map(|one| one.name.as_deref());
    let known: Vec<&str> = known.collect();
    let mut names = BTreeSet::new();
    let mut keys = BTreeSet::new();
    let mut sources = Vec::with_capacity(items.len());
    for item in items {
        let Some(entries) = reader.members("an entry of sources", item, "{ name = \"web\" }")
        else {
            continue;
        };
        let mut source: EventSource = read_table(entries, &["name"], reader);
        let naming = entries.iter().find(|entry| entry.key == "name");
        let name = name_of("source", item, naming, &mut names, reader);
        check_webhook(item, &source, reader);
        let is_fed = name
            .as_ref()
            .is_some_and(|name| fed_by_inputs.contains(name.as_str()));
        check_write_keys(item, &source, is_fed, &mut keys, reader);
        check_destinations(item, &source, &known, reader);
        if let Some(name) = name {
            source.name = name;
            sources.push(source);
        }
    }
    sources
}

fn check_write_keys(
    item: &Node,
    source: &EventSource,
    is_fed: bool,
    taken: &mut BTreeSet<String>,
    reader: &mut Reader<'_>,
) {
    let given = source.given.get("write_keys");
    if given.is_none() && (is_fed || source.given.contains_key("webhook_secret")) {
        return;
    }
    let at = given.map_or_else(|| reader.document.start_of(&item.span), |given| given.value);
    if source.write_keys.is_empty() {
        let mistake = Mistake::new("a source needs at least one of `write_keys`");
        let help = "`segue init` generates one; a source of Segment's webhook has `webhook_secret` instead, and one that [[inputs]] name needs none";
        reader.error_at(at, mistake.help(help));
    }
    for key in &source.write_keys {
        if !taken.insert(key.expose_secret().to_owned()) {
            let mistake = "a write key is given twice, so it does not say which source sends";
            reader.error_at(at, Mistake::new(mistake));
        }
    }
}

fn check_webhook(item: &Node, source: &EventSource, reader: &mut Reader<'_>) {
    let is_given = |name| source.given.contains_key(name);
    let [signed, header, secret] =
        ["webhook_secret", "webhook_header", "webhook_header_secret"].map(is_given);
    if header != secret {
        let mistake =
            "`webhook_header` and `webhook_header_secret` belong together: one is missing";
        reader.error(&item.span, Mistake::new(mistake));
    }
    if header && !signed {
        let mistake = Mistake::new("`webhook_header` needs a `webhook_secret`");
        reader.error(&item.span, mistake);
    }
}

fn check_destinations(item: &Node, source: &EventSource, known: &[&str], reader: &mut Reader<'_>) {
    let Some(given) = source.given.get("destinations") else {
        if let Some(first) = known.first() {
            let mistake = Mistake::new("a source must name its `destinations`");
            let help = format!("for example destinations = [\"{first}\"]");
            reader.error(&item.span, mistake.help(help));
        }
        return;
    };
    let is_unknown = |target: &&String| !known.contains(&target.as_str());
    for target in source.destinations.iter().filter(is_unknown) {
        let target_name = quoted_or(target, "of this name");
        let mut mistake = Mistake::new(format!("there is no destination {target_name}"));
        let meant = closest(target, known.iter().copied());
        mistake.help = meant.map(|name| format!("did you mean `{name}`?"));
        reader.error_at(given.value, mistake);
    }
}
