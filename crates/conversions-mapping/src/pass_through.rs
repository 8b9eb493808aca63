//! Properties that no row names: into `custom_data` under their own key, as raw JSON.

use std::borrow::Cow;

use facebook_conversions::{RawJson, ServerEvent};
use segment_spec::Property;

use crate::cut::{cut, hash_text};
use crate::cx::Cx;
use crate::note::{Effect, Note, Path};
use crate::personal::Policy;
use crate::property::Known;

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
    for property in properties {
        let policy = cx.mapping.personal().policy(&property.key);
        match policy {
            Policy::Drop => drop_personal(property, cx),
            Policy::Hash => hash(property, event, cx),
            Policy::Keep | Policy::Allow => {
                if let Rest::PassOn = rest(property, cx) {
                    pass_on(property, policy, event, cx);
                }
            }
        }
    }
}

fn rest(property: &Property<'_>, cx: &Cx<'_, '_>) -> Rest {
    let Some(known) = Known::of(&property.key) else {
        return Rest::PassOn;
    };
    let passes_on = match known {
        Known::Revenue => cx.revenue_stays,
        Known::Products => !cx.took_products && !property.value.is_blank(),
        Known::MessagingChannel => cx.messaging_channel().is_none(),
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
        | Known::NetRevenue
        | Known::NumItems
        | Known::OrderId
        | Known::PredictedLtv
        | Known::Query
        | Known::SearchString
        | Known::Status
        | Known::Value => false,
    };
    if passes_on { Rest::PassOn } else { Rest::Done }
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
    match cut {
        None => custom.push(
            property.key.clone(),
            RawJson::trusted(property.value.text()),
        ),
        Some(cut) => {
            cx.note_cut(cut.changes);
            custom.push(property.key.clone(), RawJson::trusted(cut.text));
        }
    }
}

fn drop_personal<'a>(property: &Property<'a>, cx: &mut Cx<'_, 'a>) {
    cx.notes
        .dropped_personal(|| Path::under("properties", property.key.clone()));
}

fn hash<'a>(property: &Property<'a>, event: &mut ServerEvent<'a>, cx: &mut Cx<'_, 'a>) {
    let text = property.value.as_str().unwrap_or(Cow::Borrowed(""));
    let Some(hash) = hash_text(&text, property.value.text()) else {
        return drop_personal(property, cx);
    };
    note(property, Effect::Hashed, cx);
    event
        .custom_data
        .custom_properties
        .push(property.key.clone(), RawJson::string(hash.as_str()));
}

fn note<'a>(property: &Property<'a>, effect: Effect, cx: &mut Cx<'_, 'a>) {
    cx.notes.add(|| Note {
        field: Some(Path::under("custom_data", property.key.clone())),
        from: Some(Path::under("properties", property.key.clone())),
        effect,
    });
}
