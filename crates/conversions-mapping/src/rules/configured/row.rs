//! One row of the settings.

use std::borrow::Cow;
use std::fmt;

use facebook_conversions::normalize::HashedKey;
use facebook_conversions::{CountryCode, ExternalId, OneOrMany, ServerEvent};
use segment_spec::{Message, Raw};

use super::contact::{contains_contact_data, is_contact_path, may_hold_contact_data};
use super::lookup;
use crate::compiled::CompiledSettings;
use crate::context::RuleContext;
use crate::field_rule::{FieldRule, FieldSource};
use crate::note::{Effect, Note, Path};
use crate::rules::custom_property;
use crate::rules::field;
use crate::rules::known::{AfterRows, Known};
use crate::rules::row::WritableField;
use crate::rules::source::SourcePath;
use crate::settings::SettingsError;
use crate::transforms::input::Input;
use crate::transforms::owned::own_json;
use crate::transforms::transformed::{Change, Unusable};

pub(super) struct ConfiguredRow {
    target: Target,
    sources: Vec<ConfiguredSource>,
    keep: bool,
}

/// What a row writes.
enum Target {
    Field(&'static dyn WritableField),
    /// A custom property, by its key.
    Custom(String),
}

enum ConfiguredSource {
    Path {
        path: String,
        /// The value is contact data, so it may only be sent hashed.
        is_contact: bool,
    },
    /// The JSON text of a constant.
    Constant(String),
}

const COUNTRY: &str = "user_data.country";
const EXTERNAL_ID: &str = "user_data.external_id";

impl ConfiguredRow {
    pub(super) fn new(
        rule: &FieldRule,
        compiled: &CompiledSettings,
    ) -> Result<Self, SettingsError> {
        let path = rule.field.path();
        if rule.sources.is_empty() {
            return Err(SettingsError::FieldWithoutSource {
                field: path.to_owned(),
            });
        }
        let target = match rule.field.custom_key() {
            Some(key) => Target::Custom(key.to_owned()),
            None => match field::all().find(|field| field.path() == path) {
                Some(field) => Target::Field(field),
                None => {
                    return Err(SettingsError::FieldWithoutSource {
                        field: path.to_owned(),
                    });
                }
            },
        };
        let sources = rule.sources.iter().map(|source| match source {
            FieldSource::Path(path) => ConfiguredSource::Path {
                is_contact: is_contact_path(path, &compiled.pii),
                path: path.as_str().to_owned(),
            },
            FieldSource::Constant(json) => ConfiguredSource::Constant(json.as_str().to_owned()),
        });
        let row = Self {
            sources: sources.collect(),
            keep: rule.keep,
            target,
        };
        row.check_constants(compiled)?;
        Ok(row)
    }

    /// Writes each constant once, into an event that nobody sends, to see whether its type fits the field.
    fn check_constants(&self, compiled: &CompiledSettings) -> Result<(), SettingsError> {
        let message = Message::default();
        for source in &self.sources {
            let ConfiguredSource::Constant(json) = source else {
                continue;
            };
            let mut scratch = String::new();
            let mut cx = RuleContext::new(compiled, &message, &mut scratch);
            let written = self.write_constant(json, &mut ServerEvent::default(), &mut cx);
            if written.is_err() {
                return Err(SettingsError::UnusableConstant {
                    field: self.path().into_owned(),
                    expected: match &self.target {
                        Target::Field(field) => field.via(),
                        Target::Custom(_) => "any JSON that says something and is not contact data",
                    },
                });
            }
        }
        Ok(())
    }

    /// The path of the field.
    pub(super) fn path(&self) -> Cow<'static, str> {
        match &self.target {
            Target::Field(field) => Cow::Borrowed(field.path()),
            Target::Custom(key) => Cow::Owned(format!("custom_data.{key}")),
        }
    }

    /// The key of `custom_data` that a property of the same key would be passed on under: rows of the tables replace
    /// the other properties.
    fn unlisted_key(&self) -> Option<&str> {
        match &self.target {
            Target::Custom(key) => Some(key),
            Target::Field(field) => field
                .path()
                .strip_prefix("custom_data.")
                .filter(|key| Known::of(key).is_none()),
        }
    }

    /// Whether the row writes the country, by which phone numbers and postcodes are read.
    pub(super) fn writes_country(&self) -> bool {
        matches!(&self.target, Target::Field(field) if field.path() == COUNTRY)
    }

    fn is_set(&self, event: &ServerEvent<'_>) -> bool {
        match &self.target {
            Target::Field(field) => field.is_set(event),
            Target::Custom(key) => event.custom_data.custom_properties.get(key).is_some(),
        }
    }

    pub(super) fn apply<'m, 'a>(
        &'m self,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'m, 'a>,
    ) {
        if self.is_set(event) {
            return;
        }
        for source in &self.sources {
            let written = match source {
                ConfiguredSource::Constant(json) => {
                    let written = self.write_constant(json, event, cx);
                    if written.is_ok() {
                        cx.notes.add(|| self.note(None, Effect::Defaulted));
                    }
                    written.is_ok()
                }
                ConfiguredSource::Path { path, is_contact } => {
                    let value = lookup::find(path, cx).filter(|value| !value.is_blank());
                    value.is_some_and(|value| self.use_value(value, path, *is_contact, event, cx))
                }
            };
            if written {
                if let Some(key) = self.unlisted_key() {
                    cx.configured.custom_keys.push(key);
                }
                return;
            }
        }
    }

    /// Writes the value of a path, and notes what happened; returns whether the field is written.
    fn use_value<'m, 'a>(
        &'m self,
        value: Raw<'a>,
        path: &'m str,
        is_contact: bool,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'m, 'a>,
    ) -> bool {
        let input = Input {
            raw: value,
            from: &SourcePath::Configured(path),
            message: Some(cx.message),
        };
        let written = match &self.target {
            Target::Field(field)
                if !may_hold_contact_data(field.path())
                    && (is_contact || contains_contact_data(value, cx)) =>
            {
                Err(Unusable::Personal)
            }
            Target::Field(field) => {
                let written = field.write(input, event, cx);
                if written.is_ok() && self.writes_country() {
                    take_country(value, cx);
                }
                written
            }
            Target::Custom(_) if is_contact => Err(Unusable::Personal),
            Target::Custom(key) => custom_property::read(key, input, cx).map(|(value, change)| {
                let properties = &mut event.custom_data.custom_properties;
                properties.push(key.clone(), value);
                change
            }),
        };
        // An id that is sent in clear must not be contact data; hashing it keeps it useful for matching.
        let is_clear_id =
            self.path() == EXTERNAL_ID && (is_contact || contains_contact_data(value, cx));
        let written = match written {
            Ok(_) if is_clear_id => {
                hash_external_ids(event, cx);
                Ok(Change::Hashed)
            }
            written => written,
        };
        let moves = !self.keep && path.starts_with(lookup::PROPERTIES);
        let from = SourcePath::Configured(path).note_path(cx);
        cx.notes.add(|| match written {
            Ok(change) => self.note(Some(from), effect(change, moves)),
            Err(unusable) => Note {
                field: None,
                from: Some(from),
                effect: match unusable {
                    Unusable::Personal => Effect::DroppedPersonal,
                    Unusable::Unreadable | Unusable::Stays => Effect::LeftOut,
                },
            },
        });
        if moves {
            take_property(path, cx);
        }
        if written.is_ok() {
            cx.configured.used.push(path);
        }
        written.is_ok()
    }

    fn write_constant(
        &self,
        json: &str,
        event: &mut ServerEvent<'_>,
        cx: &mut RuleContext<'_, '_>,
    ) -> Result<Change, Unusable> {
        let raw = Raw::read(json)
            .filter(|raw| !raw.is_blank())
            .ok_or(Unusable::Unreadable)?;
        let input = Input {
            raw,
            from: &SourcePath::Configured("value"),
            message: None,
        };
        match &self.target {
            Target::Field(field) => {
                let written = field.write_copy(input, event, cx);
                if written.is_ok() && self.writes_country() {
                    take_country(raw, cx);
                }
                written
            }
            Target::Custom(key) => {
                let (value, change) = custom_property::read(key, input, cx)?;
                let value = own_json(&value);
                let properties = &mut event.custom_data.custom_properties;
                properties.push(key.clone(), value);
                Ok(change)
            }
        }
    }

    fn note<'a>(&self, from: Option<Path<'a>>, effect: Effect) -> Note<'a> {
        Note {
            field: Some(match &self.target {
                Target::Field(field) => Path::Fixed(field.path()),
                Target::Custom(key) => Path::Key("custom_data", Cow::Owned(key.clone())),
            }),
            from,
            effect,
        }
    }
}

/// Marks a property as used: it does not stay in `custom_data`.
fn take_property<'m>(path: &'m str, cx: &mut RuleContext<'m, '_>) {
    cx.configured.taken.push(path);
    let key = path.strip_prefix(lookup::PROPERTIES).unwrap_or(path);
    if let Some(known) = Known::of(key)
        && known.after_rows() == AfterRows::Replaced
    {
        cx.index.forget(known);
    }
}

/// Reads phone numbers and postcodes by this country from here on. A hashed country does not tell which it is.
fn take_country(value: Raw<'_>, cx: &mut RuleContext<'_, '_>) {
    let country = value.as_str().and_then(|text| CountryCode::parse(&text));
    if country.is_some() {
        cx.normalize_context.country = country;
    }
}

/// Hashes the ids that are in clear.
fn hash_external_ids(event: &mut ServerEvent<'_>, cx: &RuleContext<'_, '_>) {
    let hash = |id: ExternalId<'_>| match id {
        ExternalId::Plain(text) => HashedKey::ExternalId
            .hash(&text, &cx.normalize_context)
            .map(ExternalId::Hashed),
        ExternalId::Hashed(hash) => Some(ExternalId::Hashed(hash)),
    };
    let ids = &mut event.user_data.external_id;
    *ids = match std::mem::take(ids) {
        OneOrMany::None => OneOrMany::None,
        OneOrMany::One(id) => hash(id).map_or(OneOrMany::None, OneOrMany::One),
        OneOrMany::Many(ids) => OneOrMany::list(ids.into_iter().filter_map(hash)),
    };
}

fn effect(change: Change, moves: bool) -> Effect {
    match change {
        Change::Hashed => Effect::Hashed,
        Change::Cleaned => Effect::DroppedPersonal,
        Change::Derived => Effect::Derived,
        Change::Same | Change::Normalized if moves => Effect::Moved,
        Change::Normalized | Change::Unwrapped => Effect::Normalized,
        Change::Same => Effect::Copied,
    }
}

/// Names the field and the number of sources: constants may be confidential.
impl fmt::Debug for ConfiguredRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ← {} sources", self.path(), self.sources.len())
    }
}
