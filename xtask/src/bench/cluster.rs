//! `segue serve` with its log on three NATS servers of this machine, next to the raw client, which publishes and consumes the
//! same messages in turns with it.
//!
//! The raw client is the least that a program can do: it publishes frames that are there, and throws away what it consumes. A
//! node reads HTTP, maps, compresses and sends to Meta besides. Where all of this shares the cores with three servers, as it
//! does here and as it does not in a cluster, a ratio says how much processor time that takes next to theirs. So it is measured
//! twice: with shared cores, and with cores of their own for the servers, where it says whether a node keeps them busy.

use std::fs;
use std::path::Path;

use super::figure::Section;
use super::setup::{Effort, Setup, remove};
use super::{build, table};
use crate::clients::Missing;
use crate::problem::{Outcome, Problem};
use crate::{cluster, terminal};

mod brokers;
mod cores;
mod figures;
mod round;
use brokers::Brokers;
use cores::Cores;
use round::{Bench, Kind, Round};

/// Starting and ending are a part of each measurement, so even the quick ones last for so many seconds.
const LOAD_SECONDS_AT_LEAST: u64 = 2;

pub(super) fn run(effort: Effort) -> Outcome {
    let server = match cluster::server(false) {
        Ok(server) => server,
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not measured:"));
            return Ok(());
        }
    };
    let effort = Effort {
        load_seconds: effort.load_seconds.max(LOAD_SECONDS_AT_LEAST),
        ..effort
    };
    let setup = Setup::new(effort, &["nats"])?;
    let [raw] = build::programs("bench", &["jetstream"], &["--features", "jetstream"])?;
    let arrangements = [Some(Cores::Shared), Cores::apart()];
    for cores in arrangements.into_iter().flatten() {
        for section in measure(&setup, &server, &raw, &cores)? {
            println!("{}", table::of(&section, None));
        }
    }
    Ok(())
}

fn measure(setup: &Setup, server: &Path, raw: &Path, cores: &Cores) -> Outcome<Vec<Section>> {
    let folder = setup.fresh("cluster");
    fs::create_dir_all(&folder).map_err(|error| Problem::file(&folder, &error))?;
    let brokers = Brokers::start(server, &folder, cores)?;
    let _left = cores.leave_to_brokers()?;
    let (sink, address) = setup.server(&["sink"])?;
    let log = format!(
        "linger_ms = 10\n[log]\nengine = \"nats\"\nservers = {:?}\nmax_bytes = 8000000000\ndead_letter_bytes = 100000000\n",
        brokers.urls
    );
    let settings = setup.settings_with(&address, &log)?;
    let bench = Bench {
        setup,
        raw,
        brokers,
        sink,
        settings,
    };
    bench.create_streams()?;
    let (ingest, address) = bench.node("ingest")?;
    let (mut singles, mut batches) = (Vec::new(), Vec::new());
    let mut memory = 0.0_f64;
    for _ in 0..setup.effort.rounds {
        singles.push(bench.round(&ingest, &address, Kind::Single, &mut memory)?);
        batches.push(bench.round(&ingest, &address, Kind::Batch, &mut memory)?);
    }
    let memory = memory.max(ingest.peak_megabytes());
    drop(ingest);
    drop(bench);
    remove(&folder);
    let of_kind = |kind, rounds: &[Round]| figures::of_kind(cores, kind, rounds);
    let mut sections = vec![
        of_kind(Kind::Single, &singles),
        of_kind(Kind::Batch, &batches),
    ];
    if let Some(last) = sections.last_mut() {
        last.figures.push(figures::memory(memory));
    }
    Ok(sections)
}
