//! What is in force, and where each value comes from.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::check::hints::hints;
use crate::settings::endpoint::ENDPOINT;
use crate::settings::show::plain;
use crate::settings::table::SETTINGS;
use crate::settings::{Destination, Endpoint, EventSource, Settings};
use crate::terminal::{Grid, Look, Stream, counted, visible};

/// Tables, sources and hints.
pub(crate) fn for_people(settings: &Settings, path: Option<&Path>) -> String {
    let mut text = String::new();
    match path {
        Some(path) => {
            let path = path.display().to_string();
            let _ = writeln!(text, "{} can be used. In force is:", visible(&path));
        }
        None => text.push_str("No settings file is given; the defaults hold:\n"),
    }
    for destination in &settings.destinations {
        if let Some(name) = &destination.name {
            let _ = write!(text, "\nDestination {name}\n");
        }
        let _ = write!(text, "\n{}\n", table(destination));
        let hints = hints(destination, &|name| std::env::var_os(name));
        if !hints.is_empty() {
            let _ = write!(text, "\nHints\n{}\n", listed(&hints));
        }
    }
    for EventSource {
        name,
        write_keys,
        destinations,
        webhook,
    } in &settings.sources
    {
        let mut keys = counted(write_keys.len() as u64, "write key", "write keys");
        if webhook.is_some() {
            keys.push_str(" and Segment's webhook");
        }
        let targets = if destinations.is_empty() {
            "the destination".to_owned()
        } else {
            destinations.join(", ")
        };
        let _ = write!(text, "\nSource {name}: {keys}, sends to {targets}\n");
    }
    if !settings.sources.is_empty() || !settings.endpoint.given.is_empty() {
        let _ = write!(text, "\nsegue serve\n{}\n", endpoint(&settings.endpoint));
    }
    text
}

fn endpoint(endpoint: &Endpoint) -> Grid {
    let mut grid = settings_grid();
    for setting in ENDPOINT {
        let shown = plain(&setting.value(endpoint));
        let line = endpoint.given.get(setting.name).map(|at| at.line);
        add(&mut grid, setting.name, &shown, line);
    }
    grid
}

fn table(destination: &Destination) -> String {
    let mut grid = settings_grid();
    for setting in SETTINGS {
        let line = destination.given.get(setting.name).map(|at| at.line);
        add(&mut grid, setting.name, &setting.shown(destination), line);
    }
    grid.to_string()
}

fn settings_grid() -> Grid {
    Grid::new(Stream::Out, &["Setting", "In force", "From"])
}

/// A row for a setting: `line` is where the file gives it, if it does.
fn add(grid: &mut Grid, name: &str, shown: &str, line: Option<usize>) {
    let shown = if shown.is_empty() { "-" } else { shown };
    match line {
        Some(line) => grid.row(&[
            (name, Look::Strong),
            (shown, Look::Plain),
            (&format!("line {line}"), Look::Plain),
        ]),
        None => grid.row(&[
            (name, Look::Plain),
            (shown, Look::Faint),
            ("default", Look::Faint),
        ]),
    }
}

fn listed(sentences: &[String]) -> Grid {
    let mut grid = Grid::new(Stream::Out, &[]);
    for sentence in sentences {
        grid.row(&[("-", Look::Plain), (sentence, Look::Plain)]);
    }
    grid
}

/// The same as JSON.
pub(crate) fn for_programs(settings: &Settings) -> Value {
    let destination = |destination: &Destination| {
        let values: Map<_, _> = SETTINGS
            .iter()
            .map(|setting| {
                let line = destination.given.get(setting.name).map(|at| at.line);
                let value = json!({ "value": setting.value(destination), "line": line });
                (setting.name.to_owned(), value)
            })
            .collect();
        json!({
            "name": destination.name,
            "settings": values,
            "hints": hints(destination, &|name| std::env::var_os(name)),
        })
    };
    let source = |source: &EventSource| {
        json!({
            "name": source.name,
            "write_keys": source.write_keys.len(),
            "destinations": source.destinations,
            "webhook": source.webhook.is_some(),
        })
    };
    let endpoint: Map<_, _> = ENDPOINT
        .iter()
        .map(|setting| {
            let line = settings.endpoint.given.get(setting.name).map(|at| at.line);
            let value = json!({ "value": setting.value(&settings.endpoint), "line": line });
            (setting.name.to_owned(), value)
        })
        .collect();
    json!({
        "destinations": settings.destinations.iter().map(destination).collect::<Value>(),
        "sources": settings.sources.iter().map(source).collect::<Value>(),
        "serve": endpoint,
    })
}
