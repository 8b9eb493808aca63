//! Each rule finds what it is for, and leaves alone what it is not for.

use super::{Finding, RULES, leftovers, manifests, shape, text};
use crate::files::File;

fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

fn whats(findings: Vec<Finding>) -> Vec<String> {
    findings.into_iter().map(|finding| finding.what).collect()
}

#[test]
fn a_file_without_module_docs_is_found() {
    let found = shape::module_docs(&[file("a.rs", "use std::fmt;\n"), file("b.rs", "//! Yes.\n")]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "a.rs");
}

#[test]
fn a_library_needs_three_paragraphs() {
    let short = file("crates/a/src/lib.rs", "//! Purpose.\n//!\n//! Absent.\n");
    let whole = file(
        "crates/b/src/lib.rs",
        "//! Purpose.\n//!\n//! Absent.\n//!\n//! Who.\n",
    );
    let found = shape::crate_docs(&[short, whole]);
    assert_eq!(
        found
            .iter()
            .map(|finding| &*finding.path)
            .collect::<Vec<_>>(),
        ["crates/a/src/lib.rs"]
    );
}

#[test]
fn the_length_counts_lines() {
    let lines = |count: usize| file("a.rs", &"x\n".repeat(count));
    assert!(shape::length(&[lines(350)]).is_empty());
    assert_eq!(
        whats(shape::length(&[lines(351)])),
        ["351 lines, more than 350"]
    );
}

#[test]
fn notes_to_self_are_found_in_comments_only() {
    let note = concat!("// TO", "DO later\n");
    assert_eq!(leftovers::notes_to_self(&[file("a.rs", note)]).len(), 1);
    let code = concat!("let code = \"XX", "X\";\n");
    assert!(leftovers::notes_to_self(&[file("a.rs", code)]).is_empty());
    assert_eq!(
        leftovers::notes_to_self(&[file("a.rs", concat!("db", "g!(x);\n"))]).len(),
        1
    );
}

#[test]
fn pending_snapshots_are_found() {
    let inline =
        |new: &str| format!("{{\"run_id\":\"1\",\"line\":3,\"new\":{new},\"old\":null}}\n");
    let files = [
        file("a/b.snap.new", ""),
        file("a/b.snap", ""),
        file("a/.c.rs.pending-snap", &inline("{\"snapshot\":\"x\"}")),
        file("a/.settled.rs.pending-snap", &inline("null")),
    ];
    let found: Vec<_> = leftovers::pending(&files)
        .into_iter()
        .map(|finding| finding.path)
        .collect();
    assert_eq!(found, ["a/b.snap.new", "a/.c.rs.pending-snap"]);
}

#[test]
fn a_path_of_one_machine_is_found_and_an_address_is_not() {
    let line = |text: &str| text::machine_paths(&[file("a.md", text)]).len();
    assert_eq!(line(concat!("see /ho", "me/ada/notes\n")), 1);
    assert_eq!(line(concat!("https://shop.example/ho", "me/sale\n")), 0);
}

#[test]
fn tabs_carriage_returns_and_the_invisible_are_found() {
    for odd in ["\t", "\r", "\u{200b}", "\u{feff}", "\u{a0}"] {
        assert_eq!(text::characters(&[file("a.rs", odd)]).len(), 1, "{odd:?}");
    }
    assert!(text::characters(&[file("a.md", "Zürich → 東京 “…”\n")]).is_empty());
}

#[test]
fn a_file_ends_with_one_line_end() {
    for (text, count) in [("a", 1), ("a\n", 0), ("a\n\n", 1), ("a \n", 1), ("", 0)] {
        assert_eq!(
            text::line_ends(&[file("a.md", text)]).len(),
            count,
            "{text:?}"
        );
    }
}

#[test]
fn a_manifest_that_does_not_inherit_from_the_workspace_is_found() {
    let found = whats(manifests::members(&[file(
        "crates/a/Cargo.toml",
        "[package]\nname = \"a\"\nversion.workspace = true\nedition = \"2024\"\n[dependencies]\nserde = \"1\"\n",
    )]));
    assert!(
        found.contains(&"`edition.workspace = true` is missing in [package]".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"[lints] lacks `workspace = true`".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"serde in [dependencies] has a version of its own".to_owned()),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|what| what.contains("`version.")),
        "{found:?}"
    );
}

#[test]
fn a_crate_that_the_registry_would_refuse_is_found() {
    let found = whats(manifests::members(&[
        file(
            "crates/a/Cargo.toml",
            "[package]\npublish = false\nkeywords = []\ncategories = [\"config\"]\n",
        ),
        file("xtask/Cargo.toml", "[package]\npublish.workspace = true\n"),
    ]));
    for what in [
        "`publish.workspace = true` is missing in [package]",
        "`readme = \"README.md\"` is missing in [package]",
        "`keywords` in [package] needs one to 5",
        "[package.metadata.docs.rs] lacks `all-features = true`",
        "`publish = false` is missing in [package]",
    ] {
        assert!(found.contains(&what.to_owned()), "{what}: {found:?}");
    }
    assert!(
        !found.iter().any(|what| what.contains("categories")),
        "{found:?}"
    );
}

#[test]
fn a_crate_of_ours_without_the_version_of_the_workspace_is_found() {
    let root = "[workspace.package]\nversion = \"2.0.0\"\n[workspace.dependencies]\n\
        a = { path = \"crates/a\", version = \"2.0.0\" }\nb = { path = \"crates/b\" }\n\
        c = { path = \"crates/c\", version = \"1.0.0\" }\nserde = \"1.0\"\n";
    let description = |version| format!("{{\"info\":{{\"version\":\"{version}\"}}}}");
    let found = whats(manifests::versions(&[
        file("Cargo.toml", root),
        file("crates/a/openapi.json", &description("2.0.0")),
        file("crates/b/openapi.json", &description("1.0.0")),
    ]));
    assert_eq!(
        found,
        [
            "b lacks the version of the workspace",
            "c lacks the version of the workspace",
            "its version is not that of the workspace",
        ]
    );
}

#[test]
fn names_of_rules_are_unique() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}
