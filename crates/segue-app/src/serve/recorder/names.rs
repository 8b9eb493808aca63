//! Names that senders have chosen, and that pages show.

use conversions_mapping::is_printable;

/// Stands for a name that could hold contact data.
const NOT_SHOWN: &str = "(not shown)";
/// The longest name that is kept.
pub(super) const MAX_NAME_BYTES: usize = 100;
/// The types of messages.
const KINDS: [&str; 6] = ["track", "identify", "page", "screen", "group", "alias"];

/// A name that a sender has chosen, unless it could hold contact data.
pub(super) fn shown(name: &str) -> &str {
    if name.len() <= MAX_NAME_BYTES && is_printable(name) {
        name
    } else {
        NOT_SHOWN
    }
}

/// The type of a message, unless it is none of the Spec.
pub(super) fn known_kind(kind: &str) -> &str {
    if KINDS.contains(&kind) {
        kind
    } else {
        NOT_SHOWN
    }
}
