//! Normalizing and hashing contact data, key by key.

use divan::{Bencher, black_box};
use facebook_conversions::CountryCode;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};

fn main() {
    divan::main();
}

/// A value as people type it, one as a library sends it, and one outside of ASCII, for each key.
const VALUES: [(&str, [&str; 3]); 11] = [
    (
        "em",
        [
            " Jane.Doe+Shop@Example.COM ",
            "jane.doe@example.com",
            "jané@exämple.com",
        ],
    ),
    (
        "ph",
        ["+1 (206) 555-0147", "12065550147", "+81 6-5555-0147"],
    ),
    ("fn", ["Mary-Ann", "jane", "Łukasz"]),
    ("ln", ["O'Brien", "doe", "Παπαδόπουλος"]),
    ("db", ["2/16/1997", "1997-02-16", "19970216"]),
    ("ge", ["Female", "f", "male"]),
    ("ct", ["San Francisco", "seattle", "São Paulo"]),
    ("st", ["California", "wa", "Île-de-France"]),
    ("zp", ["94035-1234", "98101", "SW1A 1AA"]),
    ("country", ["United States", "us", "Österreich"]),
    (
        "external_id",
        [
            "u_0004711",
            "f1097e07-f6cf-46fc-a9b6-71c9395f330c",
            "kunde-zürich-1",
        ],
    ),
];

#[divan::bench(args = VALUES.map(|(key, _)| key))]
fn normalize(bencher: Bencher<'_, '_>, key: &str) {
    each(bencher, key, |key, value, context, _| {
        black_box(key.normalize(value, context));
    });
}

#[divan::bench(args = VALUES.map(|(key, _)| key))]
fn hash(bencher: Bencher<'_, '_>, key: &str) {
    each(bencher, key, |key, value, context, scratch| {
        black_box(key.hash_with(value, context, scratch));
    });
}

/// Calls `work` for the three values of a key.
fn each(
    bencher: Bencher<'_, '_>,
    name: &str,
    work: impl Fn(HashedKey, &str, &NormalizeContext, &mut String),
) {
    let key = HashedKey::ALL
        .iter()
        .copied()
        .find(|key| key.name() == name);
    let values = VALUES.into_iter().find(|(key, _)| *key == name);
    let (Some(key), Some((_, values))) = (key, values) else {
        return;
    };
    let context = NormalizeContext::in_year(2026).in_country(Some(CountryCode::US));
    let mut scratch = String::with_capacity(128);
    bencher
        .counter(divan::counter::ItemsCount::new(values.len()))
        .bench_local(|| {
            for value in values {
                work(key, black_box(value), &context, &mut scratch);
            }
        });
}
