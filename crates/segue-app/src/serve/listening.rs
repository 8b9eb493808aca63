//! Where the endpoint listens.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::error::AppError;

/// A listener and its address.
pub(super) struct Listening {
    pub(super) listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// Listens at the address that an option gives.
    pub(super) async fn bind(option: &str, at: &str) -> Result<Self, AppError> {
        let listener = TcpListener::bind(at)
            .await
            .map_err(|error| cannot_listen(option, at, &error))?;
        let address = listener
            .local_addr()
            .map_err(|error| cannot_listen(option, at, &error))?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL at which this machine reaches it.
    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", reachable(self.address))
    }
}

/// What to do when an option's address cannot be listened at.
fn cannot_listen(option: &str, at: &str, error: &io::Error) -> AppError {
    AppError::System(match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{option} {at}: another program listens there; choose another port, or 0 for a free one"
        ),
        io::ErrorKind::InvalidInput => {
            format!("{option} must be an address and a port, like 127.0.0.1:8080")
        }
        io::ErrorKind::PermissionDenied => format!(
            "{option} {at}: permission denied; choose a port above 1023, or give the program the right to use this one \
             (CAP_NET_BIND_SERVICE)"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "{option} {at}: this machine does not have that address; 127.0.0.1 is for this machine only, 0.0.0.0 for all \
             its networks"
        ),
        _ => format!("{option} {at}: cannot listen there: {error}"),
    })
}

/// A listener at every address is reached at the loopback address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

/// The URLs of an endpoint that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundAddresses {
    /// Where senders connect, if they do.
    pub ingest: Option<String>,
    /// Where operators look.
    pub ops: String,
    /// Where the console is, if it is shown.
    pub console: Option<String>,
    /// Where the page of the sandbox is, if there is one.
    pub sandbox: Option<String>,
}

impl BoundAddresses {
    /// As JSON: `ingest`, `ops`, `console`, `sandbox`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "ingest": self.ingest,
            "ops": self.ops,
            "console": self.console,
            "sandbox": self.sandbox,
        })
    }

    /// Writes the JSON to a file. A reader sees all of it or no file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), AppError> {
        let text = self.to_json();
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".part");
        fs::write(&unfinished, format!("{text}\n"))
            .and_then(|()| fs::rename(&unfinished, path))
            .map_err(|error| {
                AppError::System(format!(
                    "--ready-file {} cannot be written: {error}",
                    path.display()
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not every machine keeps the ports below 1024 for root, so no test can ask for one.
    #[test]
    fn a_port_that_only_root_may_use_is_answered_with_one_that_all_may() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let said = cannot_listen("--listen", "0.0.0.0:443", &denied).to_string();
        for part in ["--listen 0.0.0.0:443", "above 1023", "CAP_NET_BIND_SERVICE"] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn a_listener_at_every_address_is_reached_at_loopback() {
        for (address, reached) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(reachable(address).to_string(), reached);
        }
    }

    #[test]
    fn the_ready_file_has_all_urls() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ready.json");
        let bound = BoundAddresses {
            ingest: Some("http://127.0.0.1:1".to_owned()),
            ops: "http://127.0.0.1:2".to_owned(),
            console: Some("http://127.0.0.1:2".to_owned()),
            sandbox: None,
        };
        bound.write(&path).expect("written");
        let text = fs::read_to_string(&path).expect("a file");
        assert_eq!(
            text,
            "{\"console\":\"http://127.0.0.1:2\",\"ingest\":\"http://127.0.0.1:1\",\"ops\":\"http://127.0.0.1:2\",\"sandbox\":null}\n"
        );
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
