//! What a rule reads (message, settings, time) and where it leaves its notes and warnings.

use std::borrow::Cow;

use facebook_conversions::normalize::NormalizeContext;
use facebook_conversions::validation::Warning;
use facebook_conversions::{ActionSource, StandardEvent, Text};
use segment_spec::{Message, Raw};

use crate::compiled::CompiledSettings;
use crate::event_names::ProductEvent;
use crate::integrations::Entry;
use crate::note::Notes;
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::hash_text;
use crate::rules::known::{Index, Known};
use crate::transforms::plain_text::id_text;

/// The state of mapping one message, handed to every rule.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each records one decision of an earlier rule for a later one"
)]
pub(crate) struct RuleContext<'m, 'a> {
    pub(crate) compiled: &'m CompiledSettings,
    pub(crate) message: &'m Message<'a>,
    /// This destination's entry of `integrations`.
    pub(crate) entry: Entry<'a>,
    pub(crate) index: Index,
    pub(crate) standard_event: Option<StandardEvent>,
    pub(crate) product_event: Option<ProductEvent>,
    /// The traits are at the top of the message, as in an Identify call.
    pub(crate) traits_at_top: bool,
    /// When the event happened, Unix milliseconds.
    pub(crate) time: i64,
    pub(crate) normalize_context: NormalizeContext,
    pub(crate) scratch: &'m mut String,
    pub(crate) notes: Notes<'a>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) action_source: ActionSource,
    /// What rows of the settings have used.
    pub(crate) configured: ConfiguredUse<'m>,
    /// `properties.value` was tried as the value of the event already.
    pub(crate) tried_value: bool,
    /// `properties.revenue` is not used for the value of this event, and stays.
    pub(crate) revenue_stays: bool,
    /// `properties.products` became `contents`, and does not stay.
    pub(crate) took_products: bool,
    /// The event names a currency that does not exist; its value is not sent without one.
    pub(crate) currency_is_invalid: bool,
}

/// What rows of the settings have done so far with the parts of one message.
#[derive(Debug, Default)]
pub(crate) struct ConfiguredUse<'m> {
    /// The paths whose values were written to a field.
    pub(crate) used: Vec<&'m str>,
    /// The paths of properties that do not stay in `custom_data`.
    pub(crate) taken: Vec<&'m str>,
    /// The keys of `custom_data` that were written and that no row of the tables names.
    pub(crate) custom_keys: Vec<&'m str>,
}

impl ConfiguredUse<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.custom_keys.is_empty()
    }
}

impl<'m, 'a> RuleContext<'m, 'a> {
    /// The context of a message before any rule was applied.
    pub(crate) fn new(
        compiled: &'m CompiledSettings,
        message: &'m Message<'a>,
        scratch: &'m mut String,
    ) -> Self {
        Self {
            compiled,
            message,
            entry: Entry::default(),
            index: Index::of(&message.properties),
            standard_event: None,
            product_event: None,
            traits_at_top: false,
            time: 0,
            normalize_context: NormalizeContext::in_year(UNKNOWN_YEAR),
            scratch,
            notes: Notes::default(),
            warnings: Vec::new(),
            action_source: ActionSource::Website,
            configured: ConfiguredUse::default(),
            tried_value: false,
            revenue_stays: false,
            took_products: false,
            currency_is_invalid: false,
        }
    }
}

/// A year that no birthday is later than.
const UNKNOWN_YEAR: i16 = 9999;

impl<'a> RuleContext<'_, 'a> {
    /// The value of a property, unless it is blank or a setting declares it personal.
    #[inline]
    pub(crate) fn property(&self, known: Known) -> Option<Raw<'a>> {
        // Most known properties are missing in most messages.
        self.property_at(self.index.at(known)?)
    }

    fn property_at(&self, place: usize) -> Option<Raw<'a>> {
        let property = self.message.properties.as_slice().get(place)?;
        self.usable(&property.key, property.value)
    }

    /// The text of a property that is a product id, or its hash if a setting asks for that.
    pub(crate) fn id_property(&self, known: Known) -> Option<Text<'a>> {
        let property = self
            .message
            .properties
            .as_slice()
            .get(self.index.at(known)?)?;
        let (pii, value) = (&self.compiled.pii, property.value);
        if pii.has_own_names() && pii.policy(&property.key) == PiiPolicy::Hash {
            let hash = hash_text(&value.as_str()?, value.text())?;
            return Some(hash.as_str().to_owned().into());
        }
        let value = self.usable(&property.key, value)?;
        if pii.is_personal_text(value) {
            None
        } else {
            id_text(value).ok().map(|(id, _)| id)
        }
    }

    /// The value of the property that the setting `value_identifier` names.
    pub(crate) fn value_identifier(&self) -> Option<Raw<'a>> {
        let name = self.value_identifier_name();
        self.usable(name, self.message.properties.get(name)?)
    }

    pub(crate) fn value_identifier_name(&self) -> &str {
        &self.compiled.settings.value_identifier
    }

    /// `properties.messaging_channel`, for business messages only.
    pub(crate) fn messaging_channel(&self) -> Option<Raw<'a>> {
        let applies = self.action_source == ActionSource::BusinessMessaging;
        if applies {
            self.property(Known::MessagingChannel)
        } else {
            None
        }
    }

    fn usable(&self, key: &str, value: Raw<'a>) -> Option<Raw<'a>> {
        let pii = &self.compiled.pii;
        let kept =
            !pii.has_own_names() || !matches!(pii.policy(key), PiiPolicy::Drop | PiiPolicy::Hash);
        (kept && !value.is_blank()).then_some(value)
    }

    pub(crate) fn is_purchase(&self) -> bool {
        self.standard_event == Some(StandardEvent::Purchase)
    }

    /// Whether the event takes its value from the property that `value_identifier` names.
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

    /// The name in the setting `value_identifier`, as a key for a note.
    pub(crate) fn value_identifier_key(&self) -> Cow<'a, str> {
        Cow::Owned(self.value_identifier_name().to_owned())
    }
}
