//! The trait by which mapping learns what earlier messages said of a customer.
//!
//! Mapping itself remembers nothing. A [`CustomerMemory`] that is given to a [`Mapping`](crate::Mapping) is told what each
//! message says of its customer, also when the message does not become an event, and may fill what an event lacks.

use std::fmt;

use facebook_conversions::normalize::{HashedKey, is_email, trim};
use facebook_conversions::{ExternalId, ServerEvent, Text, UserData};
use jiff::Timestamp;
use segment_spec::{Message, Raw};

use crate::context::RuleContext;
use crate::eligibility::has_consent;
use crate::engine::Mapper;
use crate::integrations;
use crate::note::{Effect, Notes, Path};
use crate::rules::computed::{derive, event_time, match_properties};
use crate::rules::table;
use crate::transforms::plain_text::{id_text, text_of};

/// Remembers what messages say of customers.
///
/// Its calls must be quick and never fail: each event waits for them.
pub trait CustomerMemory: fmt::Debug + Send + Sync {
    /// Takes in what a message says. Called once for every message of a kind that names a customer, unless its
    /// `integrations` switch the destination off or a consent that the settings require is missing.
    fn learn(&self, customer: &Customer<'_>, user_data: &UserData<'_>);

    /// Takes in what an event says, fills what it lacks, and calls `remembered` with each field that was filled or made
    /// more exact, such as `user_data.em`.
    fn learn_and_fill(
        &self,
        customer: &Customer<'_>,
        user_data: &mut UserData<'_>,
        remembered: &mut dyn FnMut(&'static str),
    );
}

/// Whom a message is about, and when it was sent.
#[derive(Clone, Copy)]
pub struct Customer<'a> {
    /// `userId`, as text.
    pub user_id: Option<&'a str>,
    /// `anonymousId`, as text.
    pub anonymous_id: Option<&'a str>,
    /// `previousId` of an Alias call, as text.
    pub previous_id: Option<&'a str>,
    /// The anonymous id as it is sent in `external_id`, hashed or in clear as the settings say, to join the user id there.
    /// `None` if the message lacks either id, or if the settings take `external_id` from elsewhere.
    pub anonymous_external_id: Option<&'a ExternalId<'a>>,
    /// When the message was sent, Unix milliseconds.
    pub time: i64,
}

/// Ids are personal: they are not shown.
impl fmt::Debug for Customer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// Tells the memory what an event says, and lets it fill what the event lacks.
pub(crate) fn learn_and_fill<'a>(
    memory: &dyn CustomerMemory,
    event: &mut ServerEvent<'a>,
    cx: &mut RuleContext<'_, 'a>,
) {
    let ids = Ids::of(cx.message);
    let external_id = ids.anonymous_external_id(cx);
    let customer = ids.customer(external_id.as_ref(), cx.time);
    let notes = &mut cx.notes;
    let mut note = |field| notes.wrote(field, Effect::Remembered, || Path::Fixed("memory"));
    memory.learn_and_fill(&customer, &mut event.user_data, &mut note);
}

/// The ids of a message, as text.
struct Ids<'a> {
    user: Option<Text<'a>>,
    anonymous: Option<Text<'a>>,
    previous: Option<Text<'a>>,
}

impl<'a> Ids<'a> {
    fn of(message: &Message<'a>) -> Self {
        let text = |raw: Option<Raw<'a>>| Some(id_text(raw?).ok()?.0);
        Self {
            user: text(message.user_id),
            anonymous: text(message.anonymous_id),
            previous: None,
        }
    }

    /// The anonymous id in the form in which it would be sent.
    fn anonymous_external_id(&self, cx: &RuleContext<'_, '_>) -> Option<ExternalId<'_>> {
        let settings = &cx.compiled.settings;
        let is_from_elsewhere = settings.external_id_prop.is_some()
            || settings
                .field_rules
                .iter()
                .any(|rule| rule.field.path() == "user_data.external_id");
        let anonymous = self.anonymous.as_deref().map(trim)?;
        if self.user.is_none() || is_from_elsewhere || anonymous.is_empty() {
            return None;
        }
        if settings.hash_external_id || is_email(anonymous) {
            let hash = HashedKey::ExternalId.hash(anonymous, &cx.normalize_context);
            return hash.map(ExternalId::Hashed);
        }
        Some(ExternalId::Plain(anonymous.into()))
    }

    fn customer<'s>(
        &'s self,
        anonymous_external_id: Option<&'s ExternalId<'s>>,
        time: i64,
    ) -> Customer<'s> {
        Customer {
            user_id: self.user.as_deref(),
            anonymous_id: self.anonymous.as_deref(),
            previous_id: self.previous.as_deref(),
            anonymous_external_id,
            time,
        }
    }
}

impl Mapper<'_> {
    /// Tells the memory what a message says that does not become an event.
    pub(crate) fn learn(
        &mut self,
        memory: &dyn CustomerMemory,
        message: &Message<'_>,
        now: Timestamp,
    ) {
        let kind = message.kind.and_then(Raw::as_str);
        let settings = &self.mapping().compiled.settings;
        let names_customer = matches!(
            kind.as_deref(),
            None | Some("track" | "identify" | "page" | "screen" | "group" | "alias")
        );
        if !names_customer || !has_consent(message, settings) {
            return;
        }
        let Some(entry) = integrations::read(message.integrations) else {
            return;
        };
        let mut ids = Ids::of(message);
        if kind.as_deref() == Some("alias") {
            let previous = message.at_path("previousId");
            ids.previous = previous.and_then(|raw| Some(id_text(raw).ok()?.0));
        }
        let Some(time) =
            event_time::event_time(message, now.as_millisecond(), &mut Notes::new(false))
        else {
            return;
        };
        // Rules look for traits in `context`; an Identify call has them at the top of the message. Those of a Group call
        // are the group's.
        let identified = (kind.as_deref() == Some("identify")).then(|| {
            let mut message = message.clone();
            message.context.traits = message.traits.clone();
            message
        });
        let message = identified.as_ref().unwrap_or(message);
        let name = message.event.and_then(text_of).unwrap_or_default();
        let mapping = self.mapping();
        let mut cx = self.rule_context(message, entry, Notes::new(false), now);
        cx.traits_at_top = identified.is_some();
        cx.time = time;
        let mut event = ServerEvent::default();
        mapping.configured.apply(&name, &mut event, &mut cx);
        table::apply_event(&mut event, &mut cx);
        match_properties::apply(&mut event, &mut cx);
        derive::apply_to_customer(&mut event, &mut cx);
        let external_id = ids.anonymous_external_id(&cx);
        memory.learn(&ids.customer(external_id.as_ref(), time), &event.user_data);
    }
}

#[cfg(test)]
mod tests;
