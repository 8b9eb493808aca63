//! `properties.contents`, which is in Meta's form already.

use std::borrow::Cow;

use facebook_conversions::{Content, RawJson};
use segment_spec::{Kind, Member, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::{hash_text, redact};
use crate::rules::source::Source;
use crate::transforms::plain_text::id_text;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// `contents` in Meta's own form: items without an id are left out, all other members stay.
pub(super) fn explicit<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut RuleContext<'_, 'a>,
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

/// Reads one item; the error is the effect that its note gets.
fn explicit_item<'a>(
    item: Raw<'a>,
    index: usize,
    cx: &mut RuleContext<'_, 'a>,
    change: &mut Change,
) -> Result<Content<'a>, Effect> {
    let members = item.members().ok_or(Effect::LeftOut)?;
    let members: Vec<Member<'a>> = members.collect();
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

/// Reads a member of an item, with personal data removed; `None` if nothing is left.
fn kept<'a>(
    keys: &[Cow<'a, str>; 3],
    value: Raw<'a>,
    cx: &mut RuleContext<'_, 'a>,
    change: &mut Change,
) -> Option<RawJson<'a>> {
    let pii = &cx.compiled.pii;
    let [.., key] = keys;
    let path = || Path::Under("properties", keys.to_vec());
    match pii.policy(key) {
        PiiPolicy::Drop => {
            cx.notes.dropped_personal(path);
            return None;
        }
        PiiPolicy::Hash => {
            let hash = value
                .as_str()
                .and_then(|text| hash_text(&text, value.text()));
            return hash.map(|hash| RawJson::string(hash.as_str()));
        }
        PiiPolicy::Keep if pii.is_personal_text(value) => {
            cx.notes.dropped_personal(path);
            return None;
        }
        PiiPolicy::Allow => return Some(RawJson::trusted(value.text())),
        PiiPolicy::Keep => {}
    }
    if !matches!(value.kind(), Kind::Object | Kind::Array) {
        return Some(RawJson::trusted(value.text()));
    }
    match redact(value, pii, keys) {
        None => Some(RawJson::trusted(value.text())),
        Some(redacted) => {
            cx.note_redacted(redacted.changes);
            *change = Change::Normalized;
            Some(RawJson::trusted(redacted.text))
        }
    }
}
