//! `segue consume`, as a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::http;
use crate::nats::free_port;

/// A consumer with a folder of its own; it is killed when this is dropped.
pub(crate) struct Consumer {
    program: PathBuf,
    folder: PathBuf,
    settings: PathBuf,
    ops: u16,
    process: Option<Child>,
}

impl Consumer {
    pub(crate) fn new(program: &Path, folder: PathBuf, settings: &Path) -> Self {
        fs::create_dir_all(&folder).expect("a folder");
        Self {
            program: program.to_owned(),
            folder,
            settings: settings.to_owned(),
            ops: free_port(),
            process: None,
        }
    }

    /// Starts it, and waits until it reads.
    pub(crate) async fn start(&mut self) {
        let ready = self.folder.join("ready.json");
        let _ = fs::remove_file(&ready);
        let file = |name| fs::File::create(self.folder.join(name)).expect("a file");
        let mut process = Command::new(&self.program)
            .env_clear()
            .env("TOKEN", "token")
            .current_dir(&self.folder)
            .args(["consume", "--format", "json", "--data-dir", "data"])
            .arg("--settings")
            .arg(&self.settings)
            .arg("--ready-file")
            .arg(&ready)
            .args(["--ops-listen", &format!("127.0.0.1:{}", self.ops)])
            .stdout(file("out.txt"))
            .stderr(file("log.txt"))
            .kill_on_drop(true)
            .spawn()
            .expect("started");
        while !fs::read(&ready).is_ok_and(|said| serde_json::from_slice::<Value>(&said).is_ok()) {
            if let Some(status) = process.try_wait().expect("its status") {
                panic!("segue consume ended with {status}: {}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.process = Some(process);
    }

    /// What it has logged.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log.txt")).unwrap_or_default()
    }

    /// A page of the operators' listener.
    pub(crate) async fn page(&self, path: &str) -> String {
        http::text(self.ops, path).await.unwrap_or_default()
    }

    /// Asks it to end, and returns its report.
    pub(crate) async fn stop(&mut self) -> Value {
        let mut process = self.process.take().expect("running");
        let id = process.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).expect("an id");
        kill_process(pid, Signal::TERM).expect("SIGTERM");
        let status = process.wait().await.expect("its status");
        assert!(status.success(), "{status}: {}", self.said());
        let out = fs::read_to_string(self.folder.join("out.txt")).expect("its output");
        let report = out.lines().last().expect("a report");
        serde_json::from_str(report).expect("JSON")
    }

    /// Ends it without asking.
    pub(crate) async fn kill(&mut self) {
        let mut process = self.process.take().expect("running");
        process.kill().await.expect("SIGKILL");
    }
}
