//! Which stream to read, and how to reach its servers.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::limits::Limits;
use crate::start::Start;

/// Options of a [`NatsInput`](crate::nats::NatsInput).
#[derive(Clone, Debug, Default)]
pub struct NatsInputOptions {
    /// Addresses of the servers: `nats://host:port` or `tls://host:port`. Empty for `nats://127.0.0.1:4222`.
    pub servers: Vec<String>,
    /// The name of the stream, which exists.
    pub stream: String,
    /// The name of the durable pull consumer. All members of a group use the same.
    pub consumer: String,
    /// Make what is missing: the consumer, and the stream for rejected messages.
    pub create: bool,
    /// The only subject to read, for a consumer that is made; all subjects of the stream when there is none.
    pub subject: Option<String>,
    /// Where a consumer begins that is made.
    pub start: Start,
    /// Who this member is.
    pub credentials: NatsCredentials,
    /// TLS; it is used for `tls://` in any case.
    pub tls: NatsTls,
    /// How much may be in hand.
    pub limits: Limits,
}

/// Who a member is to the servers.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum NatsCredentials {
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
impl fmt::Debug for NatsCredentials {
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
pub struct NatsTls {
    /// Refuse a connection without TLS.
    pub is_required: bool,
    /// Certificates to trust besides those of the system, as PEM.
    pub ca: Option<PathBuf>,
    /// A certificate of this member and its key, as PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}
