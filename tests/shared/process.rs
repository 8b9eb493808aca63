//! The command as a process with a folder of its own: it says in a file when it is ready, and logs into another one.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

/// A command line that runs in a folder, and knows the token and nothing else of this environment.
pub(crate) fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("TOKEN", "token")
        .current_dir(folder)
        .kill_on_drop(true);
    command
}

/// Starts it in its folder, and waits until it is ready.
pub(crate) async fn start(mut command: Command, folder: &Path) -> Child {
    let ready = folder.join("ready.json");
    let _ = fs::remove_file(&ready);
    let mut process = command
        .arg("--ready-file")
        .arg(&ready)
        .stderr(fs::File::create(folder.join("log.txt")).expect("a file"))
        .spawn()
        .expect("started");
    while !fs::read(&ready).is_ok_and(|said| serde_json::from_slice::<Value>(&said).is_ok()) {
        if let Some(status) = process.try_wait().expect("its status") {
            panic!("segue ended with {status}: {}", said(folder));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    process
}

/// What the process of a folder has logged.
pub(crate) fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log.txt")).unwrap_or_default()
}

/// The id of a process that runs.
pub(crate) fn id(process: &Child) -> Pid {
    let id = process.id().and_then(|id| i32::try_from(id).ok());
    id.and_then(Pid::from_raw).expect("a running process")
}

/// Asks it to end, and waits until it has.
pub(crate) async fn stop(mut process: Child, folder: &Path) {
    kill_process(id(&process), Signal::TERM).expect("SIGTERM");
    let status = process.wait().await.expect("its status");
    assert!(status.success(), "{status}: {}", said(folder));
}
