//! `contents` that come in Meta's own form.

use std::borrow::Cow;

use facebook_conversions::{Content, RawJson};
use segment_spec::{Kind, Member, Raw};

use super::text::id_text;
use crate::context::Cx;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::Policy;
use crate::privacy::redact::{cut, hash_text};
use crate::rules::row::{Change, Transformed, Unusable};
use crate::rules::source::Source;

/// `contents` in Meta's own form: items without an id are left out, all other members stay.
pub(super) fn explicit<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut Cx<'_, 'a>,
) -> Transformed<Vec<Content<'a>>> {
    let items = raw.items().ok_or(Unusable::Unreadable)?;
    let (mut contents, mut change) = (Vec::new(), Change::Same);
    let mut count = 0;
    for (index, item) in items.enumerate() {
        count += 1;
        match explicit_item(item, index, cx, &mut change) {
            Ok(content) => contents.push(content),
            Err(effect) => cx.notes.add(|| Note {
                field: None,
                from: Some(Path::Item("properties.contents", index, "")),
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

/// One item, or what became of it.
fn explicit_item<'a>(
    item: Raw<'a>,
    index: usize,
    cx: &mut Cx<'_, 'a>,
    change: &mut Change,
) -> Result<Content<'a>, Effect> {
    let members = item.members().ok_or(Effect::LeftOut)?;
    let members: Vec<Member<'a>> = members.collect();
    let id = Member::find(&members, "id")
        .filter(|id| !id.is_blank())
        .ok_or(Effect::LeftOut)?;
    let personal = cx.mapping.personal();
    if matches!(personal.policy("id"), Policy::Drop | Policy::Hash) || personal.is_personal_text(id)
    {
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
        let keys = [
            Cow::Borrowed("contents"),
            Cow::Owned(format!("[{index}]")),
            key.clone(),
        ];
        match kept(&keys, *value, cx, change) {
            Some(value) => content.other.push(key.clone(), value),
            None => *change = Change::Normalized,
        }
    }
    Ok(content)
}

/// A member of an item without what is personal in it.
fn kept<'a>(
    keys: &[Cow<'a, str>; 3],
    value: Raw<'a>,
    cx: &mut Cx<'_, 'a>,
    change: &mut Change,
) -> Option<RawJson<'a>> {
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
            *change = Change::Normalized;
            Some(RawJson::trusted(cut.text))
        }
    }
}
