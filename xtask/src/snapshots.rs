//! `cargo xtask snapshots`: the review of insta's snapshots, with nothing installed.
//!
//! A test whose outcome differs from its snapshot leaves the new one beside it as `*.snap.new`. Here it is shown,
//! accepted or rejected. Snapshots that live in source files are shown too, and changed by hand.

mod check;
mod inline;
mod pending;
mod review;

pub(crate) use inline::has_pending;

pub(crate) use check::{
    REFERENCES_VARIABLE, after_tests as check_after_tests, forget_references, references_file,
};

use crate::cargo;
use crate::problem::{Outcome, Problem};
use pending::Pending;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Shows each pending snapshot as a difference and asks what to do with it.
    Review(Filter),
    /// Accepts pending snapshots.
    Accept(Filter),
    /// Throws pending snapshots away.
    Reject(Filter),
    /// Runs all tests; fails when a snapshot is pending or belongs to no test.
    Check,
}

#[derive(clap::Args)]
struct Filter {
    /// Only snapshots whose path contains this.
    path: Option<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::Review(filter) => review::run(&chosen(filter)?, &mut std::io::stdin().lock()),
        Action::Accept(filter) => each(&chosen(filter)?, "accepted", Pending::accept),
        Action::Reject(filter) => {
            inline::reject_all(filter.path.as_deref())?;
            each(&chosen(filter)?, "rejected", Pending::reject)
        }
        Action::Check => check::run(),
    }
}

fn chosen(filter: &Filter) -> Outcome<Vec<Pending>> {
    let mut all = pending::below(cargo::root())?;
    if let Some(part) = &filter.path {
        all.retain(|snapshot| {
            cargo::shown(&snapshot.target).contains(part.trim_end_matches(".new"))
        });
        if all.is_empty() {
            return Err(Problem::new(
                format!("no pending snapshot has {part} in its path"),
                "run `cargo xtask snapshots review` to see all that are pending",
            ));
        }
    }
    Ok(all)
}

fn each(snapshots: &[Pending], done: &str, act: fn(&Pending) -> Outcome) -> Outcome {
    for snapshot in snapshots {
        act(snapshot)?;
        println!("{done} {}", cargo::shown(&snapshot.target));
    }
    if snapshots.is_empty() {
        println!("no snapshot is pending");
    }
    Ok(())
}
