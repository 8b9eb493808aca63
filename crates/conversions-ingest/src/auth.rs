//! Who sends: write keys, and the signatures of webhooks.

pub(crate) mod key_ring;
pub(crate) mod signature;
pub(crate) mod write_key;
