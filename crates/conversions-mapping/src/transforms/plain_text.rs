//! Reads a JSON value as text.

use std::borrow::Cow;

use facebook_conversions::Text;
use segment_spec::Raw;

use crate::transforms::transformed::{Change, Transformed, Unusable};

/// The text of a JSON string. Borrowed text had no escapes in the message, so it needs none when it is written again.
#[inline]
pub(crate) fn text_of(raw: Raw<'_>) -> Option<Text<'_>> {
    raw.as_str().map(|text| match text {
        Cow::Borrowed(text) => Text::plain(text),
        Cow::Owned(text) => Text::from(text),
    })
}

/// The text of a JSON string, or the digits of a JSON number as they stand.
pub(crate) fn id_text(raw: Raw<'_>) -> Transformed<Text<'_>> {
    if let Some(digits) = raw.as_number() {
        return Ok((Text::plain(digits), Change::Normalized));
    }
    let text = text_of(raw).ok_or(Unusable::Unreadable)?;
    Ok((text, Change::Same))
}
