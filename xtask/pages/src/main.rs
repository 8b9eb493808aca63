//! The pages of `docs/` that are written from tables of the code, as one JSON object from path to text. `cargo xtask gen`
//! runs it and writes them.
//!
//! It is a program of its own so that `cargo xtask` itself need not compile what the pages are made from.
//!
//! Nothing depends on it.
#![expect(clippy::print_stdout, reason = "a command prints its result")]

mod error_table;
mod mapping;
mod markdown;
mod reasons;
mod segment_page;
mod settings;

use serde_json::Map;

/// A page: its path relative to the workspace, and the function that renders it.
type Page = (&'static str, fn() -> String);

#[rustfmt::skip]
const PAGES: [Page; 5] = [
    ("docs/errors.md",       error_table::render),
    ("docs/mapping.md",      mapping::render),
    ("docs/reasons.md",      reasons::render),
    ("docs/segment-page.md", segment_page::render),
    ("docs/settings.md",     settings::render),
];

fn main() {
    let pages: Map<_, _> = PAGES
        .into_iter()
        .map(|(path, render)| (path.to_owned(), render().into()))
        .collect();
    println!("{}", serde_json::Value::Object(pages));
}

#[cfg(test)]
mod tests {
    use super::PAGES;

    #[test]
    fn every_page_says_that_it_is_generated_and_ends_with_one_line_end() {
        for (path, render) in PAGES {
            let page = render();
            let first = page.lines().next().unwrap_or_default();
            assert!(first.contains("cargo xtask gen"), "{path}");
            assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{path}");
            assert_eq!(page, render(), "{path} differs between two renderings");
        }
    }
}
