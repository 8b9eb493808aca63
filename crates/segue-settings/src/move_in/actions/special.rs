//! Mapped fields that have no row, because a setting or a built-in rule does the same, or nothing does.

use facebook_conversions::DataProcessing;

use super::fields::{Fields, constant_of, path_of};
use crate::diagnostic::named;
use crate::move_in::config;
use crate::tree::{Entry, Value};

impl Fields<'_, '_> {
    /// `extinfo` is built from the context, as in Segment's default.
    pub(super) fn app_data(&mut self, members: &[Entry]) {
        let uses = members.iter().find(|member| member.key == "use_app_data");
        if uses.is_none_or(|member| !config::is_on(&member.node)) {
            return;
        }
        for member in members.iter().filter(|member| !member.node.is_blank()) {
            match member.key.as_str() {
                "advertiser_tracking_enabled" | "application_tracking_enabled" => {
                    self.add(&format!("app_data.{}", member.key), member);
                }
                "madId" => self.add("user_data.madid", member),
                "use_app_data" => {}
                _ if path_of(member).is_some_and(|path| path.starts_with("context.")) => {}
                key => {
                    let remark =
                        format!("the field{} of the app data has no counterpart", named(key));
                    self.moving.remark(
                        member,
                        remark,
                        "`app_data.extinfo` is built from the context of the message",
                    );
                }
            }
        }
    }

    pub(super) fn action_source(&mut self, entry: &Entry) {
        let is_same = constant_of(entry).is_some_and(|source| source == "website")
            || path_of(entry).is_some_and(|path| path == "properties.action_source");
        if !is_same {
            let remark =
                "`action_source` has no row: an event without the property is from a website";
            self.moving.remark(
                entry,
                remark,
                "send the property `action_source` with each event",
            );
        }
    }

    pub(super) fn event_time(&mut self, entry: &Entry) {
        if path_of(entry).is_none_or(|path| path != "timestamp") {
            let remark = "`event_time` has no row: it is the message's `timestamp`";
            self.moving.remark(
                entry,
                remark,
                "send the time of the event as the message's `timestamp`",
            );
        }
    }

    pub(super) fn test_event_code(&mut self, entry: &Entry) {
        let code = constant_of(entry);
        let current = &self.moving.destination.mapping.test_event_code;
        let is_same = current.is_none() || *current == code;
        if code.is_some() && is_same {
            self.moving.take("test_event_code", &entry.node);
        } else {
            let remark = "the test event code of one subscription has no counterpart";
            let help = "`test_event_code` is for all events, or in the `integrations` of a message";
            self.moving.remark(entry, remark, help);
        }
    }

    pub(super) fn data_processing(&mut self, mapping: &[Entry], entry: &Entry) {
        match constant_of(entry).as_deref() {
            Some("false") => {}
            Some("true") => {
                let number = |name: &str| {
                    let entry = mapping.iter().find(|entry| entry.key == name);
                    entry
                        .and_then(constant_of)
                        .map_or(Some(0), |number| number.parse::<u16>().ok())
                };
                let country = number("data_processing_options_country");
                let state = number("data_processing_options_state");
                let options = country
                    .zip(state)
                    .and_then(|(country, state)| DataProcessing::new(true, country, state));
                let settings = &mut self.moving.destination.mapping;
                settings.limited_data_use = true;
                match options {
                    Some(options) => settings.data_processing_options = options,
                    None => self.moving.remark(
                        entry,
                        "the country or state of Limited Data Use is none that Meta documents",
                        "set `data_processing_options`",
                    ),
                }
                let remark = "Limited Data Use is on for all events";
                self.moving.remark(
                    entry,
                    remark,
                    "events can say their own options in `integrations`",
                );
            }
            _ => {
                let remark = "whether Limited Data Use applies cannot be taken from a field";
                self.moving.remark(
                    entry,
                    remark,
                    "set `limited_data_use`; events can say their own options in `integrations`",
                );
            }
        }
    }

    /// Whether `contents` or `content_ids` are taken from the products as the built-in rows do it.
    pub(super) fn products(&mut self, entry: &Entry) -> bool {
        let own_id = path_of(entry).is_some_and(|path| path == "properties.product_id");
        if entry.key == "content_ids" && own_id {
            return true;
        }
        let Some(list) = entry.node.get(&["@arrayPath"]) else {
            return false;
        };
        let Value::List(parts) = &list.value else {
            return false;
        };
        let path = parts
            .first()
            .and_then(config::plain_text)
            .unwrap_or_default();
        let item = parts.get(1);
        let takes = |name: &str, path: &str| {
            let member = item.and_then(|item| item.get(&[name]));
            let given = member
                .and_then(|member| member.get(&["@path"]))
                .and_then(config::plain_text);
            given.is_none_or(|given| given.trim_start_matches("$.") == path)
        };
        let id = item
            .and_then(|item| item.get(&["@path"]))
            .and_then(config::plain_text);
        let is_same = matches!(path, "$.properties.products" | "$.properties")
            && takes("id", "product_id")
            && takes("quantity", "quantity")
            && takes("item_price", "price")
            && id.is_none_or(|id| id.trim_start_matches("$.") == "product_id");
        if !is_same {
            let remark = format!(
                "`{}` is built from a list in a way that has no counterpart",
                entry.key
            );
            let help = "products are read from `properties.products`: product_id, else sku, else id; quantity; price";
            self.moving.remark(entry, remark, help);
        }
        true
    }
}
