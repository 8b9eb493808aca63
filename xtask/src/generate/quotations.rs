//! Files that a page quotes: the block after a line `<!-- path -->` is the file of that path, whole.

use std::fs;

use crate::cargo;

/// Replaces every block with the contents of its file; the block of a missing file becomes empty.
pub(super) fn renew(page: &str) -> String {
    renew_with(page, |path| {
        fs::read_to_string(cargo::root().join(path)).unwrap_or_default()
    })
}

fn renew_with(page: &str, read: impl Fn(&str) -> String) -> String {
    let mut renewed = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        push(&mut renewed, line);
        let Some(path) = quoted(line) else { continue };
        // Up to the fence that opens the block, and from the one that closes it.
        for line in lines.by_ref() {
            push(&mut renewed, line);
            if line.starts_with(FENCE) {
                break;
            }
        }
        let closing = lines.by_ref().find(|line| line.starts_with(FENCE));
        renewed.push_str(&read(path));
        push(&mut renewed, closing.unwrap_or(FENCE));
    }
    renewed
}

const FENCE: &str = "```";

/// The path in `<!-- path -->`.
fn quoted(line: &str) -> Option<&str> {
    let path = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    (path.contains('.') && !path.contains(' ')).then_some(path)
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{quoted, renew_with};

    #[test]
    fn a_block_becomes_its_file() {
        let page = "Before\n\n<!-- a/b.sh -->\n```sh\nold\nolder\n```\n\nAfter\n";
        let renewed = renew_with(page, |path| format!("# {path}\nnew\n"));
        assert_eq!(
            renewed,
            "Before\n\n<!-- a/b.sh -->\n```sh\n# a/b.sh\nnew\n```\n\nAfter\n"
        );
    }

    #[test]
    fn other_blocks_and_remarks_stay() {
        let page = "<!-- a remark. -->\n```sh\nstays\n```\n";
        assert_eq!(renew_with(page, |_| String::new()), page);
        assert_eq!(quoted("<!-- examples/a.py -->"), Some("examples/a.py"));
    }
}
