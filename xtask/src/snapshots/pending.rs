//! A pending snapshot: `name.snap.new` beside, or instead of, `name.snap`.
//!
//! Both files are a YAML header between two lines of `---`, then the contents. The header of a pending one says in
//! addition on which line of the test it came about, which would go stale and is dropped on acceptance.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;
use crate::problem::{Outcome, Problem};

const FENCE: &str = "---\n";
/// The member of the header that a pending snapshot has and an accepted one has not.
const VOLATILE: &str = "assertion_line:";

/// A snapshot that waits for a review.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pending {
    /// Where the new one lies.
    pub(super) path: PathBuf,
    /// Where it goes when it is accepted.
    pub(super) target: PathBuf,
}

/// A snapshot file, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// Lines of the header without its fences.
    pub(super) header: &'a str,
    pub(super) contents: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix(FENCE)?;
        if let Some(contents) = rest.strip_prefix(FENCE) {
            return Some(Self {
                header: "",
                contents,
            });
        }
        let end = rest.find("\n---\n")?;
        let (header, contents) = rest.split_at_checked(end + 1)?;
        Some(Self {
            header,
            contents: contents.strip_prefix(FENCE)?,
        })
    }

    /// A member of the header, as it is written.
    pub(super) fn member(&self, name: &str) -> Option<&'a str> {
        let line = self
            .header
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.trim().trim_matches('"'))
    }
}

/// All pending snapshot files below a folder.
pub(super) fn below(root: &Path) -> Outcome<Vec<Pending>> {
    let paths = files::paths_below(root)?.into_iter();
    Ok(paths
        .filter(|path| path.to_string_lossy().ends_with(".snap.new"))
        .map(|path| Pending {
            target: path.with_extension(""),
            path,
        })
        .collect())
}

impl Pending {
    /// The new snapshot.
    pub(super) fn new_text(&self) -> Outcome<String> {
        read(&self.path)
    }

    /// The accepted one, or nothing when there is none yet.
    pub(super) fn old_text(&self) -> Outcome<String> {
        if self.target.exists() {
            read(&self.target)
        } else {
            Ok(String::new())
        }
    }

    /// Puts the new one in the place of the accepted one.
    pub(super) fn accept(&self) -> Outcome {
        let text = self.new_text()?;
        let parts = Parts::of(&text).ok_or_else(|| {
            Problem::new(
                format!("{} is no snapshot of insta's", self.path.display()),
                "delete it and run the test again",
            )
        })?;
        let kept = parts
            .header
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(VOLATILE));
        let accepted = format!(
            "{FENCE}{}{FENCE}{}",
            kept.collect::<String>(),
            parts.contents
        );
        fs::write(&self.target, accepted).map_err(|error| Problem::file(&self.target, &error))?;
        self.reject()
    }

    /// Throws the new one away.
    pub(super) fn reject(&self) -> Outcome {
        fs::remove_file(&self.path).map_err(|error| Problem::file(&self.path, &error))
    }
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Problem::file(path, &error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Parts, below};

    const NEW: &str = "---\nsource: tests/cases.rs\nassertion_line: 42\nexpression: shown\n---\naccepted\n---\nrest\n";

    #[test]
    fn a_snapshot_is_taken_apart_at_its_first_two_fences() {
        let parts = Parts::of(NEW).unwrap();
        assert_eq!(parts.member("source"), Some("tests/cases.rs"));
        assert_eq!(parts.contents, "accepted\n---\nrest\n");
        assert_eq!(Parts::of("---\n---\nx\n").unwrap().contents, "x\n");
        assert_eq!(Parts::of("no fence"), None);
    }

    #[test]
    fn acceptance_drops_the_line_of_the_test_and_the_pending_file() {
        let folder = tempfile::tempdir().unwrap();
        let pending = folder.path().join("a.snap.new");
        fs::write(&pending, NEW).unwrap();
        let found = below(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
        found[0].accept().unwrap();
        let accepted = fs::read_to_string(folder.path().join("a.snap")).unwrap();
        assert_eq!(
            accepted,
            "---\nsource: tests/cases.rs\nexpression: shown\n---\naccepted\n---\nrest\n",
        );
        assert!(!pending.exists());
    }

    #[test]
    fn rejection_leaves_the_accepted_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.snap"), "old").unwrap();
        fs::write(folder.path().join("a.snap.new"), NEW).unwrap();
        below(folder.path()).unwrap()[0].reject().unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("a.snap")).unwrap(),
            "old"
        );
        assert!(below(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.snap.new"), "anything").unwrap();
        assert!(below(folder.path()).unwrap()[0].accept().is_err());
        assert!(!folder.path().join("a.snap").exists());
    }
}
