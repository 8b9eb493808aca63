//! Where the endpoint listens, and how others hear of it.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::failure::Failure;

/// A listener and its address.
pub(crate) struct Listening {
    pub(crate) listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// Listens at what an option says.
    pub(crate) async fn bind(option: &str, at: &str) -> Result<Self, Failure> {
        let failure = |error: &io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => Failure::sentence(format!(
                "{option} {at}: another program listens there; choose another port, or 0 for a free one"
            )),
            io::ErrorKind::InvalidInput => Failure::sentence(format!(
                "{option} must be an address and a port, like 127.0.0.1:8080"
            )),
            _ => Failure::sentence(format!("{option} {at} cannot be listened at: {error}")),
        };
        let listener = TcpListener::bind(at)
            .await
            .map_err(|error| failure(&error))?;
        let address = listener.local_addr().map_err(|error| failure(&error))?;
        Ok(Self { listener, address })
    }

    /// Where this machine reaches it.
    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", reachable(self.address))
    }
}

/// Who listens at every address is reached at the loopback address.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

/// Where everything answers.
pub(crate) struct Ready {
    pub(crate) ingest: String,
    pub(crate) ops: String,
    pub(crate) sandbox: Option<String>,
}

impl Ready {
    pub(crate) fn object(&self) -> Value {
        json!({ "ingest": self.ingest, "ops": self.ops, "sandbox": self.sandbox })
    }

    /// Writes it to a file, which is never there in part.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = self.object();
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".part");
        fs::write(&unfinished, format!("{text}\n"))
            .and_then(|()| fs::rename(&unfinished, path))
            .map_err(|error| {
                Failure::sentence(format!(
                    "--ready-file {} cannot be written: {error}",
                    path.display()
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_reached_here() {
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
    fn the_ready_file_says_where_everything_answers() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ready.json");
        let ready = Ready {
            ingest: "http://127.0.0.1:1".to_owned(),
            ops: "http://127.0.0.1:2".to_owned(),
            sandbox: None,
        };
        ready.write(&path).expect("written");
        let text = fs::read_to_string(&path).expect("a file");
        assert_eq!(
            text,
            "{\"ingest\":\"http://127.0.0.1:1\",\"ops\":\"http://127.0.0.1:2\",\"sandbox\":null}\n"
        );
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
