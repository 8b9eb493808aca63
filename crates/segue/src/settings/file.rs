//! A settings file as a whole.

use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::settings::destination::Destination;
use crate::settings::diagnostic::{Diagnostic, Mistake, Severity};
use crate::settings::endpoint::{self, Endpoint};
use crate::settings::reader::Reader;
use crate::settings::source::Source;
use crate::settings::sources::{self, EventSource};
use crate::settings::tree::Entry;
use crate::settings::{destinations, json_tree, toml_tree};

/// What a settings file says.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// One without a name, or several with one each.
    pub(crate) destinations: Vec<Destination>,
    /// Who may send events to `segue serve`.
    pub(crate) sources: Vec<EventSource>,
    /// How `segue serve` takes events.
    pub(crate) endpoint: Endpoint,
    /// What is questionable.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// The defaults, which hold without a settings file.
impl Default for Settings {
    fn default() -> Self {
        Self {
            destinations: vec![Destination::default()],
            sources: Vec::new(),
            endpoint: Endpoint::default(),
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
    let source = Source::new(path.to_owned(), text);

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

fn read(entries: &[Entry], reader: &mut Reader<'_>) -> Settings {
    reader.repeated(entries);
    let destinations = destinations::read(entries, reader);
    let given = |key: &str| entries.iter().find(|entry| entry.key == key);
    let sources = given("sources").map(|list| sources::read(&list.node, &destinations, reader));
    let endpoint = given("serve").map(|table| endpoint::read(&table.node, reader));
    Settings {
        destinations,
        sources: sources.unwrap_or_default(),
        endpoint: endpoint.unwrap_or_default(),
        warnings: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
