//! Reads JSON without building it: a value is the text that stands for it, borrowed, and is decoded only where it is
//! asked for. Numbers keep every digit, strings their escapes, objects the order and the repetition of their keys.
//!
//! A [`Document`] is a text that is safe to read; [`Raw`] is one value in it. [`JsonObject`] reads an object into a
//! struct in one pass, [`Scanner`] goes through a text by hand.
//!
//! ```
//! use skim_json::Raw;
//!
//! let order = Raw::read(r#"{"total": 19.90, "items": [{"sku": "G-32"}, {"sku": "X-\u00e9"}]}"#).expect("JSON");
//! assert_eq!(order.get("total").and_then(Raw::as_number), Some("19.90"));
//!
//! let skus: Vec<_> = order
//!     .get("items")
//!     .and_then(Raw::items)
//!     .into_iter()
//!     .flatten()
//!     .filter_map(|item| item.get("sku")?.as_str())
//!     .collect();
//! assert_eq!(skus, ["G-32", "X-é"]);
//! ```
//!
//! Absent on purpose: writing, a tree of values, derive macros, streams, and numbers as numbers.
//! `docs/design/reading-json.md` says how it works, what was measured, and why it is not `serde_json` or one of the
//! parsers with SIMD.
//!
//! Every crate may depend on this one; it depends on none of this workspace.

mod bytes;
mod decode;
mod document;
mod indexed_text;
mod key;
mod object;
mod object_with_list;
mod raw;
mod scalar;
mod scanner;
mod strings;
mod structural_index;
mod syntax;

pub use bytes::has_any;
pub use document::{Document, DocumentError, MAX_DEPTH};
pub use indexed_text::{IndexedText, NotJson, ObjectStart, ReadValue};
pub use key::Key;
pub use object::{JsonObject, Slot};
pub use object_with_list::ObjectWithList;
pub use raw::{Items, Kind, Member, Members, Raw};
pub use scanner::Scanner;
pub use syntax::{is_json, syntax_error_column};

#[cfg(test)]
mod tests;
