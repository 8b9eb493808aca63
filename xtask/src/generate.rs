//! `cargo xtask gen`: files that are generated from tables of the code, and checked in.
//!
//! A document is rendered whole, or it is a page written by hand with generated parts. `--check` shows where a document differs
//! from its tables.

mod contents;
mod crate_readmes;
mod dictionary;
mod iso_codes;
mod phone_plans;
mod quotations;
mod rust_source;

use std::collections::BTreeMap;
use std::fs;

use crate::cargo::Cargo;
use crate::problem::{Outcome, Problem};
use crate::programs::Programs;
use crate::{cargo, terminal};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail when a document differs from its tables.
    #[arg(long)]
    check: bool,
}

/// A generated file.
struct Document {
    /// Its path, relative to the workspace.
    path: &'static str,
    /// Renders it; takes the present text.
    render: fn(&str) -> String,
}

#[rustfmt::skip]
const DOCUMENTS: &[Document] = &[
    Document { path: "docs/SUMMARY.md",   render: |_| contents::render() },
    Document { path: "docs/embedding.md", render: quotations::renew },
    Document { path: "docs/libraries.md", render: quotations::renew },
    Document { path: "docs/sandbox.md",   render: quotations::renew },
    Document { path: "docs/scale-out.md", render: quotations::renew },
    Document { path: "README.md",         render: quotations::renew },
    Document { path: "fuzz/words.dict", render: dictionary::renew },
    Document { path: "crates/facebook-conversions/src/country_code/codes.rs", render: |_| iso_codes::countries() },
    Document { path: "crates/facebook-conversions/src/currency/codes.rs",     render: |_| iso_codes::currencies() },
    Document { path: "crates/facebook-conversions/src/normalize/ph/plans.rs",         render: |_| phone_plans::plans() },
    Document { path: "crates/facebook-conversions/src/normalize/ph/international.rs", render: |_| phone_plans::spans() },
];

pub(crate) fn run(args: &Args) -> Outcome {
    if args.check {
        return check();
    }
    for (path, text) in rendered()? {
        let file = cargo::root().join(&path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
        }
        if fs::read_to_string(&file).unwrap_or_default() == text {
            println!("{path} is up to date");
        } else {
            fs::write(&file, text).map_err(|error| Problem::file(&file, &error))?;
            println!("{path} written");
        }
    }
    Ok(())
}

/// Fails when a document differs from its tables.
pub(crate) fn check() -> Outcome {
    let mut stale = Vec::new();
    for (path, text) in rendered()? {
        let present = fs::read_to_string(cargo::root().join(&path)).unwrap_or_default();
        if present != text {
            cargo::heading(&format!("{path} differs from its tables and files"));
            println!("{}", terminal::difference(&present, &text, 1));
            stale.push(path);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        format!("stale: {}", stale.join(", ")),
        "run `cargo xtask gen`",
    ))
}

/// Every generated file with its text: path relative to the workspace, text.
fn rendered() -> Outcome<Vec<(String, String)>> {
    let own = DOCUMENTS.iter().map(|document| {
        let present = fs::read_to_string(cargo::root().join(document.path)).unwrap_or_default();
        (document.path.to_owned(), (document.render)(&present))
    });
    // A program of its own, so that the commands of xtask need not compile what its pages are made from.
    let program = Programs::build(&["reference-pages"], &[], "")?.path("reference-pages")?;
    let pages = Cargo::program(program).read("correct what it says above")?;
    let pages: BTreeMap<String, String> = serde_json::from_str(&pages).map_err(|error| {
        Problem::new(
            format!("the program reference-pages writes no pages: {error}"),
            "run `cargo run --package reference-pages` to see what it writes",
        )
    })?;
    Ok(own.chain(crate_readmes::render()).chain(pages).collect())
}

#[cfg(test)]
mod tests {
    use super::DOCUMENTS;

    #[test]
    fn rendering_twice_gives_the_same() {
        for document in DOCUMENTS {
            assert_eq!(
                (document.render)(""),
                (document.render)(""),
                "{}",
                document.path
            );
        }
    }
}
