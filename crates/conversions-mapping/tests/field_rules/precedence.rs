//! What wins where a row and a property claim the same key.

use serde_json::json;

use crate::{constant, map_properties, notes, rule, settings};

#[test]
fn a_row_wins_over_a_property_of_the_same_key() {
    for key in [
        "content_category",
        "content_name",
        "event_source",
        "item_number",
        "lead_event_source",
        "season",
    ] {
        let rules = vec![rule(
            &format!("custom_data.{key}"),
            vec![constant(&json!("row"))],
        )];
        let outcome = map_properties(settings(rules), &json!({key: "property"}));
        assert_eq!(
            outcome["event"]["custom_data"],
            json!({"currency": "USD", key: "row"})
        );
        assert!(
            notes(&outcome).contains(&format!("— ← properties.{key}: left_out")),
            "{key}"
        );
    }
}
