//! The destinations of a settings file: one at the top, or several in a list.

use std::collections::BTreeSet;

use conversions_mapping::{Mapping, SettingsError};
use facebook_conversions::graph::ApiVersion;

use crate::destination::Destination;
use crate::diagnostic::{Mistake, Severity, quoted};
use crate::reader::Reader;
use crate::secret::looks_like_secret;
use crate::table::{find, read as read_table, unknown};
use crate::tree::{Entry, Node, Value};

/// Keys at the top of a file that are not settings of a destination.
const TOP: [&str; 11] = [
    "destinations",
    "sources",
    "inputs",
    "serve",
    "log",
    "memory",
    "console",
    "history",
    "trace",
    "alerts",
    "otel",
];

/// Reads the one destination at the top of a file, or the list of several.
pub(crate) fn read(entries: &[Entry], reader: &mut Reader<'_>) -> Vec<Destination> {
    let list = entries.iter().find(|entry| entry.key == "destinations");
    let Some(list) = list else {
        return vec![destination(entries.iter(), &TOP, reader)];
    };
    let others = entries.iter();
    for entry in others.filter(|entry| !TOP.contains(&entry.key.as_str())) {
        if find::<Destination>(&entry.key).is_some() {
            let mistake = format!("{} is outside the destinations", quoted(&entry.key));
            let help = "move it into one of the [[destinations]]";
            reader.error(&entry.key_span, Mistake::new(mistake).help(help));
        } else {
            unknown::<Destination>(entry, &TOP, reader);
        }
    }
    several(&list.node, reader)
}

/// `[[destinations]]`: each with a name of its own.
fn several(node: &Node, reader: &mut Reader<'_>) -> Vec<Destination> {
    let Value::List(items) = &node.value else {
        reader.error(
            &node.span,
            Mistake::new("`destinations` must be a list of tables, like [[destinations]]"),
        );
        return Vec::new();
    };
    if items.is_empty() {
        reader.error(&node.span, Mistake::new("`destinations` is empty"));
    }
    let mut names = BTreeSet::new();
    let mut destinations = Vec::with_capacity(items.len());
    for item in items {
        let Some(entries) = reader.members("an entry of destinations", item, "{ name = \"shop\" }")
        else {
            continue;
        };
        let mut destination = destination(entries.iter(), &["name"], reader);
        let naming = entries.iter().find(|entry| entry.key == "name");
        destination.name = name_of("destination", item, naming, &mut names, reader);
        destinations.push(destination);
    }
    destinations
}

/// Reads the name of a destination or source. It is unique and plain: folders and metrics are named by it.
pub(crate) fn name_of(
    what: &str,
    item: &Node,
    entry: Option<&Entry>,
    names: &mut BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> Option<String> {
    let Some(entry) = entry.filter(|entry| !entry.node.is_unset()) else {
        let mistake = format!("a {what} among several needs a `name`");
        reader.error(
            &item.span,
            Mistake::new(mistake).help("for example name = \"shop\""),
        );
        return None;
    };
    let name = reader.text("name", &entry.node)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if !name.chars().all(plain) || name.starts_with('.') || name.len() > 64 {
        reader.error(&entry.node.span, Mistake::new(format!(
            "the name of a {what} must be up to 64 letters, digits, `-`, `_` or `.`, and must not begin with a dot"
        )));
        return None;
    }
    if looks_like_secret(name) {
        let mistake = Mistake::new(format!("the name of a {what} looks like a secret"));
        let help = "names are shown in metrics and tables; if it is a secret, replace it";
        reader.error(&entry.node.span, mistake.help(help));
        return None;
    }
    if !names.insert(name.to_owned()) {
        reader.error(
            &entry.node.span,
            Mistake::new(format!("two {what}s have the name {}", quoted(name))),
        );
        return None;
    }
    Some(name.to_owned())
}

fn destination<'n>(
    entries: impl Iterator<Item = &'n Entry>,
    others: &[&str],
    reader: &mut Reader<'_>,
) -> Destination {
    let destination = read_table(entries, others, reader);
    check_rows(&destination, reader);
    warn_of_ended_version(&destination, reader);
    warn_of_version_in_url(&destination, reader);
    destination
}

/// Rows are checked one by one when they are read. What is left is a constant that `pii_properties` does not let pass.
fn check_rows(destination: &Destination, reader: &mut Reader<'_>) {
    let given = ["fields", "event_fields"].map(|name| destination.given.get(name));
    let Some(given) = given.into_iter().flatten().next() else {
        return;
    };
    let compiled = Mapping::new(destination.mapping.clone());
    if let Err(SettingsError::UnusableConstant { field, .. }) = compiled {
        let mistake = format!("the constant of {} is contact data", quoted(&field));
        let help = "leave it out, or allow its name in `pii_properties`";
        reader.error_at(given.key, Mistake::new(mistake).help(help));
    }
}

fn warn_of_ended_version(destination: &Destination, reader: &mut Reader<'_>) {
    let version = destination.graph.api_version;
    let Some(end) = version.known_end(reader.now.as_second()) else {
        return;
    };
    let mistake = Mistake::new(format!("the Graph API version {version} ended on {end}"));
    let mistake = mistake.help(format!(
        "use {}, or leave `api_version` out",
        ApiVersion::CURRENT
    ));
    let at = destination.given.get("api_version").map(|given| given.key);
    reader.diagnose(Severity::Warning, at, mistake);
}

/// A URL that ends in a version gets requests to `/v26.0/v26.0/…`, which nobody answers.
fn warn_of_version_in_url(destination: &Destination, reader: &mut Reader<'_>) {
    let Some(url) = &destination.graph.url else {
        return;
    };
    let url = url.to_string();
    let last = url.trim_end_matches('/').rsplit('/').next();
    if last.is_some_and(|last| last.starts_with('v') && last.parse::<ApiVersion>().is_ok()) {
        let mistake =
            Mistake::new("`graph_url` ends in a version, and `api_version` is added to it");
        let at = destination.given.get("graph_url").map(|given| given.key);
        reader.diagnose(
            Severity::Warning,
            at,
            mistake.help("remove the version, and set `api_version` instead"),
        );
    }
}
