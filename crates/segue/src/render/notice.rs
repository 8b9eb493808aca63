//! Notices of a run as sentences.

use segue_app::Notice;

use crate::render::terminal::grouped;

/// The sentence.
pub(crate) fn sentence(notice: &Notice) -> String {
    match notice {
        Notice::SandboxTime(newest) => format!(
            "For the sandbox, it is {newest}: the newest time stamp of the input, which is read twice."
        ),
        Notice::SandboxTimeAhead => {
            "That is ahead of the clock of this machine. If it comes from one event with a wrong time, other events may count as too old in this run."
                .to_owned()
        }
        Notice::Resumed { line } => format!(
            "This input was read before, up to line {}; reading continues after it. (--restart reads it from the beginning.)",
            grouped(*line)
        ),
        Notice::Requeued { letters: 1 } => "1 dead letter is sent again.".to_owned(),
        Notice::Requeued { letters } => format!("{} dead letters are sent again.", grouped(*letters)),
        Notice::LogDamaged(damage) => damage.message(),
    }
}
