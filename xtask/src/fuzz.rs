//! `cargo xtask fuzz`: the laws of `tests/src/laws.rs` under libFuzzer, guided by coverage, on the stable toolchain.
//!
//! Besides Rust it needs a C++ compiler, for libFuzzer itself. An input that breaks a law is saved under
//! `fuzz/regressions/`, where `cargo xtask test` finds it from then on.

mod seeds;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{self, Cargo};
use crate::problem::{Outcome, Problem};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which law to fuzz.
    target: Target,
    /// For how long, in seconds.
    #[arg(default_value_t = 60)]
    seconds: u64,
}

/// A law, or all of them one after the other.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    /// Reading a line.
    Read,
    /// Mapping a line.
    Map,
    /// Normalizing and hashing a value.
    Normalize,
    /// Validating an event.
    Validate,
    /// Reading a reply of the Graph API.
    Reply,
    /// All of them, each for this time.
    All,
}

const TARGETS: [&str; 5] = ["read", "map", "normalize", "validate", "reply"];

/// Compiler flags that count which branches an input takes. They work on the stable toolchain.
const INSTRUMENT: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Clink-dead-code -Ccodegen-units=1 --cfg fuzzing";

pub(crate) fn run(args: &Args) -> Outcome {
    let chosen: &[&str] = match args.target {
        Target::All => &TARGETS,
        Target::Read => &["read"],
        Target::Map => &["map"],
        Target::Normalize => &["normalize"],
        Target::Validate => &["validate"],
        Target::Reply => &["reply"],
    };
    let built = build(chosen)?;
    for target in chosen {
        fuzz(&built.join(target), target, args.seconds)?;
    }
    Ok(())
}

/// Builds the targets and returns their folder.
fn build(targets: &[&str]) -> Outcome<PathBuf> {
    let host = host()?;
    let folder = cargo::root().join("target").join("fuzz");
    let mut cargo = Cargo::new([
        "build",
        "--quiet",
        "--release",
        "--manifest-path",
        "fuzz/Cargo.toml",
    ])
    // A target that is named keeps the flags away from build scripts and macros.
    .arguments(["--target", &host])
    .env("CARGO_TARGET_DIR", &folder)
    .env("RUSTFLAGS", INSTRUMENT);
    for target in targets {
        cargo = cargo.arguments(["--bin", target]);
    }
    cargo.run("read the message above; libFuzzer needs a C++ compiler (`g++` or `clang++`)")?;
    Ok(folder.join(host).join("release"))
}

/// The triple of this machine.
fn host() -> Outcome<String> {
    let next = "install the Rust toolchain that Cargo.toml names";
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.map_err(|error| Problem::new(format!("rustc: {error}"), next))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Problem::new("rustc does not say what machine this is", next))
}

/// Runs a target and prints the result.
fn fuzz(binary: &Path, target: &str, seconds: u64) -> Outcome {
    let corpus = cargo::root()
        .join("target")
        .join("fuzz")
        .join("corpus")
        .join(target);
    let regressions = cargo::root().join("fuzz").join("regressions").join(target);
    for folder in [&corpus, &regressions] {
        fs::create_dir_all(folder).map_err(|error| Problem::file(folder, &error))?;
    }
    seeds::plant(&corpus)?;
    cargo::heading(&format!("{target} for {seconds} s"));
    let saved_as = format!("{}{}", regressions.display(), std::path::MAIN_SEPARATOR);
    let child = Command::new(binary)
        .args([&corpus, &regressions])
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={saved_as}"))
        .arg(format!(
            "-dict={}",
            cargo::root().join("fuzz").join("words.dict").display()
        ))
        .args([
            "-max_len=4096",
            "-timeout=10",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
        ])
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|error| Problem::file(binary, &error))?;
    let mut log = Vec::new();
    if let Some(errors) = child.stderr.take() {
        log.extend(BufReader::new(errors).lines().map_while(Result::ok));
    }
    let status = child
        .wait()
        .map_err(|error| Problem::file(binary, &error))?;
    let figure = |name: &str| statistic(&log, name).unwrap_or(0);
    println!(
        "   {} executions, {} a second, {} inputs in the corpus",
        figure("number_of_executed_units"),
        figure("average_exec_per_sec"),
        fs::read_dir(&corpus).map_or(0, Iterator::count),
    );
    if status.success() {
        println!("   {}", terminal::good("no law was broken"));
        return Ok(());
    }
    for line in log.iter().filter(|line| is_reason(line)) {
        println!("   {line}");
    }
    Err(Problem::new(
        format!("an input breaks the law `{target}`"),
        format!(
            "mend the code until `cargo xtask test regressions` passes; the input is in {}",
            cargo::shown(&regressions),
        ),
    ))
}

/// A figure of libFuzzer's last lines, such as `stat::number_of_executed_units: 4711`.
fn statistic(log: &[String], name: &str) -> Option<u64> {
    log.iter().rev().find_map(|line| {
        line.strip_prefix("stat::")?
            .strip_prefix(name)?
            .strip_prefix(':')?
            .trim()
            .parse()
            .ok()
    })
}

/// Whether a line of the log tells why the run failed.
fn is_reason(line: &str) -> bool {
    [
        "panicked at",
        "left:",
        "right:",
        "SUMMARY",
        "Test unit written",
    ]
    .iter()
    .any(|part| line.contains(part))
        || line.contains("assertion")
}

#[cfg(test)]
mod tests {
    use super::statistic;

    #[test]
    fn figures_are_read_out_of_the_log() {
        let log = [
            "#2 INITED",
            "stat::number_of_executed_units: 4711",
            "stat::average_exec_per_sec:     942",
        ]
        .map(str::to_owned);
        assert_eq!(statistic(&log, "number_of_executed_units"), Some(4711));
        assert_eq!(statistic(&log, "average_exec_per_sec"), Some(942));
        assert_eq!(statistic(&log, "peak_rss_mb"), None);
    }
}
