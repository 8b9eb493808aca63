//! `custom_data`: money, products and the few other members that Meta types.

use iso_currency::Currency;
use serde_json::Value;

use super::values::{entries, inner, is_blank, is_numeric, is_text_like, member, text};

const DELIVERY_CATEGORIES: [&str; 3] = ["in_store", "curbside", "home_delivery"];

fn own<'a>(event: &'a Value, name: &str) -> Option<&'a Value> {
    inner(event, "custom_data", name).filter(|value| !is_blank(value))
}

fn is_purchase(event: &Value) -> bool {
    text(event, "event_name") == Some("Purchase")
}

/// Graph takes a currency in any case.
fn is_iso_4217(currency: &Value) -> bool {
    currency
        .as_str()
        .is_some_and(|code| Currency::from_code(&code.to_ascii_uppercase()).is_some())
}

pub(super) fn not_an_object(event: &Value, _: i64) -> bool {
    member(event, "custom_data").is_some_and(|data| !data.is_object())
}

pub(super) fn value_not_a_number(event: &Value, _: i64) -> bool {
    own(event, "value").is_some_and(|value| !is_numeric(value))
}

pub(super) fn purchase_without_value(event: &Value, _: i64) -> bool {
    is_purchase(event) && own(event, "value").is_none()
}

pub(super) fn purchase_without_currency(event: &Value, _: i64) -> bool {
    is_purchase(event) && own(event, "currency").is_none()
}

pub(super) fn purchase_currency_not_accepted(event: &Value, _: i64) -> bool {
    is_purchase(event) && own(event, "currency").is_some_and(|currency| !is_iso_4217(currency))
}

pub(super) fn value_without_currency(event: &Value, _: i64) -> bool {
    own(event, "value").is_some() && own(event, "currency").is_none()
}

pub(super) fn currency_unknown(event: &Value, _: i64) -> bool {
    own(event, "currency").is_some_and(|currency| !is_iso_4217(currency))
}

pub(super) fn content_ids_not_list(event: &Value, _: i64) -> bool {
    own(event, "content_ids").is_some_and(|ids| {
        ids.as_array()
            .is_none_or(|list| !list.iter().all(is_text_like))
    })
}

pub(super) fn contents_not_objects(event: &Value, _: i64) -> bool {
    own(event, "contents").is_some_and(|contents| {
        !contents.is_array() || !entries(contents).iter().all(Value::is_object)
    })
}

pub(super) fn contents_without_id(event: &Value, _: i64) -> bool {
    let has_id =
        |item: &Value| member(item, "id").is_some_and(|id| is_text_like(id) && !is_blank(id));
    own(event, "contents").is_some_and(|contents| !entries(contents).iter().all(has_id))
}

pub(super) fn num_items_not_integer(event: &Value, _: i64) -> bool {
    own(event, "num_items").is_some_and(|number| number.as_u64().is_none())
}

pub(super) fn predicted_ltv_not_a_number(event: &Value, _: i64) -> bool {
    own(event, "predicted_ltv").is_some_and(|value| !is_numeric(value))
}

pub(super) fn net_revenue_not_a_number(event: &Value, _: i64) -> bool {
    own(event, "net_revenue").is_some_and(|value| !is_numeric(value))
}

pub(super) fn delivery_category_unknown(event: &Value, _: i64) -> bool {
    own(event, "delivery_category").is_some_and(|category| {
        category
            .as_str()
            .is_none_or(|category| !DELIVERY_CATEGORIES.contains(&category))
    })
}
