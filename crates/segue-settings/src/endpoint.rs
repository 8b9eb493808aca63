//! `[serve]`: how `segue serve` takes events.

mod read;
mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use conversions_delivery::DiskLogOptions;
use conversions_ingest::{ConnectionOptions, IngestOptions};

use crate::source::Position;

pub(crate) use read::read;
pub(crate) use table::{ENDPOINT, EndpointSetting, Kind};

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
    /// Room for events on disk.
    pub disk_bytes: u64,
    /// The settings that the file gives, and where.
    pub given: BTreeMap<&'static str, Position>,
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
            disk_bytes: DiskLogOptions::default().disk_bytes,
            given: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests;
