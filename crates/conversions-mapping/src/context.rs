//! What a rule may look at: the message, the settings, the clock; and where it leaves its notes.

use std::borrow::Cow;

use facebook_conversions::normalize::NormalizeContext;
use facebook_conversions::validation::Warning;
use facebook_conversions::{ActionSource, StandardEvent, Text};
use segment_spec::{Message, Raw};

use crate::engine::Mapping;
use crate::event_names::ProductEvent;
use crate::integrations::Entry;
use crate::note::{Effect, Note, Notes, Path};
use crate::privacy::pii::Policy;
use crate::privacy::redact::hash_text;
use crate::rules::known::{Index, Known};
use crate::transforms::id_text;

/// One message on its way.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each remembers one thing that a row did"
)]
pub(crate) struct Cx<'m, 'a> {
    pub(crate) mapping: &'m Mapping,
    pub(crate) message: &'m Message<'a>,
    /// This destination's entry of `integrations`.
    pub(crate) entry: Entry<'a>,
    pub(crate) index: Index,
    pub(crate) standard_event: Option<StandardEvent>,
    pub(crate) product_event: Option<ProductEvent>,
    /// The traits stand at the top of the message, as they do in an Identify call.
    pub(crate) traits_at_top: bool,
    /// When the event happened, Unix milliseconds.
    pub(crate) time: i64,
    pub(crate) normalize_context: NormalizeContext,
    pub(crate) scratch: &'m mut String,
    pub(crate) notes: Notes<'a>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) action_source: ActionSource,
    /// `properties.value` has been looked at as the value of the event.
    pub(crate) tried_value: bool,
    /// `properties.revenue` is not the business of this event, and stays.
    pub(crate) revenue_stays: bool,
    /// `properties.products` has become `contents`, and does not stay.
    pub(crate) took_products: bool,
    /// A currency that is none: the event has no value without it.
    pub(crate) currency_is_invalid: bool,
}

impl<'a> Cx<'_, 'a> {
    /// A property that says something, and that no setting calls personal.
    pub(crate) fn property(&self, known: Known) -> Option<Raw<'a>> {
        let property = self
            .message
            .properties
            .as_slice()
            .get(self.index.at(known)?)?;
        self.usable(&property.key, property.value)
    }

    /// A property that is an id of a product: its text, or the hash of it if a setting says so.
    pub(crate) fn id_property(&self, known: Known) -> Option<Text<'a>> {
        let property = self
            .message
            .properties
            .as_slice()
            .get(self.index.at(known)?)?;
        let (personal, value) = (self.mapping.personal(), property.value);
        if personal.has_own_names() && personal.policy(&property.key) == Policy::Hash {
            let hash = hash_text(&value.as_str()?, value.text())?;
            return Some(hash.as_str().to_owned().into());
        }
        let value = self.usable(&property.key, value)?;
        if personal.is_personal_text(value) {
            None
        } else {
            id_text(value).ok().map(|(id, _)| id)
        }
    }

    /// The property that is the value of a product event.
    pub(crate) fn value_identifier(&self) -> Option<Raw<'a>> {
        let name = self.value_identifier_name();
        self.usable(name, self.message.properties.get(name)?)
    }

    pub(crate) fn value_identifier_name(&self) -> &str {
        &self.mapping.settings().value_identifier
    }

    /// Where a business conversation takes place; no business of other events.
    pub(crate) fn messaging_channel(&self) -> Option<Raw<'a>> {
        let applies = self.action_source == ActionSource::BusinessMessaging;
        if applies {
            self.property(Known::MessagingChannel)
        } else {
            None
        }
    }

    fn usable(&self, key: &str, value: Raw<'a>) -> Option<Raw<'a>> {
        let personal = self.mapping.personal();
        let kept = !personal.has_own_names()
            || !matches!(personal.policy(key), Policy::Drop | Policy::Hash);
        (kept && !value.is_blank()).then_some(value)
    }

    pub(crate) fn is_purchase(&self) -> bool {
        self.standard_event == Some(StandardEvent::Purchase)
    }

    /// Whether the value of the event is a property that the settings name.
    pub(crate) fn has_value_identifier(&self) -> bool {
        matches!(
            self.product_event,
            Some(ProductEvent::Viewed | ProductEvent::Added)
        )
    }

    /// Adds a warning, once.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Notes what was cut out of a value, or hashed in it.
    pub(crate) fn note_cut(&mut self, changes: Vec<(Vec<Cow<'a, str>>, Policy)>) {
        for (keys, policy) in changes {
            let hashed = policy == Policy::Hash;
            self.notes.add(|| Note {
                field: hashed.then(|| Path::Under("custom_data", keys.clone())),
                from: Some(Path::Under("properties", keys)),
                effect: if hashed {
                    Effect::Hashed
                } else {
                    Effect::DroppedPersonal
                },
            });
        }
    }

    /// The path of the settings' own, for a note.
    pub(crate) fn value_identifier_key(&self) -> Cow<'a, str> {
        Cow::Owned(self.value_identifier_name().to_owned())
    }
}
