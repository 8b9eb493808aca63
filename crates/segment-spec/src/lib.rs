//! The Segment Spec as types: a Track, Page, Screen or Identify message, its context, traits and properties, and the
//! names of the e-commerce events.
//!
//! Reading is lenient and borrows: members of the wrong type are kept as they are for the caller to judge, and nothing
//! is copied out of the line but text with escapes. `skim-json` does the reading; its types for values are exported
//! here too.
//!
//! Absent on purpose: validation of Segment's rules, I/O, a clock, and any knowledge of where the messages go.
//!
//! Every crate above layer 0 may depend on this one; it depends on `skim-json` only.
//!
//! ```
//! use segment_spec::{Line, Message};
//!
//! let line = Line::new(br#"{"type":"track","event":"Order Completed","properties":{"revenue":19.90}}"#)?;
//! let message = Message::read(&line)?;
//! assert_eq!(message.event.and_then(|event| event.as_str()).as_deref(), Some("Order Completed"));
//! assert_eq!(message.properties.get("revenue").map(|value| value.text()), Some("19.90"));
//! # Ok::<(), segment_spec::ReadError>(())
//! ```

mod context;
pub mod ecommerce;
mod line;
mod message;
mod product;
mod properties;

pub use context::{Address, Context, ContextDefaults, Page, Traits};
pub use line::{Line, MAX_LINE_BYTES, ReadError};
pub use message::Message;
pub use product::Product;
pub use properties::{Properties, Property};
pub use skim_json::{Items, Kind, MAX_DEPTH, Member, Members, ObjectWithList, Raw, has_any};
