//! Settings files: one destination, or several, and the sources that feed them.

pub(crate) mod destination;
mod destinations;
pub(crate) mod diagnostic;
pub(crate) mod endpoint;
mod file;
mod json_tree;
mod reader;
pub(crate) mod secret;
pub(crate) mod show;
pub(crate) mod source;
pub(crate) mod sources;
mod suggest;
pub(crate) mod table;
mod texts;
mod toml_tree;
mod tree;
mod unknown;
mod values;

pub(crate) use destination::Destination;
pub(crate) use diagnostic::{Diagnostic, Severity};
pub(crate) use endpoint::Endpoint;
pub(crate) use file::{Settings, load};
pub(crate) use sources::EventSource;
