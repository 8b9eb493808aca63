//! The settings in force, as the console shows them.

use segue_console::{SettingRow, SettingsSection, SettingsView};
use segue_settings::{EventSource, InForce, Settings};

use super::setup::{ConsoleSetup, line};

pub(super) fn view(setup: &ConsoleSetup) -> SettingsView {
    let in_force = setup.get();
    SettingsView {
        file: in_force.file.clone(),
        loaded_at: Some(in_force.loaded_at),
        refused: in_force.refused.clone(),
        warnings: in_force.settings.warnings.iter().map(line).collect(),
        sections: sections(&in_force.settings),
    }
}

fn sections(settings: &Settings) -> Vec<SettingsSection> {
    let mut sections = Vec::new();
    for destination in &settings.destinations {
        let name = destination.name.as_deref();
        let name = name.map_or_else(
            || "Destination".to_owned(),
            |name| format!("Destination {name}"),
        );
        sections.push(section(&name, destination.in_force()));
    }
    for source in &settings.sources {
        sections.push(of_source(source));
    }
    for input in &settings.inputs {
        sections.push(section(&format!("Input {}", input.name), input.in_force()));
    }
    sections.push(section("[serve]", settings.endpoint.in_force()));
    sections.push(section("[log]", settings.log.in_force()));
    sections.push(section("[memory]", settings.memory.in_force()));
    sections.push(section("[console]", settings.console.in_force()));
    sections.push(section("[history]", settings.history.in_force()));
    sections.push(section("[trace]", settings.trace.in_force()));
    sections.push(section("[alerts]", settings.alerts.in_force()));
    sections
}

fn section(name: &str, settings: Vec<InForce>) -> SettingsSection {
    let row = |setting: InForce| SettingRow {
        name: setting.name.to_owned(),
        value: setting.text,
        line: setting.line,
        doc: setting.doc.to_owned(),
    };
    SettingsSection {
        name: name.to_owned(),
        rows: settings.into_iter().map(row).collect(),
    }
}

/// Numbers and names only: a source consists of secrets.
fn of_source(source: &EventSource) -> SettingsSection {
    let row = |name: &str, value: String, doc: &str| SettingRow {
        name: name.to_owned(),
        value,
        line: source.given.get(name).map(|at| at.key.line),
        doc: doc.to_owned(),
    };
    SettingsSection {
        name: format!("Source {}", source.name),
        rows: vec![
            row(
                "write_keys",
                format!("{} (not shown)", source.write_keys.len()),
                "keys that senders show",
            ),
            row(
                "destinations",
                source.destinations.join(", "),
                "names of the destinations that get the events",
            ),
            row(
                "webhook_secret",
                if source.webhook_secret.is_some() {
                    "set (not shown)"
                } else {
                    ""
                }
                .to_owned(),
                "signs what Segment's webhook sends",
            ),
        ],
    }
}
