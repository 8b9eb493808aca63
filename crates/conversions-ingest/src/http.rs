//! HTTP: connections, bodies, paths and answers.

mod answer;
mod body;
pub(crate) mod connection;
mod cors;
mod inflate;
pub(crate) mod operators;
mod receive;
pub(crate) mod routes;
mod scripts;
mod settings_document;
pub(crate) mod tls;
mod trace;
