//! How fast the memory is, and how large: `cargo run --release --package match-memory --example load -- 5000000 DIR`.
//!
//! Learns that many people from two messages each, a page view with a click and an Identify call; then asks about people at
//! random, first about all, then about a thousand again and again.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program for people that measure"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use facebook_conversions::{HashedValue, UserData};
use match_memory::{Memory, Options, PersonIds, Scope};

const START: u64 = 1_764_000_000_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let people: u64 = arguments
        .next()
        .map_or(100_000, |count| count.parse().expect("a number"));
    let folder = arguments.next().map_or_else(
        || std::env::temp_dir().join("match-memory-load"),
        PathBuf::from,
    );
    let options = Options {
        max_people: u64::MAX,
        backpressure_timeout: Duration::from_secs(10),
        clock: std::sync::Arc::new(|| START + 3_600_000),
        ..Options::default()
    };
    let memory = Memory::open(&folder, options.clone()).expect("opened");

    let shop = memory.scope("shop");

    let events = people * 2;
    let hashes: Vec<_> = (0..1000)
        .filter_map(|n: u32| HashedValue::hash(&n.to_string()))
        .collect();
    let measured = Measured::begin();
    let mut not_learned = 0;
    for event in 0..events {
        let person = shuffled(event / 2, people);
        let failed = with_ids(person, |ids| {
            let user_data = if event % 2 == 0 {
                page_view(person)
            } else {
                identified(person, &hashes)
            };
            shop.person(&ids)
                .learn(START + event / 1000, &user_data)
                .is_err()
        });
        not_learned += u64::from(failed);
    }
    measured.report("learn, everybody new", events);
    memory.flush();
    println!("not learned: {not_learned}");
    report_size(&memory);

    let measured = Measured::begin();
    memory.compact();
    measured.report("merge", events);
    report_size(&memory);

    let mut random = fastrand::Rng::with_seed(7);
    let asked = 300_000;
    for (name, among) in [
        ("recall, among all", people),
        ("recall, among a thousand", people.min(1000)),
    ] {
        let measured = Measured::begin();
        let mut found = 0;
        for _ in 0..asked {
            let person = random.u64(0..among);
            found += with_ids(person, |ids| {
                let mut purchase = UserData::default();
                let ids = PersonIds {
                    anonymous: None,
                    ..ids
                };
                u64::from(
                    !shop
                        .person(&ids)
                        .recall(START + 3_000_000, &mut purchase)
                        .remembered
                        .is_empty(),
                )
            });
        }
        measured.report(name, asked);
        println!("    found {:.1} %", found as f64 * 100.0 / asked as f64);
    }

    measure_returning(&shop, people.min(1000), asked);
    report_size(&memory);
    let begun = Instant::now();
    drop((memory, shop));
    println!("closed in {:?}", begun.elapsed());
    let begun = Instant::now();
    let memory = Memory::open(&folder, options).expect("opened");
    println!("opened in {:?}", begun.elapsed());
    report_size(&memory);
}

/// People who come again and again: what is known of them is in memory.
fn measure_returning(shop: &Scope, people: u64, asked: u64) {
    // The ids and events are made beforehand: only the memory's own time counts.
    let among: Vec<_> = (0..people).collect();
    let events: Vec<_> = among.iter().map(|person| page_view(*person)).collect();
    let ids: Vec<_> = among
        .iter()
        .map(|person| {
            with_ids(*person, |ids| {
                (
                    ids.user.map(str::to_owned),
                    ids.anonymous.map(str::to_owned),
                )
            })
        })
        .collect();
    let measured = Measured::begin();
    for n in 0..asked {
        let index = usize::try_from(n).unwrap_or(0) * 7 % events.len();
        let (user, anonymous) = &ids[index];
        let person = shop.person(&PersonIds {
            user: user.as_deref(),
            anonymous: anonymous.as_deref(),
            ..PersonIds::default()
        });
        person.learn_and_recall(START + 100_000 + n, &mut events[index].clone());
    }
    measured.report("learn and recall, among a thousand", asked);
}

/// Everybody once, in no order that files have.
fn shuffled(number: u64, people: u64) -> u64 {
    const PRIME: u64 = 1_000_000_007;
    number.wrapping_mul(PRIME) % people
}

fn with_ids<T>(person: u64, act: impl FnOnce(PersonIds<'_>) -> T) -> T {
    let user = format!("user-{person}");
    let anonymous = format!("{person:08x}-7c11-4f2a-9d3e-0123456789ab");
    act(PersonIds {
        user: Some(&user),
        anonymous: Some(&anonymous),
        ..PersonIds::default()
    })
}

fn page_view(person: u64) -> UserData<'static> {
    UserData {
        fbp: Some(format!("fb.1.1763990000000.{person}").into()),
        fbc: Some(format!("fb.1.1763990000000.IwAR{person:040}").into()),
        ..UserData::default()
    }
}

fn identified(person: u64, hashes: &[HashedValue]) -> UserData<'static> {
    let hash = |n: u64| {
        let index = usize::try_from((person + n) % hashes.len() as u64).unwrap_or(0);
        hashes.get(index).cloned().into_iter().collect()
    };
    UserData {
        em: hash(1),
        ph: hash(2),
        r#fn: hash(3),
        ln: hash(4),
        ct: hash(5),
        zp: hash(6),
        country: hash(7),
        ..UserData::default()
    }
}

struct Measured {
    wall: Instant,
    processor: Duration,
}

impl Measured {
    fn begin() -> Self {
        Self {
            wall: Instant::now(),
            processor: processor_time(),
        }
    }

    fn report(&self, what: &str, events: u64) {
        let wall = self.wall.elapsed();
        let processor = processor_time().saturating_sub(self.processor);
        println!(
            "{what}: {:.2} µs an event, {:.2} µs of processor time; {:.1} s",
            wall.as_secs_f64() * 1e6 / events as f64,
            processor.as_secs_f64() * 1e6 / events as f64,
            wall.as_secs_f64(),
        );
    }
}

fn report_size(memory: &Memory) {
    let figures = memory.stats();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name| {
        status
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default()
            .to_owned()
    };
    println!(
        "    {} ids, {:.0} MB on disk; {} {}",
        figures.people,
        figures.disk_bytes as f64 / 1e6,
        of("VmRSS"),
        of("VmHWM"),
    );
}

/// Processor time of all threads.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|field| field.parse::<u64>().ok())
            .unwrap_or(0)
    };
    // User and system time, in hundredths of a second.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
