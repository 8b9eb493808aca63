//! What a static build needs beside Rust itself.

use std::process::Command;

use super::target;
use crate::cargo;
use crate::problem::{Outcome, Problem};

/// Adds the static target of this processor with rustup, and its C compiler with apt-get.
pub(super) fn static_target() -> Outcome {
    let triple = target::static_native().ok_or_else(|| {
        Problem::new(
            "no static target has this machine's processor",
            "run it on x86-64 or arm64, or leave --install away",
        )
    })?;
    run("rustup", &["target", "add", triple])?;
    run(
        "apt-get",
        &["install", "--yes", "--no-install-recommends", "musl-tools"],
    )
}

fn run(program: &str, arguments: &[&str]) -> Outcome {
    let line = format!("{program} {}", arguments.join(" "));
    cargo::heading(&line);
    let status = Command::new(program).args(arguments).status();
    if status.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Problem::new(
        format!("`{line}` failed"),
        "connect to the network, be root on Debian, or install it yourself and leave --install away",
    ))
}
