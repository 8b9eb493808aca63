//! Why nothing can be sent from here.

use std::error::Error;

/// Why requests cannot be made on this machine, or with these settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// There is nothing to check Meta's certificate against.
    #[error(
        "no CA certificates were found on this machine, so the server's certificate cannot be checked: install them \
         (on Debian and Ubuntu the package ca-certificates), or name a file that holds some in SSL_CERT_FILE"
    )]
    NoCaCertificates {
        /// What the platform said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The certificates that should be trusted cannot be read.
    #[error(
        "the CA certificates that were given cannot be read: one or more certificates in PEM form are wanted"
    )]
    UnreadableCertificates {
        /// What is wrong with them, where known.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be set up")]
    Client {
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl SetupError {
    /// For people: what is missing and what to do.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::NoCaCertificates { .. } => {
                "This machine has no CA certificates to check the server's against. Install them (on Debian and \
                 Ubuntu the package ca-certificates), or name a file that holds some in SSL_CERT_FILE."
            }
            Self::UnreadableCertificates { .. } => {
                "The CA certificates that were given cannot be read. Give one or more certificates in PEM form."
            }
            Self::Client { .. } => "The HTTP client could not be set up on this machine.",
        }
    }
}
