//! A bundle of analytics.js for browsers: the script that Segment's snippet loads, and the scripts that this one loads.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;

use axum::http::HeaderValue;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The scripts, each as it is and compressed, held in memory.
#[derive(Clone)]
pub struct BrowserBundle {
    pub(crate) main: Script,
    /// By the names of their files.
    pub(crate) chunks: BTreeMap<String, Script>,
}

/// One script.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) plain: Bytes,
    pub(crate) gzip: Bytes,
    /// Changes with the script.
    pub(crate) etag: Option<HeaderValue>,
}

impl BrowserBundle {
    /// A bundle of one script.
    #[must_use]
    pub fn new(main: Vec<u8>) -> Self {
        Self {
            main: Script::new(main),
            chunks: BTreeMap::new(),
        }
    }

    /// Adds a script that another one loads by the name of its file.
    #[must_use]
    pub fn with_chunk(mut self, name: impl Into<String>, script: Vec<u8>) -> Self {
        self.chunks.insert(name.into(), Script::new(script));
        self
    }
}

/// Names only: the scripts are long.
impl fmt::Debug for BrowserBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserBundle")
            .field("bytes", &self.main.plain.len())
            .field("chunks", &self.chunks.keys())
            .finish()
    }
}

impl Script {
    fn new(plain: Vec<u8>) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail; if it did, browsers would get the script as it is.
        let gzip = encoder.write_all(&plain).and_then(|()| encoder.finish());
        let digest = hex::encode(Sha256::digest(&plain));
        Self {
            etag: HeaderValue::from_str(&format!("\"{digest}\"")).ok(),
            gzip: gzip.map_or_else(|_| Bytes::new(), Bytes::from),
            plain: Bytes::from(plain),
        }
    }
}
