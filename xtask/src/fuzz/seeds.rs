//! The first inputs of fuzzing: the messages of all cases, and the strings in them.

use std::fs;
use std::path::Path;

use crate::problem::{Outcome, Problem};
use crate::{cargo, files};

/// Adds missing inputs to a corpus. Files are named by a digest of their contents, so that an input is written once.
pub(super) fn plant(corpus: &Path) -> Outcome {
    let cases = cargo::root().join("tests").join("cases");
    for path in files::paths_below(&cases)? {
        let is_input = path.file_stem().is_some_and(|name| name == "input");
        if !is_input {
            continue;
        }
        let bytes = fs::read(&path).map_err(|error| Problem::file(&path, &error))?;
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            plant_one(corpus, &bytes)?;
        } else {
            for line in bytes.split(|byte| *byte == b'\n') {
                plant_one(corpus, line)?;
            }
        }
        for text in bytes.split(|byte| *byte == b'"') {
            plant_one(corpus, text)?;
        }
    }
    Ok(())
}

fn plant_one(corpus: &Path, bytes: &[u8]) -> Outcome {
    // FNV-1a: good enough to tell seeds apart.
    let name = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let path = corpus.join(format!("seed-{name:016x}"));
    if bytes.is_empty() || path.exists() {
        return Ok(());
    }
    fs::write(&path, bytes).map_err(|error| Problem::file(&path, &error))
}
