//! `cargo xtask gen`: files that are generated from tables of the code, and checked in.
//!
//! A document is rendered whole, or it is a page written by hand with generated parts. `--check` shows where a document differs
//! from its tables.

mod crate_readmes;
mod dictionary;
mod error_table;
mod iso_codes;
mod mapping;
mod markdown;
mod phone_plans;
mod quotations;
mod rust_source;

use std::fs;

use crate::problem::{Outcome, Problem};
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
    Document { path: "docs/mapping.md", render: |_| mapping::render() },
    Document { path: "docs/errors.md",  render: |_| error_table::render() },
    Document { path: "README.md",       render: quotations::renew },
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
    for (path, render) in renderers() {
        let whole = cargo::root().join(&path);
        if let Some(folder) = whole.parent() {
            fs::create_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
        }
        let present = fs::read_to_string(&whole).unwrap_or_default();
        let rendered = render(&present);
        if present == rendered {
            println!("{path} is up to date");
        } else {
            fs::write(&whole, rendered).map_err(|error| Problem::file(&whole, &error))?;
            println!("{path} written");
        }
    }
    Ok(())
}

type Renderer = Box<dyn Fn(&str) -> String>;

/// The path and the renderer of every generated file.
fn renderers() -> impl Iterator<Item = (String, Renderer)> {
    let documents = DOCUMENTS.iter().map(|document| {
        let render: Renderer = Box::new(document.render);
        (document.path.to_owned(), render)
    });
    let readmes = crate_readmes::render().into_iter().map(|(path, text)| {
        let render: Renderer = Box::new(move |_| text.clone());
        (path, render)
    });
    documents.chain(readmes)
}

/// Fails when a document differs from its tables.
pub(crate) fn check() -> Outcome {
    let mut stale = Vec::new();
    for (path, render) in renderers() {
        let present = fs::read_to_string(cargo::root().join(&path)).unwrap_or_default();
        let rendered = render(&present);
        if present != rendered {
            cargo::heading(&format!("{path} differs from its tables and files"));
            println!("{}", terminal::difference(&present, &rendered, 1));
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

    #[test]
    fn every_page_of_tables_says_that_it_is_generated() {
        for document in DOCUMENTS
            .iter()
            .filter(|document| document.path.starts_with("docs/"))
        {
            let rendered = (document.render)("");
            assert!(
                rendered
                    .lines()
                    .next()
                    .is_some_and(|line| line.contains("cargo xtask gen")),
                "{}",
                document.path
            );
            assert!(
                rendered.ends_with('\n') && !rendered.ends_with("\n\n"),
                "{}",
                document.path
            );
        }
    }
}
