//! `properties.contents`, which is in Meta's form already.

use std::borrow::Cow;

use facebook_conversions::{Content, RawJson};
use segment_spec::{Items, Kind, Member, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::{hash_text, redact};
use crate::rules::source::SourcePath;
use crate::transforms::input::Input;
use crate::transforms::lists::array_in_text;
use crate::transforms::owned::own_content;
use crate::transforms::plain_text::id_text;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// `contents` in Meta's own form: items without an id are left out, all other members stay.
pub(super) fn explicit<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Vec<Content<'v>>> {
    if let Some(items) = input.raw.items() {
        return explicit_items(items, input.from, cx);
    }
    let json = array_in_text(input.raw).ok_or(Unusable::Unreadable)?;
    let array = Raw::read(&json).and_then(Raw::items);
    let (contents, _) = explicit_items(array.ok_or(Unusable::Unreadable)?, input.from, cx)?;
    let owned: Option<Vec<_>> = contents.into_iter().map(own_content).collect();
    Ok((owned.ok_or(Unusable::Unreadable)?, Change::Unwrapped))
}

fn explicit_items<'v>(
    items: Items<'v>,
    from: &SourcePath<'_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Vec<Content<'v>>> {
    let (mut contents, mut change) = (Vec::new(), Change::Same);
    let mut count = 0;
    for (index, raw) in items.enumerate() {
        count += 1;
        let item = Input {
            raw,
            from,
            message: None,
        };
        match explicit_item(item, index, cx, &mut change) {
            Ok(content) => contents.push(content),
            Err(effect) => cx.notes.add(|| Note {
                field: None,
                from: Some(from.item(index, "")),
                effect,
            }),
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

/// Reads one item; the error is the effect that its note gets.
fn explicit_item<'v>(
    item: Input<'v, '_>,
    index: usize,
    cx: &mut RuleContext<'_, '_>,
    change: &mut Change,
) -> Result<Content<'v>, Effect> {
    let members = item.raw.members().ok_or(Effect::LeftOut)?;
    let members: Vec<Member<'v>> = members.collect();
    let id = Member::find(&members, "id")
        .filter(|id| !id.is_blank())
        .ok_or(Effect::LeftOut)?;
    let pii = &cx.compiled.pii;
    if matches!(pii.policy("id"), PiiPolicy::Drop | PiiPolicy::Hash) || pii.is_personal_text(id) {
        return Err(Effect::DroppedPersonal);
    }
    let (id, id_change) = id_text(id).map_err(|_| Effect::LeftOut)?;
    if id_change != Change::Same {
        *change = Change::Normalized;
    }
    let mut content = Content::new(id);
    for (at, Member { key, value }) in members.iter().enumerate() {
        let repeated = members.iter().skip(at + 1).any(|later| later.key == *key);
        if key == "id" || repeated {
            continue;
        }
        let input = Input {
            raw: *value,
            ..item
        };
        match kept(input, index, key, cx, change) {
            Some(value) => content.other.push(key.clone(), value),
            None => *change = Change::Normalized,
        }
    }
    Ok(content)
}

/// Reads a member of an item, with personal data removed; `None` if nothing is left.
fn kept<'v>(
    input: Input<'v, '_>,
    index: usize,
    key: &Cow<'v, str>,
    cx: &mut RuleContext<'_, '_>,
    change: &mut Change,
) -> Option<RawJson<'v>> {
    let pii = &cx.compiled.pii;
    let value = input.raw;
    let keys = || {
        let mut keys = input.from.property_keys();
        keys.extend([Cow::Owned(format!("[{index}]")), key.clone()]);
        keys
    };
    match pii.policy(key) {
        PiiPolicy::Drop => {
            let removed = vec![(keys(), PiiPolicy::Drop)];
            input.from.note_redacted(removed, cx);
            return None;
        }
        PiiPolicy::Hash => {
            let hash = value
                .as_str()
                .and_then(|text| hash_text(&text, value.text()));
            return hash.map(|hash| RawJson::string(hash.as_str()));
        }
        PiiPolicy::Keep if pii.is_personal_text(value) => {
            let removed = vec![(keys(), PiiPolicy::Drop)];
            input.from.note_redacted(removed, cx);
            return None;
        }
        PiiPolicy::Allow => return Some(RawJson::trusted(value.text())),
        PiiPolicy::Keep => {}
    }
    if !matches!(value.kind(), Kind::Object | Kind::Array) {
        return Some(RawJson::trusted(value.text()));
    }
    match redact(value, pii, &keys()) {
        None => Some(RawJson::trusted(value.text())),
        Some(redacted) => {
            input.from.note_redacted(redacted.changes, cx);
            *change = Change::Normalized;
            Some(RawJson::trusted(redacted.text))
        }
    }
}
