//! Whether a process is delivering from a data folder, as far as its status tells.

use std::path::Path;

use conversions_delivery::{Status, UnixMillis};

/// The process that wrote a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// When it reported last.
    pub updated_at: UnixMillis,
    /// Whether it is still running.
    pub state: ProcessState,
}

/// Whether a process is still running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessState {
    /// It reported within the last seconds.
    Running,
    /// It reported within the last seconds, but this machine has no process of its id. It has just ended, or runs in a
    /// container or on another machine.
    Unseen,
    /// It has not reported for longer than a running process would wait.
    Ended,
}

impl Process {
    /// The process that wrote a status.
    #[must_use]
    pub fn of(status: &Status, now: UnixMillis) -> Self {
        let state = if !status.is_fresh(now) {
            ProcessState::Ended
        } else if is_here(status.pid) == Some(false) {
            ProcessState::Unseen
        } else {
            ProcessState::Running
        };
        Self {
            pid: status.pid,
            updated_at: status.updated_at,
            state,
        }
    }
}

/// Whether this machine has a process of this id; `None` where there is no `/proc`.
fn is_here(pid: u32) -> Option<bool> {
    let processes = Path::new("/proc");
    processes
        .join("self")
        .exists()
        .then(|| processes.join(pid.to_string()).exists())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_process_that_reports_and_exists_is_running() {
        let status = Status {
            pid: std::process::id(),
            updated_at: UnixMillis(1_000_000),
            written_at: None,
            log_fault: None,
            damage: Vec::new(),
            destinations: BTreeMap::new(),
        };
        let state = |status: &Status, later: i64| {
            Process::of(status, UnixMillis(status.updated_at.0 + later)).state
        };
        assert_eq!(state(&status, 2_000), ProcessState::Running);
        assert_eq!(state(&status, 60_000), ProcessState::Ended);
        let absent = Status {
            pid: u32::MAX,
            ..status
        };
        if is_here(absent.pid).is_some() {
            assert_eq!(state(&absent, 2_000), ProcessState::Unseen);
        }
        assert_eq!(state(&absent, 60_000), ProcessState::Ended);
    }
}
