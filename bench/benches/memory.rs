//! The match memory: what learning from a message and completing an event cost.

use std::sync::Arc;

use divan::{Bencher, black_box};
use facebook_conversions::{HashedValue, UserData};
use match_memory::{Memory, Options, PersonIds, Scope};

const NOW: u64 = 1_785_585_600_000;
/// People who come again and again: what is known of them is in memory.
const PEOPLE: u64 = 1000;

fn main() {
    divan::main();
}

struct Bench {
    scope: Scope,
    ids: Vec<(String, String)>,
    event: UserData<'static>,
    _folder: tempfile::TempDir,
}

#[expect(
    clippy::expect_used,
    reason = "a benchmark without a memory measures nothing"
)]
impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options {
            clock: Arc::new(|| NOW),
            ..Options::default()
        };
        let memory = Memory::open(folder.path(), options).expect("a memory");
        let id = |n: u64| {
            (
                format!("user-{n}"),
                format!("{n:08x}-7c11-4f2a-9d3e-0123456789ab"),
            )
        };
        let bench = Self {
            scope: memory.scope("shop"),
            ids: (0..PEOPLE).map(id).collect(),
            event: UserData {
                fbp: Some("fb.1.1785000000000.1116446470".into()),
                fbc: Some("fb.1.1785000000000.IwAR0123456789abcdefghijklmnopqrstuvwxyz".into()),
                ..UserData::default()
            },
            _folder: folder,
        };
        let hash = |text: &str| HashedValue::hash(text).into_iter().collect();
        let identified = UserData {
            em: hash("em"),
            ph: hash("ph"),
            r#fn: hash("fn"),
            ln: hash("ln"),
            ct: hash("ct"),
            zp: hash("zp"),
            country: hash("country"),
            ..UserData::default()
        };
        for person in 0..bench.ids.len() {
            let ids = bench.person(person);
            let _ = bench.scope.person(&ids).learn(NOW - 1000, &identified);
            let _ = bench.scope.person(&ids).learn(NOW - 500, &bench.event);
        }
        bench
    }

    fn person(&self, number: usize) -> PersonIds<'_> {
        let (user, anonymous) = &self.ids[number % self.ids.len()];
        PersonIds {
            user: Some(user),
            anonymous: Some(anonymous),
            ..PersonIds::default()
        }
    }
}

/// A message of a person whom the memory knows.
#[divan::bench]
fn learn(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let ids = bench.person(number);
        let person = bench.scope.person(&ids);
        black_box(person.learn(NOW - 400 + number as u64 % 300, &bench.event))
    });
}

/// A purchase that says nothing but who it was.
#[divan::bench]
fn recall(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let mut number = 0;
    bencher
        .with_inputs(UserData::default)
        .bench_local_values(|mut purchase| {
            number += 1;
            let ids = bench.person(number);
            black_box(bench.scope.person(&ids).recall(NOW, &mut purchase));
            purchase
        });
}

/// What `serve` does for each event.
#[divan::bench]
fn learn_and_recall(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let mut number = 0;
    bencher
        .with_inputs(|| bench.event.clone())
        .bench_local_values(|mut event| {
            number += 1;
            let ids = bench.person(number);
            let person = bench.scope.person(&ids);
            let _ = person.learn(NOW - 400 + number as u64 % 300, &event);
            black_box(person.recall(NOW, &mut event));
            event
        });
}
