//! Texts, and names out of a closed set.

use std::borrow::Cow;

use facebook_conversions::normalize::is_email;
use facebook_conversions::{
    Currency, DeliveryCategory, MessagingChannel, RawJson, Text, is_http_url,
};
use segment_spec::Raw;

use crate::context::RuleContext;
use crate::note::Path;
use crate::privacy::page_url::without_emails;
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::redact;
use crate::rules::source::Source;
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

pub(super) fn id<'a>(
    raw: Raw<'a>,
    _: &Source,
    _: &mut RuleContext<'_, 'a>,
) -> Transformed<Text<'a>> {
    id_text(raw)
}

pub(super) fn text<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut RuleContext<'_, 'a>,
) -> Transformed<Text<'a>> {
    let (text, change) = id_text(raw)?;
    if cx.compiled.pii.unnamed() == PiiPolicy::Keep && is_email(&text) {
        return Err(Unusable::Personal);
    }
    Ok((text, change))
}

pub(super) fn as_is<'a>(
    raw: Raw<'a>,
    _: &Source,
    _: &mut RuleContext<'_, 'a>,
) -> Transformed<Text<'a>> {
    text_of(raw)
        .map(|text| (text, Change::Same))
        .ok_or(Unusable::Unreadable)
}

/// Reads a list of texts; a single text becomes a list of one.
pub(super) fn list<'a>(
    raw: Raw<'a>,
    source: &Source,
    cx: &mut RuleContext<'_, 'a>,
) -> Transformed<Vec<Text<'a>>> {
    let Some(items) = raw.items() else {
        return text(raw, source, cx).map(|(id, _)| (vec![id], Change::Normalized));
    };
    let (mut count, mut change) = (0, Change::Same);
    let mut texts = Vec::new();
    for (index, item) in items.enumerate() {
        count += 1;
        let path = || Path::Item("properties.content_ids", index, "");
        match text(item, source, cx) {
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

pub(super) fn http_url<'a>(
    raw: Raw<'a>,
    _: &Source,
    _: &mut RuleContext<'_, 'a>,
) -> Transformed<Text<'a>> {
    let url = text_of(raw)
        .filter(|url| is_http_url(url))
        .ok_or(Unusable::Unreadable)?;
    match without_emails(&url) {
        Cow::Borrowed(_) => Ok((url, Change::Same)),
        Cow::Owned(clean) => Ok((Text::from(clean), Change::Cleaned)),
    }
}

pub(super) fn content_type<'a>(
    raw: Raw<'a>,
    _: &Source,
    _: &mut RuleContext<'_, 'a>,
) -> Transformed<Text<'a>> {
    let known = text_of(raw).filter(|name| CONTENT_TYPES.contains(&&**name));
    known
        .map(|name| (name, Change::Same))
        .ok_or(Unusable::Unreadable)
}

pub(super) fn json<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut RuleContext<'_, 'a>,
) -> Transformed<RawJson<'a>> {
    if cx.compiled.pii.is_personal_text(raw) {
        return Err(Unusable::Personal);
    }
    match redact(raw, &cx.compiled.pii, &[Cow::Borrowed("status")]) {
        None => Ok((RawJson::trusted(raw.text()), Change::Same)),
        Some(redacted) => {
            cx.note_redacted(redacted.changes);
            Ok((RawJson::trusted(redacted.text), Change::Normalized))
        }
    }
}

pub(super) fn channel<'a>(
    raw: Raw<'a>,
    _: &Source,
    _: &mut RuleContext<'_, 'a>,
) -> Transformed<MessagingChannel> {
    named(raw, MessagingChannel::from_name)
}

pub(super) fn delivery_category<'a>(
    raw: Raw<'a>,
    _: &Source,
    _: &mut RuleContext<'_, 'a>,
) -> Transformed<DeliveryCategory> {
    named(raw, DeliveryCategory::from_name)
}

fn named<T>(raw: Raw<'_>, from_name: fn(&str) -> Option<T>) -> Transformed<T> {
    let value = raw
        .as_str()
        .and_then(|name| from_name(&name))
        .ok_or(Unusable::Unreadable)?;
    Ok((value, Change::Same))
}

pub(super) fn iso_4217<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut RuleContext<'_, 'a>,
) -> Transformed<Currency> {
    let text = raw.as_str();
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
