//! Why there is no connection.

use std::path::PathBuf;

/// Why there is no connection. Messages name servers and files, and hold no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The credentials are not of the form that they should have.
    #[error(
        "the text of the NATS credentials is not that of a .creds file ({reason}); download the file again"
    )]
    Credentials {
        /// What is wrong with them.
        reason: String,
    },
    /// A file with a certificate or a key cannot be read.
    #[error("{path} cannot be read: {reason}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// The server does not take the credentials.
    #[error(
        "the NATS server does not take the credentials; check that they belong to this server and have not expired"
    )]
    Access,
    /// No server answers, or no connection can be agreed on.
    #[error("cannot connect to NATS at {servers}: {reason}")]
    Unreachable {
        /// Their addresses, without credentials.
        servers: String,
        /// What happened, and what to do.
        reason: String,
    },
}
