//! A settings file as a whole.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use facebook_conversions::graph::ApiVersion;
use jiff::Timestamp;

use crate::settings::destination::Destination;
use crate::settings::diagnostic::{Diagnostic, Mistake, Severity, quoted};
use crate::settings::reader::Reader;
use crate::settings::source::Source;
use crate::settings::sources::{self, EventSource};
use crate::settings::suggest::closest;
use crate::settings::table::{SETTINGS, Setting};
use crate::settings::tree::{Entry, Node, Value};
use crate::settings::{json_tree, toml_tree};

/// What a settings file says.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// One without a name, or several with one each.
    pub(crate) destinations: Vec<Destination>,
    /// Who may send events to `segue serve`.
    pub(crate) sources: Vec<EventSource>,
    /// What is questionable.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// The defaults, which hold without a settings file.
impl Default for Settings {
    fn default() -> Self {
        Self {
            destinations: vec![Destination::default()],
            sources: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// Reads a settings file, TOML or JSON by its extension. No secret is resolved. Whether a version of the Graph API has
/// ended is judged at `now`.
///
/// # Errors
///
/// Every mistake in the file, and the warnings, in the order of the file.
pub(crate) fn load(path: &Path, now: Timestamp) -> Result<Settings, Vec<Diagnostic>> {
    let unplaced = |mistake: Mistake| {
        vec![Diagnostic {
            severity: Severity::Error,
            file: path.to_owned(),
            at: None,
            message: mistake.message,
            help: mistake.help,
        }]
    };
    let parse = parser(path).map_err(unplaced)?;
    let bytes = std::fs::read(path).map_err(|error| unplaced(unreadable(&error)))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to());
        let line = 1 + line.filter(|byte| **byte == b'\n').count();
        unplaced(Mistake::new(format!(
            "the file is not UTF-8 from line {line} on"
        )))
    })?;
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    let source = Source {
        path: path.to_owned(),
        text,
    };

    let mut reader = Reader::new(&source, now);
    let settings = match parse(&source.text) {
        Ok(entries) => Some(read(&entries, &mut reader)),
        Err(errors) => {
            for (span, message) in errors {
                reader.error(&span, Mistake::new(format!("syntax error: {message}")));
            }
            None
        }
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.at);
    match settings {
        Some(settings)
            if !diagnostics
                .iter()
                .any(|one| one.severity == Severity::Error) =>
        {
            Ok(Settings {
                warnings: diagnostics,
                ..settings
            })
        }
        _ => Err(diagnostics),
    }
}

type Parse = fn(&str) -> Result<Vec<Entry>, Vec<(std::ops::Range<usize>, String)>>;

fn parser(path: &Path) -> Result<Parse, Mistake> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => Ok(toml_tree::parse),
        Some("json") => Ok(json_tree::parse),
        _ => Err(Mistake::new(
            "settings are TOML or JSON, and the file's name must end in .toml or .json",
        )),
    }
}

fn unreadable(error: &io::Error) -> Mistake {
    match error.kind() {
        io::ErrorKind::NotFound => Mistake::new("there is no such file"),
        io::ErrorKind::PermissionDenied => Mistake::new("permission denied"),
        io::ErrorKind::IsADirectory => Mistake::new("it is a folder, not a file"),
        _ => Mistake::new(format!("cannot be read: {error}")),
    }
}

/// Keys of a file that are no settings of a destination.
const TOP: [&str; 2] = ["destinations", "sources"];

fn read(entries: &[Entry], reader: &mut Reader<'_>) -> Settings {
    reader.repeated(entries);
    let named = |name: &str| entries.iter().find(|entry| entry.key == name);
    let destinations = match named("destinations") {
        Some(list) => {
            for entry in entries
                .iter()
                .filter(|entry| !TOP.contains(&entry.key.as_str()))
            {
                if SETTINGS.iter().any(|setting| setting.is_named(&entry.key)) {
                    let mistake = format!("{} stands outside the destinations", quoted(&entry.key));
                    reader.error(&entry.key_span, Mistake::new(mistake).help(
                        "move it into a [[destinations]], or drop the list when there is but one",
                    ));
                } else {
                    unknown(entry, &TOP, reader);
                }
            }
            several(&list.node, reader)
        }
        None => {
            let own = entries
                .iter()
                .filter(|entry| !TOP.contains(&entry.key.as_str()));
            vec![destination(own, &TOP, reader)]
        }
    };
    let sources = named("sources").map(|list| sources::read(&list.node, &destinations, reader));
    Settings {
        destinations,
        sources: sources.unwrap_or_default(),
        warnings: Vec::new(),
    }
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
        let (naming, own): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.key == "name");
        let mut destination = destination(own.into_iter(), &["name"], reader);
        destination.name = name_of(
            "destination",
            item,
            naming.first().copied(),
            &mut names,
            reader,
        );
        destinations.push(destination);
    }
    destinations
}

/// The name of a destination or source: plain, since it names folders, metrics and lines of tables; and its own.
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
            "the name of a {what} must be up to 64 letters, digits, `-`, `_` or `.`, and begin with no dot"
        )));
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
    let mut destination = Destination::default();
    for entry in entries {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.is_named(&entry.key)) else {
            unknown(entry, others, reader);
            continue;
        };
        let Setting { name, .. } = setting;
        if entry.node.is_unset() {
            continue;
        }
        let at = reader.source.start_of(&entry.key_span);
        if let Some(earlier) = destination.given.insert(name, at) {
            // The same spelling twice has been reported as such.
            if let Some(other) = other_spelling(setting, &entry.key) {
                let mistake = format!("`{}` and `{other}` are the same setting", entry.key);
                let help = format!(
                    "keep one of the two; the other one is in line {}",
                    earlier.line
                );
                reader.error(&entry.key_span, Mistake::new(mistake).help(help));
            }
        }
        setting.read(&entry.node, &mut destination, reader);
    }
    warn_of_ended_version(&destination, reader);
    destination
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
    let at = destination.given.get("api_version").copied();
    reader.diagnose(Severity::Warning, at, mistake);
}

fn other_spelling(setting: &Setting, key: &str) -> Option<String> {
    let camel = setting.camel_case();
    match (key == setting.name, camel == setting.name) {
        (_, true) => None,
        (true, false) => Some(camel),
        (false, false) => Some(setting.name.to_owned()),
    }
}

/// An unknown key, with the known one that was probably meant, in the spelling that the file uses.
pub(crate) fn unknown(entry: &Entry, others: &[&str], reader: &mut Reader<'_>) {
    let mut mistake = Mistake::new(format!("unknown key {}", quoted(&entry.key)));
    let known = SETTINGS
        .iter()
        .map(|setting| setting.name)
        .chain(others.iter().copied());
    mistake.help = match closest(&entry.key, known) {
        Some(name) => {
            let camel = entry
                .key
                .contains(|letter: char| letter.is_ascii_uppercase());
            let setting = SETTINGS
                .iter()
                .find(|setting| camel && setting.name == name);
            let name = setting.map_or_else(|| name.to_owned(), Setting::camel_case);
            Some(format!("did you mean `{name}`?"))
        }
        None => other_words(&entry.key).map(|name| format!("the setting for that is `{name}`")),
    };
    reader.error(&entry.key_span, mistake);
}

/// Words that other tools use for our settings.
fn other_words(key: &str) -> Option<&'static str> {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_ascii_lowercase().as_str() {
        "token" | "apitoken" | "accesskey" | "systemusertoken" => Some("access_token"),
        "dataset" | "datasetid" | "pixel" | "pixelids" => Some("pixel_id"),
        "appsecretproof" | "secret" => Some("app_secret"),
        "baseurl" | "url" | "endpoint" | "host" => Some("graph_url"),
        "testcode" | "testeventid" | "testevent" => Some("test_event_code"),
        "version" | "graphversion" | "graphapiversion" => Some("api_version"),
        "currency" => Some("default_currency"),
        "events" | "eventmap" | "eventmapping" => Some("standard_events"),
        "ldu" => Some("limited_data_use"),
        "externalid" => Some("external_id_prop"),
        "batchsize" => Some("batch_events"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
