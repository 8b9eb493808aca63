//! What to improve, the worst first.
//!
//! The rank of a finding is the number of its lines times its weight. The weight says how much an event loses: everything
//! when it is rejected, less when it is harder to match, least when it is measured a little worse.

use conversions_mapping::Settings;
use facebook_conversions::validation::Warning;

use crate::advice::{on_reject, on_warning, reject_reason_named};
use crate::counts::QualityCounts;

/// The weight of a rejected line, whatever the reason: nothing of it is sent.
pub const REJECT_WEIGHT: u64 = 100;

/// Something to improve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The reason of a reject, the name of a warning, or `missing_` and a key.
    pub name: &'static str,
    /// What kind of loss it is.
    pub kind: FindingKind,
    /// How many lines it affects.
    pub lines: u64,
    /// How much each of them loses; the most is [`REJECT_WEIGHT`].
    pub weight: u64,
    /// A sentence that names the member of the Segment message.
    pub what_to_do: &'static str,
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// Lines are rejected.
    Reject,
    /// Accepted events lack a key.
    MissingKey,
    /// Accepted events have a warning.
    Warning,
}

impl FindingKind {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::MissingKey => "missing_key",
            Self::Warning => "warning",
        }
    }
}

/// A key, or a pair of keys, whose absence is a finding.
#[derive(Clone, Copy, Debug)]
pub struct MissingKey {
    /// `missing_` and the key.
    pub name: &'static str,
    /// How much an event without it loses.
    pub weight: u64,
    lines: fn(&QualityCounts) -> u64,
    /// What to do about it, as a sentence.
    pub what_to_do: &'static str,
}

/// The keys whose absence is a finding. The others do not exist for every customer, or say little by themselves.
///
/// Browser ids and the IP address count as missing in website events only. `fbc` exists only after a click on an ad, so it
/// does not count as missing while there is an `fbp`.
#[rustfmt::skip]
pub const MISSING_KEYS: &[MissingKey] = &[
    MissingKey { name: "missing_em",                weight: 40, lines: |counts| counts.accepted_without("em"),          what_to_do: "Send the e-mail address as `context.traits.email` with each Track call, or turn on `[memory]`, which remembers it of Identify calls." },
    MissingKey { name: "missing_ph",                weight: 30, lines: |counts| counts.accepted_without("ph"),          what_to_do: "Send the phone number, with its country code, as `context.traits.phone` with each Track call." },
    MissingKey { name: MISSING_EXTERNAL_ID,         weight: 30, lines: |counts| counts.accepted_without("external_id"), what_to_do: "Send `userId`, or `anonymousId` until the visitor logs in." },
    MissingKey { name: "missing_fbc_and_fbp",       weight: 20, lines: |counts| counts.website_without_browser_id,      what_to_do: "Send the cookies _fbp and _fbc as `properties.fbp` and `properties.fbc` with website events." },
    MissingKey { name: "missing_client_ip_address", weight: 12, lines: |counts| counts.website_without_ip,              what_to_do: "Send the visitor's public address as `context.ip` with website events; private ones are left out." },
];

const MISSING_EXTERNAL_ID: &str = "missing_external_id";
const EXTERNAL_ID_PROP: &str = "Send the member that the setting `external_id_prop` names with each event, or take the setting out to fall back on `userId`.";

/// The weight of a warning.
#[must_use]
pub fn warning_weight(warning: Warning) -> u64 {
    match warning {
        Warning::MissingClientUserAgent | Warning::FbcTimeImplausible => 12,
        Warning::MissingEventId | Warning::LduWithoutIp => 10,
        Warning::MissingEventSourceUrl
        | Warning::EventTimeOverADayOld
        | Warning::PhoneLength
        | Warning::ExternalIdLooksHashed => 8,
    }
}

/// All findings, the worst first.
pub(crate) fn ranked(counts: &QualityCounts, settings: &Settings) -> Vec<Finding> {
    let rejected = counts
        .outcomes
        .rejected
        .iter()
        .map(|(name, lines)| Finding {
            name,
            kind: FindingKind::Reject,
            lines: *lines,
            weight: REJECT_WEIGHT,
            what_to_do: reject_reason_named(name).map_or("", on_reject),
        });
    let missing = MISSING_KEYS.iter().map(|key| Finding {
        name: key.name,
        kind: FindingKind::MissingKey,
        lines: (key.lines)(counts),
        weight: key.weight,
        what_to_do: match (key.name, &settings.external_id_prop) {
            (MISSING_EXTERNAL_ID, Some(_)) => EXTERNAL_ID_PROP,
            _ => key.what_to_do,
        },
    });
    let warnings = counts.warnings.iter().map(|(warning, lines)| Finding {
        name: warning.name(),
        kind: FindingKind::Warning,
        lines: *lines,
        weight: warning_weight(*warning),
        what_to_do: on_warning(*warning),
    });
    let all = rejected.chain(missing).chain(warnings);
    let mut all: Vec<_> = all.filter(|finding| finding.lines > 0).collect();
    all.sort_by_key(|finding| {
        std::cmp::Reverse(u128::from(finding.lines) * u128::from(finding.weight))
    });
    all
}

#[cfg(test)]
mod tests {
    use conversions_mapping::{MessageFault, RejectReason};

    use super::*;

    #[test]
    fn many_small_losses_outrank_few_big_ones() {
        let mut counts = QualityCounts::default();
        for _ in 0..100 {
            counts.outcomes.count_accepted();
        }
        for _ in 0..3 {
            counts
                .outcomes
                .count_rejected(RejectReason::Message(MessageFault::InvalidTimestamp));
        }
        counts.warnings.insert(Warning::MissingEventId, 29);
        counts.warnings.insert(Warning::PhoneLength, 38);
        counts.website_without_browser_id = 16;
        let names: Vec<_> = ranked(&counts, &Settings::default())
            .iter()
            .map(|finding| finding.name)
            .collect();
        // No event has em, ph or external_id; equal ranks keep the order of the table.
        let expected = [
            "missing_em",
            "missing_ph",
            "missing_external_id",
            "missing_fbc_and_fbp",
            "phone_length",
            "invalid_timestamp",
            "missing_event_id",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn advice_on_the_external_id_follows_the_setting() {
        let mut counts = QualityCounts::default();
        counts.outcomes.count_accepted();
        let mut settings = Settings::default();
        let advice = |settings: &Settings| {
            let all = ranked(&counts, settings);
            let found = all
                .iter()
                .find(|finding| finding.name == MISSING_EXTERNAL_ID);
            found.map(|finding| finding.what_to_do)
        };
        assert!(advice(&settings).unwrap().contains("anonymousId"));
        settings.external_id_prop = Some("properties.member".to_owned());
        assert_eq!(advice(&settings), Some(EXTERNAL_ID_PROP));
    }
}
