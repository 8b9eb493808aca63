//! HTTP statuses, for replies whose code is missing or unknown.

use super::Disposition::{self, Hold, Retry, SplitOnce, Throttled, TooLarge};
use super::HoldReason::{Authentication, Configuration, Permission};
use super::Meaning;

/// One status, or a range of statuses, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRow {
    /// The first status of the range.
    pub first: u16,
    /// The last status of the range; the first again for a single status.
    pub last: u16,
    /// What to do with the events.
    pub disposition: Disposition,
    /// For people: what it means and what to do.
    pub sentence: &'static str,
}

/// The table of HTTP statuses. A single status wins over a range.
///
/// A status that says something about the destination (401, 403, 404 …) holds it: no event is to blame for it.
#[rustfmt::skip]
pub const STATUSES: &[StatusRow] = &[
    //  first last  do                    in words
    row(300,  399,  Hold(Configuration),  "The base address redirects elsewhere, and redirects are not followed, because they would carry the access token along. Set the base address to where Graph is."),
    row(401,  401,  Hold(Authentication), "The access token is not accepted. Check that it is complete and still valid."),
    row(403,  403,  Hold(Permission),     "Access is forbidden. Check what the access token may do, and whether a proxy stands in the way."),
    row(404,  404,  Hold(Configuration),  "There is nothing at this address. Check pixel id, API version and base address."),
    row(405,  405,  Hold(Configuration),  "This address takes no events. Check pixel id, API version and base address."),
    row(407,  407,  Hold(Configuration),  "A proxy asks for credentials. Give this machine a direct way to Meta."),
    row(408,  408,  Retry,                "The request took too long to arrive."),
    row(410,  410,  Hold(Configuration),  "This address is no longer served. Check the API version."),
    row(413,  413,  TooLarge,             "The request is too large. It is split."),
    row(429,  429,  Throttled,            "Too many requests. Sending slows down for as long as Meta asks."),
    row(400,  499,  SplitOnce,            "The request was refused for a reason that is not known here."),
    row(500,  599,  Retry,                "Meta's servers, or something on the way to them, failed. Such failures pass by themselves."),
];

/// The meaning of a status, if the table has it.
pub(super) fn find(status: u16) -> Option<Meaning> {
    let holds = |row: &&StatusRow| (row.first..=row.last).contains(&status);
    let row = STATUSES
        .iter()
        .filter(holds)
        .min_by_key(|row| row.last - row.first)?;
    Some(Meaning {
        disposition: row.disposition,
        sentence: row.sentence,
    })
}

const fn row(first: u16, last: u16, disposition: Disposition, sentence: &'static str) -> StatusRow {
    StatusRow {
        first,
        last,
        disposition,
        sentence,
    }
}
