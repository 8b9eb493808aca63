//! Limited Data Use.

use crate::json::WriteJson;

/// [Data processing options](https://developers.facebook.com/docs/meta-pixel/implementation/data-processing-options):
/// whether Limited Data Use is on, and for whom.
///
/// ```
/// use facebook_conversions::DataProcessing;
/// // Limited Data Use is on, and Meta finds out where the user is.
/// assert!(DataProcessing::new(true, 0, 0).is_some());
/// // There is no state 4711.
/// assert!(DataProcessing::new(true, 1, 4711).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataProcessing {
    limited: bool,
    country: u16,
    state: u16,
}

impl DataProcessing {
    /// `LDU` for a user whom Meta locates by itself.
    pub const LOCATED_BY_META: Self = Self {
        limited: true,
        country: 0,
        state: 0,
    };

    /// `limited`: `["LDU"]` or `[]`; `country`: 0 (Meta locates) or 1 (USA); `state`: 0 (Meta locates), or 1000
    /// (California) to 1013. `None` for any other number.
    #[must_use]
    pub fn new(limited: bool, country: u16, state: u16) -> Option<Self> {
        let known = country <= 1 && (state == 0 || (1000..=1013).contains(&state));
        known.then_some(Self {
            limited,
            country,
            state,
        })
    }

    /// Whether the options contain `LDU`.
    #[must_use]
    pub fn is_limited(self) -> bool {
        self.limited
    }

    /// Whether Meta has to find out by the IP address where the user is.
    #[must_use]
    pub fn is_located_by_meta(self) -> bool {
        self.country == 0 && self.state == 0
    }

    /// `data_processing_options_country`.
    #[must_use]
    pub fn country(self) -> u16 {
        self.country
    }

    /// `data_processing_options_state`.
    #[must_use]
    pub fn state(self) -> u16 {
        self.state
    }
}

/// The three members that it is on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DataProcessingMembers(pub Option<DataProcessing>);

impl DataProcessingMembers {
    pub(crate) fn is_absent(self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn write_members(self, out: &mut String) {
        let Some(DataProcessing {
            limited,
            country,
            state,
        }) = self.0
        else {
            return;
        };
        out.push_str(if limited {
            "\"data_processing_options\":[\"LDU\"]"
        } else {
            "\"data_processing_options\":[]"
        });
        out.push_str(",\"data_processing_options_country\":");
        country.write_json(out);
        out.push_str(",\"data_processing_options_state\":");
        state.write_json(out);
        out.push(',');
    }
}
