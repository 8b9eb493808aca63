//! Why a transport cannot be set up.

use std::error::Error;

/// Why no request can be sent from this machine, or with these settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The machine has no CA certificates to check Meta's certificate against.
    #[error(
        "no CA certificates were found on this machine, so the server's certificate cannot be checked: install them \
         (on Debian and Ubuntu the package ca-certificates), or name a file with CA certificates in SSL_CERT_FILE"
    )]
    NoCaCertificates {
        /// The error of the platform.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The CA certificates that were given cannot be read.
    #[error("the CA certificates cannot be read: give one or more certificates in PEM form")]
    UnreadableCertificates {
        /// What is wrong with them, if known.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client {
        /// The error of the HTTP client.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl SetupError {
    /// A sentence for operators: what is missing and what to do.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::NoCaCertificates { .. } => {
                "This machine has no CA certificates to check the server's against. Install them (on Debian and \
                 Ubuntu the package ca-certificates), or name a file with CA certificates in SSL_CERT_FILE."
            }
            Self::UnreadableCertificates { .. } => {
                "The CA certificates cannot be read. Give one or more certificates in PEM form."
            }
            Self::Client { .. } => "The HTTP client cannot be set up on this machine.",
        }
    }
}
