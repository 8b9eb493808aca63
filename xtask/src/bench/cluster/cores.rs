//! Which cores the brokers may use, and which everything else.

use std::fs;
use std::process::{self, Command};

use crate::problem::{Outcome, Problem};

/// Who may use which cores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cores {
    /// All of them are for everything.
    Shared,
    /// The brokers have cores of their own, as they have machines of their own in a cluster.
    Apart { brokers: String, others: String },
}

impl Cores {
    /// Half of the cores for the brokers; `None` where there is only one, or no program to choose cores with.
    pub(super) fn apart() -> Option<Self> {
        let has_taskset = Command::new("taskset").arg("--version").output().is_ok();
        let (brokers, others) = halves(&allowed())?;
        has_taskset.then_some(Self::Apart { brokers, others })
    }

    /// A command that starts a broker on its cores.
    pub(super) fn broker(&self, program: &std::path::Path) -> Command {
        match self {
            Self::Shared => Command::new(program),
            Self::Apart { brokers, .. } => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", brokers]).arg(program);
                command
            }
        }
    }

    /// Leaves the brokers' cores to them: what this process starts from now on runs on the others.
    pub(super) fn leave_to_brokers(&self) -> Outcome<Option<Left>> {
        match self {
            Self::Shared => Ok(None),
            Self::Apart { others, .. } => {
                let left = Left(list(&allowed()));
                use_only(others)?;
                Ok(Some(left))
            }
        }
    }

    /// How many cores the brokers have, and how many the others; the same ones when they are shared.
    pub(super) fn counts(&self) -> (f64, f64) {
        let count = |list: &str| u32::try_from(numbers(list).len()).map_or(1.0, f64::from);
        match self {
            Self::Shared => {
                let all = count(&list(&allowed()));
                (all, all)
            }
            Self::Apart { brokers, others } => (count(brokers), count(others)),
        }
    }
}

/// Cores that this process has left; it may use them again when this is dropped.
pub(super) struct Left(String);

impl Drop for Left {
    fn drop(&mut self) {
        let _ = use_only(&self.0);
    }
}

/// Chooses the cores of this process and of those that it starts.
fn use_only(cores: &str) -> Outcome {
    let own = process::id().to_string();
    let done = Command::new("taskset")
        .args(["--cpu-list", "--pid", cores, &own])
        .output();
    match done {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Problem::new(
            format!("the cores {cores} could not be chosen"),
            "see what `taskset --cpu-list --pid CORES $$` says",
        )),
    }
}

/// The cores that this process may use, by Linux; none where the system does not say.
fn allowed() -> Vec<usize> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    numbers(line.unwrap_or_default())
}

/// The numbers of a list such as `0-3,6`.
fn numbers(list: &str) -> Vec<usize> {
    let ranges = list.trim().split(',').filter_map(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse().ok()?..=to.parse().ok()?)
    });
    ranges.flatten().collect()
}

fn list(cores: &[usize]) -> String {
    let cores: Vec<String> = cores.iter().map(ToString::to_string).collect();
    cores.join(",")
}

fn halves(cores: &[usize]) -> Option<(String, String)> {
    let (first, second) = cores.split_at(cores.len() / 2);
    (!first.is_empty()).then(|| (list(first), list(second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_cores_are_for_brokers() {
        let halves_of = |list: &str| halves(&numbers(list));
        assert_eq!(halves_of("0-1"), Some(("0".into(), "1".into())));
        assert_eq!(halves_of(" 0-2,6\n"), Some(("0,1".into(), "2,6".into())));
        assert_eq!(halves_of("3"), None);
        assert_eq!(halves_of(""), None);
    }
}
