//! Whether a process is delivering from a data folder, as far as one can tell from outside.

use std::path::Path;

use conversions_delivery::{Status, UnixMillis};

/// The process that delivers, or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// When it reported last.
    pub(crate) updated_at: UnixMillis,
    pub(crate) life: Life,
}

/// What is known of its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It has reported within the last seconds.
    Running,
    /// It has, and there is no process of its number here: it has just ended, or runs in a container or on another machine.
    Unseen,
    /// It has not reported for longer than a process does that runs.
    Ended,
}

impl Process {
    /// The process that wrote a status.
    pub(crate) fn of(status: &Status, now: UnixMillis) -> Self {
        let life = if !status.is_fresh(now) {
            Life::Ended
        } else if is_here(status.pid) == Some(false) {
            Life::Unseen
        } else {
            Life::Running
        };
        Self {
            pid: status.pid,
            updated_at: status.updated_at,
            life,
        }
    }
}

/// Whether a process of this number is on this machine; `None` where the machine does not tell.
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
    fn who_reports_and_is_there_runs() {
        let status = Status {
            pid: std::process::id(),
            updated_at: UnixMillis(1_000_000),
            written_at: None,
            log_fault: None,
            damage: Vec::new(),
            destinations: BTreeMap::new(),
        };
        let life = |status: &Status, later: i64| {
            Process::of(status, UnixMillis(status.updated_at.0 + later)).life
        };
        assert_eq!(life(&status, 2_000), Life::Running);
        assert_eq!(life(&status, 60_000), Life::Ended);
        let nobody = Status {
            pid: u32::MAX,
            ..status
        };
        if is_here(nobody.pid).is_some() {
            assert_eq!(life(&nobody, 2_000), Life::Unseen);
        }
        assert_eq!(life(&nobody, 60_000), Life::Ended);
    }
}
