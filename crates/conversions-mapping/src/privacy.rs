//! Keeps contact data out of the event: which properties are personal, redaction of raw JSON, removal of e-mail addresses
//! from web addresses.

pub(crate) mod email;
pub(crate) mod page_url;
pub(crate) mod pii;
pub(crate) mod redact;
