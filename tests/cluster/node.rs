//! `segue serve`, as a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

use crate::ports::free_ports;
use crate::process;

/// A node; it is killed when this is dropped.
pub(crate) struct Node {
    program: PathBuf,
    folder: PathBuf,
    settings: PathBuf,
    role: &'static str,
    /// Where it takes events.
    pub(crate) port: u16,
    /// Where operators look.
    pub(crate) ops: u16,
    process: Option<Child>,
}

impl Node {
    pub(crate) async fn start(
        program: &Path,
        folder: PathBuf,
        settings: &Path,
        role: &'static str,
    ) -> Self {
        fs::create_dir_all(&folder).expect("a folder");
        let [port, ops] = free_ports();
        let mut node = Self {
            program: program.to_owned(),
            folder,
            settings: settings.to_owned(),
            role,
            port,
            ops,
            process: None,
        };
        node.restart().await;
        node
    }

    /// Starts it again where it was, and waits until it answers.
    pub(crate) async fn restart(&mut self) {
        let mut command = process::command(&self.program, &self.folder);
        command
            .arg("serve")
            .arg("--settings")
            .arg(&self.settings)
            .args(["--role", self.role])
            .arg("--data-dir")
            .arg(self.data())
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--ops-listen", &format!("127.0.0.1:{}", self.ops)])
            .stdout(Stdio::null());
        self.process = Some(process::start(command, &self.folder).await);
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it has logged.
    pub(crate) fn said(&self) -> String {
        process::said(&self.folder)
    }

    /// Bytes of memory that it has at the moment.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id().as_raw_nonzero()));
        let status = status.unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = resident.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        kilobytes.unwrap_or(0_u64) * 1024
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("signalled");
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        let process = self.process.take().expect("running");
        process::stop(process, &self.folder).await;
    }

    /// Ends it without asking.
    pub(crate) async fn kill(&mut self) {
        let mut process = self.process.take().expect("running");
        process.kill().await.expect("SIGKILL");
    }

    fn id(&self) -> Pid {
        process::id(self.process.as_ref().expect("running"))
    }
}
