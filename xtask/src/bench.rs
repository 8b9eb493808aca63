//! `cargo xtask bench`: what things cost, and whether they cost more than they did.

mod build;
mod instructions;

use crate::problem::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Count the instructions of mapping under valgrind and compare them with bench/instructions.toml.
    #[arg(long)]
    instructions: bool,
    /// Keep the figures, to compare with later.
    #[arg(long)]
    save: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    if args.instructions && args.save {
        instructions::save()
    } else {
        instructions::check()
    }
}

/// Fails when mapping costs more instructions than bench/instructions.toml says.
pub(crate) fn check_instructions() -> Outcome {
    instructions::check()
}
