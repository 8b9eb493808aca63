//! HTTP: connections, bodies, paths and answers.

mod answer;
mod body;
mod calls;
pub(crate) mod connection;
mod cors;
pub(crate) mod endpoint;
mod inflate;
pub(crate) mod operators;
mod receive;
pub(crate) mod route_of;
mod routes;
mod scripts;
mod settings_document;
pub(crate) mod tls;
mod trace;
