//! What a person should know while a run goes on.

use conversions_disk_log::Damage;
use jiff::Timestamp;

/// Something worth telling the person who started a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The sandbox takes the newest time stamp of the input for now, so that old files can be tried. The input is read twice.
    SandboxTime(Timestamp),
    /// That time is more than an hour ahead of the clock: one event with a wrong time makes the others look too old.
    SandboxTimeAhead,
    /// The input was read before, up to this line; reading continues after it.
    Resumed {
        /// The last line that was read.
        line: u64,
    },
    /// Dead letters whose replay was asked for are sent again in this run.
    Requeued {
        /// How many.
        letters: u64,
    },
    /// A file of the event log was damaged.
    LogDamaged(Damage),
}
