//! Sends batches of server events to Meta's Conversions API: the async trait [`Transport`], and what implements it.
//!
//! No batching, no retries, no waiting, no queue: one call is one request, and its error says what should be done
//! about it ([`SendError::disposition`]). Events arrive as finished JSON texts and are not parsed again.
//!
//! Whoever delivers events depends on this crate; it knows `facebook-conversions` only. Without the default feature
//! `http` there is no HTTP client and no async runtime in its dependency tree.

mod dry_run;
mod recording;
mod request;
mod send_error;
mod transport;

pub use dry_run::DryRunTransport;
pub use recording::RecordingTransport;
pub use request::EventsRequest;
pub use send_error::{AmbiguousKind, NotSentKind, SendError};
pub use transport::Transport;
