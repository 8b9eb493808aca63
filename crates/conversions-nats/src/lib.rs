//! What the crates that speak with NATS have in common: a connection, pulls from `JetStream`, and how long a message of it
//! may be held.
//!
//! [`connect`] opens a connection that comes back by itself, with TLS and credentials as [`ConnectionOptions`] say.
//! [`Puller`] brings the messages of a consumer, and says when all have come that the servers sent.
//! [`HoldTiming`] says what has to happen within a consumer's `ack_wait`, so that no two processes work on a message;
//! [`answer`] tells the server what became of it.
//!
//! Absent on purpose: making streams and consumers, and what messages hold.
//!
//! The log on NATS and the input from NATS depend on this crate; it depends on none of ours.
//!
//! ```no_run
//! use conversions_nats::{ConnectionOptions, Credentials, connect};
//! use std::time::Duration;
//!
//! # async fn example() -> Result<(), conversions_nats::ConnectError> {
//! let options = ConnectionOptions {
//!     servers: vec!["tls://nats-1:4222".to_owned(), "tls://nats-2:4222".to_owned()],
//!     credentials: Credentials::Password { user: "segue".to_owned(), password: "secret".into() },
//!     ..ConnectionOptions::default()
//! };
//! let client = connect(&options, Duration::from_secs(5)).await?;
//! # let _ = client;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | by default | what it adds |
//! |---|---|---|
//! | `test-server` | no | the module `test_server`: a real NATS server, for the tests of a crate that speaks with one |

mod answering;
mod connecting;
mod error;
mod options;
mod pulling;
#[cfg(feature = "test-server")]
pub mod test_server;
mod timing;

pub use answering::{Answer, answer, give_back, tell};
pub use connecting::connect;
pub use error::ConnectError;
pub use options::{ConnectionOptions, Credentials, TlsOptions};
pub use pulling::{PullEnd, PullRequest, Pulled, Puller};
pub use timing::HoldTiming;
