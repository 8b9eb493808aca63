//! How to reach the servers.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

/// How to reach the servers, and who this is to them.
#[derive(Clone, Debug, Default)]
pub struct ConnectionOptions {
    /// Addresses of the servers: `nats://host:port` or `tls://host:port`. Empty for `nats://127.0.0.1:4222`.
    pub servers: Vec<String>,
    /// Who this is.
    pub credentials: Credentials,
    /// TLS; it is used for `tls://` in any case.
    pub tls: TlsOptions,
}

/// Who a program is to the servers.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    None,
    /// The text of a `.creds` file: a JWT and the seed of its nkey.
    Creds(SecretString),
    /// The seed of an nkey.
    NkeySeed(SecretString),
    /// A user with a password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
}

/// The kind only.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Creds(_) => "Creds(…)",
            Self::NkeySeed(_) => "NkeySeed(…)",
            Self::Password { .. } => "Password(…)",
        })
    }
}

/// How to speak TLS with the servers.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// Refuse a connection without TLS.
    pub is_required: bool,
    /// Certificates to trust besides those of the system, as PEM.
    pub ca: Option<PathBuf>,
    /// A certificate of this program and its key, as PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}
