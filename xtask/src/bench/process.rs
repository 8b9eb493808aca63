//! Child processes: their time, processor time and peak memory.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::problem::{Outcome, Problem};

/// How often a child's memory is read. The kernel keeps the peak, so one reading near the end is enough.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// A child that exited with success.
pub(super) struct Finished {
    pub(super) seconds: f64,
    /// Processor time of all its threads; zero where the system does not say.
    pub(super) cpu_seconds: f64,
    /// Peak of its resident memory, in megabytes; zero where the system does not say.
    pub(super) peak_megabytes: f64,
    pub(super) output: String,
}

/// Runs a command to its end. Its standard output is thrown away unless it is `kept`.
pub(super) fn run(command: &mut Command, kept: bool) -> Outcome<Finished> {
    let start = Instant::now();
    command.stdin(Stdio::null());
    command.stdout(if kept { Stdio::piped() } else { Stdio::null() });
    command.stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let output = drain(child.stdout.take());
    let errors = drain(child.stderr.take());
    let (mut peak_megabytes, mut cpu_seconds) = (0.0_f64, 0.0_f64);
    let status = loop {
        // A process that has just ended has neither any more, so the largest reading counts.
        peak_megabytes = peak_megabytes.max(peak_megabytes_of(child.id()));
        cpu_seconds = cpu_seconds.max(self::cpu_seconds(child.id()));
        match child.try_wait() {
            Ok(None) => thread::sleep(POLL_INTERVAL),
            Ok(Some(status)) => break status,
            Err(error) => return Err(failed(command, &error.to_string())),
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    let errors = errors.join().unwrap_or_default();
    if !status.success() {
        return Err(failed(command, &errors));
    }
    Ok(Finished {
        seconds,
        cpu_seconds,
        peak_megabytes,
        output: output.join().unwrap_or_default(),
    })
}

/// A child that runs until it is dropped.
pub(super) struct Server {
    child: Child,
}

impl Server {
    /// Starts a server and returns its first line of output: its address.
    pub(super) fn start(command: &mut Command) -> Outcome<(Self, String)> {
        let mut server = Self::start_with(command, Stdio::piped())?;
        let mut line = String::new();
        let said = server
            .child
            .stdout
            .take()
            .map(|output| BufReader::new(output).read_line(&mut line));
        match said {
            Some(Ok(1..)) => Ok((server, line.trim().to_owned())),
            _ => Err(failed(command, "it printed nothing")),
        }
    }

    /// Starts a server that announces its address in another way.
    pub(super) fn start_without_output(command: &mut Command) -> Outcome<Self> {
        Self::start_with(command, Stdio::null())
    }

    fn start_with(command: &mut Command, output: Stdio) -> Outcome<Self> {
        command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null());
        Ok(Self {
            child: spawn(command)?,
        })
    }

    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) fn peak_megabytes(&self) -> f64 {
        peak_megabytes_of(self.child.id())
    }

    pub(super) fn cpu_seconds(&self) -> f64 {
        cpu_seconds(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command) -> Outcome<Child> {
    command
        .spawn()
        .map_err(|error| failed(command, &error.to_string()))
}

/// Reads a stream to its end in a thread, so that the child never waits for a reader.
fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// Peak resident memory of a process by Linux, in megabytes.
fn peak_megabytes_of(process: u32) -> f64 {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let kilobytes = status.ok().and_then(|status| {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse::<f64>().ok()
    });
    kilobytes.unwrap_or_default() / 1024.0
}

/// Processor time of a process by Linux: it counts in hundredths of a second.
fn cpu_seconds(process: u32) -> f64 {
    let stat = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    // Behind the name, which is in parentheses and may hold blanks, times are the 12th and the 13th field.
    let ticks = stat.ok().and_then(|stat| {
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<f64>().ok();
        Some(ticks()? + ticks()?)
    });
    ticks.unwrap_or_default() / 100.0
}

fn failed(command: &Command, what: &str) -> Problem {
    let last = what.trim().lines().last().unwrap_or("it printed nothing");
    Problem::new(
        format!("{}: {last}", command.get_program().display()),
        "run it by itself, as `cargo xtask bench` does, and read its output",
    )
}
