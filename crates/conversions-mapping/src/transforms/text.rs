//! Texts, and names out of a closed set.

use std::borrow::Cow;

use facebook_conversions::{
    AttributionMethod, AttributionModel, Currency, CustomerSegmentation, DeliveryCategory,
    MessagingChannel, RawJson, Text, is_http_url,
};
use segment_spec::{Items, Raw};

use crate::context::RuleContext;
use crate::privacy::email::is_whole_email;
use crate::privacy::page_url::without_emails;
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::redact;
use crate::rules::source::SourcePath;
use crate::transforms::input::Input;
use crate::transforms::lists::array_in_text;
use crate::transforms::plain_text::{id_text, text_of};
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// The values of `content_type` that Meta documents: two for shops, the others for catalogues of other trades.
const CONTENT_TYPES: [&str; 12] = [
    "product",
    "product_group",
    "destination",
    "flight",
    "home_listing",
    "hotel",
    "local_service_business",
    "media_title",
    "offline_product",
    "vehicle",
    "vehicle_offer",
    "automotive_model",
];

pub(super) fn id<'v>(input: Input<'v, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<Text<'v>> {
    id_text(input.raw)
}

pub(super) fn text<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Text<'v>> {
    not_email(input.raw, cx)
}

fn not_email<'v>(raw: Raw<'v>, cx: &RuleContext<'_, '_>) -> Transformed<Text<'v>> {
    let (text, change) = id_text(raw)?;
    if cx.compiled.pii.unnamed() == PiiPolicy::Keep && is_whole_email(&text) {
        return Err(Unusable::Personal);
    }
    Ok((text, change))
}

pub(super) fn as_is<'v>(
    input: Input<'v, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<Text<'v>> {
    text_of(input.raw)
        .map(|text| (text, Change::Same))
        .ok_or(Unusable::Unreadable)
}

/// Reads a list of texts; a single text becomes a list of one.
pub(super) fn list<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Vec<Text<'v>>> {
    if let Some(items) = input.raw.items() {
        return list_of_items(items, input.from, cx);
    }
    let Some(json) = array_in_text(input.raw) else {
        return text(input, cx).map(|(id, _)| (vec![id], Change::Normalized));
    };
    let array = Raw::read(&json).and_then(Raw::items);
    let (texts, _) = list_of_items(array.ok_or(Unusable::Unreadable)?, input.from, cx)?;
    let owned = texts.into_iter().map(|text| text.into_owned().into());
    Ok((owned.collect(), Change::Unwrapped))
}

fn list_of_items<'v>(
    items: Items<'v>,
    from: &SourcePath<'_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Vec<Text<'v>>> {
    let (mut count, mut change) = (0, Change::Same);
    let mut texts = Vec::new();
    for (index, item) in items.enumerate() {
        count += 1;
        let path = || from.item(index, "");
        match not_email(item, cx) {
            Ok(_) if item.is_blank() => cx.notes.left_out(path),
            Ok((text, Change::Same)) => texts.push(text),
            Ok((text, _)) => {
                change = Change::Normalized;
                texts.push(text);
            }
            Err(Unusable::Personal) => cx.notes.dropped_personal(path),
            Err(_) => cx.notes.left_out(path),
        }
    }
    if texts.is_empty() {
        return Err(Unusable::Unreadable);
    }
    let change = if texts.len() < count {
        Change::Normalized
    } else {
        change
    };
    Ok((texts, change))
}

pub(super) fn http_url<'v>(
    input: Input<'v, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<Text<'v>> {
    let url = text_of(input.raw)
        .filter(|url| is_http_url(url))
        .ok_or(Unusable::Unreadable)?;
    match without_emails(&url) {
        Cow::Borrowed(_) => Ok((url, Change::Same)),
        Cow::Owned(clean) => Ok((Text::from(clean), Change::Cleaned)),
    }
}

pub(super) fn content_type<'v>(
    input: Input<'v, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<Text<'v>> {
    let known = text_of(input.raw).filter(|name| CONTENT_TYPES.contains(&&**name));
    known
        .map(|name| (name, Change::Same))
        .ok_or(Unusable::Unreadable)
}

pub(super) fn json<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<RawJson<'v>> {
    if cx.compiled.pii.is_personal_text(input.raw) {
        return Err(Unusable::Personal);
    }
    match redact(input.raw, &cx.compiled.pii, &input.from.property_keys()) {
        None => Ok((RawJson::trusted(input.raw.text()), Change::Same)),
        Some(redacted) => {
            input.from.note_redacted(redacted.changes, cx);
            Ok((RawJson::trusted(redacted.text), Change::Normalized))
        }
    }
}

pub(super) fn channel(
    input: Input<'_, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<MessagingChannel> {
    named(input.raw, MessagingChannel::from_name)
}

pub(super) fn delivery_category(
    input: Input<'_, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<DeliveryCategory> {
    named(input.raw, DeliveryCategory::from_name)
}

pub(super) fn customer_segmentation(
    input: Input<'_, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<CustomerSegmentation> {
    named(input.raw, CustomerSegmentation::from_name)
}

pub(super) fn attribution_model(
    input: Input<'_, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<AttributionModel> {
    named(input.raw, AttributionModel::from_name)
}

pub(super) fn attribution_method(
    input: Input<'_, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<AttributionMethod> {
    named(input.raw, AttributionMethod::from_name)
}

fn named<T>(raw: Raw<'_>, from_name: fn(&str) -> Option<T>) -> Transformed<T> {
    let value = raw
        .as_str()
        .and_then(|name| from_name(&name))
        .ok_or(Unusable::Unreadable)?;
    Ok((value, Change::Same))
}

pub(super) fn iso_4217(
    input: Input<'_, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Currency> {
    let text = input.raw.as_str();
    let currency = text.as_deref().and_then(Currency::parse);
    cx.currency_is_invalid = currency.is_none();
    let currency = currency.ok_or(Unusable::Unreadable)?;
    let change = if text.as_deref() == Some(currency.as_str()) {
        Change::Same
    } else {
        Change::Normalized
    };
    Ok((currency, change))
}
