//! `cargo xtask book`: the pages of `docs/` as a book with search and navigation, where mdbook is installed.

use std::process::Command;

use crate::cargo;
use crate::problem::{Outcome, Problem};

/// Outside of the committed tree.
const OUTPUT: &str = "target/book";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Open it in a browser.
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut command = Command::new("mdbook");
    command
        .args(["build", "docs", "--dest-dir"])
        .arg(cargo::root().join(OUTPUT))
        .current_dir(cargo::root());
    if args.open {
        command.arg("--open");
    }
    match command.status() {
        Ok(status) if status.success() => {
            println!("the book is in {OUTPUT}/index.html");
            Ok(())
        }
        Ok(_) => Err(Problem::new(
            "mdbook failed",
            "mend what it says above; docs/book.toml has its settings",
        )),
        Err(error) => Err(Problem::new(
            format!("mdbook cannot be started: {error}"),
            "install it with `cargo install mdbook`, or read docs/README.md: the pages need no program",
        )),
    }
}
