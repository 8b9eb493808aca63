//! The text of a new settings file, made from the tables of settings.

use std::fmt::Write;

use serde_json::Value;

use crate::Destination;
use crate::Endpoint;
use crate::endpoint::ENDPOINT;
use crate::table::SETTINGS;

/// Settings that are not just explained.
const GIVEN: [(&str, &str); 2] = [
    ("pixel_id", "\"\""),
    ("access_token", "{ env = \"META_ACCESS_TOKEN\" }"),
];

/// Some hold text for which there is no default: what it looks like.
const EXAMPLES: [(&str, &str); 9] = [
    ("app_secret", "{ file = \"app_secret.txt\" }"),
    ("test_event_code", "\"TEST12345\""),
    ("external_id_prop", "\"properties.customer_id\""),
    (
        "standard_events",
        "{ \"Signed Up\" = \"CompleteRegistration\" }",
    ),
    ("content_types", "{ \"flights\" = \"flight\" }"),
    ("allowed_origins", "[\"https://shop.example.com\"]"),
    ("trusted_proxies", "[\"10.0.0.0/8\"]"),
    ("public_url", "\"https://events.example.com/v1\""),
    ("tls_certificate", "\"certificate.pem\""),
];

/// The text, with this write key.
#[must_use]
pub fn text(write_key: &str) -> String {
    let mut text = String::from(
        "# Settings of segue: Segment Track events in, Meta Conversions API events out.\n\
         #\n\
         # What stands behind a `#` is an explanation, or a setting at its default or with an example: take the `#` away to\n\
         # set it. `segue check --settings FILE` says what is in force; `segue serve` reads the file again when it changes.\n\
         \n\
         # Where events go. Several [[destinations]] may stand here, with a name each.\n\
         [[destinations]]\n\
         name = \"meta\"\n",
    );
    let defaults = Destination::default();
    for setting in SETTINGS {
        line(
            &mut text,
            setting.name,
            setting.doc,
            &setting.value(&defaults),
        );
    }
    let _ = write!(
        text,
        "\n\
         # Who may send, with which write keys, and where that goes. Several keys are valid at a time, so that they can be\n\
         # exchanged.\n\
         [[sources]]\n\
         name = \"web\"\n\
         write_keys = [\"{write_key}\"]\n\
         destinations = [\"meta\"]\n\
         # Segment's webhook sends to /webhook/web and signs with this secret; of a batch it signs the first message only,\n\
         # so let Segment send a further secret in a header.\n\
         # webhook_secret = {{ env = \"WEBHOOK_SECRET\" }}\n\
         # webhook_header = \"X-Webhook-Secret\"\n\
         # webhook_header_secret = {{ env = \"WEBHOOK_HEADER_SECRET\" }}\n\
         \n\
         # How `segue serve` takes events.\n\
         [serve]\n"
    );
    let defaults = Endpoint::default();
    for setting in ENDPOINT {
        line(
            &mut text,
            setting.name,
            setting.doc,
            &setting.value(&defaults),
        );
    }
    text
}

fn line(text: &mut String, name: &str, doc: &str, default: &Value) {
    let known = |list: &[(&str, &'static str)]| {
        let found = list.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    };
    // Writing to a String cannot fail.
    let _ = match (known(&GIVEN), known(&EXAMPLES)) {
        (Some(given), _) => writeln!(text, "# {doc}\n{name} = {given}"),
        (None, Some(example)) => writeln!(text, "# {doc}\n# {name} = {example}"),
        (None, None) => writeln!(text, "# {doc}\n# {name} = {}", toml(default)),
    };
}

/// A value as TOML writes it in one line.
fn toml(value: &Value) -> String {
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
                .map(|(key, value)| format!("{key} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        // Texts, numbers and words are written as in JSON.
        value => value.to_string(),
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
    }

    #[test]
    fn every_line_that_is_commented_out_can_be_used_too() {
        let text = text("wk_1");
        let is_setting = |line: &&str| {
            let words = line
                .strip_prefix("# ")
                .and_then(|line| line.split_once(" = "));
            words.is_some_and(|(name, _)| !name.contains(' '))
        };
        let all: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if is_setting(&line) => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        // One example does not go with another.
        let all = all.replace("tls_key = \"\"", "tls_key = \"key.pem\"");
        let settings = load(&all);
        assert_eq!(settings.endpoint.given.len(), ENDPOINT.len());
        let webhook = settings.sources[0].webhook.as_ref();
        assert!(webhook.is_some_and(|webhook| webhook.header.is_some()));
    }
}
