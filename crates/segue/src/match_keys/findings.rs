//! What is wrong with the events, the worst first.
//!
//! A finding's rank is the number of its lines times its weight. The weights say how much an event loses by it: all when
//! it is rejected, less when it is harder to match, least when it is measured a little worse.

use conversions_mapping::Settings;
use facebook_conversions::validation::Warning;

use crate::match_keys::advice::{on_reject, on_warning, reason_named};
use crate::match_keys::counts::Counts;

/// What a rejected line weighs, whatever the reason: nothing of it is sent.
pub(crate) const REJECTED: u64 = 100;

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The reason of a reject, the name of a warning, or `missing_` and a key.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// How many lines it affects.
    pub(crate) lines: u64,
    pub(crate) weight: u64,
    /// A sentence that names the member of the Segment message.
    pub(crate) what_to_do: &'static str,
}

/// Of which kind a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines are rejected.
    Reject,
    /// Accepted events lack a key.
    MissingKey,
    /// Accepted events have a warning.
    Warning,
}

impl Kind {
    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::MissingKey => "missing_key",
            Self::Warning => "warning",
        }
    }
}

/// A key, or a pair of keys, that accepted events lack.
pub(crate) struct MissingKey {
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
    lines: fn(&Counts) -> u64,
    what_to_do: &'static str,
}

/// The keys that are worth a finding. The others cannot be had for every customer, or say little by themselves.
///
/// Browser ids and the IP address are missed in website events only. `fbc` is there only after a click on an ad, so it
/// is not missed while there is an `fbp`.
#[rustfmt::skip]
pub(crate) const MISSING_KEYS: &[MissingKey] = &[
    MissingKey { name: "missing_em",                weight: 40, lines: |counts| counts.accepted_without("em"),          what_to_do: "Send the e-mail address as `context.traits.email` with each Track call: what an Identify call said is not looked up." },
    MissingKey { name: "missing_ph",                weight: 30, lines: |counts| counts.accepted_without("ph"),          what_to_do: "Send the phone number, with its country code, as `context.traits.phone` with each Track call." },
    MissingKey { name: MISSING_EXTERNAL_ID,         weight: 30, lines: |counts| counts.accepted_without("external_id"), what_to_do: "Send `userId`, or `anonymousId` as long as nobody has logged in." },
    MissingKey { name: "missing_fbc_and_fbp",       weight: 20, lines: |counts| counts.website_without_browser_id,      what_to_do: "Send the cookies _fbp and _fbc as `properties.fbp` and `properties.fbc` with website events." },
    MissingKey { name: "missing_client_ip_address", weight: 12, lines: |counts| counts.website_without_ip,              what_to_do: "Send the visitor's public address as `context.ip` with website events; private ones are left out." },
];

const MISSING_EXTERNAL_ID: &str = "missing_external_id";
const EXTERNAL_ID_PROP: &str = "Send the member that the setting `external_id_prop` names with each event, or take the setting out to fall back on `userId`.";

/// What a warning weighs.
pub(crate) fn weight(warning: Warning) -> u64 {
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
pub(crate) fn ranked(counts: &Counts, settings: &Settings) -> Vec<Finding> {
    let rejected = counts.tally.rejected.iter().map(|(name, lines)| Finding {
        name,
        kind: Kind::Reject,
        lines: *lines,
        weight: REJECTED,
        what_to_do: reason_named(name).map_or("", on_reject),
    });
    let missing = MISSING_KEYS.iter().map(|key| Finding {
        name: key.name,
        kind: Kind::MissingKey,
        lines: (key.lines)(counts),
        weight: key.weight,
        what_to_do: match (key.name, &settings.external_id_prop) {
            (MISSING_EXTERNAL_ID, Some(_)) => EXTERNAL_ID_PROP,
            _ => key.what_to_do,
        },
    });
    let warnings = counts.warnings.iter().map(|(warning, lines)| Finding {
        name: warning.name(),
        kind: Kind::Warning,
        lines: *lines,
        weight: weight(*warning),
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
        let mut counts = Counts::default();
        for _ in 0..100 {
            counts.tally.count_accepted();
        }
        for _ in 0..3 {
            counts
                .tally
                .count_rejected(RejectReason::Message(MessageFault::InvalidTimestamp));
        }
        counts.warnings.insert(Warning::MissingEventId, 29);
        counts.warnings.insert(Warning::PhoneLength, 38);
        counts.website_without_browser_id = 16;
        let names: Vec<_> = ranked(&counts, &Settings::default())
            .iter()
            .map(|finding| finding.name)
            .collect();
        // Nobody has em, ph or external_id; equal ranks keep the order of the table.
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
        let mut counts = Counts::default();
        counts.tally.count_accepted();
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
