//! `cargo xtask bench`: what things cost, next to a stick, and whether they cost more than they did.

mod build;
mod figure;
mod instructions;
mod library;
mod mapping;
mod process;
mod report;
mod saved;
mod scene;
mod sending;
mod serving;
mod table;

use std::time::Instant;

use self::figure::Section;
use self::scene::{Effort, Scene};
use crate::cargo;
use crate::problem::Outcome;

#[derive(clap::Args)]
#[command(
    after_help = "Builds with the profile `dist`, which takes minutes. Everything runs on the loopback and cleans up \
    after itself; the full run writes files of 2 GB into target/bench."
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
    /// Keep the figures, to compare with later; of instructions, as the figures that continuous integration holds on to.
    #[arg(long)]
    save: bool,
    /// Say how the figures differ from those that were kept.
    #[arg(long)]
    compare: bool,
    /// Write BENCHMARKS.md.
    #[arg(long)]
    report: bool,
    /// Count the instructions of mapping under valgrind instead, and compare them with bench/instructions.toml.
    #[arg(long, conflicts_with_all = ["quick", "compare", "report", "parts"])]
    instructions: bool,
}

/// What can be measured by itself.
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
    /// Memory, start, and how the cost grows.
    Limits,
}

const PARTS: [Part; 5] = [
    Part::Library,
    Part::Map,
    Part::Send,
    Part::Serve,
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
    let before = args.compare.then(saved::read).transpose()?;
    let scene = Scene::set(if args.quick {
        Effort::QUICK
    } else {
        Effort::FULL
    })?;
    let start = Instant::now();
    let mut sections = Vec::new();
    for part in PARTS
        .into_iter()
        .filter(|part| args.parts.is_empty() || args.parts.contains(part))
    {
        for section in part.measure(&scene)? {
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

impl Part {
    fn measure(self, scene: &Scene) -> Outcome<Vec<Section>> {
        Ok(match self {
            Self::Library => vec![library::measure(scene)?],
            Self::Map => vec![mapping::measure(scene)?],
            Self::Send => vec![sending::measure(scene)?],
            Self::Serve => vec![serving::measure(scene)?],
            Self::Limits => {
                let mut figures = vec![mapping::start(scene)?, serving::start(scene)?];
                figures.extend(sending::memory(scene)?);
                figures.extend(serving::backlog(scene)?);
                let limits = Section {
                    title: "Limits".to_owned(),
                    figures,
                };
                vec![mapping::growth(scene)?, limits]
            }
        })
    }
}

/// Fails when mapping costs more instructions than bench/instructions.toml says.
pub(crate) fn check_instructions() -> Outcome {
    instructions::check()
}
