//! The command and the tests that run before brokers, in one build: `cluster` and `brokers` use the same.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::cargo::{self, Cargo};
use crate::clients::{install, tools};
use crate::problem::{Outcome, Problem};
use crate::programs::Programs;

/// What the log, the inputs and the command are tested with.
const TESTS: [&str; 4] = ["nats", "cluster", "brokers", "consume"];
const NATS: &str = "segue/nats";
const KAFKA: &str = "segue/nats,segue/kafka,e2e/kafka";

pub(crate) struct BrokerPrograms {
    /// The command.
    pub(crate) segue: PathBuf,
    programs: Programs,
}

/// The features of these programs: those of Kafka only where its client can be built.
pub(crate) fn features(install: bool) -> &'static str {
    if tools::librdkafka(install).is_ok() {
        KAFKA
    } else {
        NATS
    }
}

/// Builds them, when they are asked for first.
pub(crate) fn build(install: bool) -> Outcome<&'static BrokerPrograms> {
    static BUILT: OnceLock<BrokerPrograms> = OnceLock::new();
    if let Some(built) = BUILT.get() {
        return Ok(built);
    }
    let features = features(install);
    cargo::heading(&format!("the command and its tests with {features}"));
    let programs = Programs::build(&["segue"], &TESTS, features)?;
    // A later build with other features puts its command where this one is.
    let folder = install::target().join("brokers");
    let built = programs.path("segue")?;
    let segue = folder.join("segue");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(built, &segue))
        .map_err(|error| Problem::file(&segue, &error))?;
    Ok(BUILT.get_or_init(|| BrokerPrograms { segue, programs }))
}

impl BrokerPrograms {
    /// A test program, to which arguments may be added.
    pub(crate) fn test(&self, name: &str) -> Outcome<Cargo> {
        self.programs.path(name).map(Cargo::program)
    }
}
