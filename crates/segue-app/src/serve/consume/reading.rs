//! Who reads an input.

use segue_settings::InputSettings;

use super::tracker::ReaderId;

/// An input as it is read: by all destinations of its source, or by one.
pub(super) struct Reading {
    pub(super) id: ReaderId,
    pub(super) settings: InputSettings,
    /// The source of its messages.
    pub(super) source: String,
    /// The destination, if each has a consumer group of its own.
    pub(super) destination: Option<String>,
}
