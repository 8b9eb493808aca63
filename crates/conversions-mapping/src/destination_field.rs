//! The fields that rows of the settings may write, by their paths.

use std::borrow::Cow;
use std::fmt;

use facebook_conversions::{
    AppData, AttributionData, CustomData, OriginalEventData, ServerEvent, UserData,
};

/// The objects of a server event: prefix of the paths of their members, and their members.
const OBJECTS: [(&str, &[&str]); 6] = [
    ("", ServerEvent::MEMBERS),
    ("user_data.", UserData::MEMBERS),
    ("custom_data.", CustomData::MEMBERS),
    ("app_data.", AppData::MEMBERS),
    ("original_event_data.", OriginalEventData::MEMBERS),
    ("attribution_data.", AttributionData::MEMBERS),
];

/// Fields that decide whether there is an event at all, or how Meta may process it. Rows of the settings may not write
/// them; each has a setting or a rule of its own.
const DECIDED: [&str; 6] = [
    "event_name",
    "event_time",
    "action_source",
    "data_processing_options",
    "data_processing_options_country",
    "data_processing_options_state",
];

/// Members that are objects or lists of positions, not single values.
const COMPOSITE: [&str; 7] = [
    "user_data",
    "custom_data",
    "app_data",
    "original_event_data",
    "attribution_data",
    "app_data.extinfo",
    "attribution_data.attribution_setting",
];

const CUSTOM_DATA: &str = "custom_data.";

/// A field of the server event that a row of the settings may write, such as `user_data.lead_id`; or a custom property,
/// `custom_data.` and any key.
///
/// ```
/// use conversions_mapping::{DestinationField, DestinationFieldError};
///
/// let field: DestinationField = "user_data.lead_id".parse()?;
/// assert_eq!(field.path(), "user_data.lead_id");
/// assert!("custom_data.season".parse::<DestinationField>().is_ok());
///
/// let unknown = "user_data.leadid".parse::<DestinationField>();
/// assert!(matches!(unknown, Err(DestinationFieldError::Unknown { suggestion: Some("user_data.lead_id") })));
/// # Ok::<(), DestinationFieldError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationField(Cow<'static, str>);

/// Why a text does not name a field that a row of the settings may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DestinationFieldError {
    /// A server event has no such field.
    #[error("a server event has no field of this name{}", Suggestion(*suggestion))]
    Unknown {
        /// The field that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// The field decides whether there is an event, so it cannot be exchanged.
    #[error("`{field}` decides whether there is an event, so no row can write it")]
    Decided {
        /// The field.
        field: &'static str,
    },
    /// The field is an object; its members are written one by one.
    #[error("`{field}` is an object; name one of its members")]
    Composite {
        /// The field.
        field: &'static str,
    },
}

struct Suggestion(Option<&'static str>);

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

impl DestinationField {
    /// The paths of all fields but custom properties, in the order of Meta's pages.
    pub fn paths() -> impl Iterator<Item = &'static str> {
        all_paths().filter(|path| !COMPOSITE.contains(path) && !DECIDED.contains(path))
    }

    /// The path in the server event.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0
    }

    /// The key of a custom property; `None` for a field that Meta documents.
    #[must_use]
    pub fn custom_key(&self) -> Option<&str> {
        match &self.0 {
            Cow::Borrowed(_) => None,
            Cow::Owned(path) => path.strip_prefix(CUSTOM_DATA),
        }
    }
}

impl std::str::FromStr for DestinationField {
    type Err = DestinationFieldError;

    fn from_str(path: &str) -> Result<Self, DestinationFieldError> {
        let among = |list: &[&'static str]| list.iter().find(|listed| **listed == path).copied();
        if let Some(field) = among(&DECIDED) {
            return Err(DestinationFieldError::Decided { field });
        }
        if let Some(field) = among(&COMPOSITE) {
            return Err(DestinationFieldError::Composite { field });
        }
        if let Some(path) = Self::paths().find(|known| *known == path) {
            return Ok(Self(Cow::Borrowed(path)));
        }
        let is_custom = path
            .strip_prefix(CUSTOM_DATA)
            .is_some_and(|key| !key.trim().is_empty());
        if is_custom {
            return Ok(Self(Cow::Owned(path.to_owned())));
        }
        Err(DestinationFieldError::Unknown {
            suggestion: suggest(path),
        })
    }
}

impl fmt::Display for DestinationField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DestinationField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DestinationField({})", self.0)
    }
}

fn all_paths() -> impl Iterator<Item = &'static str> {
    // Paths are put together once; there are some hundred of them.
    static PATHS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        OBJECTS
            .iter()
            .flat_map(|(prefix, members)| members.iter().map(move |name| format!("{prefix}{name}")))
            .collect()
    });
    PATHS.iter().map(String::as_str)
}

/// The field whose path, or whose name without the object, is nearest; `None` if none is near.
fn suggest(path: &str) -> Option<&'static str> {
    let plain = |name: &str| {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    let given = plain(path);
    let nearness = |known: &'static str| {
        let name = known.rsplit('.').next().unwrap_or(known);
        let by_path = strsim::damerau_levenshtein(&given, &plain(known));
        let by_name = strsim::damerau_levenshtein(&given, &plain(name));
        by_path.min(by_name)
    };
    let (distance, nearest) = DestinationField::paths()
        .map(|known| (nearness(known), known))
        .min_by_key(|(distance, _)| *distance)?;
    // One mistake in a short name, up to three in a long one.
    (distance <= (given.len() / 4).clamp(1, 3)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::{DestinationField, DestinationFieldError};

    fn parse(path: &str) -> Result<DestinationField, DestinationFieldError> {
        path.parse()
    }

    #[test]
    fn every_listed_path_and_any_custom_key_parse() {
        for path in DestinationField::paths() {
            let field = parse(path).expect("a listed path");
            assert_eq!((field.path(), field.custom_key()), (path, None));
        }
        let custom = parse("custom_data.a.b c").expect("a custom property");
        assert_eq!(custom.custom_key(), Some("a.b c"));
    }

    #[test]
    fn unknown_paths_are_errors_with_the_nearest_field() {
        for (path, suggestion) in [
            ("lead_id", Some("user_data.lead_id")),
            ("user_data.Lead-Id", Some("user_data.lead_id")),
            ("eventid", Some("event_id")),
            ("custom_date.content_name", Some("custom_data.content_name")),
            ("user_data.shoe_size", None),
            ("custom_data.", None),
            ("", None),
        ] {
            assert_eq!(
                parse(path),
                Err(DestinationFieldError::Unknown { suggestion }),
                "{path}"
            );
        }
    }

    #[test]
    fn fields_that_decide_and_objects_are_errors_of_their_own() {
        let event_time = parse("event_time").expect_err("decides");
        assert_eq!(
            event_time,
            DestinationFieldError::Decided {
                field: "event_time"
            }
        );
        let user_data = parse("user_data").expect_err("an object");
        assert_eq!(
            user_data,
            DestinationFieldError::Composite { field: "user_data" }
        );
    }
}
