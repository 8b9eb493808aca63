//! Figures of an earlier run on this machine, saved in its target folder.

use std::fs;
use std::path::PathBuf;

use super::figure::{Figure, Section};
use crate::cargo;
use crate::problem::{Outcome, Problem};

fn path() -> PathBuf {
    cargo::root()
        .join("target")
        .join("bench")
        .join("saved.json")
}

pub(super) fn write(sections: &[Section]) -> Outcome {
    let text = serde_json::to_string_pretty(sections).unwrap_or_default();
    fs::write(path(), text).map_err(|error| Problem::file(&path(), &error))
}

pub(super) fn read() -> Outcome<Vec<Section>> {
    let text = fs::read_to_string(path()).unwrap_or_default();
    serde_json::from_str(&text).map_err(|_| {
        Problem::new(
            "no figures have been saved",
            "run `cargo xtask bench --save` on the state to compare with",
        )
    })
}

/// The same figure of another run.
pub(super) fn counterpart<'a>(
    sections: &'a [Section],
    of: &Section,
    figure: &Figure,
) -> Option<&'a Figure> {
    let section = sections.iter().find(|section| section.title == of.title)?;
    section
        .figures
        .iter()
        .find(|before| before.name == figure.name)
}
