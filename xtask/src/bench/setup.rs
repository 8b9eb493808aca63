//! What all measurements need: the programs, a folder for files, how much to measure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::build;
use super::process::{self, Server};
use crate::cargo;
use crate::problem::{Outcome, Problem};

/// The programs, the folder for files, and how much is measured.
pub(super) struct Setup {
    pub(super) segue: PathBuf,
    pub(super) corpus: PathBuf,
    pub(super) loops: PathBuf,
    pub(super) wire: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) effort: Effort,
}

/// How much is measured.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    /// Rounds in which what is compared takes turns.
    pub(super) rounds: usize,
    /// Messages of each mix, for loops.
    pub(super) messages: usize,
    /// Events of a file.
    pub(super) file: u64,
    /// Events of the largest file and of a backlog.
    pub(super) large: u64,
    /// For how long a server is under load in each round, in seconds.
    pub(super) load_seconds: u64,
}

impl Effort {
    /// A minute in all.
    pub(super) const QUICK: Self = Self {
        rounds: 3,
        messages: 2_000,
        file: 50_000,
        large: 100_000,
        load_seconds: 1,
    };
    pub(super) const FULL: Self = Self {
        rounds: 5,
        messages: 10_000,
        file: 200_000,
        large: 1_000_000,
        load_seconds: 5,
    };
}

/// What a client of `wire` prints at its end.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct ClientReport {
    #[serde(default)]
    pub(super) requests: f64,
    pub(super) events: f64,
    pub(super) seconds: f64,
    #[serde(default)]
    pub(super) micros_p50: f64,
    #[serde(default)]
    pub(super) micros_p99: f64,
    /// Processor time of the server, which its client cannot measure.
    #[serde(skip)]
    pub(super) cpu_seconds: f64,
    /// Processor time of the client itself.
    #[serde(skip)]
    pub(super) client_cpu_seconds: f64,
}

/// Who sends the messages of a load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visitors {
    /// How many there are.
    pub(super) people: u64,
    /// How many messages each sends in a row.
    pub(super) messages: u64,
    /// Whether each message says what is known of them, but for their clicks.
    pub(super) say_all: bool,
}

/// The write key of the messages.
pub(super) const WRITE_KEY: &str = "bench";
/// The write key as the value of a header: `bench:` in base 64.
const AUTHORIZATION: &str = "Basic YmVuY2g6";

impl Setup {
    /// With a command that has these features.
    pub(super) fn new(effort: Effort, features: &[&str]) -> Outcome<Self> {
        let folder = cargo::root().join("target").join("bench");
        fs::create_dir_all(&folder).map_err(|error| Problem::file(&folder, &error))?;
        let bench = build::programs(
            "bench",
            &["corpus", "loops", "wire"],
            &["--features", "wire"],
        )?;
        let [corpus, loops, wire] = bench;
        let features: Vec<&str> = features
            .iter()
            .flat_map(|one| ["--features", one])
            .collect();
        let [segue] = build::programs("segue", &["segue"], &features)?;
        Ok(Self {
            segue,
            corpus,
            loops,
            wire,
            folder,
            effort,
        })
    }

    /// Writes a file of messages, the newest with the current time.
    pub(super) fn file(&self, name: &str, events: u64) -> Outcome<PathBuf> {
        let path = self.folder.join(name);
        let file = fs::File::create(&path).map_err(|error| Problem::file(&path, &error))?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let status = Command::new(&self.corpus)
            .args(["shop", &events.to_string(), &now.as_secs().to_string()])
            .stdout(file)
            .status();
        match status {
            Ok(status) if status.success() => Ok(path),
            _ => Err(Problem::new(
                format!("{} could not be written", path.display()),
                "make room on the disk and run it again",
            )),
        }
    }

    /// Settings of one destination that is at an address of this machine.
    pub(super) fn settings(&self, address: &str) -> Outcome<PathBuf> {
        self.settings_with(address, "")
    }

    /// The same with further settings.
    pub(super) fn settings_with(&self, address: &str, more: &str) -> Outcome<PathBuf> {
        let path = self.folder.join("settings.toml");
        let text = format!(
            "pixel_id = \"1234567890123456\"\naccess_token = {{ env = \"BENCH_TOKEN\" }}\n\
             graph_url = \"http://{address}\"\n{more}"
        );
        fs::write(&path, text).map_err(|error| Problem::file(&path, &error))?;
        Ok(path)
    }

    /// Removes a folder, and returns its path.
    pub(super) fn fresh(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        let _ = fs::remove_dir_all(&path);
        path
    }

    /// The command, with the variable that the settings above refer to.
    pub(super) fn segue(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.segue);
        command.args(arguments).env("BENCH_TOKEN", "EAAB0123456789");
        command
    }

    /// Starts a server of `wire`, and returns its address.
    pub(super) fn server(&self, arguments: &[&str]) -> Outcome<(Server, String)> {
        Server::start(Command::new(&self.wire).args(arguments))
    }

    /// Runs a client of `wire`.
    pub(super) fn client(&self, arguments: &[&str]) -> Outcome<ClientReport> {
        let finished = process::run(Command::new(&self.wire).args(arguments), true)?;
        let report: ClientReport = serde_json::from_str(&finished.output).map_err(|error| {
            Problem::new(
                format!("wire: {error}"),
                "report this as a defect of the bench package",
            )
        })?;
        Ok(ClientReport {
            client_cpu_seconds: finished.cpu_seconds,
            ..report
        })
    }

    /// Puts a server under the load of 64 connections.
    pub(super) fn load(
        &self,
        address: &str,
        path: &str,
        batch: u64,
        seconds: u64,
    ) -> Outcome<ClientReport> {
        self.load_at(address, path, batch, seconds, None)
    }

    /// The same with at most so many requests a second.
    pub(super) fn load_at(
        &self,
        address: &str,
        path: &str,
        batch: u64,
        seconds: u64,
        rate: Option<f64>,
    ) -> Outcome<ClientReport> {
        let (seconds, batch) = (seconds.to_string(), batch.to_string());
        let rate = rate.map(|rate| format!("{:.0}", rate.max(1.0)));
        let load = ["load", address, path, AUTHORIZATION, "64", &seconds, &batch];
        let arguments: Vec<&str> = load.into_iter().chain(rate.as_deref()).collect();
        self.client(&arguments)
    }

    /// The same by people.
    pub(super) fn load_by(
        &self,
        address: &str,
        path: &str,
        batch: u64,
        seconds: u64,
        by: Visitors,
    ) -> Outcome<ClientReport> {
        let [seconds, batch, people, messages] =
            [seconds, batch, by.people, by.messages].map(|number| number.to_string());
        let load = ["load", address, path, AUTHORIZATION, "64", &seconds, &batch];
        let all: &[&str] = if by.say_all { &["all"] } else { &[] };
        self.client(&[&load[..], &[&people, &messages], all].concat())
    }
}

/// Removes a file or folder of a measurement.
pub(super) fn remove(path: &Path) {
    let _ = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}
