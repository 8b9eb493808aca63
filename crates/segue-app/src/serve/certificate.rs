//! The certificate of the endpoint, and its key.

use std::path::{Path, PathBuf};

use conversions_ingest::Tls;
use segue_settings::Endpoint;

use crate::error::AppError;

/// Certificate and key as they are in their files. They belong together: reading them has checked it.
pub(super) struct Certificate {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// Reads the files that the settings name, if they do.
    pub(super) fn read(endpoint: &Endpoint) -> Result<Option<Self>, AppError> {
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
    pub(super) fn tls(&self) -> Result<Tls, AppError> {
        Tls::from_pem(&self.chain, &self.key).map_err(AppError::from)
    }

    /// Uses it for all new connections.
    pub(super) fn reload(&self, tls: &Tls) -> Result<(), AppError> {
        tls.reload(&self.chain, &self.key).map_err(AppError::from)
    }
}

fn read(setting: &str, path: &Path) -> Result<Vec<u8>, AppError> {
    std::fs::read(path).map_err(|error| {
        let path: PathBuf = path.to_owned();
        AppError::Configuration(format!(
            "`{setting}` ({}) cannot be read: {error}",
            path.display()
        ))
    })
}
