//! What the headers of a reply say about limits: how much of Meta's allowance is used, and how long a throttled
//! caller should wait.

use std::time::Duration;

/// How much of Meta's allowance has been used, from `X-App-Usage`, `X-Ad-Account-Usage` and
/// `X-Business-Use-Case-Usage`.
///
/// Meta sends these headers only after enough calls; without them everything here is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    highest_percent: Option<f64>,
    time_to_regain_access: Option<Duration>,
}

impl Usage {
    /// The highest percentage of any allowance in any header; throttling starts at 100, and values above occur.
    #[must_use]
    pub fn highest_percent(&self) -> Option<f64> {
        self.highest_percent
    }

    /// The longest time after which a throttled caller gets through again. It says nothing while calls succeed.
    #[must_use]
    pub fn time_to_regain_access(&self) -> Option<Duration> {
        self.time_to_regain_access
    }
}

/// The headers of a reply that matter to who sends events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplyHeaders {
    /// How much of Meta's allowance is used.
    pub usage: Usage,
    /// `Retry-After`, whether given in seconds or as a date (then counted from the reply's own `Date`).
    pub retry_after: Option<Duration>,
    /// `X-Ad-Api-Version-Warning`: Meta served the request with another version, because the one asked for is
    /// deprecated.
    pub version_warning: Option<String>,
}
