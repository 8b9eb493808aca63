//! What is in force, and where each value comes from.

use std::fmt::Write;
use std::path::Path;

use segue_settings::hints::hints;
use segue_settings::{EventSource, InForce, Settings};

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
    if !settings.sources.is_empty() || !settings.endpoint.given.is_empty() {
        let _ = write!(
            text,
            "\nsegue serve\n{}\n",
            table(settings.endpoint.in_force())
        );
    }
    text
}

fn table(settings: Vec<InForce>) -> Grid {
    let mut grid = Grid::new(Stream::Out, &["Setting", "In force", "From"]);
    for InForce {
        name, text, line, ..
    } in settings
    {
        let shown = if text.is_empty() { "-" } else { &text };
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
    grid
}

fn listed(sentences: &[String]) -> Grid {
    let mut grid = Grid::new(Stream::Out, &[]);
    for sentence in sentences {
        grid.row(&[("-", Look::Plain), (sentence, Look::Plain)]);
    }
    grid
}
