//! The rows of the settings. They are applied before the rows of the tables, which leave alone what is written already.
//!
//! Fields that Meta documents are written through the registry in `field.rs`, so that a value is read, normalized and
//! hashed by the type of its field, whatever its source. All other keys of `custom_data` take any JSON that is not
//! personal.

mod contact;
mod lookup;
pub(crate) mod remaining;
mod row;

use std::borrow::Cow;
use std::collections::HashMap;

use facebook_conversions::ServerEvent;
use segment_spec::ecommerce::fold;

use self::row::ConfiguredRow;
use crate::compiled::CompiledSettings;
use crate::context::RuleContext;
use crate::settings::{Settings, SettingsError};

/// The rows of the settings of one destination.
#[derive(Debug, Default)]
pub(crate) struct ConfiguredRows {
    every_event: Vec<ConfiguredRow>,
    /// By the name of the event, folded if names are folded.
    by_event: HashMap<String, Vec<ConfiguredRow>>,
    folds_names: bool,
}

impl ConfiguredRows {
    pub(crate) fn new(compiled: &CompiledSettings) -> Result<Self, SettingsError> {
        let settings = &compiled.settings;
        check_names(settings)?;
        let mut rows = Self {
            folds_names: settings.fold_event_names,
            ..Self::default()
        };
        for rule in &settings.field_rules {
            let row = ConfiguredRow::new(rule, compiled)?;
            let list = match &rule.event {
                None => &mut rows.every_event,
                Some(event) => rows.by_event.entry(rows.folded(event)).or_default(),
            };
            if list.iter().any(|other| other.path() == row.path()) {
                return Err(SettingsError::FieldTwice {
                    field: rule.field.path().to_owned(),
                });
            }
            list.push(row);
        }
        Ok(rows)
    }

    /// Applies the rows of one event, then those of every event to the fields that are still empty.
    #[inline]
    pub(crate) fn apply<'m, 'a>(
        &'m self,
        name: &str,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'m, 'a>,
    ) {
        if !(self.every_event.is_empty() && self.by_event.is_empty()) {
            self.apply_all(name, event, cx);
        }
    }

    #[cold]
    fn apply_all<'m, 'a>(
        &'m self,
        name: &str,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'m, 'a>,
    ) {
        let of_event = self.by_event.get(&self.folded(name));
        let rows = of_event.into_iter().flatten().chain(&self.every_event);
        // The country comes first, because phone numbers and postcodes are read by it.
        for row in rows.clone().filter(|row| row.writes_country()) {
            row.apply(event, cx);
        }
        for row in rows.filter(|row| !row.writes_country()) {
            row.apply(event, cx);
        }
        // An unusable currency of a configured source counts as absent.
        cx.currency_is_invalid = false;
    }

    fn folded(&self, name: &str) -> String {
        if self.folds_names {
            fold(name).into_owned()
        } else {
            name.to_owned()
        }
    }
}

/// Two spellings of one event name would leave open which of their rows wins.
fn check_names(settings: &Settings) -> Result<(), SettingsError> {
    let mut names: HashMap<Cow<'_, str>, &str> = HashMap::new();
    for name in settings
        .field_rules
        .iter()
        .filter_map(|rule| rule.event.as_deref())
    {
        let folded = if settings.fold_event_names {
            fold(name)
        } else {
            Cow::Borrowed(name)
        };
        let first = *names.entry(folded).or_insert(name);
        if first != name {
            return Err(SettingsError::EventFieldsConflict {
                first: first.to_owned(),
                second: name.to_owned(),
            });
        }
    }
    Ok(())
}
