//! The saved counts, and the machine that they are valid for.

use std::collections::BTreeMap;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::cargo;
use crate::problem::{Outcome, Problem};

/// Their file, relative to the workspace.
pub(super) const PATH: &str = "bench/instructions.toml";

/// Instructions for each event, by what is mapped and how.
pub(super) type Counts = BTreeMap<String, u64>;

/// What the number of instructions depends on besides our code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    /// The compiler's version.
    pub(super) rustc: String,
    /// valgrind's version.
    pub(super) valgrind: String,
    /// The instruction sets of the processor for which our dependencies have code of their own.
    pub(super) processor: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedCounts {
    pub(super) machine: Machine,
    pub(super) per_event: Counts,
}

const HEAD: &str = "# Processor instructions that it takes to map an event of each mix of bench/src/corpus.rs.\n\
                    # Written by `cargo xtask bench --instructions --save`; `cargo xtask ci` compares with it.\n\n";

impl SavedCounts {
    /// The saved counts, if there are any.
    pub(super) fn read() -> Outcome<Option<Self>> {
        let Ok(text) = fs::read_to_string(cargo::root().join(PATH)) else {
            return Ok(None);
        };
        toml::from_str(&text).map(Some).map_err(|error| {
            Problem::new(
                format!("{PATH}: {}", error.message()),
                "write it anew with `cargo xtask bench --instructions --save`",
            )
        })
    }

    pub(super) fn write(&self) -> Outcome {
        let path = cargo::root().join(PATH);
        let figures = toml::to_string(self).map_err(|error| {
            Problem::new(
                format!("{PATH}: {error}"),
                "report this as a defect of xtask",
            )
        })?;
        fs::write(&path, format!("{HEAD}{figures}")).map_err(|error| Problem::file(&path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAD, Machine, SavedCounts};

    #[test]
    fn saved_counts_are_read_as_they_were_written() {
        let saved = SavedCounts {
            machine: Machine {
                rustc: "1.95.0".to_owned(),
                valgrind: "3.19.0".to_owned(),
                processor: "x86_64 avx2".to_owned(),
            },
            per_event: [("shop with notes".to_owned(), 4711)].into(),
        };
        let text = format!("{HEAD}{}", toml::to_string(&saved).unwrap());
        assert_eq!(toml::from_str::<SavedCounts>(&text).unwrap(), saved);
    }
}
