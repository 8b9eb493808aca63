//! Writing a settings file: what differs from the defaults, and the remarks as comments.

use std::fmt::Write;

use serde_json::Value;

use crate::Destination;
use crate::move_in::MovedIn;
use crate::table::Table;
use crate::template::{key, toml};

pub(super) fn settings_file(moved: &MovedIn, write_key: &str) -> String {
    let mut text = format!(
        "# Settings of segue that do what the configuration of {} did. `segue init` shows all settings.\n\n\
         [[destinations]]\nname = \"meta\"\n",
        moved.system,
    );
    let defaults = Destination::default();
    let mut tables = Vec::new();
    for setting in Destination::SETTINGS {
        let value = setting.value(&moved.destination);
        let is_pixel = setting.name == "pixel_id";
        match value {
            // It has to be there; without it nothing is sent.
            Value::Null if is_pixel => text.push_str("pixel_id = \"\"\n"),
            value if value == setting.value(&defaults) => {}
            // Where a secret comes from is one line.
            Value::Object(members) if !setting.name.ends_with("token") => {
                tables.push((setting.name, members));
            }
            value => {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{} = {}", setting.name, toml(&value));
            }
        }
    }
    for (name, members) in tables {
        // A table of tables, like `event_fields`, is one table for each.
        let (inner, own): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|_| name == "event_fields");
        if !own.is_empty() {
            table(&mut text, &format!("destinations.{name}"), &own);
        }
        for (event, value) in inner {
            let members: Vec<_> = value
                .as_object()
                .cloned()
                .unwrap_or_default()
                .into_iter()
                .collect();
            table(
                &mut text,
                &format!("destinations.{name}.{}", key(&event)),
                &members,
            );
        }
    }
    let _ = write!(
        text,
        "\n[[sources]]\nname = \"web\"\nwrite_keys = [\"{write_key}\"]\ndestinations = [\"meta\"]\n"
    );
    if !moved.remarks.is_empty() {
        text.push_str("\n# Without counterpart, or left to do:\n");
    }
    for remark in &moved.remarks {
        let help = remark
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!("; {help}"));
        let line = remark
            .at
            .map_or_else(String::new, |at| format!("line {}: ", at.line));
        let _ = writeln!(text, "# - {line}{}{help}", remark.message);
    }
    text
}

fn table(text: &mut String, name: &str, members: &[(String, Value)]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n[{name}]");
    for (name, value) in members {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            let _ = writeln!(text, "{} = {}", key(name), toml(value));
        }
    }
}
