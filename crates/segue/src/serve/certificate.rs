//! The certificate of the endpoint, and its key.

use std::path::{Path, PathBuf};

use conversions_ingest::Tls;
use segue_settings::Endpoint;

use crate::failure::Failure;

/// Both, as they are in their files. Proven to fit together.
pub(crate) struct Certificate {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// Reads the files that the settings name, if they do.
    pub(crate) fn read(endpoint: &Endpoint) -> Result<Option<Self>, Failure> {
        let (Some(chain), Some(key)) = (&endpoint.tls_certificate, &endpoint.tls_key) else {
            return Ok(None);
        };
        let certificate = Self {
            chain: read("tls_certificate", chain)?,
            key: read("tls_key", key)?,
        };
        certificate.tls()?;
        Ok(Some(certificate))
    }

    /// Ready to encrypt connections.
    pub(crate) fn tls(&self) -> Result<Tls, Failure> {
        Tls::from_pem(&self.chain, &self.key).map_err(|error| Failure::of(&error))
    }

    /// Puts it in force for all connections to come.
    pub(crate) fn reload(&self, tls: &Tls) -> Result<(), Failure> {
        tls.reload(&self.chain, &self.key)
            .map_err(|error| Failure::of(&error))
    }
}

fn read(setting: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let path: PathBuf = path.to_owned();
        Failure::sentence(format!(
            "`{setting}` ({}) cannot be read: {error}",
            path.display()
        ))
    })
}
