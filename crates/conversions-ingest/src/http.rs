//! HTTP: connections, bodies, paths and answers.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod cors;
pub(crate) mod inflate;
pub(crate) mod operators;
pub(crate) mod routes;
pub(crate) mod settings_document;
pub(crate) mod tls;
pub(crate) mod trace;
