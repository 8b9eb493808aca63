//! Text files contain no paths of one machine, no invisible characters, and the same line ends everywhere.

use super::Finding;
use crate::files::File;

/// Folders of personal files. They are split here, so that this file does not break its own rule.
const HOMES: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("C:", "\\"),
];

/// Reports paths that exist on one machine only.
pub(super) fn machine_paths(files: &[File]) -> Vec<Finding> {
    each_line(files, |line| {
        let home = HOMES.iter().find(|home| {
            line.match_indices(**home)
                .any(|(start, _)| !continues_a_path(&line[..start]))
        })?;
        Some(format!("a path of one machine: {home}…"))
    })
}

/// Whether the slash behind this text is the middle of an address or of a longer path.
fn continues_a_path(before: &str) -> bool {
    before.ends_with(|c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '~' | '*' | '}')
    })
}

/// Reports characters that a reader cannot see or that a diff cannot show.
pub(super) fn characters(files: &[File]) -> Vec<Finding> {
    each_line(files, |line| {
        let odd = line.chars().find(|c| is_surprising(*c))?;
        Some(format!(
            "a character that cannot be seen: U+{:04X}",
            u32::from(odd)
        ))
    })
}

fn is_surprising(c: char) -> bool {
    matches!(
        c,
        '\t' | '\r'
            | '\u{a0}'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fffd}'
    ) || c.is_control()
}

/// Blanks before a line end, and files that do not end with exactly one line end.
pub(super) fn line_ends(files: &[File]) -> Vec<Finding> {
    let mut findings = each_line(files, |line| {
        line.ends_with(' ')
            .then(|| "blanks at the end of the line".to_owned())
    });
    // rustfmt takes such blanks out of Rust; those that it leaves are part of a text.
    findings.retain(|finding| finding.path.rsplit('.').next() != Some("rs"));
    for file in ours(files).filter(|file| !file.text.is_empty()) {
        if !file.text.ends_with('\n') || file.text.ends_with("\n\n") {
            findings.push(Finding::in_file(file, "does not end with one line end"));
        }
    }
    findings
}

/// Text that people of this project write. Test data, snapshots and licences are as they are.
fn ours(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| {
        let written = ["rs", "toml", "md", "sh", "yml"]
            .iter()
            .any(|kind| file.has_extension(kind));
        written || file.path == ".ci/run"
    })
}

fn each_line(files: &[File], check: fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in ours(files) {
        for (index, line) in file.text.split('\n').enumerate() {
            findings.extend(check(line).map(|what| Finding::at(file, index, what)));
        }
    }
    findings
}
