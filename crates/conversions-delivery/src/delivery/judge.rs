//! From an error to what is done about it.

use std::time::Duration;

use conversions_transport::SendError;
use facebook_conversions::error_table::{Disposition, HoldReason, Meaning};

use super::piece::Piece;
use crate::options::DestinationOptions;
use crate::progress::RetryClass;
use crate::randomness::Randomness;

/// What is done about a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the same again after a while.
    Again { after: Duration, class: RetryClass },
    /// Stop the destination for a while, then send the same again.
    Pause { wait: Duration, class: RetryClass },
    /// Hold the destination.
    Hold(HoldReason),
    /// Take out what is too old; if nothing is, find the culprit.
    TakeOutExpired,
    /// Find the culprit.
    FindCulprit,
    /// Look for a culprit, though there may be none; `exhausted` when it was retried before.
    LookForCulprit { exhausted: bool },
    /// Send it in smaller requests.
    Halve,
}

/// Decides. Counts the failure on the piece.
pub(super) fn judge(
    error: &SendError,
    meaning: &Meaning,
    piece: &mut Piece,
    options: &DestinationOptions,
    random: &dyn Randomness,
) -> Action {
    let class = if error.may_have_been_processed() {
        RetryClass::Ambiguous
    } else {
        RetryClass::Transient
    };
    piece.failures = piece.failures.saturating_add(1);
    let retry_after = error.headers().and_then(|headers| headers.retry_after);
    let retry = |failures| Action::Again {
        after: options
            .retry
            .full_jitter(failures, random)
            .max(retry_after.unwrap_or_default()),
        class,
    };
    match meaning.disposition {
        Disposition::Retry => retry(piece.failures),
        Disposition::RetryFew if piece.doubts < options.few_retries => {
            piece.doubts += 1;
            retry(piece.failures)
        }
        Disposition::RetryFew => Action::LookForCulprit { exhausted: true },
        Disposition::RetrySlow => Action::Pause {
            wait: options.slow_retry.max(retry_after.unwrap_or_default()),
            class: RetryClass::Blocked,
        },
        Disposition::Throttled => Action::Pause {
            wait: error
                .wait()
                .filter(|wait| !wait.is_zero())
                .unwrap_or_else(|| options.throttle.half_jitter(piece.failures, random)),
            class: RetryClass::Throttled,
        },
        Disposition::Hold(reason) => Action::Hold(reason),
        Disposition::Expired => Action::TakeOutExpired,
        Disposition::Split => Action::FindCulprit,
        Disposition::SplitOnce => Action::LookForCulprit { exhausted: false },
        Disposition::TooLarge => Action::Halve,
    }
}
