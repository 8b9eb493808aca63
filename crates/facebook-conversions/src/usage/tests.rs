//! Meta's headers, their units, and malformed headers.

use std::time::Duration;

use proptest::prelude::*;

use super::{Pressure, ReplyHeaders, Usage};

fn usage(headers: &[(&str, &str)]) -> Usage {
    Usage::read(|name| {
        headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    })
}

#[test]
fn usage_without_headers_is_unknown() {
    assert_eq!(usage(&[]), Usage::default());
    assert_eq!(usage(&[]).pressure(), Pressure::None);
}

#[test]
fn the_app_is_as_far_as_its_highest_counter() {
    let usage = usage(&[(
        "x-app-usage",
        r#"{"call_count":28,"total_time":80.5,"total_cputime":25}"#,
    )]);
    assert_eq!(usage.highest_percent(), Some(80.5));
    assert_eq!(usage.pressure(), Pressure::SlowDown);
    assert_eq!(usage.time_to_regain_access(), None);
}

#[test]
fn an_ad_account_counts_seconds() {
    let header = r#"{"acc_id_util_pct":9.67,"reset_time_duration":100,"ads_api_access_tier":"standard_access"}"#;
    let usage = usage(&[("x-ad-account-usage", header)]);
    assert_eq!(usage.highest_percent(), Some(9.67));
    assert_eq!(
        usage.time_to_regain_access(),
        Some(Duration::from_secs(100))
    );
}

#[test]
fn a_business_counts_minutes_in_a_map_of_arrays() {
    let header = r#"{"1":[{"call_count":1,"estimated_time_to_regain_access":0}],
        "2":[{"type":"ads_management","call_count":95,"total_cputime":20,"total_time":20,
              "estimated_time_to_regain_access":19},{"total_time":101}]}"#;
    let usage = usage(&[("x-business-use-case-usage", header)]);
    assert_eq!(usage.highest_percent(), Some(101.0));
    assert_eq!(usage.time_to_regain_access(), Some(Duration::from_mins(19)));
    assert_eq!(usage.pressure(), Pressure::Pause);
}

#[test]
fn the_longest_wait_and_the_highest_percentage_win() {
    let usage = usage(&[
        ("x-app-usage", r#"{"call_count":"97"}"#),
        (
            "x-ad-account-usage",
            r#"{"acc_id_util_pct":3,"reset_time_duration":90}"#,
        ),
        (
            "x-business-use-case-usage",
            r#"{"1":[{"call_count":5,"estimated_time_to_regain_access":1}]}"#,
        ),
    ]);
    assert_eq!(usage.highest_percent(), Some(97.0));
    assert_eq!(usage.time_to_regain_access(), Some(Duration::from_secs(90)));
}

#[test]
fn values_out_of_range_are_ignored() {
    for value in [
        "",
        "null",
        "[]",
        "{\"1\":{}}",
        "{\"1\":[[3]]}",
        "{\"call_count\":-1}",
        "{\"call_count\":\"NaN\"}",
    ] {
        let names = [
            "x-app-usage",
            "x-ad-account-usage",
            "x-business-use-case-usage",
        ];
        assert_eq!(
            usage(&names.map(|name| (name, value))),
            Usage::default(),
            "{value}"
        );
    }
    let usage = usage(&[("x-ad-account-usage", r#"{"reset_time_duration":1e300}"#)]);
    assert_eq!(
        usage.time_to_regain_access(),
        Some(Duration::from_hours(168))
    );
}

#[test]
fn a_throttled_caller_waits_for_the_longer_of_both() {
    let read = |retry_after: &'static str| {
        ReplyHeaders::read(
            |name| match name {
                "retry-after" => Some(retry_after),
                "x-ad-account-usage" => Some(r#"{"acc_id_util_pct":100,"reset_time_duration":60}"#),
                "x-ad-api-version-warning" => Some("v21.0 is deprecated"),
                _ => None,
            },
            &[],
        )
    };
    assert_eq!(read("30").wait(), Some(Duration::from_mins(1)));
    assert_eq!(read("90").wait(), Some(Duration::from_secs(90)));
    assert_eq!(
        read("90").version_warning.as_deref(),
        Some("v21.0 is deprecated")
    );
    assert_eq!(ReplyHeaders::read(|_| None, &[]).wait(), None);
}

proptest! {
    #[test]
    fn any_text_is_read(value in "\\PC{0,80}") {
        let _ = ReplyHeaders::read(|_| Some(&value), &[]);
    }

    #[test]
    fn any_numbers_are_read(count: f64, wait: f64) {
        let account = serde_json::json!({"acc_id_util_pct": count, "reset_time_duration": wait}).to_string();
        let usage = usage(&[("x-ad-account-usage", &account)]);
        prop_assert!(usage.highest_percent().is_none_or(|percent| percent.is_finite() && percent >= 0.0));
        prop_assert!(usage.time_to_regain_access().is_none_or(|wait| wait <= Duration::from_hours(168)));
    }
}
