//! Advice on settings that are valid, but may not be what was intended.

use std::collections::HashSet;
use std::ffi::OsString;

use crate::Destination;
use crate::secret::SecretSource;

/// Hints on one destination, each a sentence.
pub fn hints(
    destination: &Destination,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Vec<String> {
    let mut hints = Vec::new();
    let graph = &destination.graph;
    let mapping = &destination.mapping;
    let missing: Vec<_> = [
        ("pixel_id", graph.pixel_id.is_none()),
        ("access_token", graph.access_token.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, missing)| missing.then_some(format!("`{name}`")))
    .collect();
    if !missing.is_empty() {
        hints.push(format!(
            "To send to Meta, set {}; `send --sandbox` and `map` work without.",
            missing.join(" and ")
        ));
    }
    for (name, source) in [
        ("access_token", &graph.access_token),
        ("app_secret", &graph.app_secret),
    ] {
        match source {
            Some(SecretSource::Environment(variable)) if environment(variable).is_none() => {
                hints.push(format!("`{name}` comes from the environment variable {variable}, which is not set here."));
            }
            // Only files are read: a pipe could be read but once.
            Some(file @ SecretSource::File(path))
                if path.is_file() || path.is_dir() || !path.exists() =>
            {
                if let Err(error) = file.resolve(environment) {
                    hints.push(format!("`{name}` cannot be read: {error}."));
                }
            }
            _ => {}
        }
    }
    if !mapping.hash_external_id {
        hints.push(
            "`hash_external_id` is off: ids are sent in clear. Turn it on if the pixel in your browser pages sends \
             external_id too, since its library hashes it and only equal values match."
                .to_owned(),
        );
    }
    if mapping.test_event_code.is_some() {
        hints.push(
            "`test_event_code` is set: all events show up under \"Test events\". Meta counts them all the same, so \
             remove it when the test is over."
                .to_owned(),
        );
    }
    let given = |name| destination.given.contains_key(name);
    if given("data_processing_options") && !mapping.limited_data_use {
        hints.push(
            "`data_processing_options` has no effect while `limited_data_use` is off.".to_owned(),
        );
    }
    let denied: HashSet<_> = mapping.deny_events.iter().collect();
    if mapping
        .allow_events
        .iter()
        .any(|name| denied.contains(name))
    {
        hints.push("An event is in `allow_events` and in `deny_events`; it is denied.".to_owned());
    }
    if mapping.pii_properties.allow.iter().any(|name| name == "*") {
        hints.push(
            "`pii_properties` lets everything pass: Meta forbids contact data in custom_data, and closes accounts for it."
                .to_owned(),
        );
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_go_away_when_they_are_followed() {
        let mut destination = Destination::default();
        let nothing_set = |_: &str| None;
        assert_eq!(hints(&destination, &nothing_set).len(), 2);
        destination.graph.pixel_id = "1".parse().ok();
        destination.graph.access_token = Some(SecretSource::Environment("TOKEN".to_owned()));
        destination.mapping.hash_external_id = true;
        assert_eq!(
            hints(&destination, &nothing_set),
            ["`access_token` comes from the environment variable TOKEN, which is not set here."]
        );
        assert!(hints(&destination, &|_| Some("t".into())).is_empty());

        let folder = tempfile::tempdir().unwrap();
        destination.graph.access_token = Some(SecretSource::File(folder.path().to_owned()));
        let said = hints(&destination, &nothing_set).join("\n");
        assert!(said.ends_with("is a folder, not a file."), "{said}");

        destination.graph.access_token = Some(SecretSource::Literal("t".into()));
        destination.mapping.allow_events = vec!["Sale".to_owned(), "Lead".to_owned()];
        destination.mapping.deny_events = vec!["Lead".to_owned()];
        assert_eq!(
            hints(&destination, &nothing_set),
            ["An event is in `allow_events` and in `deny_events`; it is denied."]
        );
    }
}
