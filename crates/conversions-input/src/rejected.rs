//! How a rejected record is labelled where it is kept.

/// Where the record stands, as `orders/3 at 123`.
pub(crate) const POSITION_HEADER: &str = "segue-position";
/// Why it was rejected.
pub(crate) const REASON_HEADER: &str = "segue-reason";
/// Number of bytes of a payload that was too large to be kept.
pub(crate) const LEFT_OUT_HEADER: &str = "segue-left-out";

/// A header is one line.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}
