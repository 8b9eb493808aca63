//! The options of a sandbox.

use crate::{clock::Clock, store::Limit};

/// The options of an edge; see [`crate::Builder`] for the meaning of each.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) clock: Clock,
    pub(crate) access_tokens: Vec<String>,
    pub(crate) pixel_ids: Vec<String>,
    pub(crate) body_limit: usize,
    pub(crate) store: Limit,
    pub(crate) event_ids: usize,
    /// Where the page links to.
    pub(crate) console: Option<String>,
}
