//! `external_id`: the advertiser's own ids of a user.

use facebook_conversions::normalize::{HashedKey, trim};
use facebook_conversions::{ExternalId, HashedValue, OneOrMany, Text};
use segment_spec::{Kind, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note};
use crate::privacy::email::is_whole_email;
use crate::transforms::input::Input;
use crate::transforms::plain_text::id_text;
use crate::transforms::transformed::{Change, Transformed, Unusable};

pub(super) fn external_id<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<OneOrMany<ExternalId<'v>>> {
    let (id, change) = one(input.raw, cx)?;
    Ok((OneOrMany::One(id), change))
}

/// Reads the field that the setting `external_id_prop` names: one id or a list of ids.
pub(crate) fn external_ids<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<OneOrMany<ExternalId<'v>>> {
    let raw = input.raw;
    if raw.kind() != Kind::Array {
        let (id, change) = one(raw, cx)?;
        return Ok((OneOrMany::One(id), change));
    }
    let (mut ids, mut change) = (Vec::new(), Change::Same);
    for (index, item) in raw.items().into_iter().flatten().enumerate() {
        match one(item, cx) {
            Ok((id, changed)) => {
                change = if changed == Change::Hashed || change == Change::Same {
                    changed
                } else {
                    change
                };
                ids.push(id);
            }
            Err(_) if item.is_blank() => {}
            Err(_) => cx.notes.add(|| Note {
                field: None,
                from: Some(input.from.item(index, "")),
                effect: Effect::LeftOut,
            }),
        }
    }
    if ids.is_empty() {
        Err(Unusable::Unreadable)
    } else {
        Ok((OneOrMany::list(ids), change))
    }
}

fn one<'v>(raw: Raw<'v>, cx: &RuleContext<'_, '_>) -> Transformed<ExternalId<'v>> {
    let (text, change) = id_text(raw)?;
    let trimmed = trim(&text);
    if trimmed.is_empty() {
        return Err(Unusable::Unreadable);
    }
    if cx.compiled.settings.hash_external_id || is_whole_email(&text) {
        let hash: Option<HashedValue> = HashedKey::ExternalId.hash(&text, &cx.normalize_context);
        return hash
            .map(|hash| (ExternalId::Hashed(hash), Change::Hashed))
            .ok_or(Unusable::Unreadable);
    }
    if trimmed.len() == text.len() {
        return Ok((ExternalId::Plain(text), change));
    }
    let trimmed = Text::from(trimmed.to_owned());
    Ok((ExternalId::Plain(trimmed), Change::Normalized))
}
