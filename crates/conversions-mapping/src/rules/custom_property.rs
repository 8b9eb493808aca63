//! Custom properties: any JSON under any key of `custom_data`, without personal data.

use facebook_conversions::{RawJson, is_http_url};

use crate::context::RuleContext;
use crate::privacy::page_url::{has_email, without_emails};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::{hash_text, redact};
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// Reads a value for a custom property by the policy of its key.
pub(crate) fn read<'v>(
    key: &str,
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<RawJson<'v>> {
    let pii = &cx.compiled.pii;
    let value = input.raw;
    match pii.policy(key) {
        PiiPolicy::Drop => return Err(Unusable::Personal),
        PiiPolicy::Hash => {
            let text = value.as_str().unwrap_or_default();
            let hash = hash_text(&text, value.text()).ok_or(Unusable::Personal)?;
            return Ok((RawJson::string(hash.as_str()), Change::Hashed));
        }
        PiiPolicy::Allow => return Ok((RawJson::trusted(value.text()), Change::Same)),
        PiiPolicy::Keep if pii.is_personal_text(value) => return Err(Unusable::Personal),
        PiiPolicy::Keep => {}
    }
    if let Some(text) = value.as_str().filter(|text| has_email(text)) {
        if !is_http_url(&text) {
            return Err(Unusable::Personal);
        }
        let clean = without_emails(&text);
        return Ok((RawJson::string(&clean), Change::Cleaned));
    }
    match redact(value, pii, &input.from.property_keys()) {
        None => Ok((RawJson::trusted(value.text()), Change::Same)),
        Some(redacted) => {
            input.from.note_redacted(redacted.changes, cx);
            Ok((RawJson::trusted(redacted.text), Change::Normalized))
        }
    }
}
