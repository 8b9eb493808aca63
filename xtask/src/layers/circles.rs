//! Circles of imports between the files of a crate: none but those of a list, each with its reason.
//!
//! A file and the files below it (`foo.rs`, `foo/bar.rs`) count as one module in several files: that they know each other is
//! no circle. Tests are left out.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::imports::{Imports, ModulePath};
use super::graph::Member;
use crate::files;
use crate::problem::{Outcome, Problem};

/// A circle that may stay.
struct Allowed {
    package: &'static str,
    /// Its files, as module paths.
    modules: &'static [&'static str],
    /// Why its files cannot do without each other.
    reason: &'static str,
}

const ALLOWED: &[Allowed] = &[Allowed {
    package: "conversions-mapping",
    modules: &["engine", "memory"],
    reason: "`memory` has the part of `Mapper` that reads messages for the memory alone",
}];

/// Prints the allowed circles with their reasons.
pub(super) fn print_allowed() {
    for Allowed {
        package,
        modules,
        reason,
    } in ALLOWED
    {
        println!("   {package}: {} ({reason})", modules.join(" ↔ "));
    }
}

/// Which other files of its crate each file imports.
type Edges = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

/// A sentence for each circle that is not allowed, and for each allowed one that is gone.
pub(super) fn findings(members: &[Member]) -> Outcome<Vec<String>> {
    let mut findings = Vec::new();
    for member in members {
        let found: BTreeSet<Vec<String>> = circles(&edges(&read(&member.folder.join("src"))?))
            .into_iter()
            .map(|circle| circle.into_iter().map(shown).collect())
            .collect();
        let mut allowed = BTreeSet::new();
        for entry in ALLOWED.iter().filter(|entry| entry.package == member.name) {
            allowed.insert(
                entry
                    .modules
                    .iter()
                    .map(|module| (*module).to_owned())
                    .collect(),
            );
        }
        findings.extend(found.difference(&allowed).map(|circle| {
            let (name, circle) = (&member.name, circle.join(", "));
            format!("{name}: these files import each other in a circle: {circle}")
        }));
        findings.extend(allowed.difference(&found).map(|circle: &Vec<String>| {
            let (name, circle) = (&member.name, circle.join(", "));
            format!(
                "{name}: this circle is gone; take it out of xtask/src/layers/circles.rs: {circle}"
            )
        }));
    }
    Ok(findings)
}

/// The sources of a crate by their module paths, tests left out.
fn read(src: &Path) -> Outcome<BTreeMap<ModulePath, Imports>> {
    let mut sources = BTreeMap::new();
    for file in files::below(src)?
        .iter()
        .filter(|file| file.has_extension("rs"))
    {
        let stem = file.path.trim_end_matches(".rs");
        let module: ModulePath = match stem {
            "lib" | "main" => Vec::new(),
            _ => stem.split('/').map(str::to_owned).collect(),
        };
        if module
            .iter()
            .any(|part| part == "tests" || part.ends_with("_tests"))
        {
            continue;
        }
        let imports = Imports::of(&file.text).map_err(|error| {
            Problem::new(
                format!("{}: {error}", file.path),
                "correct the syntax of the file",
            )
        })?;
        sources.insert(module, imports);
    }
    Ok(sources)
}

/// Follows each import to the file that defines what is imported.
fn edges(sources: &BTreeMap<ModulePath, Imports>) -> Edges {
    let edges_of = |(module, imports): (&ModulePath, &Imports)| {
        let targets = imports.paths.iter().filter_map(|path| {
            let path = absolute(sources, module, path)?;
            let target = definition(sources, &path, 0);
            let is_kin = module.starts_with(&target) || target.starts_with(module);
            (!is_kin).then_some(target)
        });
        (module.clone(), targets.collect())
    };
    sources.iter().map(edges_of).collect()
}

/// A path from the root of the crate; `None` when it leads to another crate.
fn absolute(
    sources: &BTreeMap<ModulePath, Imports>,
    module: &ModulePath,
    path: &[String],
) -> Option<ModulePath> {
    let mut base = module.clone();
    let mut rest = path;
    let mut is_ours = false;
    while let [first, more @ ..] = rest {
        match first.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => drop(base.pop()),
            _ => break,
        }
        is_ours = true;
        rest = more;
    }
    let mut child = base.clone();
    child.extend(rest.first().cloned());
    is_ours |= sources.contains_key(&child);
    base.extend(rest.iter().cloned());
    is_ours.then_some(base)
}

/// The file that defines what the path names: through re-exports, else the longest part of the path that is a file.
fn definition(
    sources: &BTreeMap<ModulePath, Imports>,
    path: &[String],
    depth: usize,
) -> ModulePath {
    /// Re-exports of re-exports that are followed, so that a wrong program cannot keep us for ever.
    const DEEPEST: usize = 8;
    let files = (0..=path.len()).rev().map(|length| path.split_at(length));
    let mut files = files.filter(|(module, _)| sources.contains_key(*module));
    let (module, rest) = files.next().unwrap_or((&[], path));
    let module = module.to_vec();
    let exported = rest.split_first().and_then(|(name, rest)| {
        let target = sources.get(&module)?.exports.get(name)?;
        let mut target = absolute(sources, &module, target)?;
        target.extend_from_slice(rest);
        (depth < DEEPEST).then(|| definition(sources, &target, depth + 1))
    });
    exported.unwrap_or(module)
}

/// Groups of files of which each reaches every other.
fn circles(edges: &Edges) -> Vec<BTreeSet<&ModulePath>> {
    let reach: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = edges
        .keys()
        .map(|from| (from, reachable(edges, from)))
        .collect();
    let mut circles: Vec<BTreeSet<&ModulePath>> = Vec::new();
    for (from, reached) in &reach {
        let is_new = !circles.iter().any(|circle| circle.contains(from));
        if is_new && reached.contains(from) {
            let back = reached
                .iter()
                .filter(|to| reach.get(*to).is_some_and(|reached| reached.contains(from)));
            circles.push(back.copied().collect());
        }
    }
    circles
}

fn reachable<'e>(edges: &'e Edges, from: &ModulePath) -> BTreeSet<&'e ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&ModulePath> = edges.get(from).into_iter().flatten().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(edges.get(module).into_iter().flatten());
        }
    }
    reached
}

fn shown(module: &ModulePath) -> String {
    module.join("::")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::imports::Imports;
    use super::{circles, edges, shown};

    /// The circles between files, given as module path and text.
    fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let sources: BTreeMap<_, _> = files
            .iter()
            .map(|(path, text)| {
                let path = path.split("::").filter(|part| !part.is_empty());
                (
                    path.map(str::to_owned).collect(),
                    Imports::of(text).unwrap(),
                )
            })
            .collect();
        let edges = edges(&sources);
        let circles = circles(&edges);
        circles
            .into_iter()
            .map(|circle| circle.into_iter().map(shown).collect())
            .collect()
    }

    #[test]
    fn files_that_import_each_other_are_a_circle() {
        let found = circles_of(&[
            ("", "mod a; mod b; mod c;"),
            ("a", "use crate::b::B;"),
            ("b", "fn f() { super::c::g(); }"),
            ("c", "use crate::{a::{self, A}, d};"),
        ]);
        assert_eq!(found, [["a", "b", "c"]]);
    }

    #[test]
    fn re_exports_are_followed_to_the_file_that_defines() {
        let found = circles_of(&[
            ("", "mod a; mod b; pub use b::B;"),
            ("a", "use crate::B;"),
            ("b", "use crate::a::A;"),
        ]);
        assert_eq!(found, [["a", "b"]]);
    }

    #[test]
    fn a_file_and_those_below_it_are_one_module() {
        let found = circles_of(&[
            ("", "mod a;"),
            ("a", "mod b; use b::B;"),
            ("a::b", "use super::A;"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn tests_other_crates_and_one_way_imports_are_no_circle() {
        let found = circles_of(&[
            ("", "mod a; mod b;"),
            ("a", "use crate::b::B; use serde::b;"),
            ("b", "#[cfg(test)] mod tests { use crate::a::A; }"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn paths_inside_of_macros_count() {
        let found = circles_of(&[
            ("", ""),
            ("a", "table! { row => crate::b::B }"),
            ("b", "use crate::a::A;"),
        ]);
        assert_eq!(found, [["a", "b"]]);
    }
}
