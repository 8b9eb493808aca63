//! Steps that run beside others, one after the other, at the lowest priority: each as a process, whose output is kept until it
//! has ended.

use std::fs::File;
use std::io::Read;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::clients::install;
use crate::problem::{Outcome, Problem};

/// Steps that run on a thread of their own.
pub(super) struct Beside {
    ended: Receiver<Ended>,
}

/// A step that has ended, and what it wrote.
struct Ended {
    name: &'static str,
    output: String,
    passed: bool,
}

impl Beside {
    /// No step.
    pub(super) fn nothing() -> Self {
        Self { ended: channel().1 }
    }

    /// Starts with the first of these steps; what comes after one that fails is left out.
    pub(super) fn start(names: impl Iterator<Item = &'static str>, install: bool) -> Outcome<Self> {
        let program = std::env::current_exe().map_err(|error| {
            Problem::new(
                format!("the path of this program is unknown: {error}"),
                "run `cargo xtask ci` again",
            )
        })?;
        let names: Vec<_> = names.collect();
        let (sender, ended) = channel();
        thread::spawn(move || {
            for name in names {
                let step = run(&program, name, install);
                let passed = step.passed;
                if sender.send(step).is_err() || !passed {
                    return;
                }
            }
        });
        Ok(Self { ended })
    }

    /// Shows the steps that have ended; fails when one has failed.
    pub(super) fn show(&self) -> Outcome {
        self.ended.try_iter().try_for_each(Ended::show)
    }

    /// Waits for all steps, and shows them.
    pub(super) fn finish(&self) -> Outcome {
        self.ended.iter().try_for_each(Ended::show)
    }
}

impl Ended {
    fn show(self) -> Outcome {
        print!("{}", self.output);
        if self.passed {
            return Ok(());
        }
        Err(Problem::new(
            format!("the step {} failed beside others", self.name),
            format!(
                "read what it says above; `cargo xtask ci --only {}` runs it again",
                self.name
            ),
        ))
    }
}

fn run(program: &PathBuf, name: &'static str, install: bool) -> Ended {
    let outcome = output_of(program, name, install);
    let (output, passed) = outcome.unwrap_or_else(|error| {
        (
            format!("the step {name} could not be run: {error}\n"),
            false,
        )
    });
    Ended {
        name,
        output,
        passed,
    }
}

/// What a step wrote, on whichever stream, and whether it passed.
fn output_of(program: &PathBuf, name: &str, install: bool) -> std::io::Result<(String, bool)> {
    let path = install::target().join(format!("ci-{name}.txt"));
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    let start = |mut command: Command| -> std::io::Result<Child> {
        command
            .args(["ci", "--only", name])
            .args(install.then_some("--install"))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file.try_clone()?)
            .spawn()
    };
    let mut nice = Command::new("nice");
    nice.args(["-n", "19"]).arg(program);
    // Where there is no `nice`, the system shares out the processor.
    let mut child = start(nice).or_else(|_| start(Command::new(program)))?;
    let status = child.wait()?;
    let mut output = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut output)?;
    Ok((output, status.success()))
}
