//! Passes on the properties that no row names: into `custom_data` under their own key, as raw JSON.

use std::borrow::Cow;

use facebook_conversions::{RawJson, ServerEvent, Text};
use segment_spec::{Property, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::{hash_text, redact};
use crate::rules::configured::remaining::{Remaining, remaining};
use crate::rules::custom_property;
use crate::rules::known::{AfterRows, Known};
use crate::rules::source::SourcePath;
use crate::transforms::input::Input;
use crate::transforms::owned::own_json;

/// What becomes of a property after the rows.
enum Rest {
    /// A row has used it.
    Done,
    /// It is passed on.
    PassOn,
}

pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let properties = cx.message.properties.as_slice();
    event
        .custom_data
        .custom_properties
        .reserve(properties.len());
    let is_configured = !cx.configured.is_empty();
    for (place, property) in properties.iter().enumerate() {
        if is_configured && !is_left_whole(property, event, cx) {
            continue;
        }
        let known = cx.index.known(place, &property.key);
        let pii = &cx.compiled.pii;
        let policy = if known.is_some() && !pii.has_own_names() {
            // No known key is a name of personal data, which saves the lookup.
            pii.unnamed()
        } else {
            pii.policy(&property.key)
        };
        match policy {
            PiiPolicy::Drop => drop_personal(property, cx),
            PiiPolicy::Hash => hash(property, event, cx),
            PiiPolicy::Keep | PiiPolicy::Allow => {
                if let Rest::PassOn = rest(known, property, cx) {
                    pass_on(property, policy, event, cx);
                }
            }
        }
    }
}

/// Whether rows of the settings left a property as it was. What they left of its parts is passed on here.
#[cold]
fn is_left_whole<'a>(
    property: &Property<'a>,
    event: &mut ServerEvent<'a>,
    cx: &mut RuleContext<'_, 'a>,
) -> bool {
    match remaining(property, &cx.configured) {
        Remaining::All => return true,
        Remaining::Nothing => {}
        Remaining::Replaced => cx
            .notes
            .left_out(|| Path::Key("properties", property.key.clone())),
        Remaining::Part(json) => {
            let input = Raw::read(&json).map(|raw| Input {
                raw,
                from: &SourcePath::Fixed("properties"),
                message: None,
            });
            let Some(input) = input else { return false };
            match custom_property::read(&property.key, input, cx) {
                Ok((value, _)) => {
                    note(property, Effect::Normalized, cx);
                    let properties = &mut event.custom_data.custom_properties;
                    properties.push(property.key.clone(), own_json(&value));
                }
                Err(_) => drop_personal(property, cx),
            }
        }
    }
    false
}

fn rest(known: Option<Known>, property: &Property<'_>, cx: &RuleContext<'_, '_>) -> Rest {
    let Some(known) = known else {
        return Rest::PassOn;
    };
    let passes_on = match known {
        Known::Revenue => cx.revenue_stays,
        Known::Products => !cx.took_products && !property.value.is_blank(),
        Known::MessagingChannel => cx.messaging_channel().is_none(),
        known => known.after_rows() == AfterRows::Stays,
    };
    if passes_on { Rest::PassOn } else { Rest::Done }
}

fn pass_on<'a>(
    property: &Property<'a>,
    policy: PiiPolicy,
    event: &mut ServerEvent<'a>,
    cx: &mut RuleContext<'_, 'a>,
) {
    let pii = &cx.compiled.pii;
    let custom = &mut event.custom_data.custom_properties;
    let redacted = if policy == PiiPolicy::Allow {
        None
    } else if pii.is_personal_text(property.value) {
        return drop_personal(property, cx);
    } else {
        redact(property.value, pii, std::slice::from_ref(&property.key))
    };
    let effect = if redacted.is_some() {
        Effect::Normalized
    } else {
        Effect::Copied
    };
    note(property, effect, cx);
    let value = match redacted {
        None => RawJson::trusted(property.value.text()),
        Some(redacted) => {
            SourcePath::Fixed("properties").note_redacted(redacted.changes, cx);
            RawJson::trusted(redacted.text)
        }
    };
    custom.push(
        match &property.key {
            // A borrowed key had no escapes in the message.
            Cow::Borrowed(key) => Text::plain(key),
            Cow::Owned(key) => Text::from(key.clone()),
        },
        value,
    );
}

fn drop_personal<'a>(property: &Property<'a>, cx: &mut RuleContext<'_, 'a>) {
    cx.notes
        .dropped_personal(|| Path::Key("properties", property.key.clone()));
}

/// Sends the hash of a property that `pii_properties.hash` names: under its own key, or in the field that its row would
/// have written. A property whose field cannot hold a hash is dropped.
fn hash<'a>(property: &Property<'a>, event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let text = property.value.as_str().unwrap_or_default();
    let Some(hash) = hash_text(&text, property.value.text()) else {
        return drop_personal(property, cx);
    };
    let hash = hash.as_str().to_owned();
    let custom = &mut event.custom_data;
    let field = match Known::of(&property.key) {
        Some(Known::OrderId) if custom.order_id.is_none() => {
            custom.order_id = Some(hash.into());
            Path::Fixed("custom_data.order_id")
        }
        Some(Known::Query | Known::SearchString) if custom.search_string.is_none() => {
            custom.search_string = Some(hash.into());
            Path::Fixed("custom_data.search_string")
        }
        Some(Known::Status) if custom.status.is_none() => {
            custom.status = Some(RawJson::string(&hash));
            Path::Fixed("custom_data.status")
        }
        Some(Known::ContentIds) if custom.content_ids.is_empty() => {
            custom.content_ids = vec![hash.into()];
            Path::Fixed("custom_data.content_ids")
        }
        Some(known) if known.after_rows() != AfterRows::Stays => {
            return drop_personal(property, cx);
        }
        _ => {
            custom
                .custom_properties
                .push(property.key.clone(), RawJson::string(&hash));
            Path::Key("custom_data", property.key.clone())
        }
    };
    cx.notes.add(|| Note {
        field: Some(field),
        from: Some(Path::Key("properties", property.key.clone())),
        effect: Effect::Hashed,
    });
}

fn note<'a>(property: &Property<'a>, effect: Effect, cx: &mut RuleContext<'_, 'a>) {
    cx.notes.add(|| Note {
        field: Some(Path::Key("custom_data", property.key.clone())),
        from: Some(Path::Key("properties", property.key.clone())),
        effect,
    });
}
