//! The endpoint as a process, and a Graph API that outlives it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use graph_sandbox::{Builder, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

use crate::http::{self, Reply};

/// The write key of the tests.
pub(crate) const KEY: &str = "wk_test";

/// A folder, and the endpoints that are started in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        // Replaced as a whole, as careful writers do.
        let unfinished = self.path(&format!("{name}.new"));
        std::fs::write(&unfinished, text).unwrap();
        std::fs::rename(unfinished, self.path(name)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The command in a clean environment.
    pub(crate) fn segue(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_segue"));
        self.prepare(&mut command);
        command.args(args);
        command
    }

    /// The command as a shell runs it after something else.
    pub(crate) fn segue_after(&self, shell: &str, args: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        self.prepare(&mut command);
        command
            .args(["-c", &format!("{shell}; exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_segue"))
            .args(args);
        command
    }

    fn prepare(&self, command: &mut Command) {
        command
            .env_clear()
            .env("TOKEN", "token")
            .env("TMPDIR", self.folder.path())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
    }

    /// Settings of one destination at a Graph API.
    pub(crate) fn settings_for(&self, graph: &str, more: &str) {
        self.write(
            "segue.toml",
            &format!(
                "pixel_id = '1'\naccess_token = {{ env = 'TOKEN' }}\ngraph_url = '{graph}'\nlinger_ms = 10\n{more}"
            ),
        );
    }

    /// An endpoint that answers.
    pub(crate) fn serve(&self, args: &[&str]) -> Server<'_> {
        self.serve_by(self.segue(&["serve"]), args)
    }

    pub(crate) fn serve_by(&self, mut command: Command, args: &[&str]) -> Server<'_> {
        let ready_file = self.path("ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let output = |name: &str| std::fs::File::create(self.path(name)).unwrap();
        command
            .args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"])
            .args(["--ready-file", "ready.json"])
            .args(args)
            .stdout(output("out"))
            .stderr(output("err"));
        let mut server = Server {
            child: command.spawn().unwrap(),
            place: self,
            ready: Value::Null,
        };
        eventually("the endpoint answers", || {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("{status}: {}", self.read("err"));
            }
            server.ready = serde_json::from_str(&self.read("ready.json")).unwrap_or_default();
            server.ready.is_object()
        });
        server
    }
}

/// An endpoint that runs.
pub(crate) struct Server<'p> {
    child: Child,
    pub(crate) place: &'p Place,
    pub(crate) ready: Value,
}

impl Server<'_> {
    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn url(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    pub(crate) fn ingest(&self) -> &str {
        self.url("ingest")
    }

    pub(crate) fn ops_url(&self) -> &str {
        self.url("ops")
    }

    pub(crate) fn ops(&self, path: &str) -> Reply {
        http::get(self.url("ops"), path)
    }

    /// The figures of the sandbox in its process.
    pub(crate) fn sandbox(&self, path: &str) -> String {
        http::get(self.url("sandbox"), path).body
    }

    pub(crate) fn track(&self, body: &str) -> Reply {
        http::post(self.ingest(), "/v1/track", body).unwrap()
    }

    /// The sum of a metric over the labels that contain `label`.
    pub(crate) fn metric(&self, name: &str, label: &str) -> f64 {
        let text = self.ops("/metrics").body;
        text.lines()
            .filter(|line| line.starts_with(name) && line.contains(label))
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum()
    }

    pub(crate) fn log(&self) -> String {
        self.place.read("err")
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Kilobytes in memory, where the system tells.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Ends it in good order, and says with which status.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Graph API in this process.
pub(crate) struct Graph {
    runtime: tokio::runtime::Runtime,
    sandbox: Option<Sandbox>,
}

impl Graph {
    pub(crate) fn start(builder: Builder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = runtime.block_on(builder.start()).unwrap();
        Self {
            runtime,
            sandbox: Some(sandbox),
        }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    /// The ids of all events that arrived.
    pub(crate) fn arrived(&self) -> BTreeSet<String> {
        let accepted = self.sandbox().edge().accepted_ids();
        accepted
            .into_iter()
            .map(|one| one.event_id.to_string())
            .collect()
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.shutdown());
        }
    }
}

/// Waits until something is true, and not for ever.
pub(crate) fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(2);
    while !is_true() {
        assert!(Instant::now() < end, "not in two minutes: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A Track call of this moment.
pub(crate) fn track(key: &str, id: &str) -> String {
    format!(
        r#"{{"writeKey":"{key}","type":"track","event":"Lead","messageId":"{id}","userId":"u-1","properties":{{"revenue":5}}}}"#
    )
}

/// All files in a folder, and in those in it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
