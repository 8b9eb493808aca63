//! The client libraries, and how each is run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use tokio::process::Command;

use crate::child;
use crate::fault_proxy::FaultProxy;
use crate::page::{self, PageServer};
use crate::plan::Plan;

/// A client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// `@segment/analytics-node`.
    Node,
    /// `segment-analytics-python`.
    Python,
    /// analytics.js, which is `@segment/analytics-next`, in Chromium.
    Browser,
    /// `@rudderstack/rudder-sdk-node`.
    Rudder,
}

impl Client {
    pub(crate) const ALL: [Self; 4] = [Self::Node, Self::Python, Self::Browser, Self::Rudder];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Browser => "browser",
            Self::Rudder => "rudder",
        }
    }

    /// What the message ids begin with that it makes.
    pub(crate) const fn message_id_prefix(self) -> &'static str {
        match self {
            Self::Node => "node-next-",
            Self::Browser => "ajs-next-",
            Self::Python | Self::Rudder => "",
        }
    }
}

/// Where the libraries lie, as `cargo xtask clients` says in the environment.
#[derive(Clone)]
pub(crate) struct Tools {
    /// A folder with `node_modules`.
    node: Option<PathBuf>,
    /// A folder of Python packages.
    python: Option<PathBuf>,
    /// The browser.
    chromium: Option<PathBuf>,
}

impl Tools {
    pub(crate) fn from_environment() -> Self {
        let path = |name| env::var_os(name).map(PathBuf::from);
        Self {
            node: path("SEGUE_CLIENTS_NODE"),
            python: path("SEGUE_CLIENTS_PYTHON"),
            chromium: path("SEGUE_CLIENTS_CHROMIUM"),
        }
    }

    pub(crate) fn have(&self, client: Client) -> bool {
        match client {
            Client::Node | Client::Rudder => self.node.is_some(),
            Client::Python => self.python.is_some(),
            Client::Browser => self.node.is_some() && self.chromium.is_some(),
        }
    }

    /// The folder with `node_modules`.
    pub(crate) fn modules(&self) -> &Path {
        self.node.as_deref().expect("node_modules")
    }

    /// Runs a script of Node; what it said.
    pub(crate) async fn node(&self, name: &str, script: &str, arguments: &[&Path]) -> String {
        let folder = self.modules();
        // A module is looked for from where the script lies that wants it.
        let place = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(folder)
            .expect("a folder beside node_modules");
        let file = place.path().join(name);
        fs::write(&file, script).expect("the script is written");
        let child = child::start(Command::new("node").arg(&file).args(arguments));
        child::finish(child).await
    }

    /// Runs a script of Python; what it said.
    pub(crate) async fn python(&self, script: &str, arguments: &[&Path]) -> String {
        let packages = self.python.as_deref().expect("packages");
        let mut command = Command::new("python3");
        command
            .env("PYTHONPATH", packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("-c")
            .arg(script)
            .args(arguments);
        child::finish(child::start(&mut command)).await
    }

    /// Opens a page in a browser that nobody has used before, until what is returned is dropped.
    pub(crate) fn browse(&self, url: &str) -> Browser {
        let program = self.chromium.as_deref().expect("a browser");
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(program);
        command
            .args([
                "--headless",
                // One of the endpoints has a certificate that a test has made.
                "--ignore-certificate-errors",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-breakpad",
                "--no-first-run",
                "--no-default-browser-check",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .env("HOME", profile.path())
            .arg(url)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().expect("the browser starts");
        Browser {
            _child: child,
            _profile: profile,
        }
    }

    /// Has a library carry out a plan. What it complained about; a browser lives on until the second is dropped, since
    /// it tries again after it said that it had tried.
    pub(crate) async fn carry_out(
        &self,
        client: Client,
        plan: &Plan,
        proxy: Option<&FaultProxy>,
    ) -> Sent {
        let text = serde_json::to_string(plan).expect("JSON");
        if client == Client::Browser {
            let proxy = proxy.filter(|_| plan.is_from_own_domain());
            return self.carry_out_in_browser(text, proxy).await;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("plan.json");
        fs::write(&file, text).expect("the plan is written");
        let said = match client {
            Client::Python => self.python(PYTHON, &[&file]).await,
            Client::Rudder => self.node("rudder.cjs", RUDDER, &[&file]).await,
            Client::Node | Client::Browser => self.node("node.mjs", NODE, &[&file]).await,
        };
        Sent {
            errors: Sent::errors(said.lines().last().unwrap_or_default()),
            page: String::new(),
            _browser: None,
        }
    }

    /// The page is under an address of its own, or under the proxy's.
    async fn carry_out_in_browser(&self, plan: String, proxy: Option<&FaultProxy>) -> Sent {
        let mut page = PageServer::start(self.modules(), page::SHOP.to_owned(), plan).await;
        let mut address = page.address;
        if let Some(proxy) = proxy {
            proxy.add_page(page.address);
            address = proxy.listening.address;
        }
        let url = page::url(address);
        let browser = self.browse(&url);
        let errors = Sent::errors(&page.report().await);
        Sent {
            errors,
            page: url,
            _browser: Some((browser, page)),
        }
    }
}

const NODE: &str = include_str!("scripts/node.mjs");
const RUDDER: &str = include_str!("scripts/rudder.cjs");
const PYTHON: &str = include_str!("scripts/python.py");

/// A browser, and the folder that it writes to; both end with this.
pub(crate) struct Browser {
    _child: tokio::process::Child,
    _profile: tempfile::TempDir,
}

/// What became of a plan on the side of the client.
pub(crate) struct Sent {
    /// What the library said went wrong for good.
    pub(crate) errors: Vec<String>,
    /// The page that sent, if one did.
    pub(crate) page: String,
    _browser: Option<(Browser, PageServer)>,
}

impl Sent {
    /// Out of `{"errors": […]}`.
    fn errors(said: &str) -> Vec<String> {
        let said: BTreeMap<String, Vec<String>> =
            serde_json::from_str(said).unwrap_or_else(|_| panic!("the client said {said:?}"));
        said.into_values().flatten().collect()
    }
}
