//! How far a new installation has come.

use jiff::Timestamp;
use serde::Serialize;

/// How far a new installation has come.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FirstSteps {
    /// Where senders connect: the `host` of a Segment library.
    pub endpoint: String,
    /// Who may send.
    pub sources: Vec<SourceEntry>,
    /// When the first request came.
    pub first_request: Option<Timestamp>,
    /// When the first event was accepted.
    pub first_accepted: Option<Timestamp>,
    /// When Meta, or the sandbox, received the first event.
    pub first_delivered: Option<Timestamp>,
    /// What is missing otherwise, in sentences that say what to do.
    pub missing: Vec<String>,
}

/// Somebody who may send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceEntry {
    /// The name of the source.
    pub name: String,
    /// The first characters of its first write key and dots; absent when it has no key.
    pub masked_key: Option<String>,
    /// The destinations that get its events.
    pub destinations: Vec<String>,
}
