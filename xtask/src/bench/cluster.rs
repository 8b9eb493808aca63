//! `segue serve` with its log on three NATS servers of this machine, next to the raw client, which publishes and consumes the
//! same messages in turns with it.
//!
//! The raw client is the least that a program can do: it publishes events that are there, a message for each request, and
//! throws away what it consumes. A node reads HTTP, maps, compresses and sends to Meta besides. Of batches the raw client also
//! takes the messages that segue has compressed, which are a fraction of the bytes.
//!
//! Where all of this shares the cores with three servers, as it
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
    let grouping = folder.join("grouping.toml");
    let text = fs::read_to_string(&settings).map_err(|error| Problem::file(&settings, &error))?;
    fs::write(&grouping, format!("{text}group_small = true\n"))
        .map_err(|error| Problem::file(&grouping, &error))?;
    let bench = Bench {
        setup,
        raw,
        brokers,
        sink,
        settings,
        grouping,
    };
    bench.create_streams()?;
    let ingest = bench.node("ingest", Kind::Single)?;
    let grouping = bench.node("ingest", Kind::Grouped)?;
    let (mut singles, mut grouped, mut batches) = (Vec::new(), Vec::new(), Vec::new());
    let mut memory = 0.0_f64;
    for _ in 0..setup.effort.rounds {
        let single = bench.round(&ingest, Kind::Single, None, &mut memory)?;
        singles.push(single);
        let raw = Some(single.raw);
        grouped.push(bench.round(&grouping, Kind::Grouped, raw, &mut memory)?);
        batches.push(bench.round(&ingest, Kind::Batch, None, &mut memory)?);
    }
    for (node, _) in [&ingest, &grouping] {
        memory = memory.max(node.peak_megabytes());
    }
    drop((ingest, grouping));
    drop(bench);
    remove(&folder);
    let of_kind = |kind, rounds: &[Round]| figures::of_kind(cores, kind, rounds);
    let mut sections = vec![
        of_kind(Kind::Single, &singles),
        of_kind(Kind::Grouped, &grouped),
        of_kind(Kind::Batch, &batches),
    ];
    if let Some(last) = sections.last_mut() {
        last.figures.push(figures::memory(memory));
    }
    Ok(sections)
}
