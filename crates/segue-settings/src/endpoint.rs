//! `[serve]`: how `segue serve` takes events.

mod table;

use std::path::PathBuf;

use conversions_ingest::{ConnectionOptions, Ingest, IngestOptions, OptionsError};

use crate::diagnostic::Mistake;
use crate::reader::Reader;
use crate::table::{Given, InForce, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// Everything about the endpoint but who may send to it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where senders connect to.
    pub listen: String,
    /// Where operators look.
    pub ops_listen: String,
    /// Without sources and rates.
    pub ingest: IngestOptions,
    /// Without certificates.
    pub connection: ConnectionOptions,
    /// Messages per second and write key; 0 is no limit.
    pub rate_per_second: u64,
    /// Messages at once.
    pub rate_burst: u64,
    /// The file of the certificate chain, PEM.
    pub tls_certificate: Option<PathBuf>,
    /// The file of the private key, PEM.
    pub tls_key: Option<PathBuf>,
    /// The file of a bundle of analytics.js that browsers get.
    pub analytics_js: Option<PathBuf>,
    /// Bytes of events on disk, at most.
    pub disk_bytes: u64,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            ops_listen: "127.0.0.1:8081".to_owned(),
            ingest: IngestOptions::new(Vec::new()),
            connection: ConnectionOptions::default(),
            rate_per_second: 0,
            rate_burst: 5000,
            tls_certificate: None,
            tls_key: None,
            analytics_js: None,
            disk_bytes: 10_000_000_000,
            given: Given::new(),
        }
    }
}

impl Endpoint {
    /// Every setting and its value, in the order in which they are explained.
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce> {
        in_force(self, &self.given)
    }

    /// The settings that differ in `new`, and whose difference only a restart puts in force.
    #[must_use]
    pub fn settings_that_need_restart(&self, new: &Self) -> Vec<&'static str> {
        need_restart(self, new)
    }
}

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Endpoint {
    let Some(entries) = reader.members("serve", node, "[serve]") else {
        return Endpoint::default();
    };
    let endpoint: Endpoint = read_table(entries, &[], reader);
    if endpoint.tls_certificate.is_some() != endpoint.tls_key.is_some() {
        let mistake = "`tls_certificate` and `tls_key` belong together: one is missing";
        reader.error(&node.span, Mistake::new(mistake));
    }
    if let Err(error) = Ingest::check(&endpoint.ingest) {
        reader.error(&node.span, Mistake::new(message(&error)));
    }
    endpoint
}

/// Without the value: a secret may have been written in its place.
fn message(error: &OptionsError) -> String {
    let message = match error {
        OptionsError::InvalidOrigin(_) => {
            "`allowed_origins` must be like https://shop.example.com or https://*.example.com"
        }
        OptionsError::InvalidPublicUrl(_) => {
            "`public_url` must be like https://events.example.com/v1"
        }
        OptionsError::CredentialsForAnyOrigin => {
            "`allow_credentials` needs `allowed_origins`: any page could use the visitor's cookies"
        }
        error => return error.to_string(),
    };
    message.to_owned()
}

#[cfg(test)]
mod tests;
