//! A local stand-in for the events edge of Meta's Graph API, to develop and test against.
//!
//! It answers `POST /{api_version}/{pixel_id}/events` as Meta documents: JSON and form
//! bodies; the token in the `Authorization` header, the body or the query; at most 1,000
//! events; the whole request refused for one bad event, with Graph's code and subcode.
//! It keeps the events that it accepts, and shows them as JSON and as a page. Browser events can be posted
//! too, and server events that repeat them are discarded as Meta documents it.
//!
//! Absent on purpose: authentication, TLS, persistence, matching people, content encodings (Graph
//! documents none), and any code shared with a validator: [`FAULTS`] is written from the documentation
//! alone, so that a validator can be tested against it.
//!
//! Tests and commands that send events may depend on this crate; libraries must not.
//!
//! # Paths
//!
//! | path | what it does |
//! |---|---|
//! | `POST /{api_version}/{pixel_id}/events` | takes server events, as Graph does |
//! | `POST /browser-events/{pixel_id}` | takes `{"data": [event, …]}` as if a pixel in a browser had sent them; each needs an `event_name` |
//! | `GET /` | a page: totals, an overview by event name and connection method, the events; takes the query of `/events`, and `refresh=SECONDS` |
//! | `GET /events` | lists what was accepted; see below |
//! | `GET /stats` | [`Statistics`]: totals, the last requests in order with size and outcome, events that were accepted more than once |
//! | `GET /event-ids` | [`AcceptedId`]s, one JSON object a line |
//! | `GET`, `PUT`, `DELETE /faults` | shows what is left of the [`Script`] by which the sandbox misbehaves, replaces it, removes it |
//!
//! `GET /events` takes `pixel_id`, `event_name`, `event_id`, `connection_method` (`Server`,
//! `Browser`), `state` (`kept`, `deduplicated`), `order` (`oldest`, `newest`), `limit` (100, at most
//! 10,000) and `offset`, and answers
//! `{"totals": {…}, "matching": n, "offset": n, "limit": n, "events": [{"number", "received_at",
//! "pixel_id", "connection_method", "state", "test_event_code"?, "event_name", "event_id", "event"}]}`.
//!
//! # Example
//!
//! ```
//! # use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::TcpStream};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
//! use graph_sandbox::Sandbox;
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! let noon = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
//! let sandbox = Sandbox::builder().now(move || noon).start().await?;
//!
//! let body = r#"{"access_token": "any", "data": [{
//!     "event_name": "Lead", "event_time": 1790000000, "action_source": "website",
//!     "user_data": {"external_id": "u-1"}}]}"#;
//! // Any HTTP client does; this one needs no crate.
//! let mut connection = TcpStream::connect(sandbox.address()).await?;
//! let request = format!(
//!     "POST /v26.0/1234/events HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\
//!      content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
//!     body.len(),
//! );
//! connection.write_all(request.as_bytes()).await?;
//! let mut answer = String::new();
//! connection.read_to_string(&mut answer).await?;
//!
//! assert!(answer.contains(r#""events_received":1"#));
//! assert_eq!(&*sandbox.events()[0].event_name, "Lead");
//! sandbox.shutdown().await;
//! # Ok(()) }
//! ```

mod answer;
mod clock;
mod connection;
mod deduplication;
mod edge;
mod events_request;
mod fault_switch;
mod fault_table;
mod graph_error;
mod lenient_json;
mod listing;
mod options;
mod page;
mod request_handler;
mod routes;
mod sandbox;
mod script;
mod statistics;
mod store;
mod trace_ids;
mod validation;

pub use fault_table::{Confidence, FAULTS, Fault, first_fault};
pub use graph_error::{GraphError, REQUEST_FAULTS, RequestFault};
pub use sandbox::{Builder, GraphEdge, Sandbox};
pub use script::{Action, FaultStage, RefusedEvents, Script, ScriptError, Step};
pub use statistics::{AcceptedId, Outcome, RequestRecord, Statistics};
pub use store::{ConnectionMethod, Filter, State, StoredEvent, Totals};
