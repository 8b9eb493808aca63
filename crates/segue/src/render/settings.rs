//! The settings in force and where each value comes from.

use std::fmt::Write;
use std::path::Path;

use segue_settings::hints::hints;
use segue_settings::{EventSource, Given, InForce, Settings};

use crate::render::terminal::{CellStyle, Stream, TableBuilder, counted, visible};

/// Tables, sources and hints.
pub(crate) fn render(settings: &Settings, path: Option<&Path>) -> String {
    let mut text = String::new();
    match path {
        Some(path) => {
            let path = path.display().to_string();
            let _ = writeln!(text, "{} is valid. In force:", visible(&path));
        }
        None => text.push_str("No settings file is given. The defaults are in force:\n"),
    }
    for destination in &settings.destinations {
        if let Some(name) = &destination.name {
            let _ = write!(text, "\nDestination {name}\n");
        }
        let _ = write!(text, "\n{}\n", table(destination.in_force()));
        let hints = hints(destination, &|name| std::env::var_os(name));
        if !hints.is_empty() {
            let _ = write!(text, "\nHints\n{}\n", listed(&hints));
        }
    }
    for EventSource {
        name,
        write_keys,
        destinations,
        webhook_secret,
        ..
    } in &settings.sources
    {
        let mut keys = counted(write_keys.len() as u64, "write key", "write keys");
        if webhook_secret.is_some() {
            keys.push_str(" and Segment's webhook");
        }
        let targets = if destinations.is_empty() {
            "the destination".to_owned()
        } else {
            destinations.join(", ")
        };
        let _ = write!(text, "\nSource {name}: {keys}, sends to {targets}\n");
    }
    for input in &settings.inputs {
        let _ = write!(
            text,
            "\nInput {}\n{}\n",
            input.name,
            table(input.in_force())
        );
    }
    if !settings.console.given.is_empty() {
        let _ = write!(
            text,
            "\nConsole, at the operators' address\n{}\n",
            table(settings.console.in_force())
        );
    }
    text.push_str("\nMemory of people, in the data folder (--data-dir)\n");
    if settings.memory.enabled || !settings.memory.given.is_empty() {
        let _ = writeln!(text, "{}", table(settings.memory.in_force()));
    }
    let _ = writeln!(text, "{}", listed(&[settings.memory.explanation()]));
    let Settings {
        endpoint,
        log,
        history,
        trace,
        alerts,
        otel,
        ..
    } = settings;
    let has = |given: &Given| !given.is_empty();
    let serves = !settings.sources.is_empty() || has(&endpoint.given);
    let mut show = |name: &str, is_shown: bool, in_force: Vec<InForce>| {
        if is_shown {
            let _ = write!(text, "\n{name}\n{}\n", table(in_force));
        }
    };
    show("segue serve", serves, endpoint.in_force());
    show("Log", has(&log.given), log.in_force());
    show("History", serves || has(&history.given), history.in_force());
    show("Trace", serves || has(&trace.given), trace.in_force());
    show("Alerts", serves || has(&alerts.given), alerts.in_force());
    show("OpenTelemetry", has(&otel.given), otel.in_force());
    text
}

fn table(settings: Vec<InForce>) -> TableBuilder {
    let mut table = TableBuilder::new(Stream::Out, &["Setting", "In force", "From"]);
    for InForce {
        name, text, line, ..
    } in settings
    {
        let shown = if text.is_empty() { "-" } else { &text };
        match line {
            Some(line) => table.row(&[
                (name, CellStyle::Strong),
                (shown, CellStyle::Plain),
                (&format!("line {line}"), CellStyle::Plain),
            ]),
            None => table.row(&[
                (name, CellStyle::Plain),
                (shown, CellStyle::Faint),
                ("default", CellStyle::Faint),
            ]),
        }
    }
    table
}

fn listed(sentences: &[String]) -> TableBuilder {
    let mut table = TableBuilder::new(Stream::Out, &[]);
    for sentence in sentences {
        table.row(&[("-", CellStyle::Plain), (sentence, CellStyle::Plain)]);
    }
    table
}
