use std::collections::BTreeSet;

use conversions_mapping::{Mapping, Outcome, Settings};
use jiff::Timestamp;
use serde_json::Value;

use super::{Corpus, Mix};

const NEWEST: i64 = 1_785_585_600;

fn messages(mix: Mix, count: usize) -> Vec<String> {
    let lines = Corpus::lines(mix, 7, NEWEST, count);
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn equal_seeds_give_equal_bytes() {
    let lines = |seed| Corpus::lines(Mix::Shop, seed, NEWEST, 50);
    assert_eq!(lines(1), lines(1));
    assert_ne!(lines(1), lines(2));
}

#[test]
fn a_longer_corpus_begins_as_a_shorter_one() {
    assert_eq!(messages(Mix::Shop, 20)[..10], messages(Mix::Shop, 10));
}

/// A change of the corpus makes all saved figures useless, so it must not happen unnoticed.
#[test]
fn the_bytes_of_each_mix_never_change() {
    use sha2::{Digest, Sha256};
    let digests: Vec<_> = Mix::ALL
        .into_iter()
        .map(|mix| {
            let digest = Sha256::digest(Corpus::lines(mix, 7, NEWEST, 100));
            let start = digest.iter().take(4);
            start.fold(0, |word, byte| word << 8 | u32::from(*byte))
        })
        .collect();
    assert_eq!(digests, EXPECTED, "a change makes every saved figure void");
}
const EXPECTED: [u32; 5] = [
    1_521_651_198,
    2_406_707_740,
    2_477_871_097,
    3_546_699_187,
    3_841_548_866,
];

#[test]
fn mean_sizes_are_as_documented() {
    let sizes = [
        (Mix::Shop, 1700..2000),
        (Mix::Tiny, 150..250),
        (Mix::Orders, 6000..9000),
    ];
    for (mix, expected) in sizes {
        let mean = messages(mix, 2000).iter().map(String::len).sum::<usize>() / 2000;
        assert!(expected.contains(&mean), "{}: {mean} bytes", mix.name());
    }
}

#[test]
fn shop_traffic_has_realistic_shares_of_traits_and_escapes() {
    let messages = messages(Mix::Shop, 4000);
    let share = |has: &dyn Fn(&str) -> bool| {
        100 * messages.iter().filter(|message| has(message)).count() / messages.len()
    };
    let traits = share(&|message| message.contains(r#""traits":{"#));
    let foreign = share(&|message| !message.is_ascii());
    let escapes = share(&|message| message.contains('\\'));
    assert!((75..85).contains(&traits), "{traits} % with traits");
    assert!((10..40).contains(&foreign), "{foreign} % not ASCII");
    assert!((3..30).contains(&escapes), "{escapes} % with escapes");
    let names: BTreeSet<_> = messages
        .iter()
        .map(|message| serde_json::from_str::<Value>(message).unwrap()["event"].to_string())
        .collect();
    assert_eq!(names.len(), 12);
}

#[test]
fn escapes_and_non_ascii_have_what_their_names_say() {
    assert!(
        messages(Mix::Escapes, 200)
            .iter()
            .all(|message| message.is_ascii() && message.contains("\\/"))
    );
    assert!(
        messages(Mix::NonAscii, 200)
            .iter()
            .filter(|message| !message.is_ascii())
            .count()
            > 150
    );
}

#[test]
fn all_messages_of_each_mix_are_accepted() {
    let mapping = Mapping::new(Settings::default()).unwrap();
    let now = Timestamp::from_second(NEWEST).unwrap();
    for mix in Mix::ALL {
        let mut mapper = mapping.mapper();
        let accepted = messages(mix, 500)
            .iter()
            .filter(|line| {
                mapper.map_bytes(line.as_bytes(), now, |outcome| {
                    matches!(outcome, Outcome::Accepted(_))
                })
            })
            .count();
        assert_eq!(accepted, 500, "{}", mix.name());
    }
}

#[test]
fn each_name_gives_its_mix() {
    for mix in Mix::ALL {
        assert_eq!(Mix::from_name(mix.name()), Some(mix));
    }
    assert_eq!(Mix::from_name("none"), None);
}
