//! What a reader of a page has: a folder, an environment, and servers that run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use e2e::binary::{graph_sandbox, output_text, segue};
use e2e::exchange::{exchange, request};
use e2e::pages::workspace;
use serde_json::Value;
use tempfile::TempDir;

/// Nothing takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Commands that are for another machine, need the network, or are tested elsewhere: `cargo xtask clients` installs the
/// libraries, and every test is a run of `cargo`.
const NOT_RUN: [&[&str]; 5] = [
    &["cargo", "install"],
    &["cargo", "build"],
    &["docker"],
    &["npm", "install"],
    &["pip", "install"],
];

/// Where the pages say that servers listen, and the name of the address in the ready file.
const PORTS: [(&str, &str); 3] = [
    ("127.0.0.1:8080", "ingest"),
    ("127.0.0.1:8081", "ops"),
    ("127.0.0.1:8790", "sandbox"),
];

pub(crate) struct Session {
    folder: TempDir,
    environment: BTreeMap<String, String>,
    servers: Vec<Server>,
}

struct Server {
    child: Child,
    /// What its ready file says.
    addresses: Value,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Session {
    /// A folder with the examples.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(
            &workspace().join("examples"),
            &folder.path().join("examples"),
        );
        // The names that the README uses for one's own events.
        let shop = folder.path().join("examples/shop.ndjson");
        for name in ["events.ndjson", "events.ndjson.gz"] {
            fs::copy(&shop, folder.path().join(name)).expect("a copy");
        }
        Self {
            folder,
            environment: BTreeMap::new(),
            servers: Vec::new(),
        }
    }

    /// Runs a command as a reader does; `place` says where it stands.
    pub(crate) fn run(&mut self, command: &[String], place: &str) {
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["segue", arguments @ ..] | ["cargo", "run", "--release", "--", arguments @ ..] => {
                self.segue(arguments, place);
            }
            [
                "cargo",
                "run",
                "--release",
                "-p",
                "graph-sandbox",
                "--",
                arguments @ ..,
            ] => {
                self.serve(graph_sandbox(), arguments, place);
            }
            ["cargo", "xtask", name, ..] => {
                let xtask = fs::read_to_string(workspace().join("CONTRIBUTING.md"));
                let is_known =
                    xtask.is_ok_and(|text| text.contains(&format!("`cargo xtask {name}")));
                assert!(is_known, "{place}: no such command of xtask");
            }
            ["export", set] => {
                let (name, value) = set.split_once('=').expect("a value");
                let value = if value == "…" { "token" } else { value };
                self.environment.insert(name.to_owned(), value.to_owned());
            }
            ["echo", text, ">", file] => {
                let written = fs::write(self.folder.path().join(file), format!("{text}\n"));
                written.expect("a file");
            }
            ["curl", arguments @ ..] => self.curl(arguments, place),
            words if NOT_RUN.iter().any(|known| words.starts_with(known)) => {}
            _ => panic!("{place}: the test does not know how to run this"),
        }
    }

    fn segue(&mut self, arguments: &[&str], place: &str) {
        let mut arguments = arguments.to_vec();
        let sends = matches!(arguments.first(), Some(&("send" | "serve")));
        if sends
            && !arguments
                .iter()
                .any(|word| ["--sandbox", "--dry-run"].contains(word))
        {
            arguments.push("--sandbox");
        }
        if arguments.first() == Some(&"serve") {
            arguments.extend(["--ops-listen", "127.0.0.1:0"]);
            return self.serve(segue(), &arguments, place);
        }
        if arguments.contains(&"DIR") && !self.folder.path().join("DIR").exists() {
            self.fill_data_folder(place);
        }
        let mut command = segue();
        command.args(&arguments);
        self.succeed(command, place);
    }

    /// Makes the folder that pages call `DIR`, with a match memory in it.
    fn fill_data_folder(&self, place: &str) {
        let settings = self.folder.path().join("memory.toml");
        fs::write(&settings, "[memory]\nenabled = true\n").expect("settings");
        let mut command = segue();
        command.args(["send", "--sandbox", "--settings", "memory.toml"]);
        command.args(["--data-dir", "DIR", "examples/shop.ndjson"]);
        self.succeed(command, place);
    }

    fn succeed(&self, mut command: Command, place: &str) {
        let output = command
            .current_dir(self.folder.path())
            .envs(&self.environment)
            .output()
            .expect("it starts");
        assert!(output.status.success(), "{place}\n{}", output_text(&output));
    }

    /// Starts a server at a free port, instead of the one that it may be told.
    fn serve(&mut self, mut command: Command, arguments: &[&str], place: &str) {
        let mut arguments = arguments.to_vec();
        if let Some(at) = arguments.iter().position(|word| *word == "--listen") {
            arguments.drain(at..at + 2);
        }
        let ready = self
            .folder
            .path()
            .join(format!("ready-{}.json", self.servers.len()));
        let child = command
            .args(&arguments)
            .args(["--listen", "127.0.0.1:0", "--ready-file"])
            .arg(&ready)
            .current_dir(self.folder.path())
            .envs(&self.environment)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut server = Server {
            child,
            addresses: Value::Null,
        };
        server.addresses = wait_for(place, || {
            let ended = server.child.try_wait().expect("its status");
            assert!(ended.is_none(), "{place}: it ended with {ended:?}");
            serde_json::from_slice(&fs::read(&ready).ok()?).ok()
        });
        self.servers.push(server);
    }

    /// Where the latest server listens that a page means by this address.
    pub(crate) fn address(&self, shown: &str) -> String {
        let name = PORTS
            .iter()
            .find(|(port, _)| *port == shown)
            .map(|(_, name)| *name);
        let name = name.unwrap_or_else(|| panic!("no server listens at {shown}"));
        let mut servers = self.servers.iter().rev();
        let address = servers.find_map(|server| server.addresses[name].as_str());
        let address = address.unwrap_or_else(|| panic!("nothing listens at {shown} yet"));
        address.trim_start_matches("http://").to_owned()
    }

    /// What curl does with these arguments, but for the address.
    fn curl(&self, arguments: &[&str], place: &str) {
        let (mut method, mut headers, mut body) = ("GET", String::new(), String::new());
        let mut url = None;
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || *arguments.next().expect("a value");
            match *argument {
                "-u" => {
                    let user = BASE64_STANDARD.encode(value());
                    headers = format!("{headers}Authorization: Basic {user}\r\n");
                }
                "-X" => method = value(),
                "-d" => {
                    let data = value();
                    method = if method == "GET" { "POST" } else { method };
                    body = match data.strip_prefix('@') {
                        Some(file) => {
                            fs::read_to_string(self.folder.path().join(file)).expect("a file")
                        }
                        None => data.to_owned(),
                    };
                }
                _ => url = argument.strip_prefix("http://"),
            }
        }
        let (host, path) = url
            .and_then(|url| url.split_once('/'))
            .expect("an address with a path");
        let host = self.address(host);
        let answer = exchange(
            &host,
            &request(method, &format!("/{path}"), &host, &headers, &body),
        );
        let answer = answer.unwrap_or_default();
        assert!(answer.starts_with("HTTP/1.1 2"), "{place}\n{answer}");
    }

    /// Waits until the sandbox of the latest server has this many events.
    pub(crate) fn wait_for_events(&self, count: u64) {
        let host = self.address("127.0.0.1:8790");
        wait_for("the events arrive", || {
            let answer = exchange(&host, &request("GET", "/events", &host, "", ""))?;
            let (_, body) = answer.split_once("\r\n\r\n")?;
            let listing: Value = serde_json::from_str(body).ok()?;
            (listing["matching"] == count).then_some(())
        });
    }
}

/// Tries until there is something.
fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        // The examples for embedding are a workspace of their own.
        if entry.file_name() == "embed" {
            continue;
        }
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}
