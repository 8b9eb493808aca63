//! RudderStack's destinations `facebook_conversions` and `facebook_pixel`.

mod rows;

use facebook_conversions::StandardEvent;

use crate::diagnostic::{named, quoted};
use crate::move_in::config::Pair;
use crate::move_in::{Moving, config};
use crate::suggest::closest;
use crate::tree::{Entry, Node, Value};

/// How one key of the configuration is taken over.
type Take = fn(&Entry, &mut Moving<'_>);

/// The keys that only RudderStack has, by which its configuration is recognized, and how they are taken over.
#[rustfmt::skip]
const KEYS: [(&str, Take); 17] = [
    ("datasetId",              |entry, moving| moving.take("pixel_id", &entry.node)),
    ("eventsToEvents",         events),
    ("categoryToContent",      categories),
    ("valueFieldIdentifier",   value_field),
    ("limitedDataUsage",       limited_data_use),
    ("limitedDataUSage",       limited_data_use),
    ("blacklistPiiProperties", blocked_properties),
    ("whitelistPiiProperties", |entry, moving| {
        let names = config::texts(&entry.node, "whitelistPiiProperties");
        moving.destination.mapping.pii_properties.allow.extend(names.into_iter().map(str::to_owned));
    }),
    ("actionSource",           action_source),
    ("removeExternalId",       remove_external_id),
    ("standardPageCall",       page_calls),
    ("advancedMapping",        |entry, moving| if config::is_on(&entry.node) {
        moving.remark(entry, "identify calls are not sent", "`send_identify` sends them as the custom event Identify");
    }),
    ("legacyConversionPixelId", |entry, moving| if !entry.node.is_blank() {
        moving.remark(entry, "`legacyConversionPixelId` has no counterpart: all events go to one pixel", "add a destination for the other pixel");
    }),
    ("eventFilteringOption",   |_, _| {}),
    ("whitelistedEvents",      |_, _| {}),
    ("blacklistedEvents",      |_, _| {}),
    ("testDestination",        |_, _| {}),
];

/// Keys that also others have, and those that say nothing about events in the cloud.
#[rustfmt::skip]
const OTHERS: [(&str, Take); 15] = [
    ("pixelId",                |entry, moving| moving.take("pixel_id", &entry.node)),
    ("accessToken",            Moving::note_access_token),
    ("testEventCode",          |_, _| {}),
    ("useUpdatedMapping",      browser),
    ("appId",                  |entry, moving| if !entry.node.is_blank() {
        moving.remark(entry, "`appId` has no counterpart: events of an app go to the pixel as others do", "send the property `action_source` with the value app, and the app's context, as Segment's libraries do");
    }),
    ("connectionMode",         |_, _| {}),
    ("useNativeSDK",           browser),
    ("useNativeSDKToSend",     browser),
    ("autoConfig",             browser),
    ("eventCustomProperties",  |entry, moving| if !entry.node.is_blank() {
        moving.remark(entry, "`eventCustomProperties` has no counterpart: all properties are sent", "list those that are not to be sent in `pii_properties`, under drop");
    }),
    ("oneTrustCookieCategories", consent),
    ("ketchConsentPurposes",   consent),
    ("consentManagement",      consent),
    ("eventDelivery",          |_, _| {}),
    ("eventDeliveryTS",        |_, _| {}),
];

/// What an export says besides the configuration.
const NOT_SETTINGS: [&str; 8] = [
    "id",
    "name",
    "type",
    "enabled",
    "workspaceId",
    "createdAt",
    "updatedAt",
    "config",
];

pub(super) fn is_key(key: &str) -> bool {
    KEYS.iter().any(|(known, _)| *known == key)
}

pub(super) fn read(entries: &[Entry], moving: &mut Moving<'_>) {
    let entries = config::find(entries, is_key).unwrap_or(entries);
    for entry in entries {
        let mut known = KEYS.iter().chain(&OTHERS);
        let key = entry.key.as_str();
        match known.find(|(known, _)| *known == key) {
            Some((_, take)) => take(entry, moving),
            None if NOT_SETTINGS.contains(&key) || entry.node.is_blank() => {}
            None => {
                let remark = format!("the key{} is not known", named(key));
                moving.remark(entry, remark, "`segue init` shows all settings there are");
            }
        }
    }
    let mapping = &mut moving.destination.mapping;
    // Its defaults, which no key says.
    mapping.extended_standard_events = true;
    mapping.hash_external_id = true;
    mapping.field_rules = rows::field_rules();
    // The pixel destination sends page calls as PageView only with `standardPageCall`, which is read above.
    let has = |name: &str| entries.iter().any(|entry| entry.key == name);
    mapping.send_page |= has("datasetId") && !has("standardPageCall");
    filter(entries, moving);
    test_events(entries, moving);
}

impl Moving<'_> {
    fn note_access_token(entry: &Entry, moving: &mut Moving<'_>) {
        if !entry.node.is_blank() {
            moving.access_token(entry);
        }
    }
}

fn events(entry: &Entry, moving: &mut Moving<'_>) {
    for Pair { from, to, span } in config::pairs(&entry.node) {
        let Some(target) = StandardEvent::from_name(to) else {
            let name = quoted(from);
            let remark = format!("{name} is mapped to something that is not a standard event");
            let names = StandardEvent::ALL.iter().map(|event| event.name());
            let help = closest(to, names).map_or_else(
                || "other events are sent under their own name".to_owned(),
                |name| format!("did you mean `{name}`?"),
            );
            moving.remark_at(span, remark, help);
            continue;
        };
        moving.standard_event(from, target, span);
    }
}

fn categories(entry: &Entry, moving: &mut Moving<'_>) {
    moving.take("content_types", &config::as_map(&entry.node));
}

fn value_field(entry: &Entry, moving: &mut Moving<'_>) {
    let Some(path) = config::plain_text(&entry.node) else {
        return;
    };
    match path.strip_prefix("properties.") {
        Some(name) if !name.contains('.') => {
            let node = Node {
                value: Value::Text(name.to_owned()),
                span: entry.node.span.clone(),
            };
            moving.take("value_identifier", &node);
        }
        _ => {
            let remark = "`valueFieldIdentifier` is not a property";
            let help = "set `value_identifier` to the name of a property";
            moving.remark(entry, remark, help);
        }
    }
}

fn limited_data_use(entry: &Entry, moving: &mut Moving<'_>) {
    if config::is_on(&entry.node) {
        moving.destination.mapping.limited_data_use = true;
        let remark = "events do not say their own options in `context.dataProcessingOptions`";
        let help = "send them in `integrations`, as for Segment, or set `data_processing_options`";
        moving.remark(entry, remark, help);
    }
}

fn blocked_properties(entry: &Entry, moving: &mut Moving<'_>) {
    let Value::List(items) = &entry.node.value else {
        return;
    };
    let lists = &mut moving.destination.mapping.pii_properties;
    for item in items {
        let name = item.get(&["blacklistPiiProperties"]).unwrap_or(item);
        let Some(name) = config::plain_text(name) else {
            continue;
        };
        let is_hashed = item.get(&["blacklistPiiHash"]).is_some_and(config::is_on);
        let list = if is_hashed {
            &mut lists.hash
        } else {
            &mut lists.drop
        };
        list.push(name.trim().to_owned());
    }
}

fn action_source(entry: &Entry, moving: &mut Moving<'_>) {
    let source = config::plain_text(&entry.node);
    if source.is_some_and(|source| source.trim() != "website") {
        let remark = "`actionSource` has no counterpart: an event without one is from a website";
        moving.remark(
            entry,
            remark,
            "send the property `action_source` with each event",
        );
    }
}

fn remove_external_id(entry: &Entry, moving: &mut Moving<'_>) {
    if config::is_on(&entry.node) {
        // `external_id` is taken from this path only, and messages have nothing there.
        moving.destination.mapping.external_id_prop = Some(NO_EXTERNAL_ID.to_owned());
        let remark = "no `external_id` is sent, because `external_id_prop` names a path that messages do not have";
        moving.remark(
            entry,
            remark,
            "remove `external_id_prop` to send the user's id, which helps Meta to match events",
        );
    }
}

const NO_EXTERNAL_ID: &str = "context.noExternalId";

fn page_calls(entry: &Entry, moving: &mut Moving<'_>) {
    if config::is_on(&entry.node) {
        moving.destination.mapping.send_page = true;
    } else {
        let remark = "page calls are not sent: their own names have no counterpart";
        moving.remark(
            entry,
            remark,
            "`send_page` sends page and screen calls as PageView",
        );
    }
}

fn browser(entry: &Entry, moving: &mut Moving<'_>) {
    let is_used = |node: &Node| {
        config::is_on(node)
            || node
                .entries()
                .iter()
                .any(|entry| config::is_on(&entry.node))
    };
    if is_used(&entry.node) {
        let remark = format!(
            "`{}` is about the pixel in the browser, which stays as it is",
            entry.key
        );
        moving.remark(
            entry,
            remark,
            "let both send the same event id, so that Meta counts an event once",
        );
    }
}

fn consent(entry: &Entry, moving: &mut Moving<'_>) {
    if !entry.node.is_blank() {
        let remark = format!("`{}` has no counterpart", entry.key);
        let help = "`required_consent` names categories that must be true in `context.consent.categoryPreferences`";
        moving.remark(entry, remark, help);
    }
}

/// One of two lists of events holds, or none.
fn filter(entries: &[Entry], moving: &mut Moving<'_>) {
    let given = |name: &str| {
        entries
            .iter()
            .find(|entry| entry.key == name)
            .map(|entry| &entry.node)
    };
    let names = |list: &str| -> Vec<String> {
        let names = given(list).map(|node| config::texts(node, "eventName"));
        names
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let mapping = &mut moving.destination.mapping;
    match given("eventFilteringOption").and_then(config::plain_text) {
        Some("whitelistedEvents") => {
            mapping.allow_events = names("whitelistedEvents");
            // The list is for Track calls.
            if mapping.send_page && !mapping.allow_events.is_empty() {
                let page = StandardEvent::PageView.name();
                mapping.allow_events.push(page.to_owned());
            }
        }
        Some("blacklistedEvents") => mapping.deny_events = names("blacklistedEvents"),
        _ => {}
    }
}

/// The code is in force only while the destination is being tested.
fn test_events(entries: &[Entry], moving: &mut Moving<'_>) {
    let given = |name: &str| {
        entries
            .iter()
            .find(|entry| entry.key == name)
            .map(|entry| &entry.node)
    };
    if given("testDestination").is_some_and(config::is_on)
        && let Some(code) = given("testEventCode")
    {
        moving.take("test_event_code", code);
    }
}
