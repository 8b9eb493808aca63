//! The items of an order.

use std::borrow::Cow;

use facebook_conversions::normalize::is_email;
use facebook_conversions::{Content, DeliveryCategory, RawJson};
use segment_spec::{Kind, Member, Raw};

use super::money::read_money;
use super::number::read_integer;
use super::text::id_text;
use crate::cut::{cut, hash_text};
use crate::cx::Cx;
use crate::note::{Effect, Note, Path};
use crate::personal::Policy;
use crate::row::{Change, Transformed, Unusable, item_note};
use crate::source::Source;

/// The keys that may be the id of a product, in order of precedence.
const ID_KEYS: [&str; 3] = ["product_id", "sku", "id"];

const PRODUCTS: &str = "properties.products";

/// `products`: what Meta has a member for; the rest is left out.
pub(super) fn products<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut Cx<'_, 'a>,
) -> Transformed<Vec<Content<'a>>> {
    let items = raw.items().ok_or(Unusable::Stays)?;
    let mut contents = Vec::with_capacity(items.len());
    let mut left_out_members = false;
    for (index, item) in items.into_iter().enumerate() {
        match product(item, index, contents.len(), cx) {
            Some((content, had_more)) => {
                contents.push(content);
                left_out_members |= had_more;
            }
            None => cx.notes.add(|| item_note(PRODUCTS, index, "")),
        }
    }
    if contents.is_empty() {
        return Err(Unusable::Stays);
    }
    if left_out_members {
        cx.notes.left_out(|| Path::Fixed("properties.products[].*"));
    }
    cx.took_products = true;
    Ok((contents, Change::Same))
}

/// One product, and whether it has members that are left out; `None` without an id.
fn product<'a>(
    item: Raw<'a>,
    index: usize,
    at: usize,
    cx: &mut Cx<'_, 'a>,
) -> Option<(Content<'a>, bool)> {
    let members = item.members()?;
    let get = |key: &str| {
        members
            .iter()
            .rev()
            .find(|member| member.key == key)
            .map(|member| member.value)
            .filter(|value| !value.is_blank())
    };
    let mut id = None;
    for key in ID_KEYS {
        let Some(value) = get(key) else { continue };
        match id_text(value) {
            Ok((text, _)) if !is_personal(&text, cx) => {
                id = Some((key, text));
                break;
            }
            _ => cx.notes.add(|| item_note(PRODUCTS, index, key)),
        }
    }
    let (id_key, id) = id?;
    note(cx, at, "id", index, id_key);
    let mut content = Content::new(id);
    if let Some(value) = get("quantity") {
        content.quantity = take(read_integer(value), cx, at, "quantity", index, "quantity");
    }
    if let Some(value) = get("price") {
        content.item_price = take(read_money(value), cx, at, "item_price", index, "price");
    }
    if let Some(value) = get("delivery_category") {
        let category = value
            .as_str()
            .and_then(|name| DeliveryCategory::from_name(&name));
        let category = category
            .map(|category| (category, Change::Same))
            .ok_or(Unusable::Unreadable);
        content.delivery_category = take(
            category,
            cx,
            at,
            "delivery_category",
            index,
            "delivery_category",
        );
    }
    let carried = [id_key, "quantity", "price", "delivery_category"];
    let had_more = members
        .iter()
        .any(|member| !carried.contains(&&*member.key) && !member.value.is_blank());
    Some((content, had_more))
}

fn take<T>(
    value: Transformed<T>,
    cx: &mut Cx<'_, '_>,
    at: usize,
    field: &'static str,
    index: usize,
    from: &'static str,
) -> Option<T> {
    if let Ok((value, _)) = value {
        note(cx, at, field, index, from);
        Some(value)
    } else {
        cx.notes.add(|| item_note(PRODUCTS, index, from));
        None
    }
}

/// An item's value is taken from a list that does not stay.
fn note(cx: &mut Cx<'_, '_>, at: usize, field: &'static str, index: usize, from: &'static str) {
    cx.notes.add(|| Note {
        field: Some(Path::Item("custom_data.contents", at, field)),
        from: Some(Path::Item(PRODUCTS, index, from)),
        effect: Effect::Moved,
    });
}

fn is_personal(text: &str, cx: &Cx<'_, '_>) -> bool {
    cx.mapping.personal().unnamed() == Policy::Keep && is_email(text)
}

/// `contents` in Meta's own form: items without an id are left out, all other members stay.
pub(super) fn explicit<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut Cx<'_, 'a>,
) -> Transformed<Vec<Content<'a>>> {
    let items = raw.items().ok_or(Unusable::Unreadable)?;
    let count = items.len();
    let (mut contents, mut change) = (Vec::with_capacity(count), Change::Same);
    for (index, item) in items.into_iter().enumerate() {
        match explicit_item(item, index, cx, &mut change) {
            Some(content) => contents.push(content),
            None => cx.notes.add(|| item_note("properties.contents", index, "")),
        }
    }
    if contents.is_empty() {
        return Err(Unusable::Unreadable);
    }
    let change = if contents.len() < count {
        Change::Normalized
    } else {
        change
    };
    Ok((contents, change))
}

fn explicit_item<'a>(
    item: Raw<'a>,
    index: usize,
    cx: &mut Cx<'_, 'a>,
    change: &mut Change,
) -> Option<Content<'a>> {
    let members = item.members()?;
    let id = members
        .iter()
        .rev()
        .find(|member| member.key == "id")
        .filter(|member| !member.value.is_blank())?;
    let (id, id_change) = id_text(id.value).ok()?;
    if is_personal(&id, cx) {
        return None;
    }
    if id_change != Change::Same {
        *change = Change::Normalized;
    }
    let mut content = Content::new(id);
    for (at, Member { key, value }) in members.iter().enumerate() {
        let repeated = members.iter().skip(at + 1).any(|later| later.key == *key);
        if key == "id" || repeated {
            continue;
        }
        let keys = [
            Cow::Borrowed("contents"),
            Cow::Owned(format!("[{index}]")),
            key.clone(),
        ];
        match kept(&keys, *value, cx) {
            Some(value) => content.other.push(key.clone(), value),
            None => *change = Change::Normalized,
        }
    }
    Some(content)
}

/// A member of an item without what is personal in it.
fn kept<'a>(keys: &[Cow<'a, str>; 3], value: Raw<'a>, cx: &mut Cx<'_, 'a>) -> Option<RawJson<'a>> {
    let personal = cx.mapping.personal();
    let [.., key] = keys;
    let path = || Path::Under("properties", keys.to_vec());
    match personal.policy(key) {
        Policy::Drop => {
            cx.notes.dropped_personal(path);
            return None;
        }
        Policy::Hash => {
            let hash = value
                .as_str()
                .and_then(|text| hash_text(&text, value.text()));
            return hash.map(|hash| RawJson::string(hash.as_str()));
        }
        Policy::Keep if personal.is_personal_text(value) => {
            cx.notes.dropped_personal(path);
            return None;
        }
        Policy::Allow => return Some(RawJson::trusted(value.text())),
        Policy::Keep => {}
    }
    if !matches!(value.kind(), Kind::Object | Kind::Array) {
        return Some(RawJson::trusted(value.text()));
    }
    match cut(value, personal, keys) {
        None => Some(RawJson::trusted(value.text())),
        Some(cut) => {
            cx.note_cut(cut.changes);
            Some(RawJson::trusted(cut.text))
        }
    }
}
