//! A program that is waited for, and what it said.

use std::process::Stdio;

use tokio::process::{Child, Command};

/// Starts a program that is killed when its `Child` is dropped, its output being kept.
pub(crate) fn start(command: &mut Command) -> Child {
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    spawned.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
}

/// Waits for the end of a program that should end well; what it wrote to standard output.
pub(crate) async fn finish(child: Child) -> String {
    let output = child.wait_with_output().await.expect("its output");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "ended with {}:\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said
}
