//! What an event goes through on one core: read, mapped by kind and by mix, validated, written.

use bench::baseline;
use bench::corpus::{Corpus, Mix};
use conversions_mapping::{Mapping, Outcome, Settings};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use facebook_conversions::validation::validate;
use jiff::Timestamp;
use segment_spec::{Line, Message};

/// The newest message, in Unix seconds.
const NEWEST: i64 = 1_785_585_600;
const MESSAGES: usize = 1000;
/// The events of the Spec that are standard events by default, and one that is custom.
const KINDS: [&str; 7] = [
    "Order Completed",
    "Checkout Started",
    "Product Viewed",
    "Product Added",
    "Products Searched",
    "Product List Viewed",
    "Trial Started",
];
const MIXES: [&str; 5] = ["shop", "tiny", "orders", "escapes", "non-ascii"];

fn main() {
    divan::main();
}

fn text(mix: &str) -> String {
    let mix = Mix::from_name(mix).unwrap_or(Mix::Shop);
    Corpus::lines(mix, 1, NEWEST, MESSAGES)
}

fn now() -> Timestamp {
    Timestamp::from_second(NEWEST).unwrap_or_default()
}

/// Calls `work` for each line, and counts lines and bytes.
fn each_line(bencher: Bencher<'_, '_>, text: &str, mut work: impl FnMut(&[u8])) {
    let lines: Vec<&[u8]> = text.lines().map(str::as_bytes).collect();
    bencher
        .counter(ItemsCount::new(lines.len()))
        .counter(BytesCount::of_str(text))
        .bench_local(|| {
            for line in &lines {
                work(line);
            }
        });
}

#[divan::bench(args = MIXES)]
fn baseline_skip(bencher: Bencher<'_, '_>, mix: &str) {
    each_line(bencher, &text(mix), |line| {
        black_box(baseline::skip(line));
    });
}

#[divan::bench(args = MIXES)]
fn read(bencher: Bencher<'_, '_>, mix: &str) {
    each_line(bencher, &text(mix), |line| {
        if let Ok(line) = Line::new(line) {
            black_box(Message::read(&line).is_ok());
        }
    });
}

#[divan::bench(args = MIXES)]
fn map(bencher: Bencher<'_, '_>, mix: &str) {
    map_lines(bencher, &text(mix), false);
}

#[divan::bench(args = MIXES)]
fn map_with_notes(bencher: Bencher<'_, '_>, mix: &str) {
    map_lines(bencher, &text(mix), true);
}

#[divan::bench(args = KINDS)]
fn map_kind(bencher: Bencher<'_, '_>, kind: &str) {
    let wanted = format!(r#""event":"{kind}","#);
    let mut text = text("shop");
    text = text
        .lines()
        .filter(|line| line.contains(&wanted))
        .flat_map(|line| [line, "\n"])
        .collect();
    map_lines(bencher, &text, false);
}

fn map_lines(bencher: Bencher<'_, '_>, text: &str, with_notes: bool) {
    let Ok(mapping) = Mapping::new(Settings::default()) else {
        return;
    };
    let mut worker = mapping.mapper().with_notes(with_notes);
    each_line(bencher, text, |line| {
        worker.map_bytes(line, now(), |outcome| {
            black_box(&outcome);
        });
    });
}

/// Calls `work` for each event that the messages of a mix become.
fn each_event(
    bencher: Bencher<'_, '_>,
    mix: &str,
    mut work: impl FnMut(&facebook_conversions::ServerEvent<'_>),
) {
    let text = text(mix);
    let Ok(mapping) = Mapping::new(Settings::default()) else {
        return;
    };
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| Line::new(line.as_bytes()).ok())
        .collect();
    let mut worker = mapping.mapper();
    let events: Vec<_> = lines
        .iter()
        .filter_map(|line| match worker.map(line, now()) {
            Outcome::Accepted(accepted) => Some(accepted),
            Outcome::Skipped(_) | Outcome::Rejected(_) => None,
        })
        .collect();
    bencher
        .counter(ItemsCount::new(events.len()))
        .bench_local(|| {
            for accepted in &events {
                work(&accepted.event);
            }
        });
}

#[divan::bench(args = MIXES)]
fn validate_events(bencher: Bencher<'_, '_>, mix: &str) {
    each_event(bencher, mix, |event| {
        black_box(validate(event, NEWEST));
    });
}

#[divan::bench(args = MIXES)]
fn write(bencher: Bencher<'_, '_>, mix: &str) {
    let mut out = String::new();
    each_event(bencher, mix, |event| {
        out.clear();
        event.write_json(&mut out);
        black_box(&out);
    });
}
