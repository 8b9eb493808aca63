//! The Segment Spec as types: a Track, Page, Screen or Identify message, its context, traits and properties, and the
//! names of the e-commerce events.
//!
//! Reading is lenient and borrows: whatever is JSON is read, members of the wrong type are kept as they are for the
//! caller to judge, and nothing is copied out of the line but text with escapes. No validation of Segment's rules, no
//! I/O, no clock, and no idea of where the messages go.
//!
//! Everything may depend on this crate; it depends on nothing of this workspace.
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

mod bytes;
mod context;
pub mod ecommerce;
mod line;
mod message;
mod product;
mod properties;
mod raw;
mod read;

pub use bytes::has_any;
pub use context::{Address, Context, ContextDefaults, Page, Traits};
pub use line::{Line, MAX_DEPTH, MAX_LINE_BYTES, ReadError};
pub use message::Message;
pub use product::Product;
pub use properties::{Properties, Property};
pub use raw::{Items, Kind, Member, Members, Raw};
