//! Running the binary.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The time that tests go by, some seconds after the events that they make.
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

/// Exit status and output of a run.
pub(crate) struct RunOutput {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl RunOutput {
    /// Standard output, each line a JSON object.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The binary in a clean environment: variables of the developer who runs the tests are removed.
pub(crate) fn segue(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_segue"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

pub(crate) fn run(args: &[&str]) -> RunOutput {
    run_with(segue(args), b"")
}

/// Runs with something on standard input.
pub(crate) fn run_with(mut command: Command, input: &[u8]) -> RunOutput {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The other side may not want it all.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    RunOutput {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with files.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        shown(&path)
    }
}

pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A Track event of a user with an id, for commands that are told [`NOW`]: by the clock it is too old.
pub(crate) fn event(name: &str, id: &str) -> String {
    format!(
        r#"{{"type":"track","event":"{name}","messageId":"{id}","userId":"u-1","timestamp":"2026-11-23T11:59:30Z","properties":{{"revenue":5}}}}"#
    )
}

/// The example that comes with the project.
pub(crate) fn example() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop.ndjson").to_owned()
}

/// The object of `--format json`, checked for its sums.
pub(crate) fn object(out: &str) -> Value {
    let object: Value = serde_json::from_str(out).unwrap();
    let count = |name: &str| object[name].as_u64().unwrap();
    let sum = |name: &str| -> u64 {
        object[name]
            .as_object()
            .unwrap()
            .values()
            .map(|count| count.as_u64().unwrap())
            .sum()
    };
    assert_eq!(
        count("read"),
        count("accepted") + sum("skipped") + sum("rejected"),
        "{object}"
    );
    assert_eq!(
        count("accepted"),
        count("delivered") + count("dead_lettered") + count("pending"),
        "{object}"
    );
    object
}

/// An event of this moment, for commands and endpoints that go by the clock.
pub(crate) fn event_of_now(id: &str) -> String {
    event("Lead", id).replace("2026-11-23T11:59:30Z", &jiff::Timestamp::now().to_string())
}

/// A settings file for an endpoint, whose token is in the variable `TOKEN`.
pub(crate) fn settings_for(files: &Files, url: &str) -> String {
    let text = format!("pixel_id = '1'\naccess_token = {{ env = 'TOKEN' }}\ngraph_url = '{url}'\n");
    files.write("segue.toml", text)
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
