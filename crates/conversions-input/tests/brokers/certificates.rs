//! Certificates for a broker and its clients, with an issuer of their own.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// Files with certificates and keys, PEM.
pub(crate) struct Certificates(TempDir);

impl Certificates {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut params = CertificateParams::default();
        // OpenSSL takes a certificate for one that signs itself when its name is that of its issuer.
        params
            .distinguished_name
            .push(DnType::CommonName, "issuer of the tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let ca = params.self_signed(&key).expect("a certificate");
        std::fs::write(folder.path().join("ca.pem"), ca.pem()).expect("written");
        let issuer = Issuer::new(params, key);
        for name in ["server", "client"] {
            let key = KeyPair::generate().expect("a key");
            let names = ["127.0.0.1", "localhost"].map(str::to_owned);
            let params = CertificateParams::new(names).expect("names");
            let certificate = params.signed_by(&key, &issuer).expect("a certificate");
            let file = |suffix| folder.path().join(format!("{name}{suffix}"));
            std::fs::write(file(".pem"), certificate.pem()).expect("written");
            std::fs::write(file("-key.pem"), key.serialize_pem()).expect("written");
        }
        Self(folder)
    }

    /// `ca.pem`, `server.pem`, `server-key.pem`, `client.pem` or `client-key.pem`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The certificate and the key of a client.
    pub(crate) fn client(&self) -> (PathBuf, PathBuf) {
        (self.file("client.pem"), self.file("client-key.pem"))
    }
}
