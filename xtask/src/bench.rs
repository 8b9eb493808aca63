//! `cargo xtask bench`: speed and memory, next to a baseline, and whether they are worse than before.

mod build;
mod cluster;
mod figure;
mod instructions;
mod library;
mod mapping;
mod process;
mod recording;
mod remembering;
mod report;
mod saved;
mod sending;
mod serving;
mod setup;
mod table;

use std::time::Instant;

use self::figure::Section;
use self::setup::{Effort, Setup};
use crate::cargo;
use crate::problem::Outcome;

#[derive(clap::Args)]
#[command(
    after_help = "Measures what is shipped: the profile `dist`, which takes minutes to build. Everything runs on the \
    loopback and cleans up after itself; the full run writes files of 2 GB into target/bench."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of a command line"
)]
pub(crate) struct Args {
    /// A minute of measuring instead of a quarter of an hour.
    #[arg(long)]
    quick: bool,
    /// Only these parts; all of them if none is given.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Save the figures, to compare with later; those of instructions in bench/instructions.toml.
    #[arg(long)]
    save: bool,
    /// Print how the figures differ from the saved ones.
    #[arg(long)]
    compare: bool,
    /// Write BENCHMARKS.md.
    #[arg(long)]
    report: bool,
    /// Measure the log on three NATS servers of this machine instead, next to the raw client with the same events.
    #[arg(long, conflicts_with_all = ["compare", "report", "parts", "save"])]
    cluster: bool,
    /// Count the instructions of mapping under valgrind instead, and compare them with bench/instructions.toml.
    #[arg(long, conflicts_with_all = ["quick", "compare", "report", "parts"])]
    instructions: bool,
}

/// A part that can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The libraries on one core.
    Library,
    /// `segue map`, the whole process.
    Map,
    /// `segue send` to a sink.
    Send,
    /// `segue serve` under load.
    Serve,
    /// `segue serve` with the match memory.
    Memory,
    /// Memory, start, and how the cost grows.
    Limits,
}

const PARTS: [Part; 6] = [
    Part::Library,
    Part::Map,
    Part::Send,
    Part::Serve,
    Part::Memory,
    Part::Limits,
];

pub(crate) fn run(args: &Args) -> Outcome {
    if args.instructions {
        return if args.save {
            instructions::save()
        } else {
            instructions::check()
        };
    }
    if args.cluster {
        return cluster::run(effort(args));
    }
    let before = args.compare.then(saved::read).transpose()?;
    let setup = Setup::new(effort(args), &[])?;
    let start = Instant::now();
    let mut sections = Vec::new();
    for part in PARTS
        .into_iter()
        .filter(|part| args.parts.is_empty() || args.parts.contains(part))
    {
        for section in part.measure(&setup)? {
            println!("{}", table::of(&section, before.as_deref()));
            sections.push(section);
        }
    }
    println!("measured in {}", cargo::elapsed(start));
    if args.save {
        saved::write(&sections)?;
    }
    if args.report {
        report::write(&sections)?;
    }
    Ok(())
}

fn effort(args: &Args) -> Effort {
    if args.quick {
        Effort::QUICK
    } else {
        Effort::FULL
    }
}

impl Part {
    fn measure(self, setup: &Setup) -> Outcome<Vec<Section>> {
        Ok(match self {
            Self::Library => vec![library::measure(setup)?],
            Self::Map => vec![mapping::measure(setup)?],
            Self::Send => vec![sending::measure(setup)?],
            Self::Serve => vec![serving::measure(setup)?, recording::measure(setup)?],
            Self::Memory => vec![remembering::measure(setup)?],
            Self::Limits => {
                let mut figures = vec![mapping::start(setup)?, serving::start(setup)?];
                figures.extend(sending::memory(setup)?);
                figures.extend(serving::backlog(setup)?);
                let limits = Section {
                    title: "Limits".to_owned(),
                    figures,
                };
                vec![mapping::growth(setup)?, limits]
            }
        })
    }
}

/// Fails when mapping costs more instructions than bench/instructions.toml says.
pub(crate) fn check_instructions() -> Outcome {
    instructions::check()
}
