use std::time::Duration;

use conversions_mapping::{Mapping, Settings};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::enrich::Additions;
use crate::options::Limits;
use crate::times;

/// Keys that completing looks at, one of them with an escape, and values of all kinds for each.
const MEMBERS: [(&str, &[&str]); 12] = [
    ("type", &["\"track\"", "\"\"", "null", "\"page\"", "7"]),
    (
        "messageId",
        &["\"m1\"", "\" \"", "null", "7", "\"\\u0020\""],
    ),
    ("message\\u0049d", &["\"m2\"", "null"]),
    ("timestamp", TIMES),
    ("originalTimestamp", TIMES),
    ("sentAt", TIMES),
    ("receivedAt", TIMES),
    ("userId", &["\"u1\"", "5", "\"\\ud83d\""]),
    ("event", &["\"Order Completed\"", "\"Signed Up\"", "null"]),
    (
        "properties",
        &["{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1}", "null", "[]"],
    ),
    ("traits", &["{}", "null", "7"]),
    (
        "context",
        &[
            "{\"ip\":\"1.2.3.4\"}",
            "null",
            "[]",
            "{\"traits\":{\"email\":\"a@b.example\"}}",
        ],
    ),
];
const TIMES: &[&str] = &[
    "\"2026-11-23T11:59:30Z\"",
    "\"2026-11-23T10:59:30.123Z\"",
    "\"2026-11-24T12:00:00+01:00\"",
    "1795443871",
    "\"\"",
    "null",
    "\"soon\"",
    "{}",
];

fn source() -> Arc<Source> {
    let paths = [
        None,
        Some("messageId"),
        Some("timestamp"),
        Some("originalTimestamp"),
    ];
    let more = [
        Some("receivedAt"),
        Some("sentAt"),
        Some("type"),
        Some("userId"),
    ];
    let destinations = paths
        .into_iter()
        .chain(more)
        .enumerate()
        .map(|(index, path)| {
            let settings = Settings {
                external_id_prop: path.map(str::to_owned),
                send_page: true,
                ..Settings::default()
            };
            let mapping = Mapping::new(settings).expect("settings");
            Arc::new(DestinationMapping::new(format!("{index}"), mapping))
        });
    Arc::new(Source::new("shop", destinations.collect()))
}

/// The events of a message, with ids that were drawn made equal, and what was counted.
fn outcome(events: Events<'_>) -> (Vec<(String, i64)>, String) {
    let (taken, tally) = events.finish();
    let plain = |taken: Taken| {
        let id = taken.message_id.as_deref().unwrap_or_default();
        let json = std::str::from_utf8(&taken.event).expect("JSON");
        let json = if id.starts_with("api-") {
            json.replace(id, "drawn")
        } else {
            json.to_owned()
        };
        (json, taken.event_time)
    };
    let taken = taken.into_iter().map(plain).collect();
    (taken, format!("{:?}", tally.as_slice()))
}

fn member() -> impl Strategy<Value = String> {
    let index = 0..MEMBERS.len();
    (index, any::<prop::sample::Index>()).prop_map(|(index, value)| {
        let (key, values) = MEMBERS[index];
        format!("\"{key}\":{}", value.get(values))
    })
}

proptest! {
    #[test]
    fn the_short_way_ends_where_the_long_one_does(
        members in prop::collection::vec(member(), 0..12),
        kind in prop::option::of(prop::sample::select(vec!["track", "page"])),
        (is_straight, strict) in any::<(bool, bool)>(),
        shared in prop::collection::vec(prop::option::of(prop::sample::select(TIMES.to_vec())), 2),
    ) {
        let received_at: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        let limits = Limits { properties: 2, ..Limits::default() };
        let composer = Composer {
            kind,
            additions: Additions::default(),
            received_at,
            received_at_json: times::write(received_at),
            clock_tolerance: is_straight.then_some(Duration::from_secs(10)),
            strict,
            message_bytes: 10_000,
            limits: &limits,
        };
        let times = [0, 1].map(|index: usize| shared[index].filter(|raw| *raw != "null").and_then(Raw::read));
        let shared = Shared::of([None, None], times);
        prop_assert!(composer.takes_short_way(&shared));

        let text = format!("{{{}}}", members.join(","));
        let raw = Raw::read(&text).expect("JSON");
        let source = source();
        let new = || Events::new(&source, &composer, 1, text.len());
        let (mut short, mut long) = (new(), new());
        let added = short.add_as_it_is(raw, &shared).expect("read");
        let added_anew = long.add_anew(raw, &shared);
        prop_assert_eq!(added.map(drop).map_err(Refusal::code), added_anew.map(drop).map_err(Refusal::code));
        prop_assert_eq!(outcome(short), outcome(long));
    }
}

#[test]
fn what_the_short_way_does_not_take_the_long_one_names() {
    let received_at = "2026-11-23T12:00:00Z".parse().expect("a time");
    let limits = Limits::default();
    let composer = Composer {
        kind: None,
        additions: Additions::default(),
        received_at,
        received_at_json: times::write(received_at),
        clock_tolerance: None,
        strict: false,
        message_bytes: 40,
        limits: &limits,
    };
    let source = source();
    let mut events = Events::new(&source, &composer, 3, 0);
    let long = format!("{{\"event\":\"{}\"}}", "x".repeat(40));
    for (text, code) in [
        ("[]", "not_an_object"),
        ("7", "not_an_object"),
        (&long, "message_too_large"),
    ] {
        let raw = Raw::read(text).expect("JSON");
        let refused = events.add(raw, &Shared::default()).map_err(Refusal::code);
        assert_eq!(refused, Err(code), "{text}");
    }
    assert_eq!(events.bytes(), 0);
}
