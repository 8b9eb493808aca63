//! Data processing options (Limited Data Use).

use serde_json::Value;

use super::values::member;

const OPTIONS: &str = "data_processing_options";
const COUNTRY: &str = "data_processing_options_country";
const STATE: &str = "data_processing_options_state";

/// 1000 California, 1001 Colorado, 1002 Connecticut, 1003 Florida, 1004 Oregon, 1005 Texas, 1006 Montana,
/// 1007 Delaware, 1008 Nebraska, 1009 New Hampshire, 1010 New Jersey, 1011 Minnesota, 1012 Maryland,
/// 1013 Rhode Island.
const STATES: std::ops::RangeInclusive<i64> = 1000..=1013;

pub(super) fn options_unknown(event: &Value, _: i64) -> bool {
    // Advanced Analytics knows a second option, which goes with a table's name.
    let analytics = member(event, "advanced_measurement_table").is_some();
    let known = |option: &Value| match option.as_str() {
        Some("LDU") => true,
        Some("AMO") => analytics,
        _ => false,
    };
    member(event, OPTIONS).is_some_and(|options| {
        options
            .as_array()
            .is_none_or(|list| !list.iter().all(known))
    })
}

pub(super) fn country_unknown(event: &Value, _: i64) -> bool {
    member(event, COUNTRY).is_some_and(|country| !matches!(country.as_i64(), Some(0 | 1)))
}

pub(super) fn state_unknown(event: &Value, _: i64) -> bool {
    member(event, STATE).is_some_and(|state| {
        state
            .as_i64()
            .is_none_or(|state| state != 0 && !STATES.contains(&state))
    })
}

pub(super) fn state_missing(event: &Value, _: i64) -> bool {
    member(event, COUNTRY).is_some() && member(event, STATE).is_none()
}
