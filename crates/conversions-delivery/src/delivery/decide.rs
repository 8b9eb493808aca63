//! Decides what is done about a request that failed.

use std::time::Duration;

use conversions_transport::SendError;
use facebook_conversions::error_table::{Disposition, HoldReason, Meaning};

use super::sub_batch::SubBatch;
use crate::options::DestinationOptions;
use crate::progress::RetryClass;
use crate::randomness::Randomness;

/// The reaction to a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the same again after a while.
    Again { after: Duration, class: RetryClass },
    /// Stop the destination for a while, then send the same again.
    Pause { wait: Duration, class: RetryClass },
    /// Hold the destination.
    Hold(HoldReason),
    /// Dead-letter the events that are too old; if none is, bisect.
    TakeOutExpired,
    /// Split, to find the event at fault; dead-letter it when it is alone.
    Bisect,
    /// Bisect although it is uncertain that an event is at fault. `exhausted`: the retries are used up.
    BisectInDoubt { exhausted: bool },
    /// Split, because the request is too large.
    Halve,
}

/// Decides on the reaction, and counts the failure on the sub-batch.
pub(super) fn decide(
    error: &SendError,
    meaning: &Meaning,
    sub_batch: &mut SubBatch,
    options: &DestinationOptions,
    random: &dyn Randomness,
) -> Action {
    let class = if error.may_have_been_processed() {
        RetryClass::Ambiguous
    } else {
        RetryClass::Transient
    };
    sub_batch.failures = sub_batch.failures.saturating_add(1);
    let retry_after = error.headers().and_then(|headers| headers.retry_after);
    let retry = |failures| Action::Again {
        after: options
            .retry
            .full_jitter(failures, random)
            .max(retry_after.unwrap_or_default()),
        class,
    };
    match meaning.disposition {
        Disposition::Retry => retry(sub_batch.failures),
        Disposition::RetryFew if sub_batch.doubts < options.few_retries => {
            sub_batch.doubts += 1;
            retry(sub_batch.failures)
        }
        Disposition::RetryFew => Action::BisectInDoubt { exhausted: true },
        Disposition::RetrySlow => Action::Pause {
            wait: options.slow_retry.max(retry_after.unwrap_or_default()),
            class: RetryClass::Blocked,
        },
        Disposition::Throttled => Action::Pause {
            wait: error
                .wait()
                .filter(|wait| !wait.is_zero())
                .unwrap_or_else(|| options.throttle.half_jitter(sub_batch.failures, random)),
            class: RetryClass::Throttled,
        },
        Disposition::Hold(reason) => Action::Hold(reason),
        Disposition::Expired => Action::TakeOutExpired,
        Disposition::Split => Action::Bisect,
        Disposition::SplitOnce => Action::BisectInDoubt { exhausted: false },
        Disposition::TooLarge => Action::Halve,
    }
}
