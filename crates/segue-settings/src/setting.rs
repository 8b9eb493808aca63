//! A setting: one row of a table, which holds everything that is known about it. Reading, suggestions, `segue check`, the
//! JSON schema and the template go by these rows.

use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::reader::Reader;
use crate::tree::Node;

/// A setting of `D`, which is a destination, a source or the endpoint.
pub(crate) struct Setting<D: 'static> {
    /// Its name in `snake_case`.
    pub(crate) name: &'static str,
    /// What it is for, as a phrase.
    pub(crate) doc: &'static str,
    place: &'static dyn Access<D>,
    /// Whether Segment's classic destination has it, under the same name in `camelCase`.
    pub(crate) in_segment: bool,
    /// What other tools call it, in lower case and without `_`.
    pub(crate) synonyms: &'static [&'static str],
    /// How a new settings file shows it.
    pub(crate) template: Template,
    /// When a change of it comes into force in a running `segue serve`.
    pub(crate) applies: Applies,
}

/// How a new settings file shows a setting.
#[derive(Clone, Copy)]
pub(crate) enum Template {
    /// Commented out, with its default.
    Default,
    /// Commented out, with this TOML: for settings whose default says nothing about their form.
    Example(&'static str),
    /// In force, with this TOML.
    Given(&'static str),
}

/// When a change comes into force.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applies {
    OnReload,
    AfterRestart,
    /// A new value on reload; setting it at all, or no longer, after a restart.
    AfterRestartIfSwitched,
}

/// A row of a table that a running process cannot exchange.
pub(crate) const fn row_after_restart<D>(
    name: &'static str,
    place: &'static dyn Access<D>,
    doc: &'static str,
) -> Setting<D> {
    Setting::new(name, place, doc).applies(Applies::AfterRestart)
}

impl<D> Setting<D> {
    /// A row. The methods that follow say what is unusual about the setting.
    pub(crate) const fn new(
        name: &'static str,
        place: &'static dyn Access<D>,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            doc,
            place,
            in_segment: false,
            synonyms: &[],
            template: Template::Default,
            applies: Applies::OnReload,
        }
    }

    pub(crate) const fn in_segment(self) -> Self {
        Self {
            in_segment: true,
            ..self
        }
    }

    pub(crate) const fn synonyms(self, synonyms: &'static [&'static str]) -> Self {
        Self { synonyms, ..self }
    }

    pub(crate) const fn example(self, toml: &'static str) -> Self {
        Self {
            template: Template::Example(toml),
            ..self
        }
    }

    pub(crate) const fn given(self, toml: &'static str) -> Self {
        Self {
            template: Template::Given(toml),
            ..self
        }
    }

    pub(crate) const fn applies(self, applies: Applies) -> Self {
        Self { applies, ..self }
    }

    /// The name in `camelCase`, which is Segment's own where Segment has the setting.
    pub(crate) fn camel_case(&self) -> String {
        camel_case(self.name)
    }

    /// Whether a key of a file names this setting, in either spelling.
    pub(crate) fn is_named(&self, key: &str) -> bool {
        key == self.name || key == self.camel_case()
    }

    /// Reads the value into `target`. After a mistake, which goes to the reader, the default stays.
    pub(crate) fn read(&self, node: &Node, target: &mut D, reader: &mut Reader<'_>) {
        self.place.read(self.name, node, target, reader);
    }

    /// The value in force as JSON, in the form in which a settings file gives it; null when nothing is set.
    pub(crate) fn value(&self, target: &D) -> Value {
        self.place.value(target)
    }

    /// The value in force for people; empty when nothing is set.
    pub(crate) fn text(&self, target: &D) -> String {
        self.place.text(target)
    }
}

impl<D: Default> Setting<D> {
    /// The JSON schema of its value.
    pub(crate) fn schema(&self) -> Value {
        let mut schema = self.place.schema();
        schema["description"] = json!(self.doc);
        schema["default"] = self.value(&D::default());
        schema
    }
}

/// Reads and shows one value of `D`, whatever its type.
pub(crate) trait Access<D>: Sync {
    fn read(&self, name: &str, node: &Node, target: &mut D, reader: &mut Reader<'_>);
    fn value(&self, target: &D) -> Value;
    fn text(&self, target: &D) -> String;
    fn schema(&self) -> Value;
}

/// A field of `D`, and the kind of value that it takes. [`at!`] makes one.
pub(crate) struct Field<D: 'static, T: 'static> {
    pub(crate) kind: &'static dyn Kind<T>,
    pub(crate) get: fn(&D) -> &T,
    pub(crate) set: fn(&mut D, T),
}

impl<D, T> Access<D> for Field<D, T> {
    fn read(&self, name: &str, node: &Node, target: &mut D, reader: &mut Reader<'_>) {
        if let Some(value) = self.kind.read(name, node, reader) {
            (self.set)(target, value);
        }
    }

    fn value(&self, target: &D) -> Value {
        self.kind.value((self.get)(target))
    }

    fn text(&self, target: &D) -> String {
        self.kind.text((self.get)(target))
    }

    fn schema(&self) -> Value {
        self.kind.schema()
    }
}

/// A [`Field`]: the struct, the path of the field in it, and the kind of its value.
macro_rules! at {
    ($target:ty, $($field:ident).+, $kind:expr) => {
        &$crate::setting::Field::<$target, _> {
            kind: &$kind,
            get: |target| &target.$($field).+,
            set: |target, value| target.$($field).+ = value,
        }
    };
}
pub(crate) use at;

/// `camelCase` of `snake_case`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}
