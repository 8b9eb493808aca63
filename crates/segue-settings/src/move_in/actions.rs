//! Segment's Actions destination: its settings, and subscriptions with a trigger, an action, and mapped fields.

mod directive;
mod fields;
mod special;
mod trigger;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use conversions_mapping::FieldRule;
use facebook_conversions::StandardEvent;
use segment_spec::ecommerce::fold;

use crate::diagnostic::quoted;
use crate::move_in::{Moving, config};
use crate::tree::{Entry, Node};
use trigger::Trigger;

/// A subscription that could be read.
struct Subscription {
    /// Where it stands.
    span: Range<usize>,
    trigger: Trigger,
    /// The standard event of its action; absent when events keep their names.
    target: Option<StandardEvent>,
    /// The rows of its fields, for every event.
    rules: Vec<FieldRule>,
}

pub(super) fn read(entries: &[Entry], moving: &mut Moving<'_>) {
    read_settings(entries, moving);
    let mut read = Vec::new();
    match config::subscriptions(entries) {
        Some(items) => {
            for item in items {
                read.extend(read_subscription(item, item.entries(), moving));
            }
        }
        // One subscription, or nothing but its mapped fields.
        None => read.extend(read_single(entries, moving)),
    }
    if !read.is_empty() {
        let at = entries.first();
        if let Some(entry) = at {
            let remark = "properties that no mapping names are sent too, in `custom_data`";
            moving.remark(
                entry,
                remark,
                "list those that are not to be sent in `pii_properties`, under drop",
            );
        }
    }
    // Segment hashes it always.
    moving.destination.mapping.hash_external_id = true;
    note_repeated_events(&read, moving);
    allow_only_subscribed(&read, moving);
    place_rules(&read, moving);
}

fn read_settings(entries: &[Entry], moving: &mut Moving<'_>) {
    let Some(settings) = config::find(entries, |key| key == "pixelId") else {
        return;
    };
    for entry in settings {
        match entry.key.as_str() {
            "pixelId" => moving.take("pixel_id", &entry.node),
            "testEventCode" => moving.take("test_event_code", &entry.node),
            "token" | "accessToken" if !entry.node.is_unset() => moving.access_token(entry),
            _ => {}
        }
    }
}

fn read_single(entries: &[Entry], moving: &mut Moving<'_>) -> Option<Subscription> {
    let names = |entry: &&Entry| config::MAPPING.contains(&entry.key.as_str());
    let is_subscription = entries
        .iter()
        .any(|entry| config::TRIGGER.contains(&entry.key.as_str()))
        || entries
            .iter()
            .find(names)
            .is_some_and(|entry| !entry.node.entries().is_empty());
    if is_subscription {
        let first = entries.first()?;
        return read_subscription(&first.node, entries, moving);
    }
    let rules = fields::read(entries, &Trigger::default(), moving);
    let trigger = Trigger {
        all_tracks: true,
        ..Trigger::default()
    };
    Some(Subscription {
        span: entries.first()?.key_span.clone(),
        trigger,
        target: None,
        rules,
    })
}

/// Reads a subscription. `item` is where it stands.
fn read_subscription(
    item: &Node,
    entries: &[Entry],
    moving: &mut Moving<'_>,
) -> Option<Subscription> {
    // The first name that is there: an export has a title beside the name of the action.
    let get = |names: &[&str]| {
        let mut names = names.iter();
        names.find_map(|name| entries.iter().find(|entry| entry.key == *name))
    };
    let enabled = get(&["enabled"]);
    if enabled.is_some_and(|entry| !config::is_on(&entry.node)) {
        let help = "if its events are wanted, enable it before the export";
        moving.remark_at(
            &item.span,
            "a subscription is not enabled and is left out",
            help,
        );
        return None;
    }
    let trigger = match get(&config::TRIGGER) {
        None => Trigger {
            all_tracks: true,
            ..Trigger::default()
        },
        Some(entry) => {
            let trigger = config::plain_text(&entry.node).and_then(trigger::parse);
            if trigger.is_none() {
                let remark = "the trigger has conditions without counterpart, so its subscription is left out";
                let help = "events are chosen by type and name: type = \"track\" and event = \"Order Completed\"";
                moving.remark(entry, remark, help);
            }
            trigger?
        }
    };
    let mapping = get(&config::MAPPING).map(|entry| config::members(&entry.node));
    let mapping = mapping.unwrap_or_default();
    let action = get(&[
        "actionSlug",
        "partnerAction",
        "action",
        "actionKey",
        "action_slug",
        "actionId",
        "action_id",
        "name",
    ]);
    let target = name_events(action, &mapping, &trigger, moving);
    if trigger.pages {
        moving.destination.mapping.send_page = true;
    }
    let rules = fields::read(&mapping, &trigger, moving);
    Some(Subscription {
        span: item.span.clone(),
        trigger,
        target,
        rules,
    })
}

/// Maps the events of a subscription to the standard event of its action, and returns that.
fn name_events(
    action: Option<&Entry>,
    mapping: &[Entry],
    trigger: &Trigger,
    moving: &mut Moving<'_>,
) -> Option<StandardEvent> {
    let action = action?;
    let target = target_of(action, mapping, moving)?;
    if trigger.all_tracks {
        let remark = format!("not all events can be sent as `{}`", target.name());
        moving.remark(action, remark, "name them in `standard_events`");
    }
    for event in &trigger.events {
        moving.standard_event(event, target, &action.key_span);
    }
    Some(target)
}

/// The standard event of an action; absent when events keep their names.
fn target_of(action: &Entry, mapping: &[Entry], moving: &mut Moving<'_>) -> Option<StandardEvent> {
    match standard_event(config::plain_text(&action.node).unwrap_or_default()) {
        Action::Standard(target) => Some(target),
        Action::Custom => {
            let name = mapping.iter().find(|entry| entry.key == "event_name")?;
            custom_target(name, moving)
        }
        Action::Unknown => {
            let remark = "the action is not one of Facebook Conversions API (Actions)";
            let help = "its events are sent under their own names, or as `standard_events` says";
            moving.remark(action, remark, help);
            None
        }
    }
}

/// The standard event that the field `event_name` of a custom action names.
fn custom_target(field: &Entry, moving: &mut Moving<'_>) -> Option<StandardEvent> {
    let target = config::plain_text(&field.node).and_then(StandardEvent::from_name);
    let keeps_name = fields::path_of(field).is_some_and(|path| path == "event");
    if target.is_none() && !keeps_name {
        let remark = "a custom event is sent under the name that the message has";
        let help = "map it to a standard event in `standard_events`, or send the message under the other name";
        moving.remark(field, remark, help);
    }
    target
}

enum Action {
    Standard(StandardEvent),
    Custom,
    Unknown,
}

/// The action by its name or title: `purchase`, `purchase2`, "Purchase V2", "Custom Event".
fn standard_event(slug: &str) -> Action {
    let letters = slug.chars().filter(char::is_ascii_alphanumeric);
    let plain = letters.collect::<String>().to_ascii_lowercase();
    let plain = plain
        .trim_end_matches('2')
        .trim_end_matches('v')
        .trim_end_matches("event");
    match plain {
        "custom" => Action::Custom,
        "page" => Action::Standard(StandardEvent::PageView),
        plain => {
            let mut events = StandardEvent::ALL.iter();
            let found = events.find(|event| event.name().eq_ignore_ascii_case(plain));
            found.map_or(Action::Unknown, |event| Action::Standard(*event))
        }
    }
}

/// Segment sends an event for each subscription that takes a message; we send one. Where the standard events differ,
/// [`Moving::standard_event`] has said so.
fn note_repeated_events(subscriptions: &[Subscription], moving: &mut Moving<'_>) {
    let help = "fields of all its subscriptions are sent, of one that several map the first; a second destination of the same \
                pixel sends a second event";
    let mut first: BTreeMap<String, Option<StandardEvent>> = BTreeMap::new();
    let of_all = subscriptions.iter().any(|one| one.trigger.all_tracks);
    for Subscription {
        span,
        trigger,
        target,
        ..
    } in subscriptions
    {
        for event in &trigger.events {
            let name = quoted(event);
            match first.get(fold(event).as_ref()) {
                Some(earlier) if earlier == target => {
                    let remark = format!("{name} has several subscriptions, and is sent once");
                    moving.remark_at(span, remark, help);
                }
                Some(_) => {}
                None => {
                    first.insert(fold(event).into_owned(), *target);
                    if of_all {
                        let remark = format!(
                            "{name} has a subscription beside that of all Track calls, and is sent once"
                        );
                        moving.remark_at(span, remark, help);
                    }
                }
            }
        }
    }
}

/// Segment sends what has a subscription; we send all that is not denied.
fn allow_only_subscribed(subscriptions: &[Subscription], moving: &mut Moving<'_>) {
    if subscriptions.is_empty() || subscriptions.iter().any(|one| one.trigger.all_tracks) {
        return;
    }
    let mut seen = BTreeSet::new();
    let events = subscriptions.iter().flat_map(|one| &one.trigger.events);
    let mut allowed: Vec<String> = events
        .filter(|event| seen.insert(*event))
        .cloned()
        .collect();
    if subscriptions.iter().any(|one| one.trigger.pages) {
        allowed.push(StandardEvent::PageView.name().to_owned());
    }
    moving.destination.mapping.allow_events = allowed;
}

/// Rows that all subscriptions have are for every event, the others for the events of their subscription.
fn place_rules(subscriptions: &[Subscription], moving: &mut Moving<'_>) {
    let mut rules: Vec<FieldRule> = Vec::new();
    let mut taken = BTreeSet::new();
    // Spellings of a name that fold alike are one event, under the first.
    let mut spellings: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |mut rule: FieldRule, rules: &mut Vec<FieldRule>| {
        rule.event = rule.event.map(|event| {
            let folded = fold(&event).into_owned();
            spellings.entry(folded).or_insert(event).clone()
        });
        if taken.insert((rule.event.clone(), rule.field.path().to_owned())) {
            rules.push(rule);
        }
    };
    for subscription in subscriptions {
        for rule in &subscription.rules {
            let is_everywhere = subscriptions.iter().all(|other| other.rules.contains(rule));
            if is_everywhere || subscription.trigger.all_tracks || subscription.trigger.pages {
                add(rule.clone(), &mut rules);
            } else {
                for event in &subscription.trigger.events {
                    let event = Some(event.clone());
                    add(
                        FieldRule {
                            event,
                            ..rule.clone()
                        },
                        &mut rules,
                    );
                }
            }
        }
    }
    moving.destination.mapping.field_rules = rules;
}
