//! `segue consume`, as a process.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Signal, kill_process};
use serde_json::Value;
use tokio::process::Child;

use crate::http;
use crate::nats::free_port;
use crate::process;

/// A consumer with a folder of its own; it is killed when this is dropped.
pub(crate) struct Consumer {
    program: PathBuf,
    folder: PathBuf,
    settings: PathBuf,
    /// The subcommand with its flags.
    work: &'static [&'static str],
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
            work: &["consume", "--format", "json"],
            ops: free_port(),
            process: None,
        }
    }

    /// Delivers what is in the log of the settings, and reads nothing.
    pub(crate) fn that_delivers(self) -> Self {
        let work = &["serve", "--role", "deliver"];
        Self { work, ..self }
    }

    /// Starts it, and waits until it reads.
    pub(crate) async fn start(&mut self) {
        let mut command = process::command(&self.program, &self.folder);
        let out = fs::File::create(self.folder.join("out.txt")).expect("a file");
        command
            .args(self.work)
            .args(["--data-dir", "data"])
            .arg("--settings")
            .arg(&self.settings)
            .args(["--ops-listen", &format!("127.0.0.1:{}", self.ops)])
            .stdout(out);
        self.process = Some(process::start(command, &self.folder).await);
    }

    /// What it has logged.
    pub(crate) fn said(&self) -> String {
        process::said(&self.folder)
    }

    /// A page of the operators' listener.
    pub(crate) async fn page(&self, path: &str) -> String {
        http::text(self.ops, path).await.unwrap_or_default()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("running");
        kill_process(process::id(process), signal).expect("signalled");
    }

    /// Asks it to end, and returns its report.
    pub(crate) async fn stop(&mut self) -> Value {
        let process = self.process.take().expect("running");
        process::stop(process, &self.folder).await;
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
