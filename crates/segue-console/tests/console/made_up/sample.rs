//! Single pieces of the made-up data.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use segue_console::{
    ChartPoint, Charts, DeadLetter, EventFields, EventSummary, Field, LastAnswer, Outcome, Refusal,
    SettingRow, SettingsSection, SettingsView, TimeRange, UnusedMember,
};

use super::MadeUp;

/// The time of the data.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub(super) fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

impl MadeUp {
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    pub(super) fn fields(&self) -> EventFields {
        let field = |field: &str, value: &str, from: Option<&str>, effect: &str| Field {
            field: field.to_owned(),
            value: value.to_owned(),
            from: from.map(str::to_owned),
            effect: effect.to_owned(),
        };
        EventFields {
            fields: vec![
                field("event_name", &self.text, Some("event"), "renamed"),
                field(
                    "user_data.em",
                    "973dfe46…",
                    Some("context.traits.email"),
                    "hashed",
                ),
                field(
                    "custom_data.currency",
                    "EUR",
                    Some("properties.currency"),
                    "normalized",
                ),
                field("action_source", "website", None, "default"),
            ],
            not_used: vec![UnusedMember {
                from: Some("properties.coupon_secret".to_owned()),
                why: "It is left out by drop.".to_owned(),
            }],
            warnings: vec!["There is neither fbc nor fbp.".to_owned()],
        }
    }

    pub(super) fn summaries(&self) -> Vec<EventSummary> {
        let one = |minutes: i64, outcome: Outcome, reason: Option<&str>| EventSummary {
            key: format!("k-{minutes}"),
            at: ago(minutes),
            source: Some("web".to_owned()),
            destination: Some(
                if minutes % 2 == 0 {
                    "shop-eu"
                } else {
                    "shop-us"
                }
                .to_owned(),
            ),
            event_name: Some(self.text()),
            outcome,
            reason: reason.map(str::to_owned),
            message_id: Some(format!("m-{minutes}")),
        };
        vec![
            one(1, Outcome::Accepted, None),
            one(2, Outcome::Held, Some("token_expired")),
            one(3, Outcome::Delivered, None),
            one(4, Outcome::Rejected, Some("event_time_too_old")),
            one(5, Outcome::Skipped, Some("not_a_track_call")),
            one(6, Outcome::Duplicate, None),
            one(7, Outcome::DeadLettered, Some("refused")),
        ]
    }

    pub(super) fn letter(&self, id: u64) -> DeadLetter {
        DeadLetter {
            id,
            event_id: Some(self.text()),
            event_name: Some(self.text()),
            destination: "shop-us".to_owned(),
            reason: "refused".to_owned(),
            meaning: "Meta refused the event, alone in its request.".to_owned(),
            advice: "A replay sends the same event again.".to_owned(),
            attempts: 2,
            first_at: Some(ago(90)),
            last_at: Some(ago(80)),
            deliverable_until: Some(now() + SignedDuration::from_hours(24 * 6)),
            code: Some("100/2804050".to_owned()),
            words: vec!["(#100) Invalid parameter".to_owned(), self.text()],
            answer: Some(LastAnswer {
                at: Some(ago(80)),
                status: Some(400),
                sentence: Some("A parameter is not as Meta wants it.".to_owned()),
                fbtrace_id: Some("AbCdEf123".to_owned()),
            }),
            fields: self.fields().fields,
        }
    }

    pub(super) fn points(range: TimeRange) -> Charts {
        let (count, step) = match range {
            TimeRange::Hour => (60_u32, 60_u32),
            TimeRange::Day => (96, 900),
            TimeRange::Fortnight => (84, 14_400),
        };
        let point = |at: u32| {
            let wave = (f64::from(at) / 7.0).sin() + 1.2;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small and positive"
            )]
            let received = (wave * 400.0) as u64;
            let mut rejected = BTreeMap::new();
            if at % 9 > 5 {
                rejected.insert("event_time_too_old".to_owned(), u64::from(at % 5) * 3);
                rejected.insert("no_customer_information".to_owned(), u64::from(at % 4) * 7);
            }
            let is_quiet = at % 30 > 26;
            let seconds = i64::from((count - at) * step);
            ChartPoint {
                at: now() - SignedDuration::from_secs(seconds),
                received,
                delivered: received.saturating_sub(u64::from(at % 9) * 8),
                rejected,
                answer_ms_p50: (!is_quiet).then_some(90.0 + wave * 20.0),
                answer_ms_p95: (!is_quiet).then_some(180.0 + wave * 90.0),
            }
        };
        Charts {
            range,
            step_seconds: step,
            points: (0..count).map(point).collect(),
        }
    }

    pub(super) fn settings_view(&self) -> SettingsView {
        let row = |name: &str, value: &str, line: Option<usize>| SettingRow {
            name: name.to_owned(),
            value: value.to_owned(),
            line,
            doc: "what it is for".to_owned(),
        };
        SettingsView {
            file: Some("segue.toml".to_owned()),
            loaded_at: Some(ago(600)),
            refused: Some(Refusal {
                at: ago(5),
                mistakes: vec!["segue.toml:2:1: error: unknown key `limited_data_usee`".to_owned()],
            }),
            warnings: vec!["graph version v20.0 ends soon".to_owned()],
            sections: vec![SettingsSection {
                name: "[serve]".to_owned(),
                rows: vec![
                    row("listen", "0.0.0.0:8080", Some(3)),
                    row("allowed_origins", &self.text, None),
                ],
            }],
        }
    }
}
