//! Meta's libraries as a child process: one case a line in, one answer a line out.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::problem::{Outcome, Problem};

use super::cases::Case;

/// The libraries, and the versions that the rules were written for.
const BUILDER: (&str, &str) = ("capi-param-builder-nodejs", "1.3.2");
const SDK: (&str, &str) = ("facebook-nodejs-business-sdk", "24.0.1");

/// What asks the libraries.
const SCRIPT: &str = include_str!("meta.cjs");

/// The child, and what it said about itself.
pub(super) struct Meta {
    child: Child,
    answers: BufReader<ChildStdout>,
    greeting: Greeting,
}

/// Why there is nothing to compare with.
pub(super) struct Missing(pub(super) String);

/// The child's first line.
#[derive(Deserialize)]
struct Greeting {
    node: String,
    unicode: String,
    builder: String,
    sdk: String,
    /// The year on the clock that the libraries read.
    year: i16,
}

/// What the libraries make of one value: the hash that they would send, without the parameter builder's own suffix.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) builder: Option<String>,
    pub(super) sdk: Option<String>,
}

#[derive(Serialize)]
struct Question<'a> {
    key: &'a str,
    raw: &'a str,
}

impl Meta {
    /// Installs the libraries, unless an earlier run did, and starts the script.
    pub(super) fn start(latest: bool) -> Result<Self, Missing> {
        let folder = installed(latest)?;
        let script = folder.join("meta.cjs");
        let failed = |error: &dyn std::fmt::Display| {
            Missing(format!("Node did not start Meta's libraries ({error})"))
        };
        std::fs::write(&script, SCRIPT).map_err(|error| failed(&error))?;
        let mut child = Command::new("node")
            .arg(&script)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error))?;
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| failed(&"no standard output"))?;
        let mut answers = BufReader::new(stdout);
        let mut line = String::new();
        answers
            .read_line(&mut line)
            .map_err(|error| failed(&error))?;
        let greeting = serde_json::from_str(&line).map_err(|error| failed(&error))?;
        Ok(Self {
            child,
            answers,
            greeting,
        })
    }

    /// One line about what is compared with.
    pub(super) fn describe(&self) -> String {
        let Greeting {
            node,
            unicode,
            builder,
            sdk,
            ..
        } = &self.greeting;
        format!(
            "{} {builder} and {} {sdk}, on Node {node} with Unicode {unicode}",
            BUILDER.0, SDK.0
        )
    }

    /// The current year, by the libraries' clock.
    pub(super) const fn year(&self) -> i16 {
        self.greeting.year
    }

    /// The answers to all cases, in their order.
    pub(super) fn ask(&mut self, cases: &[Case]) -> Outcome<Vec<Answer>> {
        let mut questions = String::new();
        for case in cases {
            let question = Question {
                key: case.key.name(),
                raw: &case.raw,
            };
            questions += &serde_json::to_string(&question).map_err(|error| broken(&error))?;
            questions.push('\n');
        }
        let mut stdin = self
            .child
            .stdin
            .take()
            .ok_or_else(|| broken(&"no standard input"))?;
        // The child answers while it is being asked, so somebody must read meanwhile.
        let writer = std::thread::spawn(move || {
            let written = stdin
                .write_all(questions.as_bytes())
                .and_then(|()| stdin.flush());
            written.map(|()| stdin)
        });
        let mut answers = Vec::with_capacity(cases.len());
        let mut line = String::new();
        for _ in cases {
            line.clear();
            self.answers
                .read_line(&mut line)
                .map_err(|error| broken(&error))?;
            answers.push(serde_json::from_str(&line).map_err(|error| broken(&error))?);
        }
        let written = writer
            .join()
            .map_err(|_| broken(&"the writer ended early"))?;
        self.child.stdin = Some(written.map_err(|error| broken(&error))?);
        Ok(answers)
    }
}

impl Drop for Meta {
    fn drop(&mut self) {
        // End of input is the script's cue to leave.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        format!("the exchange with Meta's libraries broke off: {error}"),
        "run the command again with `--cases 100` and read what Node says",
    )
}

/// The folder that has the libraries in its `node_modules`.
fn installed(latest: bool) -> Result<PathBuf, Missing> {
    for program in ["node", "npm"] {
        if !answers(program) {
            return Err(Missing(format!("`{program}` is not installed")));
        }
    }
    let versions = if latest {
        ["latest"; 2]
    } else {
        [BUILDER.1, SDK.1]
    };
    let folder = std::env::temp_dir().join(format!("segue-oracle-{}-{}", versions[0], versions[1]));
    if !latest && is_complete(&folder) {
        return Ok(folder);
    }
    install(&folder, versions)?;
    Ok(folder)
}

fn answers(program: &str) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

fn is_complete(folder: &Path) -> bool {
    [BUILDER.0, SDK.0].iter().all(|name| {
        folder
            .join("node_modules")
            .join(name)
            .join("package.json")
            .is_file()
    })
}

fn install(folder: &Path, versions: [&str; 2]) -> Result<(), Missing> {
    let failed = |why: &dyn std::fmt::Display| {
        Missing(format!(
            "npm could not install Meta's libraries, for which it needs a network ({why})"
        ))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n")
        .map_err(|error| failed(&error))?;
    let npm = Command::new("npm")
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
        ])
        .arg("--fetch-timeout=30000")
        .args([
            format!("{}@{}", BUILDER.0, versions[0]),
            format!("{}@{}", SDK.0, versions[1]),
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(&error))?;
    if npm.status.success() && is_complete(folder) {
        Ok(())
    } else {
        Err(failed(&npm.status))
    }
}
