//! Properties that no row names: into `custom_data` under their own key, as raw JSON.

use std::borrow::Cow;

use facebook_conversions::{RawJson, ServerEvent, Text};
use segment_spec::Property;

use crate::context::Cx;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::Policy;
use crate::privacy::redact::{cut, hash_text};
use crate::rules::known::Known;

/// What becomes of a property after the rows.
enum Rest {
    /// A row has seen to it.
    Done,
    /// It is passed on.
    PassOn,
}

pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut Cx<'_, 'a>) {
    let properties = cx.message.properties.as_slice();
    event
        .custom_data
        .custom_properties
        .reserve(properties.len());
    for (place, property) in properties.iter().enumerate() {
        let known = cx.index.known(place, &property.key);
        let personal = cx.mapping.personal();
        let policy = if known.is_some() && !personal.has_own_names() {
            // None of them is personal by itself.
            personal.unnamed()
        } else {
            personal.policy(&property.key)
        };
        match policy {
            Policy::Drop => drop_personal(property, cx),
            Policy::Hash => hash(property, event, cx),
            Policy::Keep | Policy::Allow => {
                if let Rest::PassOn = rest(known, property, cx) {
                    pass_on(property, policy, event, cx);
                }
            }
        }
    }
}

fn rest(known: Option<Known>, property: &Property<'_>, cx: &Cx<'_, '_>) -> Rest {
    let Some(known) = known else {
        return Rest::PassOn;
    };
    let passes_on = match known {
        Known::Revenue => cx.revenue_stays,
        Known::Products => !cx.took_products && !property.value.is_blank(),
        Known::MessagingChannel => cx.messaging_channel().is_none(),
        known => has_own_key(known),
    };
    if passes_on { Rest::PassOn } else { Rest::Done }
}

/// Whether a known property is passed on under its own key like any other.
fn has_own_key(known: Known) -> bool {
    match known {
        Known::Category
        | Known::Price
        | Known::ProductId
        | Known::Quantity
        | Known::Sku
        | Known::Total => true,
        Known::ActionSource
        | Known::ActionSourceCamel
        | Known::ContentIds
        | Known::ContentType
        | Known::Contents
        | Known::Currency
        | Known::DeliveryCategory
        | Known::Fbc
        | Known::Fbp
        | Known::MessagingChannel
        | Known::NetRevenue
        | Known::NumItems
        | Known::OrderId
        | Known::PredictedLtv
        | Known::Products
        | Known::Query
        | Known::Revenue
        | Known::SearchString
        | Known::Status
        | Known::Value => false,
    }
}

fn pass_on<'a>(
    property: &Property<'a>,
    policy: Policy,
    event: &mut ServerEvent<'a>,
    cx: &mut Cx<'_, 'a>,
) {
    let personal = cx.mapping.personal();
    let custom = &mut event.custom_data.custom_properties;
    let cut = if policy == Policy::Allow {
        None
    } else if personal.is_personal_text(property.value) {
        return drop_personal(property, cx);
    } else {
        cut(
            property.value,
            personal,
            std::slice::from_ref(&property.key),
        )
    };
    let effect = if cut.is_some() {
        Effect::Normalized
    } else {
        Effect::Copied
    };
    note(property, effect, cx);
    let value = match cut {
        None => RawJson::trusted(property.value.text()),
        Some(cut) => {
            cx.note_cut(cut.changes);
            RawJson::trusted(cut.text)
        }
    };
    custom.push(
        match &property.key {
            // It had no escapes in the message.
            Cow::Borrowed(key) => Text::plain(key),
            Cow::Owned(key) => Text::from(key.clone()),
        },
        value,
    );
}

fn drop_personal<'a>(property: &Property<'a>, cx: &mut Cx<'_, 'a>) {
    cx.notes
        .dropped_personal(|| Path::Key("properties", property.key.clone()));
}

/// The hash of a property that a setting names, where a hash fits: under its own key, or in the field that its row
/// would have written.
fn hash<'a>(property: &Property<'a>, event: &mut ServerEvent<'a>, cx: &mut Cx<'_, 'a>) {
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
        Some(known) if !has_own_key(known) => return drop_personal(property, cx),
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

fn note<'a>(property: &Property<'a>, effect: Effect, cx: &mut Cx<'_, 'a>) {
    cx.notes.add(|| Note {
        field: Some(Path::Key("custom_data", property.key.clone())),
        from: Some(Path::Key("properties", property.key.clone())),
        effect,
    });
}
