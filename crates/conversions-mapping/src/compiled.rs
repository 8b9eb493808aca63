//! The settings of one destination in the form in which rules look things up.

use crate::event_names::EventNames;
use crate::privacy::pii::PiiRules;
use crate::settings::{Settings, SettingsError};

/// Settings with the lookup tables that are built from them once, so that no message pays for building them.
#[derive(Debug)]
pub(crate) struct CompiledSettings {
    pub(crate) settings: Settings,
    pub(crate) event_names: EventNames,
    pub(crate) pii: PiiRules,
}

impl CompiledSettings {
    pub(crate) fn new(settings: Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            event_names: EventNames::new(&settings)?,
            pii: PiiRules::new(&settings.pii_properties),
            settings,
        })
    }
}
