//! Builds the programs that are measured, with the profile that is shipped.

use std::path::PathBuf;

use crate::cargo::Cargo;
use crate::problem::Outcome;
use crate::programs::Programs;

/// Builds programs of a package with the profile `dist`, and returns their paths.
pub(super) fn programs<const N: usize>(
    package: &str,
    names: &[&str; N],
    more: &[&str],
) -> Outcome<[PathBuf; N]> {
    let cargo = Cargo::new(["build", "--quiet", "--profile", "dist"]);
    let built = Programs::of(
        cargo
            .arguments(["--package", package])
            .arguments(names.iter().flat_map(|name| ["--bin", name]))
            .arguments(more),
    )?;
    let mut paths = names.map(|_| PathBuf::new());
    for (path, name) in paths.iter_mut().zip(names) {
        *path = built.path(name)?;
    }
    Ok(paths)
}
