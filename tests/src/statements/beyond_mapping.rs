//! What is promised beyond the mapping: settings, sending, deduplication, verification. Each has a test of its own.

use super::{Statement, proved_by};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    proved_by("settings-unknown-key", "an unknown key of the settings is an error, with a suggestion", SETTINGS, "all_mistakes_are_reported_at_once_with_their_places"),
    proved_by("settings-segment-names", "settings copied out of Segment load under Segment's names", SETTINGS, "segments_own_names_load_as_they_are"),
    proved_by("settings-two-spellings", "one setting in both spellings is an error", SETTINGS, "one_setting_in_two_spellings_is_a_mistake"),
    proved_by("settings-folded-conflict", "two names of the setting that fold alike and differ in target are an error", SETTINGS, "all_mistakes_are_reported_at_once_with_their_places"),
    proved_by("settings-secrets", "secrets are named in diagnostics and never shown", SETTINGS, "secrets_are_named_and_never_shown"),
    proved_by("sent-to-pixel", "events are posted to the pixel, the access token in a header", "crates/conversions-transport/tests/graph_transport/request_shape.rs", "a_request_has_the_documented_method_path_headers_and_body"),
    proved_by("token-in-header-only", "the access token stands in one header and nowhere else", "crates/conversions-transport/tests/graph_transport/secrets.rs", "the_token_is_sent_in_one_header_only"),
    proved_by("deduplication", "a server event after its browser event within 48 hours is discarded; in any other order both are kept", "crates/graph-sandbox/tests/sandbox/duplicates.rs", "only_browser_then_server_within_48_hours_is_a_duplicate"),
    proved_by("deduplication-identifiers", "the same event is one with the same name and the same `event_id`, `fbp` or `external_id`", "crates/graph-sandbox/src/deduplication.rs", "a_server_event_repeats_a_browser_event_by_any_shared_identifier"),
    proved_by("verification", "what was received is shown with `Server` as its connection method", "crates/graph-sandbox/src/page/tests.rs", "the_page_shows_what_events_manager_shows"),
    proved_by("duplicate-messages", "a repeated `messageId` of a destination is known within the window, and no longer", "crates/conversions-delivery/src/dedup.rs", "an_id_is_remembered_for_the_window_and_no_longer"),
    proved_by("accepted-by-meta", "whatever validation lets pass, the sandbox accepts", "tests/tests/validation.rs", "the_sandbox_accepts_every_event_that_passes_validation"),
    proved_by("key-order", "the order of keys does not matter", "tests/tests/laws.rs", "the_order_of_keys_does_not_matter"),
    proved_by("notes-without-values", "notes and details hold nothing personal", "tests/tests/laws.rs", "notes_and_details_hold_nothing_personal"),
];

/// The tests of settings files.
const SETTINGS: &str = "crates/segue-settings/src/load/tests.rs";
