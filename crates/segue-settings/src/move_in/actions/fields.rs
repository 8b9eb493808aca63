//! The mapped fields of a subscription, as rows. What the built-in rows do needs none.

use conversions_mapping::{DestinationField, FieldRule, FieldSource, computed_fields, rules};

use super::directive;
use super::trigger::Trigger;
use crate::destination::field_rules::unfit_constant;
use crate::diagnostic::{named, quoted};
use crate::move_in::{Moving, config};
use crate::tree::Entry;

/// Segment's names for the fields of `user_data` that differ from Meta's.
const USER_DATA: [(&str, &str); 15] = [
    ("externalId", "external_id"),
    ("email", "em"),
    ("phone", "ph"),
    ("gender", "ge"),
    ("dateOfBirth", "db"),
    ("lastName", "ln"),
    ("firstName", "fn"),
    ("city", "ct"),
    ("state", "st"),
    ("zip", "zp"),
    ("subscriptionID", "subscription_id"),
    ("leadID", "lead_id"),
    ("fbLoginID", "fb_login_id"),
    ("anonId", "anon_id"),
    ("madId", "madid"),
];

/// Fields that Segment has beside `custom_data` and that belong into it.
const CUSTOM_DATA: [&str; 13] = [
    "currency",
    "value",
    "net_revenue",
    "predicted_ltv",
    "content_category",
    "content_ids",
    "content_name",
    "content_type",
    "contents",
    "num_items",
    "order_id",
    "search_string",
    "status",
];

/// Late values of an event that was sent before.
const LATE_VALUES: [(&str, &str); 5] = [
    ("original_event_time", "original_event_data.event_time"),
    ("original_event_order_id", "original_event_data.order_id"),
    ("original_event_id", "original_event_data.event_id"),
    ("net_revenue_to_append", "custom_data.net_revenue"),
    ("predicted_ltv_to_append", "custom_data.predicted_ltv"),
];

/// Events whose value is the price of their one product.
const SINGLE_PRODUCT: [&str; 2] = ["Product Viewed", "Product Added"];

/// What concerns Segment's own sending.
const NOT_FIELDS: [&str; 5] = [
    "event_name",
    "enable_batching",
    "batch_size",
    "batch_keys",
    "is_append_event",
];

pub(super) fn read(
    mapping: &[Entry],
    trigger: &Trigger,
    moving: &mut Moving<'_>,
) -> Vec<FieldRule> {
    let custom_data = mapping.iter().find(|entry| entry.key == "custom_data");
    let sends_all =
        custom_data.is_some_and(|entry| path_of(entry).as_deref() == Some("properties"));
    let appends = mapping
        .iter()
        .any(|entry| entry.key == "is_append_event" && config::is_on(&entry.node));
    let mut fields = Fields {
        trigger,
        sends_all,
        rules: Vec::new(),
        moving,
    };
    for entry in mapping.iter().filter(|entry| !entry.node.is_blank()) {
        let members = entry.node.entries();
        match entry.key.as_str() {
            "user_data" => members.iter().for_each(|member| fields.user_data(member)),
            "custom_data" if sends_all => {}
            "custom_data" if path_of(entry).is_none() => {
                for member in members {
                    fields.add(&format!("custom_data.{}", member.key), member);
                }
            }
            "app_data_field" => fields.app_data(members),
            "append_event_details" if appends => {
                for member in members {
                    let field = LATE_VALUES.iter().find(|(name, _)| *name == member.key);
                    fields.add(field.map_or("", |(_, field)| field), member);
                }
            }
            "action_source" => fields.action_source(entry),
            "event_time" => fields.event_time(entry),
            "test_event_code" => fields.test_event_code(entry),
            "data_processing_options" => fields.data_processing(mapping, entry),
            "append_event_details"
            | "data_processing_options_country"
            | "data_processing_options_state" => {}
            "contents" | "content_ids" if fields.products(entry) => {}
            key if CUSTOM_DATA.contains(&key) => fields.add(&format!("custom_data.{key}"), entry),
            key if NOT_FIELDS.contains(&key) || key.starts_with("__") => {}
            key => fields.add(key, entry),
        }
    }
    fields.rules
}

/// The path of a field that is nothing but a path.
pub(super) fn path_of(entry: &Entry) -> Option<String> {
    match directive::sources(&entry.node).ok()?.as_slice() {
        [FieldSource::Path(path)] => Some(path.as_str().to_owned()),
        _ => None,
    }
}

/// The constant text of a field that is nothing but that.
pub(super) fn constant_of(entry: &Entry) -> Option<String> {
    match directive::sources(&entry.node).ok()?.as_slice() {
        [FieldSource::Constant(json)] => Some(json.as_str().trim_matches('"').to_owned()),
        _ => None,
    }
}

pub(super) struct Fields<'m, 's> {
    trigger: &'m Trigger,
    /// Whether all properties are sent, also those that another field uses.
    sends_all: bool,
    rules: Vec<FieldRule>,
    pub(super) moving: &'m mut Moving<'s>,
}

impl Fields<'_, '_> {
    /// Adds the row of a field, unless the built-in rows do the same.
    pub(super) fn add(&mut self, field: &str, entry: &Entry) {
        let Ok(field) = field.parse::<DestinationField>() else {
            let remark = format!("the field{} has no counterpart", named(&entry.key));
            let help = "`fields` names the fields of the server event";
            self.moving.remark(entry, remark, help);
            return;
        };
        let sources = match directive::sources(&entry.node) {
            Ok(sources) => sources,
            Err(what) => {
                let remark = format!("{} has no counterpart: it is {what}", quoted(field.path()));
                self.moving.remark(
                    entry,
                    remark,
                    "compute the value before it is sent, as a property",
                );
                return;
            }
        };
        if sources.is_empty() || self.is_built_in(&field, &sources) {
            return;
        }
        let is_property = |source: &FieldSource| matches!(source, FieldSource::Path(path) if path.as_str().starts_with("properties."));
        let rule = FieldRule {
            event: None,
            keep: self.sends_all && sources.iter().any(is_property),
            field,
            sources,
        };
        match unfit_constant(&rule) {
            None => self.rules.push(rule),
            Some(expected) => {
                let remark = format!(
                    "the constant of {} does not fit its field",
                    quoted(rule.field.path())
                );
                self.moving
                    .remark(entry, remark, format!("the field takes: {expected}"));
            }
        }
    }

    /// Whether the built-in rows take the field from these sources, or the property has the name of the field.
    fn is_built_in(&self, field: &DestinationField, sources: &[FieldSource]) -> bool {
        let paths = sources.iter().map(|source| match source {
            FieldSource::Path(path) => Some(path.as_str()),
            FieldSource::Constant(_) => None,
        });
        let Some(paths) = paths.collect::<Option<Vec<_>>>() else {
            return false;
        };
        if field.path() == "custom_data.value" {
            let is_single = |event: &String| SINGLE_PRODUCT.contains(&event.as_str());
            let mut events = self.trigger.events.iter();
            return match paths.as_slice() {
                ["properties.revenue"] => !events.any(is_single) && !self.trigger.all_tracks,
                ["properties.price"] => {
                    !self.trigger.all_tracks
                        && !self.trigger.events.is_empty()
                        && events.all(is_single)
                }
                _ => false,
            };
        }
        let mut built_in = rules()
            .chain(computed_fields())
            .filter(|row| row.field == field.path())
            .peekable();
        if built_in.peek().is_some() {
            return built_in.any(|row| row.sources.starts_with(&paths));
        }
        let name = field.path().strip_prefix("custom_data.");
        name.is_some_and(|name| paths.as_slice() == [format!("properties.{name}")])
    }

    fn user_data(&mut self, member: &Entry) {
        let renamed = USER_DATA.iter().find(|(name, _)| *name == member.key);
        let name = renamed.map_or(member.key.as_str(), |(_, name)| name);
        self.add(&format!("user_data.{name}"), member);
    }
}
