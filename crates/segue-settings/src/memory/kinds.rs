//! Kinds of values that only `[memory]` has.

use std::time::Duration;

use match_memory::{Field, Fields};
use serde_json::{Value, json};

use crate::diagnostic::Mistake;
use crate::kinds::{Kind, Parsed, texts_schema};
use crate::reader::Reader;
use crate::tree::Node;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// Ten years: no real limit.
const LONGEST: u64 = 3650 * DAY;

/// The name of a group of sources that share what is remembered.
pub(crate) const GROUP_NAME: Parsed<Option<String>> = Parsed {
    parse: |text| {
        let name = text.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(Mistake::new("the name of a group must not be blank"));
        }
        Ok(Some(name.to_owned()))
    },
    show: Clone::clone,
    pattern: r"\S",
    takes_numbers: false,
};

/// Whole days or hours, like `90d` and `12h`.
pub(crate) struct Age;

impl Kind<Duration> for Age {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
        let text = reader.text(name, node)?;
        let with_unit = |unit: &str, seconds: u64| {
            let number: u64 = text.trim().strip_suffix(unit)?.trim().parse().ok()?;
            number.checked_mul(seconds)
        };
        let seconds = with_unit("d", DAY).or_else(|| with_unit("h", HOUR));
        let seconds = seconds.filter(|seconds| (HOUR..=LONGEST).contains(seconds));
        if seconds.is_none() {
            let mistake = Mistake::new(format!(
                "`{name}` must be a whole number of days or hours, from 1h to 3650d"
            ));
            reader.error(&node.span, mistake.help("for example \"90d\" or \"12h\""));
        }
        seconds.map(Duration::from_secs)
    }

    fn value(&self, value: &Duration) -> Value {
        let seconds = value.as_secs();
        json!(if seconds.is_multiple_of(DAY) {
            format!("{}d", seconds / DAY)
        } else {
            format!("{}h", seconds / HOUR)
        })
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": "^[0-9]+[dh]$" })
    }
}

/// Names of fields of `user_data`, but for IP address and user agent, which have a setting of their own.
pub(super) struct FieldNames;

impl Kind<Fields> for FieldNames {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Fields> {
        let names = reader.names(name, node)?;
        let known =
            |name: &String| Field::from_name(name).filter(|one| Fields::DEFAULT.contains(*one));
        let fields: Option<Fields> = names.iter().map(known).collect();
        if fields.is_none() {
            let all: Vec<_> = Fields::DEFAULT.iter().map(Field::name).collect();
            let mistake = Mistake::new(format!("`{name}` must be names out of {}", all.join(", ")));
            let help = "IP address and user agent are remembered with `remember_client`";
            reader.error(&node.span, mistake.help(help));
        }
        fields
    }

    fn value(&self, value: &Fields) -> Value {
        value.iter().map(Field::name).collect()
    }

    fn schema(&self) -> Value {
        texts_schema()
    }
}
