//! The TLS configuration: which CA certificates are trusted.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::SetupError;

/// Which CA certificates are trusted.
#[derive(Clone)]
pub(crate) enum Trust {
    /// The CA certificates of the system.
    System,
    /// Only these, in PEM form.
    Only(Vec<u8>),
    /// None: for plain `http`, which must work on a machine without CA certificates.
    None,
}

/// The configuration of rustls. It names ring as the provider, so that the process need not install one.
pub(crate) fn config(trust: &Trust) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client {
            source: error.into(),
        })?;
    let builder = match trust {
        Trust::System => {
            builder
                .with_platform_verifier()
                .map_err(|error| SetupError::NoCaCertificates {
                    source: error.into(),
                })?
        }
        Trust::Only(pem) => builder.with_root_certificates(roots(pem)?),
        Trust::None => builder.with_root_certificates(RootCertStore::empty()),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| SetupError::UnreadableCertificates {
            source: Some(error.into()),
        })?;
        roots
            .add(certificate)
            .map_err(|error| SetupError::UnreadableCertificates {
                source: Some(error.into()),
            })?;
    }
    if roots.is_empty() {
        return Err(SetupError::UnreadableCertificates { source: None });
    }
    Ok(roots)
}
