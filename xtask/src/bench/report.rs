//! `BENCHMARKS.md`: the figures of a run, on what machine they were measured, and how.

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::thread;

use super::figure::Section;
use crate::cargo;
use crate::problem::{Outcome, Problem};

const PATH: &str = "BENCHMARKS.md";

const HEAD: &str = "<!-- Written by `cargo xtask bench --report`. -->

# Benchmarks

What segue costs, measured by `cargo xtask bench` with the programs of [bench](bench). Absolute figures are those of one
machine at one moment; the ratios are what to compare, because each figure took turns with its stick in the same run.

## Method

- The traffic is made up by [bench/src/corpus.rs](bench/src/corpus.rs), the same bytes everywhere: messages of a shop with 1
  to 20 products, four of five with traits, 1.9 KB on average; other mixes are small server-side events, orders of 20
  products, texts full of escapes, and texts outside of ASCII.
- The stick is [bench/src/stick.rs](bench/src/stick.rs): skipping the same JSON, eight SHA-256 hashes, and a *toy* that
  parses a handful of fields with serde_json, hashes four and writes an event. It drops what it does not know, checks
  nothing and explains nothing.
- `send` posts to a server that counts and forgets; its stick is the toy in front of the same server. `serve` is asked by 64
  connections on the same machine, which share its cores, while it delivers to such a server; its stick writes what it gets
  to a file and calls `fdatasync` once for all that wait.
- Every figure is the median of several rounds. The libraries' times, and those that say so, are processor times, which others on
  the machine hardly change; the rest is time on the wall. Programs are built with the profile `dist`, as they are shipped.
";

const RIVALS: &str = "
## Others

Measured elsewhere, by us, on a machine of this kind, one core, the same sort of traffic: parse, map, hash, serialize. They
are not part of the run above; do not compare them with it to the percent.

| who | events/s |
|---|---|
| a bare Rust loop (sonic-rs, hand-written writer, toy mapping) | 354,000 |
| the same with serde_json, typed | 204,000 |
| Jitsu | 42,000 |
| Meta's Node SDK | 24,000 |
| Meta's Python SDK | 15,000 |
| Segment's actions engine | 8,500 |
| RudderStack's transformer | 4,400 |
";

/// Writes the page.
pub(super) fn write(sections: &[Section]) -> Outcome {
    let mut page = HEAD.to_owned();
    let _ = write!(page, "\n## Machine\n\n{}", machine());
    for section in sections {
        let _ = write!(
            page,
            "\n## {}\n\n| what | figure | in relation to |\n|---|---|---|\n",
            section.title
        );
        for figure in &section.figures {
            let _ = writeln!(
                page,
                "| {} | {} | {} |",
                figure.name,
                figure.shown(),
                figure.related()
            );
        }
    }
    page.push_str(RIVALS);
    let path = cargo::root().join(PATH);
    fs::write(&path, page).map_err(|error| Problem::file(&path, &error))?;
    println!("{PATH} written");
    Ok(())
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = after(&cpu, "model name").unwrap_or("unknown");
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        after(&memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(cargo::root())
            .output();
        let output = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        output.unwrap_or_else(|_| "unknown".to_owned())
    };
    format!(
        "- {cpu}, {cores} cores, {} GB of memory\n- load average {} at the end of the run\n- {} {}\n- {}\n- segue at {}\n",
        kilobytes.unwrap_or_default() >> 20,
        load.split(' ').next().unwrap_or("unknown"),
        said("uname", &["-s"]),
        said("uname", &["-r"]),
        said("rustc", &["--version"]),
        said("git", &["rev-parse", "--short", "HEAD"]),
    )
}

/// What stands behind the colon of the first line that begins so.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn facts_of_the_machine_are_read() {
        let text = "processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\n";
        assert_eq!(after(text, "model name"), Some("Fast CPU @ 3 GHz"));
        assert_eq!(after(text, "flags"), None);
    }
}
