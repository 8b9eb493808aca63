//! The sections of Segment's page, in its order, and the statements that answer their sentences and rows.

/// A section of the page.
pub(super) struct Section {
    /// Its heading there.
    pub(super) heading: &'static str,
    pub(super) rows: &'static [Row],
}

/// What answers a sentence of the section, or a row of its table.
pub(super) enum Row {
    /// The statement of this id.
    Says(&'static str),
    /// A sentence of our own, for what is not about events, and a link to where it is shown.
    Note(&'static str, &'static str),
}

use Row::{Note, Says};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        heading: "Introduction and requirements",
        rows: &[
            Says("sent-to-pixel"),
            Says("token-in-header-only"),
            Says("accepted-by-meta"),
            Says("customer-information"),
        ],
    },
    Section {
        heading: "Getting started",
        rows: &[
            Note(
                "Steps at Meta: a pixel or dataset, and the access token of a system user with access to it; segue needs no partner connection",
                "[start](start.md)",
            ),
            Note(
                "Steps at segue: `pixel_id`, `access_token` and a write key in a settings file that `segue init` writes",
                "[start](start.md)",
            ),
            Says("settings-segment-names"),
        ],
    },
    Section {
        heading: "Send the same events from both the browser and the server",
        rows: &[
            Says("external-id-anonymous"),
            Says("external-id-hashed"),
            Says("context-traits"),
            Says("fbc-places"),
            Says("fb-cookies"),
            Says("row-message-id"),
            Says("warn-event-id"),
            Says("deduplication"),
            Says("deduplication-identifiers"),
        ],
    },
    Section {
        heading: "Send different events; only send events from the server",
        rows: &[
            Note(
                "Nothing is to be set: events of a server are events like others, and a browser is not needed",
                "[start](start.md)",
            ),
            Says("website-only"),
            Note(
                "Match keys that a server does not know can come from the person's earlier messages",
                "[match memory](match-memory.md)",
            ),
        ],
    },
    Section {
        heading: "Track",
        rows: &[Says("track-only"), Says("send-page"), Says("send-identify")],
    },
    Section {
        heading: "Server Event Parameter Requirements",
        rows: &[
            Says("action-source-default"),
            Says("action-source-spellings"),
            Says("action-source-values"),
            Says("action-source-invalid"),
            Says("action-source-app"),
            Says("action-source-messaging"),
            Says("row-user-agent"),
            Says("website-user-agent"),
            Says("row-page-url"),
            Says("website-url"),
        ],
    },
    Section {
        heading: "Default Mappings to Facebook Standard Events",
        rows: &[
            Says("standard-checkout-started"),
            Says("standard-order-completed"),
            Says("standard-product-added"),
            Says("standard-product-list-viewed"),
            Says("standard-product-viewed"),
            Says("standard-products-searched"),
            Says("currency-default"),
        ],
    },
    Section {
        heading: "Custom Mappings to Facebook Standard Events",
        rows: &[
            Says("standard-setting"),
            Says("standard-setting-literal"),
            Says("standard-setting-page-view"),
        ],
    },
    Section {
        heading: "Facebook Custom Events",
        rows: &[
            Says("custom-event"),
            Says("custom-name-length"),
            Says("custom-name-mapped-exempt"),
        ],
    },
    Section {
        heading: "Default Mappings to Facebook Properties",
        rows: &[
            Says("row-ip"),
            Says("row-page-url"),
            Says("row-city"),
            Says("row-postal-code"),
            Says("row-state"),
            Says("row-birthday"),
            Says("row-email"),
            Says("row-first-name"),
            Says("row-last-name"),
            Says("row-phone"),
            Says("row-user-agent"),
            Says("row-event"),
            Says("row-message-id"),
            Says("row-action-source"),
            Says("row-currency"),
            Says("row-fbc"),
            Says("row-fbp"),
            Says("row-item-price"),
            Says("item-price-form"),
            Says("row-item-id"),
            Says("item-id-sources"),
            Says("row-item-quantity"),
            Says("item-quantity-form"),
            Says("row-products"),
            Says("products-not-array"),
            Says("num-items-length"),
            Says("row-query"),
            Says("row-revenue"),
            Says("row-status"),
            Says("row-timestamp"),
            Says("row-user-id"),
            Says("hash-normalized"),
            Says("hash-already"),
            Says("context-traits"),
        ],
    },
    Section {
        heading: "Custom Mappings to Facebook Properties",
        rows: &[Says("unlisted-as-is"), Says("unlisted-null-and-empty")],
    },
    Section {
        heading: "Alternative External IDs",
        rows: &[Says("external-id-anonymous"), Says("external-id-prop")],
    },
    Section {
        heading: "Alternative Value Properties",
        rows: &[
            Says("value-identifier-default"),
            Says("value-identifier-setting"),
            Says("value-purchase-sources"),
        ],
    },
    Section {
        heading: "Limited Data Use",
        rows: &[
            Says("ldu-off"),
            Says("ldu-on"),
            Says("ldu-per-event"),
            Says("ldu-per-event-forms"),
            Says("ldu-per-event-malformed"),
            Says("ldu-without-ip"),
        ],
    },
    Section {
        heading: "Verify Events in Facebook",
        rows: &[
            Says("test-event-code"),
            Says("verification"),
            Note(
                "What to look for in Events Manager, and when",
                "[start](start.md)",
            ),
        ],
    },
    Section {
        heading: "Settings",
        rows: &[
            Says("derive-content-type-setting"),
            Says("settings-unknown-key"),
            Says("settings-secrets"),
        ],
    },
];
