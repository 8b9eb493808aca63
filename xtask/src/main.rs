//! `cargo xtask`: the commands of this workspace, one file each.
//!
//! A Rust toolchain and a C compiler are enough for nearly all of them. `snapshots review` installs cargo-insta into
//! `target/tools`, `clients` the libraries of Segment and RudderStack into `target/clients`.
//!
//! To add a command: a file with `Args` and `run`, a line in `Command`, a line in `dispatch`. To have continuous
//! integration run it: a line in the table of `ci.rs`.
//!
//! No crate depends on this one; it may depend on every other.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to its user"
)]

mod bench;
mod book;
mod broker_programs;
mod brokers;
mod cargo;
mod ci;
mod clients;
mod cluster;
mod console;
mod crash_test;
mod deny;
mod dist;
mod docs;
mod embed;
mod features;
mod files;
mod fmt;
mod fuzz;
mod generate;
mod layers;
mod lint;
mod package;
mod problem;
mod programs;
mod retry;
mod semver;
mod snapshots;
mod terminal;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::Parser;

use crate::problem::Outcome;

/// The commands of this workspace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Everything that continuous integration checks, in its order.
    Ci(ci::Args),
    /// Formats the code, or checks that it is formatted.
    Fmt(fmt::Args),
    /// Runs clippy over everything, warnings being errors.
    Lint(lint::Args),
    /// Runs all tests and doctests, or those that match a filter.
    Test(test::Args),
    /// Reviews, accepts, rejects or checks snapshots.
    Snapshots(snapshots::Args),
    /// Kills the command in the middle of its work: what it accepted must arrive.
    CrashTest(crash_test::Args),
    /// Measures speed and memory, and compares with earlier figures.
    Bench(bench::Args),
    /// Runs the real client libraries against the real command, through overload, lost answers and restarts.
    Clients(clients::Args),
    /// Inputs, and the real `segue consume`, before real brokers on this machine.
    Brokers(brokers::Args),
    /// Runs nodes of the real command on three real NATS servers, and kills one after the other.
    Cluster(cluster::Args),
    /// Walks through the console of the real command in a real browser.
    Console(console::Args),
    /// Writes the pictures of the README, with the same browser.
    Screenshots(console::ScreenshotArgs),
    /// Makes a book of the pages in docs/, where mdbook is installed.
    Book(book::Args),
    /// Builds the documentation of the libraries, warnings being errors.
    Docs(docs::Args),
    /// Makes the archives of a release: the command, manual pages, completions, list of parts, licences, checksums.
    Dist(dist::Args),
    /// Builds and runs the programs of examples/embed, which use the crates from outside.
    Embed(embed::Args),
    /// Lints and tests what the features of the command add, which are off by default.
    Features(features::Args),
    /// Checks the public API of the crates against the last release.
    Semver(semver::Args),
    /// Checks licences and sources of dependencies.
    Deny(deny::Args),
    /// Packs the crates for the registry, and builds each from its archive.
    Package(package::Args),
    /// Feeds made-up bytes to the laws of the product, guided by coverage.
    Fuzz(fuzz::Args),
    /// Writes the files that are generated from tables of the code, or checks that they are up to date.
    Gen(generate::Args),
    /// Checks the rules of the house: module docs, leftovers, file lengths, manifests, pages.
    Tidy(tidy::Args),
    /// Checks which crate depends on which, against the diagram of the architecture.
    Layers(layers::Args),
}

fn dispatch(command: Command) -> Outcome {
    match command {
        Command::Ci(args) => ci::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Snapshots(args) => snapshots::run(&args),
        Command::CrashTest(args) => crash_test::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Clients(args) => clients::run(&args),
        Command::Brokers(args) => brokers::run(&args),
        Command::Cluster(args) => cluster::run(&args),
        Command::Console(args) => console::run(&args),
        Command::Screenshots(args) => console::screenshots(&args),
        Command::Book(args) => book::run(&args),
        Command::Docs(args) => docs::run(&args),
        Command::Dist(args) => dist::run(&args),
        Command::Embed(args) => embed::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Semver(args) => semver::run(&args),
        Command::Deny(args) => deny::run(&args),
        Command::Package(args) => package::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Gen(args) => generate::run(&args),
        Command::Tidy(args) => tidy::run(&args),
        Command::Layers(args) => layers::run(&args),
    }
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
