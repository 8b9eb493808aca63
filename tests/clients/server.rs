//! `segue serve`, as a process.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::child;
use crate::plan::WRITE_KEY;

/// A running server; it is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    /// Where clients send to: `http://127.0.0.1:…`.
    pub(crate) ingest: String,
    /// Where its own sandbox shows what arrived, if it has one.
    pub(crate) sandbox: Option<String>,
}

impl Server {
    /// In front of a sandbox of its own: what one command starts.
    pub(crate) async fn with_sandbox(write_key: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = ["--sandbox", "--write-key", write_key];
        Self::start(folder, &arguments, "127.0.0.1:0").await
    }

    /// The same with TLS and a bundle of analytics.js, as pages of other sites load it.
    pub(crate) async fn with_analytics_js(write_key: &str, bundle: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let certified = certified.expect("a certificate");
        let write = |name: &str, text: String| {
            fs::write(folder.path().join(name), text).expect("a file of the server");
        };
        write("certificate.pem", certified.cert.pem());
        write("key.pem", certified.signing_key.serialize_pem());
        let endpoint = json!({
            "tls_certificate": "certificate.pem", "tls_key": "key.pem", "analytics_js": bundle,
        });
        write("settings.json", json!({ "serve": endpoint }).to_string());
        let settings = ["--settings", "settings.json"];
        let arguments = [&["--sandbox", "--write-key", write_key][..], &settings].concat();
        Self::start(folder, &arguments, "127.0.0.1:0").await
    }

    /// In front of a sandbox elsewhere, as it runs for Meta, with settings of the endpoint.
    pub(crate) async fn sending_to(graph_url: &str, endpoint: Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = json!({
            "pixel_id": "1000000000000001", "access_token": {"env": "TOKEN"}, "graph_url": graph_url,
            "linger_ms": 100, "serve": endpoint,
        });
        fs::write(folder.path().join("settings.json"), settings.to_string())
            .expect("the settings are written");
        Self::start(folder, &FROM_SETTINGS, "127.0.0.1:0").await
    }

    async fn start(folder: TempDir, arguments: &[&str], listen: &str) -> Self {
        let ready = folder.path().join("ready.json");
        let _ = fs::remove_file(&ready);
        let program = e2e::binary::segue().get_program().to_owned();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("TOKEN", "token")
            .current_dir(folder.path())
            .arg("serve")
            .args(arguments)
            .args(["--listen", listen, "--ops-listen", "127.0.0.1:0"])
            .args(["--data-dir", "data", "--ready-file", "ready.json"]);
        let mut child = child::start(&mut command);
        let said = tokio::select! {
            said = read_when_there(&ready) => Some(said),
            _ = child.wait() => None,
        };
        let Some(said) = said else {
            let output = child.wait_with_output().await.expect("its output");
            panic!(
                "segue serve ended with {}:\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        };
        let address = |name: &str| said[name].as_str().map(str::to_owned);
        Self {
            ingest: address("ingest").expect("where it listens"),
            sandbox: address("sandbox"),
            child,
            folder,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let authority = self.ingest.trim_start_matches("http://");
        authority.parse().expect("an address")
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(self) -> Stopped {
        let address = self.address();
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).expect("a running process");
        kill_process(pid, Signal::TERM).expect("SIGTERM");
        child::finish(self.child).await;
        Stopped {
            folder: self.folder,
            address,
        }
    }

    /// Ends it without asking.
    pub(crate) async fn kill(mut self) -> Stopped {
        let address = self.address();
        self.child.kill().await.expect("SIGKILL");
        Stopped {
            folder: self.folder,
            address,
        }
    }
}

const FROM_SETTINGS: [&str; 4] = ["--settings", "settings.json", "--write-key", WRITE_KEY];

/// A server that has stopped, with all that it left behind.
pub(crate) struct Stopped {
    folder: TempDir,
    address: SocketAddr,
}

impl Stopped {
    /// The same server again, where it was.
    pub(crate) async fn start(self) -> Server {
        Server::start(self.folder, &FROM_SETTINGS, &self.address.to_string()).await
    }
}

async fn read_when_there(file: &Path) -> Value {
    loop {
        let read = fs::read(file).ok();
        if let Some(said) = read.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return said;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
