//! The `integrations` of a message: whether it wants this destination, and its settings for it.

use std::borrow::Cow;

use segment_spec::{Kind, Member, Raw};

use crate::note::Path;

/// The names of this destination, case-sensitive. The first that is present wins.
pub const NAMES: [&str; 3] = [
    "Facebook Conversions API",
    "Facebook Pixel Server-Side",
    "Facebook Pixel Server Side",
];

/// This destination's own entry.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry<'a> {
    /// The name that the message uses.
    pub(crate) name: &'static str,
    /// `testEventCode`.
    pub(crate) test_event_code: Option<Raw<'a>>,
    /// `dataProcessingOptions`.
    pub(crate) data_processing_options: Option<Raw<'a>>,
    /// `fbc`.
    pub(crate) fbc: Option<Raw<'a>>,
    /// `fbp`.
    pub(crate) fbp: Option<Raw<'a>>,
}

impl Entry<'_> {
    /// The path of one of its members.
    pub(crate) fn path<'a>(&self, member: &'static str) -> Path<'a> {
        Path::Under(
            "integrations",
            vec![Cow::Borrowed(self.name), Cow::Borrowed(member)],
        )
    }
}

/// Reads `integrations`; `None` if they switch this destination off.
pub(crate) fn read(integrations: Option<Raw<'_>>) -> Option<Entry<'_>> {
    // Most messages have none, an empty object, or the words for all destinations.
    let Some(members) = integrations
        .filter(|raw| !matches!(raw.text(), "{}" | "{\"All\":true}"))
        .and_then(Raw::members)
    else {
        return Some(Entry::default());
    };
    let (mut named, mut all) = ([None; NAMES.len()], None);
    for Member { key, value } in members {
        if key == "All" {
            all = Some(value);
        } else if let Some(slot) = NAMES.iter().position(|name| *name == key)
            && let Some(slot) = named.get_mut(slot)
        {
            *slot = Some(value);
        }
    }
    let own = NAMES
        .iter()
        .zip(named)
        .find_map(|(name, own)| Some((*name, own?)));
    let is_on =
        own.is_some_and(|(_, own)| own.as_bool() == Some(true) || own.kind() == Kind::Object);
    let is_off = own.is_some_and(|(_, own)| own.as_bool() == Some(false));
    let all_off = all.is_some_and(|all: Raw<'_>| all.as_bool() == Some(false));
    if is_off || (all_off && !is_on) {
        return None;
    }
    let Some((name, own)) = own else {
        return Some(Entry::default());
    };
    let settings = own.members().into_iter().flatten().collect::<Vec<_>>();
    let get = |key: &str| Member::find(&settings, key).filter(|raw| !raw.is_blank());
    Some(Entry {
        name,
        test_event_code: get("testEventCode"),
        data_processing_options: get("dataProcessingOptions"),
        fbc: get("fbc"),
        fbp: get("fbp"),
    })
}
