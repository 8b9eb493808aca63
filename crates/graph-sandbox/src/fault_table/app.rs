//! What `action_source: app` requires: `app_data` and its `extinfo`.

use serde_json::Value;

use super::values::{inner, member, text};

/// How many positions `extinfo` has.
const EXTINFO_LENGTH: usize = 16;
/// The position of the OS version.
const OS_VERSION: usize = 4;

fn is_app(event: &Value) -> bool {
    text(event, "action_source") == Some("app")
}

fn extinfo(event: &Value) -> Option<&Vec<Value>> {
    inner(event, "app_data", "extinfo").and_then(Value::as_array)
}

pub(super) fn data_missing(event: &Value, _: i64) -> bool {
    match member(event, "app_data") {
        Some(data) => !data.is_object(),
        None => is_app(event),
    }
}

pub(super) fn tracking_flags_missing(event: &Value, _: i64) -> bool {
    let is_flag = |name| {
        inner(event, "app_data", name).is_some_and(|flag| {
            flag.is_boolean()
                || matches!(flag.as_i64(), Some(0 | 1))
                || matches!(flag.as_str(), Some("0" | "1"))
        })
    };
    is_app(event)
        && !(is_flag("advertiser_tracking_enabled") && is_flag("application_tracking_enabled"))
}

pub(super) fn extinfo_not_sixteen(event: &Value, _: i64) -> bool {
    is_app(event)
        && extinfo(event)
            .is_none_or(|list| list.len() != EXTINFO_LENGTH || !list.iter().all(Value::is_string))
}

pub(super) fn extinfo_version_unknown(event: &Value, _: i64) -> bool {
    is_app(event) && !matches!(entry(event, 0), Some("a2" | "i2"))
}

pub(super) fn extinfo_os_version_empty(event: &Value, _: i64) -> bool {
    is_app(event) && entry(event, OS_VERSION).is_some_and(|version| version.trim().is_empty())
}

fn entry(event: &Value, position: usize) -> Option<&str> {
    extinfo(event)
        .and_then(|list| list.get(position))
        .and_then(Value::as_str)
}
