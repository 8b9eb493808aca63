//! The `integrations` of a message: whether it is for this destination, and what it asks of it.

use segment_spec::{Kind, Raw};

/// The names of this destination, case-sensitive. The first that is present wins.
pub const NAMES: [&str; 3] = [
    "Facebook Conversions API",
    "Facebook Pixel Server-Side",
    "Facebook Pixel Server Side",
];

/// This destination's own entry.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry<'a> {
    /// `testEventCode`.
    pub(crate) test_event_code: Option<Raw<'a>>,
    /// `dataProcessingOptions`.
    pub(crate) data_processing_options: Option<Raw<'a>>,
    /// `fbc`.
    pub(crate) fbc: Option<Raw<'a>>,
    /// `fbp`.
    pub(crate) fbp: Option<Raw<'a>>,
}

/// Reads `integrations`; `None` if they switch this destination off.
pub(crate) fn read(integrations: Option<Raw<'_>>) -> Option<Entry<'_>> {
    // Most messages have none, or an empty object.
    let Some(members) = integrations
        .filter(|raw| raw.text() != "{}")
        .and_then(Raw::members)
    else {
        return Some(Entry::default());
    };
    let get = |name: &str| {
        members
            .iter()
            .rev()
            .find(|member| member.key == name)
            .map(|member| member.value)
    };
    let own = NAMES.iter().find_map(|name| get(name));
    let is_on = own.is_some_and(|own| own.as_bool() == Some(true) || own.kind() == Kind::Object);
    let is_off = own.is_some_and(|own| own.as_bool() == Some(false));
    let all_off = get("All").is_some_and(|all| all.as_bool() == Some(false));
    if is_off || (all_off && !is_on) {
        return None;
    }
    Some(
        own.and_then(Raw::members)
            .map_or_else(Entry::default, |settings| {
                let get = |name: &str| {
                    settings
                        .iter()
                        .rev()
                        .find(|member| member.key == name)
                        .map(|member| member.value)
                        .filter(|raw| !raw.is_blank())
                };
                Entry {
                    test_event_code: get("testEventCode"),
                    data_processing_options: get("dataProcessingOptions"),
                    fbc: get("fbc"),
                    fbp: get("fbp"),
                }
            }),
    )
}
