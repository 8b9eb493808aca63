//! Who a machine is to a broker, and how it speaks TLS with it: what `[log]` and `[[inputs]]` have in common.

use std::path::PathBuf;

use crate::diagnostic::Mistake;
use crate::secret::SecretSource;
use crate::setting::{Access, Setting, row_after_restart as row};

/// Who a machine is to a broker, and what it trusts.
#[derive(Clone, Debug, Default)]
pub struct BrokerAccess {
    /// NATS: the text of a `.creds` file.
    pub credentials: Option<SecretSource>,
    /// NATS: the seed of an nkey.
    pub nkey_seed: Option<SecretSource>,
    /// A user of the broker.
    pub user: Option<String>,
    /// The password of the user.
    pub password: Option<SecretSource>,
    /// Certificates to trust besides those of the system, PEM.
    pub tls_ca: Option<PathBuf>,
    /// A certificate of this machine, PEM.
    pub tls_certificate: Option<PathBuf>,
    /// The private key of the certificate, PEM.
    pub tls_key: Option<PathBuf>,
    /// Whether a broker on another machine may be spoken to without TLS.
    pub allow_plaintext: bool,
}

/// Declares a function for each row, which takes the place of the value in `D`.
macro_rules! rows {
    ($($name:ident, $doc:literal $(, $example:literal)?;)*) => {$(
        pub(crate) const fn $name<D>(place: &'static dyn Access<D>) -> Setting<D> {
            row(stringify!($name), place, $doc)$(.example($example))?
        }
    )*};
}

rows! {
    credentials,     "nats: the text of a .creds file; a secret, so { env = \"NAME\" } or { file = \"PATH\" }", "\"\"";
    nkey_seed,       "nats: the seed of an nkey, instead of credentials; a secret", "\"\"";
    user,            "a user of the broker", "\"segue\"";
    password,        "the password of the user; a secret, so { env = \"NAME\" } or { file = \"PATH\" }", "{ env = \"BROKER_PASSWORD\" }";
    tls_ca,          "a file with certificates to trust besides those of the system, PEM", "\"ca.pem\"";
    tls_certificate, "a file with the certificate by which the broker knows this machine, PEM", "\"client.pem\"";
    tls_key,         "a file with the private key of the certificate, PEM", "\"client-key.pem\"";
    allow_plaintext, "allows a broker on another machine without TLS";
}

impl BrokerAccess {
    /// What no single setting shows.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        let ways = [
            self.credentials.is_some(),
            self.nkey_seed.is_some(),
            self.user.is_some(),
        ];
        let ways = ways.into_iter().filter(|is_given| *is_given).count();
        let rows = [
            (
                self.tls_certificate.is_some() != self.tls_key.is_some(),
                "`tls_certificate` and `tls_key` belong together: one is missing",
                "set both, or none",
            ),
            (
                self.user.is_some() != self.password.is_some(),
                "`user` and `password` belong together: one is missing",
                "set both, or none",
            ),
            (
                ways > 1,
                "`credentials`, `nkey_seed` and `user` say who this is in different ways",
                "keep one of them",
            ),
        ];
        let wrong = rows.into_iter().filter(|(is_wrong, ..)| *is_wrong);
        wrong
            .map(|(_, mistake, help)| Mistake::new(mistake).help(help))
            .collect()
    }

    /// What is wrong with an address of a NATS server.
    pub(crate) fn mistake_of_nats_server(&self, server: &str) -> Option<Mistake> {
        let (scheme, host) = server.split_once("://").unwrap_or(("", server));
        let is_server = ["nats", "tls"].contains(&scheme) && !host.is_empty();
        let form = "nats://host:4222 or tls://host:4222";
        let address = Address {
            of: "servers",
            host,
            form: if is_server { Ok(()) } else { Err(form) },
            is_encrypted: scheme == "tls",
            encrypt: "write tls://",
        };
        self.mistake_of(&address)
    }

    /// What is wrong with an address of a Kafka broker.
    pub(crate) fn mistake_of_kafka_broker(&self, broker: &str, tls: bool) -> Option<Mistake> {
        let has_port = broker
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        let is_broker = has_port && !broker.contains("://");
        let address = Address {
            of: "brokers",
            host: broker,
            form: if is_broker { Ok(()) } else { Err("host:9092") },
            is_encrypted: tls,
            encrypt: "set tls = true",
        };
        self.mistake_of(&address)
    }

    /// Addresses are not quoted: a secret may stand in their place.
    fn mistake_of(&self, address: &Address<'_>) -> Option<Mistake> {
        let of = address.of;
        if address.host.contains('@') {
            let mistake = Mistake::new(format!("an entry of `{of}` has a user in it"));
            return Some(mistake.help("`user` and `password` are where that belongs"));
        }
        if let Err(form) = address.form {
            let mistake = format!("an entry of `{of}` must be like {form}");
            return Some(Mistake::new(mistake));
        }
        if address.is_encrypted || self.allow_plaintext || is_here(address.host) {
            return None;
        }
        let mistake = format!(
            "an entry of `{of}` is on another machine and without TLS: messages hold contact data"
        );
        let help = format!(
            "{}, or allow_plaintext = true where the network itself is encrypted",
            address.encrypt
        );
        Some(Mistake::new(mistake).help(help))
    }
}

/// An address of a broker, as a list of the settings has it.
struct Address<'a> {
    /// The name of the list.
    of: &'a str,
    host: &'a str,
    /// Whether it is an address; if not, what one is like.
    form: Result<(), &'a str>,
    is_encrypted: bool,
    /// How to encrypt.
    encrypt: &'a str,
}

fn is_here(host: &str) -> bool {
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here))
}
