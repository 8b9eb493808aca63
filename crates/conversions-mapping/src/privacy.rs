//! What keeps contact data out of the event: names of personal properties, redaction of raw JSON, e-mail addresses in
//! texts and in web addresses.

pub(crate) mod email;
pub(crate) mod page_url;
pub(crate) mod pii;
pub(crate) mod redact;
