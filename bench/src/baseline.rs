//! The baseline: the least work that has to be done on the same bytes, without our code.
//!
//! Figures are given in relation to it. Machines differ and are busy; the ratio of two loops that take turns in one process
//! hardly changes.

mod naive;

use std::hint::black_box;

use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

pub use naive::NaiveMapper;

/// Eight hashes of about 20 bytes: the contact data of a well known customer.
const HASHED: [&str; 8] = [
    "jane.miller4711@example.com",
    "12065550147",
    "jane",
    "miller",
    "seattle",
    "wa",
    "98101",
    "f1097e07-f6cf-46fc-a9b6-71c9395f330c",
];

/// Reads a line and keeps nothing of it: one UTF-8 check, and `serde_json` skipping the object.
///
/// Returns whether it was JSON.
#[must_use]
pub fn skip(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// Hashes eight short texts with SHA-256.
pub fn hash_eight() {
    for text in HASHED {
        black_box(Sha256::digest(black_box(text)));
    }
}

#[cfg(test)]
mod tests {
    use super::{NaiveMapper, skip};
    use crate::corpus::{Corpus, Mix};

    #[test]
    fn the_baseline_reads_every_line_of_every_mix() {
        for mix in Mix::ALL {
            let mut mapper = NaiveMapper::default();
            for line in Corpus::lines(mix, 7, 1_785_585_600, 200).lines() {
                assert!(skip(line.as_bytes()));
                let written = mapper.map(line.as_bytes()).expect("an event");
                let read: serde_json::Value = serde_json::from_slice(written).unwrap();
                assert!(read["event_name"].is_string());
            }
        }
    }

    #[test]
    fn invalid_json_is_not_skipped_and_not_mapped() {
        assert!(!skip(b"{"));
        assert_eq!(NaiveMapper::default().map(b"{"), None);
    }
}
