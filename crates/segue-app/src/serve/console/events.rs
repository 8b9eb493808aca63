//! What became of single events.

use segue_console::{DataError, EventFilter, EventLife, EventList, SearchResult};

pub(super) fn list(_: &EventFilter) -> EventList {
    EventList {
        is_off: true,
        ..EventList::default()
    }
}

pub(super) fn search(_: &str) -> SearchResult {
    SearchResult {
        is_off: true,
        ..SearchResult::default()
    }
}

pub(super) fn life(_: &str, _: Option<&str>) -> Result<EventLife, DataError> {
    Err(DataError::NotFound(
        "Nothing is known of this event.".to_owned(),
    ))
}
