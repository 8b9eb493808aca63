//! TLS, with a certificate that can be replaced while connections stay open.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Marks requests that came over TLS: an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsEncrypted;

/// A certificate and its key; TLS 1.2 and 1.3. Clones share them.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ArcSwap<ServerConfig>>,
}

impl Tls {
    /// Reads a chain of certificates and the private key of the first, both PEM.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when one of them cannot be used.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let config = config(certificates, key)?;
        Ok(Self {
            config: Arc::new(ArcSwap::from(config)),
        })
    }

    /// Replaces both, for new connections.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when one of them cannot be used; the old ones then stay in force.
    pub fn reload(&self, certificates: &[u8], key: &[u8]) -> Result<(), TlsError> {
        self.config.store(config(certificates, key)?);
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.config.load_full().into()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// No certificate, or not PEM.
    #[error("no certificate found; PEM is expected")]
    NoCertificate,
    /// No private key, or not PEM.
    #[error("no private key found; PEM is expected")]
    NoKey,
    /// Certificate and key do not match, or TLS cannot use them.
    #[error("the certificate cannot be used with this key")]
    Unusable(#[source] rustls::Error),
}

fn config(certificates: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::{Tls, TlsError};

    #[test]
    fn a_bad_certificate_is_refused_and_the_old_one_stays() {
        let pair = |name: &str| {
            let made =
                rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
            (made.cert.pem(), made.signing_key.serialize_pem())
        };
        let ((cert, key), (other_cert, other_key)) = (pair("a.example"), pair("b.example"));
        let tls = Tls::from_pem(cert.as_bytes(), key.as_bytes()).expect("a pair");
        assert!(matches!(
            tls.reload(b"", key.as_bytes()),
            Err(TlsError::NoCertificate)
        ));
        assert!(matches!(
            tls.reload(cert.as_bytes(), b"?"),
            Err(TlsError::NoKey)
        ));
        let mixed = tls.reload(cert.as_bytes(), other_key.as_bytes());
        assert!(matches!(mixed, Err(TlsError::Unusable(_))));
        assert!(
            tls.reload(other_cert.as_bytes(), other_key.as_bytes())
                .is_ok()
        );
    }
}
