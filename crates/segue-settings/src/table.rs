//! What all tables of settings have in common: reading, suggestions, values in force, and the JSON schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diagnostic::{Mistake, named};
use crate::document::Position;
use crate::reader::Reader;
use crate::setting::{Applies, Setting};
use crate::suggest::closest;
use crate::tree::Entry;

/// A type whose fields are set by a table of settings.
pub(crate) trait Table: Default + 'static {
    /// Its settings, in the order in which they are explained.
    const SETTINGS: &'static [Setting<Self>];

    /// The settings that the file gives.
    fn given(&mut self) -> &mut Given;
}

/// The settings that a file gives, by name. The others are at their defaults.
pub type Given = BTreeMap<&'static str, GivenAt>;

/// Where a file gives a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenAt {
    /// Where its key begins.
    pub key: Position,
    /// Where its value begins.
    pub value: Position,
}

/// A setting and its value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    /// The setting's name.
    pub name: &'static str,
    /// What it is for, as a phrase.
    pub doc: &'static str,
    /// Its value in the form in which a settings file gives it; null when nothing is set. No secrets.
    pub value: Value,
    /// Its value as plain text, a map as one line an entry; empty when nothing is set. No secrets.
    pub text: String,
    /// The line of the file that gives it; absent for a default.
    pub line: Option<usize>,
}

/// Reads the entries of a table. `others` are keys that are not settings and may stand among them; the caller reads them.
pub(crate) fn read<'n, D: Table>(
    entries: impl IntoIterator<Item = &'n Entry>,
    others: &[&str],
    reader: &mut Reader<'_>,
) -> D {
    let mut target = D::default();
    let mut spellings: BTreeMap<&str, &str> = BTreeMap::new();
    let mut known = Vec::new();
    for entry in entries {
        match find::<D>(&entry.key) {
            Some(setting) if !entry.node.is_unset() => known.push((setting, entry)),
            Some(_) => {}
            None if others.contains(&entry.key.as_str()) => {}
            None => unknown::<D>(entry, others, reader),
        }
    }
    // In the order of the table: some settings say how later ones are read, and a JSON file has its keys in any order.
    let rank = |setting: &Setting<D>| {
        D::SETTINGS
            .iter()
            .position(|other| other.name == setting.name)
    };
    known.sort_by_key(|(setting, _)| rank(setting));
    for (setting, entry) in known {
        let at = GivenAt {
            key: reader.document.start_of(&entry.key_span),
            value: reader.document.start_of(&entry.node.span),
        };
        let earlier = target.given().insert(setting.name, at);
        let other = *spellings.entry(setting.name).or_insert(&entry.key);
        // The same spelling twice is reported by `Reader::repeated`.
        if let Some(earlier) = earlier.filter(|_| other != entry.key) {
            let mistake = format!("`{}` and `{other}` are the same setting", entry.key);
            let help = format!(
                "keep one of the two; the other one is in line {}",
                earlier.key.line
            );
            reader.error(&entry.key_span, Mistake::new(mistake).help(help));
        }
        setting.read(&entry.node, &mut target, reader);
    }
    target
}

/// The setting that a key names.
pub(crate) fn find<D: Table>(key: &str) -> Option<&'static Setting<D>> {
    D::SETTINGS.iter().find(|setting| setting.is_named(key))
}

/// Reports an unknown key, with the known one that was probably meant, in the spelling that the file uses.
pub(crate) fn unknown<D: Table>(entry: &Entry, others: &[&str], reader: &mut Reader<'_>) {
    let mut mistake = Mistake::new(format!("unknown key{}", named(&entry.key)));
    let names = D::SETTINGS.iter().map(|setting| setting.name);
    mistake.help = match closest(&entry.key, names.chain(others.iter().copied())) {
        Some(name) => {
            let is_camel = entry
                .key
                .contains(|letter: char| letter.is_ascii_uppercase());
            let setting = find::<D>(name).filter(|_| is_camel);
            let name = setting.map_or_else(|| name.to_owned(), Setting::camel_case);
            Some(format!("did you mean `{name}`?"))
        }
        None => synonym::<D>(&entry.key).map(|name| format!("the setting for that is `{name}`")),
    };
    reader.error(&entry.key_span, mistake);
}

/// The setting that other tools call by this name.
fn synonym<D: Table>(key: &str) -> Option<&'static str> {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    let plain = letters.collect::<String>().to_ascii_lowercase();
    let mut settings = D::SETTINGS.iter();
    let found = settings.find(|setting| setting.synonyms.contains(&plain.as_str()));
    found.map(|setting| setting.name)
}

/// Every setting and its value.
pub(crate) fn in_force<D: Table>(target: &D, given: &Given) -> Vec<InForce> {
    let row = |setting: &Setting<D>| InForce {
        name: setting.name,
        doc: setting.doc,
        value: setting.value(target),
        text: setting.text(target),
        line: given.get(setting.name).map(|at| at.key.line),
    };
    D::SETTINGS.iter().map(row).collect()
}

/// The members of a JSON schema, each in both spellings.
pub(crate) fn schema<D: Table>() -> Map<String, Value> {
    let mut members = Map::new();
    for setting in D::SETTINGS {
        let schema = setting.schema();
        members.insert(setting.camel_case(), schema.clone());
        members.insert(setting.name.to_owned(), schema);
    }
    members
}

/// The settings that differ between two, and whose difference only a restart puts in force.
pub(crate) fn need_restart<D: Table>(old: &D, new: &D) -> Vec<&'static str> {
    let needs = |setting: &&Setting<D>| {
        let (old, new) = (setting.value(old), setting.value(new));
        match setting.applies {
            Applies::OnReload => false,
            Applies::AfterRestart => old != new,
            Applies::AfterRestartIfSwitched => old.is_null() != new.is_null(),
        }
    };
    D::SETTINGS
        .iter()
        .filter(needs)
        .map(|setting| setting.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sources::EventSource;
    use crate::{
        AlertSettings, Destination, Endpoint, HistorySettings, InputSettings, LogSettings,
        MemorySettings, TraceSettings,
    };

    /// What holds for every table.
    fn check<D: Table>() {
        let mut names = BTreeSet::new();
        for setting in D::SETTINGS {
            let Setting { name, doc, .. } = setting;
            assert!(names.insert(*name), "{name} is given twice");
            assert!(!doc.is_empty() && !doc.ends_with('.'), "{name}: {doc}");
            for synonym in setting.synonyms {
                assert!(names.insert(synonym), "{name}: {synonym} is given twice");
                assert!(find::<D>(synonym).is_none(), "{synonym} is a setting");
            }
            let schema = setting.schema();
            let limits = (schema["minimum"].as_u64(), schema["maximum"].as_u64());
            if let (Some(least), Some(most)) = limits {
                let default = schema["default"].as_u64().unwrap();
                assert!((least..=most).contains(&default), "{name}");
            }
        }
    }

    #[test]
    fn names_are_unique_docs_are_phrases_and_defaults_are_within_limits() {
        check::<Destination>();
        check::<Endpoint>();
        check::<EventSource>();
        check::<MemorySettings>();
        check::<HistorySettings>();
        check::<TraceSettings>();
        check::<AlertSettings>();
        check::<LogSettings>();
        check::<InputSettings>();
    }
}
