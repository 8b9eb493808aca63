//! The text of a new settings file, made from the tables of settings.

use std::fmt::Write;

use serde_json::Value;

use crate::setting::Template;
use crate::sources::EventSource;
use crate::table::Table;
use crate::{
    AlertSettings, ConsoleSettings, Destination, Endpoint, HistorySettings, InputSettings,
    LogSettings, MemorySettings, OtelSettings, TraceSettings,
};

/// The text, with this write key.
#[must_use]
pub fn text(write_key: &str) -> String {
    let mut text = String::from(
        "# Settings of segue: Segment Track events in, Meta Conversions API events out.\n\
         #\n\
         # A line that begins with `#` is an explanation, or a setting with its default or an example: remove the `#` to\n\
         # set it. `segue check --settings FILE` says what is in force; `segue serve` reads the file again when it changes.\n\
         \n\
         # Where events go. Several [[destinations]] may stand here, with a name each.\n\
         [[destinations]]\n\
         name = \"meta\"\n",
    );
    settings::<Destination>(&mut text, &[]);
    text.push_str(
        "\n\
         # Who may send, with which write keys, and where that goes.\n\
         [[sources]]\n\
         name = \"web\"\n",
    );
    let write_keys = format!("[\"{write_key}\"]");
    let given = [
        ("write_keys", write_keys.as_str()),
        ("destinations", "[\"meta\"]"),
    ];
    settings::<EventSource>(&mut text, &given);
    text.push_str("\n# How `segue serve` takes events.\n[serve]\n");
    settings::<Endpoint>(&mut text, &[]);
    text.push_str(
        "\n\
         # What is remembered of people between their messages, in the data folder. A payment webhook knows a user id and an\n\
         # amount; the e-mail address came with an Identify call before, the click id with a page view. Only hashes, click ids\n\
         # and browser ids are kept, of messages whose consent and integrations allow it. `segue forget` forgets a person.\n\
         [memory]\n",
    );
    settings::<MemorySettings>(&mut text, &[]);
    text.push_str(
        "\n# The pages that `segue serve` shows to operators: whether events are delivered, and what became of each.\n[console]\n",
    );
    settings::<ConsoleSettings>(&mut text, &[]);
    text.push_str(
        "\n# Counts of what happened, kept by `segue serve` in the data folder for fourteen days.\n[history]\n",
    );
    settings::<HistorySettings>(&mut text, &[]);
    text.push_str(
        "\n\
         # What became of each event, kept by `segue serve` in the data folder: `segue trace ID` finds it.\n\
         [trace]\n",
    );
    settings::<TraceSettings>(&mut text, &[]);
    text.push_str(
        "\n\
         # Whom `segue serve` tells when a destination is held, many events are rejected, events wait or are given up, a source\n\
         # is silent, the disk is nearly full, or new settings are refused: once when it begins, and once when it ends.\n\
         [alerts]\n",
    );
    settings::<AlertSettings>(&mut text, &[]);
    text.push_str(
        "\n# Where `segue serve` sends spans and metrics by OpenTelemetry's protocol.\n[otel]\n",
    );
    settings::<OtelSettings>(&mut text, &[]);
    text.push_str(
        "\n\
         # Where `segue serve` keeps events until they are delivered. For one machine there is nothing to change here.\n\
         [log]\n",
    );
    settings::<LogSettings>(&mut text, &[]);
    text.push_str(
        "\n\
         # Brokers that `segue consume` reads Segment messages from.\n\
         # [[inputs]]\n\
         # name = \"orders\"\n",
    );
    settings::<InputSettings>(&mut text, &[]);
    text
}

/// A line for every setting of a table; some are given here.
fn settings<D: Table>(text: &mut String, given: &[(&str, &str)]) {
    let defaults = D::default();
    for setting in D::SETTINGS {
        let given = given.iter().find(|(name, _)| *name == setting.name);
        let (comment, value) = match (given, setting.template) {
            (Some(&(_, toml)), _) | (None, Template::Given(toml)) => ("", toml.to_owned()),
            (None, Template::Example(toml)) => ("# ", toml.to_owned()),
            (None, Template::Default) => ("# ", toml(&setting.value(&defaults))),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "# {}\n{comment}{} = {value}",
            setting.doc, setting.name
        );
    }
}

/// A value as TOML writes it in one line.
pub(crate) fn toml(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<_> = members
                .map(|(name, value)| format!("{} = {}", key(name), toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        // Texts, numbers and words are written as in JSON, but that TOML wants this control character escaped.
        value => value.to_string().replace('\u{7f}', "\\u007f"),
    }
}

/// The name of a member: bare if TOML allows it, else in quotes.
pub(crate) fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        toml(&name.into())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::Timestamp;

    use super::*;
    use crate::{Settings, Severity};

    fn load(text: &str) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segue.toml");
        std::fs::write(&path, text).unwrap();
        load_file(&path)
    }

    fn load_file(path: &Path) -> Settings {
        crate::load(path, Timestamp::UNIX_EPOCH).unwrap_or_else(|mistakes| {
            let mistakes: Vec<_> = mistakes
                .iter()
                .filter(|one| one.severity == Severity::Error)
                .map(ToString::to_string)
                .collect();
            panic!("{}", mistakes.join("\n"))
        })
    }

    #[test]
    fn a_new_file_can_be_used_as_it_is() {
        let settings = load(&text("wk_1"));
        assert_eq!(settings.sources[0].write_keys.len(), 1);
        assert_eq!(settings.destinations[0].name.as_deref(), Some("meta"));
        assert!(settings.endpoint.given.is_empty());
        assert!(settings.memory.given.is_empty());
        assert!(settings.console.given.is_empty());
        assert!(settings.history.given.is_empty());
        assert!(settings.trace.given.is_empty());
        assert!(settings.alerts.given.is_empty());
        assert!(settings.otel.given.is_empty());
        assert!(settings.log.given.is_empty());
    }

    #[test]
    fn every_line_that_is_commented_out_can_be_used_too() {
        for (kind, other) in [("kafka", "nats"), ("nats", "kafka")] {
            check_with_inputs_of(kind, other);
        }
    }

    /// Uses every line, but for settings of inputs from the other kind of broker.
    fn check_with_inputs_of(kind: &str, other: &str) {
        let text = text("wk_1").replace("# kind = \"kafka\"", &format!("# kind = \"{kind}\""));
        let is_setting = |line: &&str| {
            let words = line
                .strip_prefix("# ")
                .and_then(|line| line.split_once(" = "));
            *line == "# [[inputs]]" || words.is_some_and(|(name, _)| !name.contains(' '))
        };
        let mut is_of_other = false;
        let all: String = text
            .lines()
            .filter(|line| {
                let is_left_out = is_of_other;
                is_of_other = line.starts_with(&format!("# {other}: "));
                !is_left_out
            })
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if is_setting(&line) => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        // The example of `tls_certificate` needs a key beside it.
        let all = all.replace("tls_key = \"\"", "tls_key = \"key.pem\"");
        let settings = load(&all);
        assert_eq!(settings.endpoint.given.len(), Endpoint::SETTINGS.len());
        assert_eq!(settings.memory.given.len(), MemorySettings::SETTINGS.len());
        assert_eq!(
            settings.console.given.len(),
            ConsoleSettings::SETTINGS.len()
        );
        assert_eq!(
            settings.history.given.len(),
            HistorySettings::SETTINGS.len()
        );
        assert_eq!(settings.trace.given.len(), TraceSettings::SETTINGS.len());
        assert_eq!(settings.alerts.given.len(), AlertSettings::SETTINGS.len());
        assert_eq!(settings.otel.given.len(), OtelSettings::SETTINGS.len());
        // Two ways to say who this is have no text here: they exclude the third.
        assert_eq!(settings.log.given.len(), LogSettings::SETTINGS.len() - 2);
        let rows = InputSettings::SETTINGS.iter();
        let of_other = rows.filter(|row| row.doc.starts_with(&format!("{other}: ")));
        // Other ways to say who this is, and a file, have no text here: they exclude what has.
        let without_text = if kind == "nats" { 3 } else { 1 };
        let given = settings.inputs[0].given.len() + of_other.count() + without_text;
        assert_eq!(given, InputSettings::SETTINGS.len());
        let source = &settings.sources[0];
        assert_eq!(source.given.len(), EventSource::SETTINGS.len());
        // `pixel_id` is there with an empty text, which is not set; `data_processing_options` and others are.
        let given = settings.destinations[0].given.len();
        assert_eq!(given, Destination::SETTINGS.len() - 1);
    }
}
