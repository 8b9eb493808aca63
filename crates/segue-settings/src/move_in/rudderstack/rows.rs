//! Rows of the settings for what RudderStack does without a key of its configuration.

use conversions_mapping::{FieldRule, FieldSource};

/// The rows.
pub(super) fn field_rules() -> Vec<FieldRule> {
    ROWS.iter().filter_map(row).collect()
}

/// Where RudderStack looks for fields that our built-in rows do not have, or have from other sources. See
/// <https://www.rudderstack.com/docs/destinations/streaming-destinations/facebook-conversions/>.
const ROWS: [(&str, &[&str]); 9] = [
    (
        "event_id",
        &[
            "context.traits.event_id",
            "properties.event_id",
            "messageId",
        ],
    ),
    ("opt_out", &["context.traits.opt_out", "properties.opt_out"]),
    ("user_data.subscription_id", &["context.subscription_id"]),
    ("user_data.lead_id", &["context.lead_id"]),
    ("user_data.fb_login_id", &["context.fb_login_id"]),
    // Where the person does not say, RudderStack takes what it has found out about the address.
    (
        "user_data.ct",
        &[
            "context.traits.address.city",
            "context.traits.city",
            "context.geo.city",
        ],
    ),
    (
        "user_data.st",
        &[
            "context.traits.address.state",
            "context.traits.state",
            "context.geo.region",
        ],
    ),
    (
        "user_data.zp",
        &[
            "context.traits.address.zip",
            "context.traits.address.postalCode",
            "context.traits.zip",
            "context.traits.postalCode",
            "context.geo.postal",
        ],
    ),
    (
        "user_data.country",
        &[
            "context.traits.address.country",
            "context.traits.country",
            "context.geo.country",
        ],
    ),
];

fn row((field, sources): &(&str, &[&str])) -> Option<FieldRule> {
    let sources: Result<Vec<_>, _> = sources.iter().map(|path| FieldSource::path(path)).collect();
    Some(FieldRule {
        event: None,
        field: field.parse().ok()?,
        sources: sources.ok()?,
        keep: false,
    })
}
