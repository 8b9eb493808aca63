//! What the headers of a reply say about limits: how much of Meta's allowance is used, how long a throttled caller
//! waits, and whether the API version is deprecated.
//!
//! Meta uses two units: `X-Ad-Account-Usage` counts seconds, `X-Business-Use-Case-Usage` minutes. Both are read as
//! [`Duration`].

mod retry_after;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde_json::Value;

use crate::reply::{lenient, text};

/// From this percentage on a sender should slow down.
pub const SLOW_DOWN_PERCENT: f64 = 75.0;

/// From this percentage on a sender should pause: calls made while throttled keep the counter up.
pub const PAUSE_PERCENT: f64 = 95.0;

/// The longest wait that is taken from a header: seven days, the age at which Meta refuses an event.
const LONGEST_WAIT_SECONDS: f64 = 604_800.0;

/// How much of Meta's allowance is used, from `X-App-Usage`, `X-Ad-Account-Usage` and `X-Business-Use-Case-Usage`.
///
/// Meta sends these [headers](https://developers.facebook.com/docs/graph-api/overview/rate-limiting) only after
/// enough calls; without them everything here is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    highest_percent: Option<f64>,
    time_to_regain_access: Option<Duration>,
}

/// How close the allowance is to being used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Far from it, or unknown.
    None,
    /// From [`SLOW_DOWN_PERCENT`] on: send more slowly.
    SlowDown,
    /// From [`PAUSE_PERCENT`] on: send nothing for a while.
    Pause,
}

impl Usage {
    /// Reads the three headers; `header` looks one up by its lower-case name.
    ///
    /// ```
    /// use std::time::Duration;
    /// use facebook_conversions::usage::Usage;
    ///
    /// let usage = Usage::read(|name| {
    ///     (name == "x-business-use-case-usage").then_some(
    ///         r#"{"123": [{"type": "ads_management", "call_count": 95, "estimated_time_to_regain_access": 19}]}"#,
    ///     )
    /// });
    /// assert_eq!(usage.highest_percent(), Some(95.0));
    /// assert_eq!(usage.time_to_regain_access(), Some(Duration::from_secs(19 * 60)));
    /// ```
    #[must_use]
    pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Self {
        let json =
            |name: &str| header(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let mut usage = Self::default();
        if let Some(app) = json("x-app-usage") {
            usage.add_counters(&app);
        }
        if let Some(account) = json("x-ad-account-usage") {
            usage.add_percent(account.get("acc_id_util_pct"));
            usage.add_wait(account.get("reset_time_duration"), 1.0);
        }
        if let Some(Value::Object(businesses)) = json("x-business-use-case-usage") {
            let cases = businesses.values().filter_map(Value::as_array).flatten();
            for case in cases {
                usage.add_counters(case);
                usage.add_wait(case.get("estimated_time_to_regain_access"), 60.0);
            }
        }
        usage
    }

    /// The highest percentage of any allowance in any header. Throttling starts at 100, and values above occur.
    #[must_use]
    pub fn highest_percent(&self) -> Option<f64> {
        self.highest_percent
    }

    /// How long a throttled caller has to wait, by the header that says the longest time; at most seven days.
    ///
    /// It means something only when a request was throttled: an ad account's counter has a time of reset at 10 % too.
    #[must_use]
    pub fn time_to_regain_access(&self) -> Option<Duration> {
        self.time_to_regain_access
    }

    /// How close the allowance is to being used up.
    #[must_use]
    pub fn pressure(&self) -> Pressure {
        match self.highest_percent {
            Some(percent) if percent >= PAUSE_PERCENT => Pressure::Pause,
            Some(percent) if percent >= SLOW_DOWN_PERCENT => Pressure::SlowDown,
            _ => Pressure::None,
        }
    }

    fn add_counters(&mut self, counters: &Value) {
        for name in ["call_count", "total_time", "total_cputime"] {
            self.add_percent(counters.get(name));
        }
    }

    fn add_percent(&mut self, value: Option<&Value>) {
        let percent = lenient::amount(value);
        self.highest_percent = match (self.highest_percent, percent) {
            (Some(highest), Some(percent)) => Some(highest.max(percent)),
            (highest, percent) => highest.or(percent),
        };
    }

    fn add_wait(&mut self, value: Option<&Value>, seconds_per_unit: f64) {
        let seconds = lenient::amount(value)
            .map(|units| (units * seconds_per_unit).min(LONGEST_WAIT_SECONDS));
        let wait = seconds
            .filter(|seconds| *seconds > 0.0)
            .map(Duration::from_secs_f64);
        self.time_to_regain_access = self.time_to_regain_access.max(wait);
    }
}

/// The headers of a reply that a sender of events needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplyHeaders {
    /// How much of Meta's allowance is used.
    pub usage: Usage,
    /// `Retry-After`, whether in seconds or as a date (then counted from the reply's own `Date`); at most seven days.
    pub retry_after: Option<Duration>,
    /// `X-Ad-Api-Version-Warning`: the version asked for is deprecated, and Meta served another.
    pub version_warning: Option<String>,
}

impl ReplyHeaders {
    /// Reads the headers; `header` looks one up by its lower-case name. `secrets` do not survive in what is kept.
    #[must_use]
    pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>, secrets: &[&str]) -> Self {
        let warning =
            header("x-ad-api-version-warning").map(|warning| text::clean(warning, secrets));
        Self {
            usage: Usage::read(&header),
            retry_after: header("retry-after")
                .and_then(|value| retry_after::read(value, header("date"))),
            version_warning: warning.filter(|warning| !warning.is_empty()),
        }
    }

    /// How long the reply asks a throttled caller to wait: the longer of `Retry-After` and the time to regain access.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.retry_after.max(self.usage.time_to_regain_access())
    }
}
