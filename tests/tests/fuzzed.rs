//! The laws that fuzzing tries to break, on bytes of every kind, and on every input that has ever broken one.

use std::fs;
use std::path::Path;

use e2e::case;
use e2e::laws;
use proptest::prelude::*;

/// A law, by the name of its fuzz target.
type Law = (&'static str, fn(&[u8]));

const LAWS: [Law; 5] = [
    ("read", laws::read),
    ("map", laws::map),
    ("normalize", laws::normalize),
    ("validate", laws::validate),
    ("reply", laws::reply),
];

fn all_laws(bytes: &[u8]) {
    for (_, law) in LAWS {
        law(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn laws_hold_for_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        all_laws(&bytes);
    }

    #[test]
    fn laws_hold_for_any_text(text in "\\PC{0,80}") {
        all_laws(text.as_bytes());
    }

    #[test]
    fn laws_hold_for_messages_that_broke_on_the_way(line in 0..10_000_usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let cases = case::all().unwrap_or_default();
        let lines: Vec<_> = cases.iter().flat_map(|case| &case.lines).collect();
        let mut bytes = lines[line % lines.len()].clone();
        let position = at.index(bytes.len());
        bytes[position] = byte;
        all_laws(&bytes);
    }
}

#[test]
fn laws_hold_for_the_inputs_of_all_cases() {
    for case in case::all().unwrap_or_else(|error| panic!("{error}")) {
        for line in &case.lines {
            all_laws(line);
        }
    }
}

/// What `cargo xtask fuzz` has found and saved.
#[test]
fn laws_hold_for_all_regressions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join("fuzz")
        .join("regressions");
    for (name, law) in LAWS {
        for entry in fs::read_dir(folder.join(name)).into_iter().flatten() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            law(&fs::read(&path).unwrap());
        }
    }
}

#[test]
fn the_targets_of_fuzzing_are_the_laws() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join("fuzz")
        .join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    for (name, _) in LAWS {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "fuzz/Cargo.toml lacks {name}"
        );
    }
}
