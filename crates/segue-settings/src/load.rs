//! Reading a settings file as a whole.

use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::alerts::{self, AlertSettings};
use crate::console::{self, ConsoleSettings};
use crate::destination::Destination;
use crate::diagnostic::{Diagnostic, Mistake, Severity};
use crate::document::Document;
use crate::endpoint::{self, Endpoint};
use crate::event_log::{self, LogSettings};
use crate::history::{self, HistorySettings};
use crate::inputs::{self, InputSettings};
use crate::memory::{self, MemorySettings};
use crate::otel::{self, OtelSettings};
use crate::reader::Reader;
use crate::sources::{self, EventSource};
use crate::table::find;
use crate::trace::{self, TraceSettings};
use crate::tree::Entry;
use crate::{destinations, json_tree, toml_tree};

/// What a settings file says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One without a name, or several with one each.
    pub destinations: Vec<Destination>,
    /// Who may send events to `segue serve`.
    pub sources: Vec<EventSource>,
    /// Brokers that `segue consume` reads.
    pub inputs: Vec<InputSettings>,
    /// How `segue serve` takes events.
    pub endpoint: Endpoint,
    /// Where `segue serve` keeps events until they are delivered.
    pub log: LogSettings,
    /// What is remembered of people between their messages.
    pub memory: MemorySettings,
    /// The pages that `segue serve` shows to operators.
    pub console: ConsoleSettings,
    /// The counts that `segue serve` keeps of what happened.
    pub history: HistorySettings,
    /// What `segue serve` keeps of what became of each event.
    pub trace: TraceSettings,
    /// Whom `segue serve` tells when something is wrong.
    pub alerts: AlertSettings,
    /// Where `segue serve` sends spans and metrics by OpenTelemetry's protocol.
    pub otel: OtelSettings,
    /// Settings that can be used, but are probably not intended.
    pub warnings: Vec<Diagnostic>,
}

/// The defaults, which hold without a settings file.
impl Default for Settings {
    fn default() -> Self {
        Self {
            destinations: vec![Destination::default()],
            sources: Vec::new(),
            inputs: Vec::new(),
            endpoint: Endpoint::default(),
            log: LogSettings::default(),
            memory: MemorySettings::default(),
            console: ConsoleSettings::default(),
            history: HistorySettings::default(),
            trace: TraceSettings::default(),
            alerts: AlertSettings::default(),
            otel: OtelSettings::default(),
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
pub fn load(path: &Path, now: Timestamp) -> Result<Settings, Vec<Diagnostic>> {
    let parser = parser(path).map_err(|mistake| unplaced(path, mistake))?;
    let text = read_file(path)?;
    read_text(parser, path, &text, now)
}

/// The text of a file.
pub(crate) fn read_file(path: &Path) -> Result<String, Vec<Diagnostic>> {
    let bytes = std::fs::read(path).map_err(|error| unplaced(path, unreadable(&error)))?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to());
        let line = 1 + line.filter(|byte| **byte == b'\n').count();
        let mistake = format!("the file is not UTF-8 from line {line} on");
        let help = "save it as UTF-8; editors on Windows may write UTF-16 unless told otherwise";
        unplaced(path, Mistake::new(mistake).help(help))
    })
}

/// Reads the text of a settings file as [`load`] does. The path says by its extension whether it is TOML or JSON, which
/// folder relative paths start from, and is named in diagnostics; nothing is read from it.
///
/// # Errors
///
/// As [`load`].
pub fn parse(path: &Path, text: &str, now: Timestamp) -> Result<Settings, Vec<Diagnostic>> {
    let parser = parser(path).map_err(|mistake| unplaced(path, mistake))?;
    read_text(parser, path, text, now)
}

fn unplaced(path: &Path, mistake: Mistake) -> Vec<Diagnostic> {
    vec![Diagnostic {
        severity: Severity::Error,
        file: path.to_owned(),
        at: None,
        message: mistake.message,
        help: mistake.help,
    }]
}

fn read_text(
    parser: Parser,
    path: &Path,
    text: &str,
    now: Timestamp,
) -> Result<Settings, Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::new(path.to_owned(), text.to_owned());

    let mut reader = Reader::new(&document, now, |key| find::<Destination>(key).is_some());
    let settings = match parser(&document.text) {
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

type Parser = fn(&str) -> Result<Vec<Entry>, Vec<(std::ops::Range<usize>, String)>>;

fn parser(path: &Path) -> Result<Parser, Mistake> {
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
        io::ErrorKind::NotFound => Mistake::new("there is no such file")
            .help("`segue init` writes a settings file to begin with"),
        io::ErrorKind::PermissionDenied => Mistake::new("permission denied"),
        io::ErrorKind::IsADirectory => Mistake::new("it is a folder, not a file"),
        _ => Mistake::new(format!("cannot be read: {error}")),
    }
}

fn read(entries: &[Entry], reader: &mut Reader<'_>) -> Settings {
    reader.repeated(entries);
    let destinations = destinations::read(entries, reader);
    let given = |key: &str| entries.iter().find(|entry| entry.key == key);
    let fed = given("inputs").map(|list| inputs::fed_sources(&list.node));
    let fed = fed.unwrap_or_default();
    let sources =
        given("sources").map(|list| sources::read(&list.node, &destinations, &fed, reader));
    let sources = sources.unwrap_or_default();
    let inputs = given("inputs").map(|list| inputs::read(&list.node, &sources, reader));
    let memory = given("memory").map(|table| memory::read(&table.node, reader));
    let console = given("console").map(|table| console::read(&table.node, reader));
    let history = given("history").map(|table| history::read(&table.node, reader));
    let trace = given("trace").map(|table| trace::read(&table.node, reader));
    let alerts = given("alerts").map(|table| alerts::read(&table.node, reader));
    let otel = given("otel").map(|table| otel::read(&table.node, reader));
    let log = given("log").map(|table| event_log::read(&table.node, reader));
    let endpoint = given("serve").map(|table| endpoint::read(&table.node, reader));
    Settings {
        destinations,
        sources,
        inputs: inputs.unwrap_or_default(),
        endpoint: endpoint.unwrap_or_default(),
        log: log.unwrap_or_default(),
        memory: memory.unwrap_or_default(),
        console: console.unwrap_or_default(),
        history: history.unwrap_or_default(),
        trace: trace.unwrap_or_default(),
        alerts: alerts.unwrap_or_default(),
        otel: otel.unwrap_or_default(),
        warnings: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
