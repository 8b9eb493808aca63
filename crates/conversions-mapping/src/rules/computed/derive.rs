//! Fields that Meta wants and that no source holds: derived from other parts of the event.

use std::borrow::Cow;

use facebook_conversions::normalize::HashedKey;
use facebook_conversions::{Content, OneOrMany, ServerEvent, Text};
use segment_spec::Raw;

use crate::context::RuleContext;
use crate::event_names::ProductEvent;
use crate::note::{Effect, Path};
use crate::privacy::email::is_whole_email;
use crate::privacy::page_url::{query_of, query_value};
use crate::privacy::pii::PiiPolicy;
use crate::rules::known::Known;
use crate::rules::source::context;
use crate::transforms::money::read_money;
use crate::transforms::number::read_integer;
use crate::transforms::plain_text::text_of;
use crate::transforms::products::first_category;

/// Derives what the settings allow.
pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    apply_to_customer(event, cx);
    if cx.compiled.settings.derive_contents {
        contents(event, cx);
        content_ids_and_type(event, cx);
    }
}

/// Derives what the settings allow of the customer's fields.
pub(crate) fn apply_to_customer<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let settings = &cx.compiled.settings;
    if settings.split_name {
        split_name(event, cx);
    }
    if settings.derive_fbc && event.user_data.fbc.is_none() {
        fbc(event, cx);
    }
}

/// Fills missing first and last names from a name of exactly two words. With more words it is unknown where the last
/// name begins.
fn split_name<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let path = if cx.traits_at_top {
        "traits.name"
    } else {
        "context.traits.name"
    };
    if !event.user_data.r#fn.is_empty() && !event.user_data.ln.is_empty() {
        return;
    }
    let Some(name) = cx.message.context.traits.name.and_then(Raw::as_str) else {
        return;
    };
    let mut words = name.split_whitespace();
    let (Some(first), Some(last), None) = (words.next(), words.next(), words.next()) else {
        return;
    };
    let parts = [
        (
            HashedKey::Fn,
            first,
            "user_data.fn",
            &mut event.user_data.r#fn,
        ),
        (HashedKey::Ln, last, "user_data.ln", &mut event.user_data.ln),
    ];
    for (key, word, field, values) in parts {
        if !values.is_empty() {
            continue;
        }
        if let Some(hashing) = key.hash_with(word, &cx.normalize_context, cx.scratch) {
            *values = OneOrMany::One(hashing.value);
            cx.notes.wrote(field, Effect::Hashed, || Path::Fixed(path));
        }
    }
}

/// The query parameter that Meta adds to the address of an ad's landing page.
const FBCLID: &str = "fbclid";

/// Derives the click id from the `fbclid` with which the page was opened.
fn fbc<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let page = &cx.message.context.page;
    // A query begins with a `?`, which may be escaped.
    let with_query = |page: Option<Raw<'a>>| page.filter(|page| page.has_any([b'?', b'\\']));
    for (source, value, is_search) in [
        (&context::PAGE_URL, with_query(page.url), false),
        (&context::PAGE_SEARCH, page.search, true),
        (&context::PAGE_REFERRER, with_query(page.referrer), false),
    ] {
        let Some(text) = value.and_then(Raw::as_str) else {
            continue;
        };
        let query = if text.len() <= FBCLID.len() {
            None
        } else if is_search {
            text.strip_prefix('?').unwrap_or(&text).split('#').next()
        } else {
            query_of(&text)
        };
        let Some(fbclid) = query.and_then(|query| query_value(query, FBCLID)) else {
            continue;
        };
        let well_formed = !fbclid.is_empty()
            && fbclid
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if well_formed {
            event.user_data.fbc = Some(format!("fb.1.{}.{fbclid}", cx.time).into());
            let path = source.path.note_path(cx);
            cx.notes.wrote("user_data.fbc", Effect::Derived, || path);
            return;
        }
    }
}

/// Derives `contents` from the product of a single-product event.
fn contents<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let is_single = matches!(
        cx.product_event,
        Some(ProductEvent::Viewed | ProductEvent::Added | ProductEvent::Searched)
    );
    if !is_single
        || !event.custom_data.contents.is_empty()
        || cx.property(Known::Products).is_some()
    {
        return;
    }
    let ids = [
        (Known::ProductId, "properties.product_id"),
        (Known::Sku, "properties.sku"),
        (Known::Id, "properties.id"),
    ];
    let usable = ids
        .into_iter()
        .find_map(|(known, path)| Some((cx.id_property(known)?, path)));
    let Some((id, path)) = usable else { return };
    let mut content = Content::new(id);
    content.quantity = cx
        .property(Known::Quantity)
        .and_then(|raw| read_integer(raw).ok())
        .map(|(quantity, _)| quantity);
    content.item_price = cx
        .property(Known::Price)
        .and_then(|raw| read_money(raw).ok())
        .map(|(price, _)| price);
    event.custom_data.contents.push(content);
    cx.notes.wrote("custom_data.contents", Effect::Derived, || {
        Path::Fixed(path)
    });
}

/// Derives `content_ids` and `content_type` of a standard event that has none.
fn content_ids_and_type<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    if cx.standard_event.is_none() {
        return;
    }
    let custom = &mut event.custom_data;
    let category = category(cx);
    if custom.contents.is_empty() {
        let is_list = cx.product_event == Some(ProductEvent::ListViewed);
        let own = cx
            .property(Known::Category)
            .and_then(text_of)
            .filter(|category| !is_personal(category, cx));
        if let (true, true, Some(category)) = (is_list, custom.content_ids.is_empty(), own) {
            custom.content_ids = vec![category];
            cx.notes
                .wrote("custom_data.content_ids", Effect::Derived, || {
                    Path::Fixed("properties.category")
                });
            if custom.content_type.is_none() {
                custom.content_type = Some(Text::plain("product_group"));
                cx.notes
                    .wrote("custom_data.content_type", Effect::Derived, || {
                        Path::Fixed("properties.category")
                    });
            }
        }
        return;
    }
    let contents_from = || Path::Fixed("custom_data.contents");
    if custom.content_ids.is_empty() {
        custom.content_ids = custom
            .contents
            .iter()
            .map(|content| content.id.clone())
            .collect();
        cx.notes
            .wrote("custom_data.content_ids", Effect::Derived, contents_from);
    }
    if custom.content_type.is_none() {
        let mapped =
            category.and_then(|category| cx.compiled.settings.content_types.get(&*category));
        custom.content_type =
            Some(mapped.map_or(Text::plain("product"), |name| name.clone().into()));
        cx.notes
            .wrote("custom_data.content_type", Effect::Derived, contents_from);
    }
}

/// The category of the event: that of the properties, else that of the first product. `None` if no setting maps
/// categories.
fn category<'a>(cx: &RuleContext<'_, 'a>) -> Option<Cow<'a, str>> {
    if cx.compiled.settings.content_types.is_empty() {
        return None;
    }
    let own = cx.property(Known::Category).and_then(Raw::as_str);
    own.or_else(|| {
        let products = cx.property(Known::Products)?;
        first_category(products)
    })
}

fn is_personal(text: &str, cx: &RuleContext<'_, '_>) -> bool {
    cx.compiled.pii.unnamed() == PiiPolicy::Keep && is_whole_email(text)
}
