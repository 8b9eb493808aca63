//! Pending snapshots of source files (`.name.rs.pending-snap`, JSON lines): shown, and changed by hand in the source.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::problem::{Outcome, Problem};
use crate::{cargo, files, terminal};

#[derive(Deserialize)]
struct Entry {
    run_id: String,
    line: u32,
    new: Option<Value>,
    old: Option<Value>,
}

#[derive(Deserialize)]
struct Value {
    #[serde(default)]
    snapshot: String,
}

/// Shows all, and returns how many there are.
pub(super) fn show_all() -> Outcome<usize> {
    let mut count = 0;
    for path in paths()? {
        let text = fs::read_to_string(&path).map_err(|error| Problem::file(&path, &error))?;
        for entry in of_last_run(&text) {
            let (Some(new), old) = (entry.new, entry.old) else {
                continue;
            };
            cargo::heading(&format!(
                "{}:{}",
                cargo::shown(&source_of(&path)),
                entry.line
            ));
            let old = old.map_or(String::new(), |old| format!("{}\n", old.snapshot));
            println!(
                "{}",
                terminal::difference(&old, &format!("{}\n", new.snapshot), 4)
            );
            println!("   change it in the source, or `cargo xtask snapshots reject`\n");
            count += 1;
        }
    }
    Ok(count)
}

/// Whether a file of pending snapshots still has one: tests that pass write that into it.
pub(crate) fn has_pending(text: &str) -> bool {
    of_last_run(text).iter().any(|entry| entry.new.is_some())
}

/// Source files with pending snapshots.
pub(super) fn pending_sources() -> Outcome<Vec<String>> {
    let mut sources = Vec::new();
    for path in paths()? {
        let text = fs::read_to_string(&path).map_err(|error| Problem::file(&path, &error))?;
        if has_pending(&text) {
            sources.push(cargo::shown(&source_of(&path)));
        }
    }
    Ok(sources)
}

/// Throws away all whose path contains `part`.
pub(super) fn reject_all(part: Option<&str>) -> Outcome {
    for path in paths()? {
        let source = cargo::shown(&source_of(&path));
        if part.is_none_or(|part| source.contains(part)) {
            fs::remove_file(&path).map_err(|error| Problem::file(&path, &error))?;
            println!("rejected what was pending in {source}");
        }
    }
    Ok(())
}

fn paths() -> Outcome<Vec<PathBuf>> {
    let mut paths = files::paths_below(cargo::root())?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "pending-snap")
    });
    Ok(paths)
}

/// The source file that `.name.rs.pending-snap` is about.
fn source_of(path: &Path) -> PathBuf {
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    path.with_file_name(name.trim_start_matches('.'))
}

/// The entries of the run that wrote last, each line of the source once, the last word winning.
fn of_last_run(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let last = entries.last().map(|entry| entry.run_id.clone());
    entries.retain(|entry| Some(&entry.run_id) == last.as_ref());
    entries.reverse();
    let mut seen = Vec::new();
    entries.retain(|entry| {
        let first = !seen.contains(&entry.line);
        seen.push(entry.line);
        first
    });
    entries.reverse();
    entries
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{has_pending, of_last_run, source_of};

    #[test]
    fn the_last_run_and_the_last_word_count() {
        let entries = of_last_run(
            r#"{"run_id":"1","line":3,"new":{"snapshot":"stale"},"old":null}
               {"run_id":"2","line":3,"new":{"snapshot":"a"},"old":null}
               {"run_id":"2","line":3,"new":null,"old":null}
               {"run_id":"2","line":9,"new":{"snapshot":"b"},"old":{"snapshot":"c"}}"#,
        );
        let lines: Vec<_> = entries
            .iter()
            .map(|entry| (entry.line, entry.new.is_some()))
            .collect();
        assert_eq!(lines, [(3, false), (9, true)]);
    }

    #[test]
    fn a_test_that_passes_settles_what_was_pending() {
        let text = |new: &str| format!(r#"{{"run_id":"1","line":3,"new":{new},"old":null}}"#);
        assert!(has_pending(&text(r#"{"snapshot":"a"}"#)));
        assert!(!has_pending(&text("null")));
    }

    #[test]
    fn the_source_stands_beside_it() {
        assert_eq!(
            source_of(Path::new("src/.a.rs.pending-snap")),
            Path::new("src/a.rs")
        );
    }
}
