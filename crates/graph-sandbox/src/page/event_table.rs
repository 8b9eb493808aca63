//! The events, newest first.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    format::{badge, grouped, grouped_size, moment},
    view::View,
};
use crate::{
    lenient_json::read_value,
    listing::Listing,
    store::{State, StoredEvent},
};

/// Match keys in the order in which they are shown: the most identifying ones come first.
#[rustfmt::skip]
const MATCH_KEYS: [&str; 29] = [
    "em", "ph", "external_id", "fbc", "fbp", "client_ip_address", "client_user_agent", "fn", "ln", "db", "ge",
    "ct", "st", "zp", "country", "subscription_id", "fb_login_id", "lead_id", "anon_id", "madid", "page_id",
    "page_scoped_user_id", "ctwa_clid", "whatsapp_business_account_id", "ig_account_id", "ig_sid", "app_user_id",
    "partner_id", "partner_name",
];

pub(super) fn event_table(listing: &Listing, view: &View) -> Markup {
    let filters = view.filters();
    html! {
        section {
            h2 { "Events" }
            @if !filters.is_empty() {
                p.filter {
                    @for part in &filters {
                        span.key { (part) } " "
                    }
                    a href=(view.link(|view| view.query = crate::listing::ListingQuery::default())) { "show all" }
                }
            }
            table.stacked {
                thead {
                    tr { th { "Received (UTC)" } th { "Event" } th { "Connection method" } th { "Match keys" } th.right { "Value" } th { "Event ID" } }
                }
                tbody {
                    @for event in &listing.events {
                        (row(event))
                    }
                }
            }
            (pager(listing, view))
        }
    }
}

fn row(event: &StoredEvent) -> Markup {
    let value = read_value(&event.event).unwrap_or_default();
    let is_discarded = event.state == State::Deduplicated;
    html! {
        tr.discarded[is_discarded] {
            td.time data-label="Received (UTC)" { (moment(event.received_at)) }
            td.name data-label="Event" {
                details {
                    summary { (event.event_name) }
                    pre { (pretty(event, &value)) }
                }
            }
            td data-label="Connection method" {
                (badge(event.connection_method))
                @if is_discarded {
                    " " span.badge.duplicate title="repeats a browser event" { "discarded" }
                }
                @if let Some(code) = &event.test_event_code {
                    " " span.badge.test title="test event code" { (code) }
                }
            }
            td data-label="Match keys" {
                span.keys {
                    @for key in match_keys(&value) {
                        span.key { (key) }
                    }
                }
            }
            td.right.money data-label="Value" { (money(&value)) }
            td.id data-label="Event ID" { (event.event_id.as_deref().unwrap_or("–")) }
        }
    }
}

fn pager(listing: &Listing, view: &View) -> Markup {
    let Listing {
        totals,
        matching,
        offset,
        limit,
        events,
    } = listing;
    let end = offset + events.len();
    html! {
        p.pager {
            span {
                @if events.is_empty() {
                    "no such events"
                } @else {
                    (grouped_size(offset + 1)) "–" (grouped_size(end)) " of " (grouped_size(*matching))
                }
                @if totals.forgotten > 0 {
                    "; " (grouped(totals.forgotten)) " older ones are counted and no longer stored"
                }
            }
            @if *offset > 0 {
                a href=(view.link(|view| view.query.offset = Some(offset.saturating_sub(*limit)))) { "newer" }
            }
            @if end < *matching && !events.is_empty() {
                a href=(view.link(|view| view.query.offset = Some(end))) { "older" }
            }
        }
    }
}

/// The keys of `user_data` that have a value.
fn match_keys(event: &Value) -> Vec<&'static str> {
    let is_given = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    };
    let user_data = event.get("user_data");
    MATCH_KEYS
        .into_iter()
        .filter(|key| {
            user_data
                .and_then(|data| data.get(key))
                .is_some_and(is_given)
        })
        .collect()
}

fn money(event: &Value) -> Markup {
    let text = |name| match event.get("custom_data").and_then(|data| data.get(name)) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    html! {
        @if let Some(value) = text("value") {
            span.amount { (value) } " " small { (text("currency").unwrap_or_default()) }
        } @else {
            "–"
        }
    }
}

/// The event with one member on a line; as it was sent if that would change it.
fn pretty(event: &StoredEvent, value: &Value) -> String {
    let is_exact = serde_json::from_str::<Value>(event.event.get()).is_ok();
    let pretty = if is_exact {
        serde_json::to_string_pretty(value).ok()
    } else {
        None
    };
    pretty.unwrap_or_else(|| event.event.get().to_owned())
}
