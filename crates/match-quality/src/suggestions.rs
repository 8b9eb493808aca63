//! What would help: settings and changes of the events, each with the number of events that gain by it.

use conversions_mapping::Settings;

use crate::counts::{MemoryGain, QualityCounts};
use crate::hints::{HintCounts, NamedCounts};

/// Something that would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What kind of suggestion it is.
    pub kind: SuggestionKind,
    /// Formed events that gain by it. For a row of `fields`, events of the most frequent property.
    pub events: u64,
    /// The properties that it is about, and how many events have each; the most frequent first.
    pub properties: Vec<(String, u64)>,
    /// A sentence that names the setting or the member of the Segment message.
    pub what_to_do: String,
}

/// The kind of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuggestionKind {
    /// Contact data is among the properties, and the traits have none.
    MatchProperties,
    /// A property looks like a match key that events lack.
    FieldRow,
    /// A property could be the `event_id` that the browser pixel sends.
    EventIdRow,
    /// Phone numbers lack a country code.
    CountryCode,
    /// Events of apps are sent as `website`.
    MobileAsWebsite,
    /// Earlier messages of the same person have match keys that events lack, and nothing remembers them.
    MatchMemory,
}

impl SuggestionKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::MatchProperties,
        Self::FieldRow,
        Self::EventIdRow,
        Self::CountryCode,
        Self::MobileAsWebsite,
        Self::MatchMemory,
    ];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MatchProperties => "match_properties",
            Self::FieldRow => "field_row",
            Self::EventIdRow => "event_id_row",
            Self::CountryCode => "country_code",
            Self::MobileAsWebsite => "mobile_as_website",
            Self::MatchMemory => "match_memory",
        }
    }
}

/// All suggestions, the one that helps most events first.
pub(crate) fn suggestions(counts: &QualityCounts, settings: &Settings) -> Vec<Suggestion> {
    let hints = &counts.hints;
    let mut all = vec![
        match_memory(&counts.memory_gain),
        match_properties(hints),
        event_id_row(hints),
        country_code(hints),
        mobile_as_website(hints),
    ];
    all.extend(
        hints
            .similar_names
            .iter()
            .map(|(key, names)| field_row(key, names)),
    );
    all.retain(|suggestion| suggestion.events > 0 && !is_followed(suggestion, settings));
    all.sort_by_key(|suggestion| (std::cmp::Reverse(suggestion.events), suggestion.kind));
    all
}

/// Whether the settings follow a suggestion already; the events that still show the sign cannot be helped that way.
fn is_followed(suggestion: &Suggestion, settings: &Settings) -> bool {
    match suggestion.kind {
        SuggestionKind::MatchProperties => settings.match_properties,
        SuggestionKind::EventIdRow => settings
            .field_rules
            .iter()
            .any(|rule| rule.field.path() == "event_id"),
        SuggestionKind::CountryCode => settings.default_country.is_some(),
        // The gain of a memory that is in use is not counted.
        SuggestionKind::FieldRow
        | SuggestionKind::MobileAsWebsite
        | SuggestionKind::MatchMemory => false,
    }
}

fn match_memory(gain: &MemoryGain) -> Suggestion {
    let mut keys: Vec<_> = gain.keys.iter().collect();
    keys.sort_by_key(|(_, events)| std::cmp::Reverse(**events));
    let keys: Vec<_> = keys
        .iter()
        .map(|(key, events)| format!("`{key}` in {events}"))
        .collect();
    Suggestion {
        kind: SuggestionKind::MatchMemory,
        events: gain.events,
        properties: Vec::new(),
        what_to_do: format!(
            "Turn on `enabled` in `[memory]` if your privacy notice allows it: events then get what earlier messages of the \
             same person said and they lack ({}). It keeps hashes, click ids and browser ids in the data folder.",
            keys.join(", ")
        ),
    }
}

fn match_properties(hints: &HintCounts) -> Suggestion {
    let properties = by_frequency(&hints.matched_names);
    Suggestion {
        kind: SuggestionKind::MatchProperties,
        events: hints.match_properties,
        what_to_do: format!(
            "Turn on the setting `match_properties` if {} the customer's own: events then match by it where the traits have \
             no such value.",
            are_properties(&properties)
        ),
        properties,
    }
}

fn field_row(key: &str, names: &NamedCounts) -> Suggestion {
    let properties = by_frequency(names);
    let most = properties.first();
    let source = most.map_or("", |(name, _)| name.as_str());
    Suggestion {
        kind: SuggestionKind::FieldRow,
        events: most.map_or(0, |(_, events)| *events),
        what_to_do: format!(
            "Add the row `\"user_data.{key}\" = \"properties.{source}\"` to the setting `fields` if {} the customer's own.",
            are_properties(&properties)
        ),
        properties,
    }
}

fn event_id_row(hints: &HintCounts) -> Suggestion {
    let properties = by_frequency(&hints.event_id_names);
    let most = properties.first();
    let source = most.map_or("", |(name, _)| name.as_str());
    Suggestion {
        kind: SuggestionKind::EventIdRow,
        events: most.map_or(0, |(_, events)| *events),
        what_to_do: format!(
            "Add the row `\"event_id\" = [\"properties.{source}\", \"messageId\"]` to the setting `fields` if the browser \
             pixel sends the same id as its eventID: Meta then counts both events once."
        ),
        properties,
    }
}

fn country_code(hints: &HintCounts) -> Suggestion {
    Suggestion {
        kind: SuggestionKind::CountryCode,
        events: hints.national_phone,
        properties: Vec::new(),
        what_to_do: "Set `default_country` if most numbers are of one country, or send `context.traits.phone` with its \
                     country code: Meta cannot match a number without it."
            .to_owned(),
    }
}

fn mobile_as_website(hints: &HintCounts) -> Suggestion {
    Suggestion {
        kind: SuggestionKind::MobileAsWebsite,
        events: hints.mobile_as_website,
        properties: Vec::new(),
        what_to_do: "Send `properties.action_source` as `app` from apps, with `context.device.type` (ios or android), \
                     `context.os.version` and `context.device.adTrackingEnabled`: without it events count as `website`."
            .to_owned(),
    }
}

fn by_frequency(names: &NamedCounts) -> Vec<(String, u64)> {
    let mut all: Vec<_> = names
        .0
        .iter()
        .map(|(name, events)| (name.to_string(), *events))
        .collect();
    all.sort_by_key(|(_, events)| std::cmp::Reverse(*events));
    all
}

/// At most three properties by name, with the verb.
fn are_properties(properties: &[(String, u64)]) -> String {
    const NAMED: usize = 3;
    let named: Vec<_> = properties
        .iter()
        .take(NAMED)
        .map(|(name, _)| format!("`properties.{name}`"))
        .collect();
    let verb = if properties.len() == 1 { "is" } else { "are" };
    match properties.len().saturating_sub(NAMED) {
        0 => format!("{} {verb}", named.join(", ")),
        more => format!("{} and {more} more {verb}", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> QualityCounts {
        QualityCounts {
            hints: hints(),
            ..QualityCounts::default()
        }
    }

    fn hints() -> HintCounts {
        let mut hints = HintCounts {
            match_properties: 5,
            mobile_as_website: 2,
            national_phone: 3,
            ..HintCounts::default()
        };
        hints.matched_names.0.insert("email".into(), 5);
        hints.event_id_names.0.insert("eventId".into(), 9);
        let em = hints.similar_names.entry("em").or_default();
        em.0.extend([
            ("a".into(), 1),
            ("b".into(), 4),
            ("c".into(), 2),
            ("d".into(), 1),
        ]);
        hints
    }

    #[test]
    fn what_helps_most_events_comes_first() {
        let all = suggestions(&counts(), &Settings::default());
        let order: Vec<_> = all
            .iter()
            .map(|one| (one.kind.name(), one.events))
            .collect();
        assert_eq!(
            order,
            [
                ("event_id_row", 9),
                ("match_properties", 5),
                ("field_row", 4),
                ("country_code", 3),
                ("mobile_as_website", 2)
            ]
        );
        let row = &all[2].what_to_do;
        assert!(
            row.contains("`\"user_data.em\" = \"properties.b\"`"),
            "{row}"
        );
        assert!(row.contains("`properties.a` and 1 more are"), "{row}");
    }

    #[test]
    fn suggestions_that_the_settings_follow_are_gone() {
        let rule = conversions_mapping::FieldRule {
            event: None,
            field: "event_id".parse().unwrap(),
            sources: Vec::new(),
            keep: false,
        };
        let settings = Settings {
            match_properties: true,
            default_country: facebook_conversions::CountryCode::parse("DE"),
            field_rules: vec![rule],
            ..Settings::default()
        };
        assert!(settings.default_country.is_some());
        let left: Vec<_> = suggestions(&counts(), &settings)
            .iter()
            .map(|one| one.kind)
            .collect();
        assert_eq!(
            left,
            [SuggestionKind::FieldRow, SuggestionKind::MobileAsWebsite]
        );
    }
}
