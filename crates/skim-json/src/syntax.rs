//! Whether a text is JSON at all, and where it breaks.

use serde::de::IgnoredAny;

/// Whether the text is one JSON value.
#[must_use]
pub fn is_json(text: &str) -> bool {
    syntax_error_column(text).is_none()
}

/// The column at which a text breaks that is not one JSON value, from 1, in bytes; `None` if it is one.
///
/// This reads the text again with `serde_json`, which keeps track of its place; the [`Scanner`](crate::Scanner) does
/// not.
#[must_use]
pub fn syntax_error_column(text: &str) -> Option<usize> {
    serde_json::from_str::<IgnoredAny>(text)
        .err()
        .map(|error| error.column())
}
