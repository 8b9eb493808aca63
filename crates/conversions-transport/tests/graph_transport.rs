//! [`GraphTransport`](conversions_transport::GraphTransport) against servers on this machine: one file per topic.

#![expect(clippy::unwrap_used, reason = "what the tests share is test code too")]

#[path = "graph_transport/connection.rs"]
mod connection;
#[path = "graph_transport/http2.rs"]
mod http2;
#[path = "graph_transport/no_ca_certificates.rs"]
mod no_ca_certificates;
#[path = "graph_transport/redirect.rs"]
mod redirect;
#[path = "graph_transport/replies.rs"]
mod replies;
#[path = "graph_transport/request_shape.rs"]
mod request_shape;
#[path = "graph_transport/secrets.rs"]
mod secrets;
#[path = "graph_transport/support.rs"]
mod support;
#[path = "graph_transport/tls.rs"]
mod tls;
