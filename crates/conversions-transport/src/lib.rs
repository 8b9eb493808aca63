//! Sends batches of server events to Meta's Conversions API: the async trait [`Transport`] and its implementations.
//!
//! | | |
//! |---|---|
//! | `GraphTransport` | `POST /{version}/{pixel_id}/events` over HTTPS (feature `http`, on by default) |
//! | [`RecordingTransport`] | records requests and answers from a script: for tests |
//! | [`DryRunTransport`] | counts requests and sends nothing |
//!
//! Absent on purpose: batching, retries, waiting, a queue. One call is one request, and its error says what it means
//! and what to do with the events ([`SendError::meaning`]). Events are finished JSON texts, which are not parsed
//! again. The crate reads no environment, no file and no clock, except for the CA certificates of the system.
//!
//! Crates that produce or deliver events depend on this crate; it depends on `facebook-conversions` only. Without the
//! feature `http` there is no HTTP client and no async runtime in its dependency tree.
//! ```
//! use conversions_transport::{EventsRequest, RecordingTransport, SendError, Transport};
//! use facebook_conversions::error_table::Disposition;
//! use facebook_conversions::reply::GraphError;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let transport = RecordingTransport::new();
//! transport.push_answer(Err(SendError::refused(GraphError::new(400, 190, None))));
//!
//! let request = EventsRequest::new(vec![r#"{"event_name":"Lead","event_time":1790000000}"#.into()]);
//! let error = transport.send(&request).await.unwrap_err();
//! assert!(matches!(error.meaning().disposition, Disposition::Hold(_)));
//! assert_eq!(transport.send(&request).await?.events_received, Some(1));
//! # Ok::<(), SendError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | by default | what it adds |
//! |---|---|---|
//! | `http` | yes | `GraphTransport`, on reqwest and rustls |
//! | `otlp` | no | `OtlpEndpoint`, which posts to a collector of OpenTelemetry |

mod appsecret_proof;
mod body;
mod credentials;
mod dedup_key;
mod dry_run;
mod event;
mod frame;
#[cfg(feature = "http")]
mod graph;
#[cfg(feature = "http")]
mod operator_client;
#[cfg(feature = "otlp")]
mod otlp;
mod partner_agent;
mod pixel_id;
mod recording;
mod request;
mod send_error;
mod setup_error;
mod transport;
#[cfg(feature = "http")]
mod webhook;

pub use appsecret_proof::appsecret_proof;
pub use body::{EventsBody, RequestBody};
pub use credentials::{AccessToken, AppSecret, CredentialError};
pub use dedup_key::DedupKey;
pub use dry_run::DryRunTransport;
pub use event::{Labels, NewEvent};
pub use frame::{Frame, FrameBuilder, FrameEntry, FrameEvent, FrameHeader, NotAFrame};
#[cfg(feature = "http")]
pub use graph::{GraphTransport, GraphTransportBuilder, GraphUrl, GraphUrlError};
#[cfg(feature = "otlp")]
pub use otlp::{OtlpEndpoint, OtlpEndpointError, OtlpError};
pub use partner_agent::{PartnerAgent, PartnerAgentError};
pub use pixel_id::{PixelId, PixelIdError};
pub use recording::RecordingTransport;
pub use request::EventsRequest;
pub use send_error::{AmbiguousKind, NotSentKind, SendError};
pub use setup_error::SetupError;
pub use transport::Transport;
#[cfg(feature = "http")]
pub use webhook::{PostError, Webhook, WebhookError};
