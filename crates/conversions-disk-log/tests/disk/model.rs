//! The log against a queue that anybody can see through, with the power failing at any moment.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use conversions_delivery::UnixMillis;
use proptest::prelude::*;

use crate::stage::{keys, lease_at};

mod run;
use run::{Run, TEN_MINUTES};

/// What may be asked of a log.
#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    /// Append so many events, of which each third is due in ten minutes.
    AppendAhead(usize),
    /// Everything goes from the journal into the tables.
    Absorb,
    /// Append an event with the `messageId` of an earlier one.
    Repeat(u8),
    Lease(usize),
    /// Acknowledge every second, or every one, of the leased.
    Acknowledge {
        every: usize,
    },
    Release {
        every: usize,
    },
    PutAside {
        every: usize,
    },
    DeadLetter,
    /// Ten minutes pass.
    Wait,
    /// The process ends and another one begins.
    Reopen,
    /// The power fails between two steps.
    LosePower,
    /// The power fails in the middle of a later step, after so many operations on one of the disks.
    LosePowerAfter(u32, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..8_usize).prop_map(Step::Append),
        1 => (1..8_usize).prop_map(Step::AppendAhead),
        1 => Just(Step::Absorb),
        1 => any::<u8>().prop_map(Step::Repeat),
        4 => (1..9_usize).prop_map(Step::Lease),
        3 => (1..3_usize).prop_map(|every| Step::Acknowledge { every }),
        2 => (1..3_usize).prop_map(|every| Step::Release { every }),
        1 => (1..3_usize).prop_map(|every| Step::PutAside { every }),
        1 => Just(Step::DeadLetter),
        1 => Just(Step::Wait),
        1 => Just(Step::Reopen),
        1 => Just(Step::LosePower),
        3 => (0..40_u32, 0..3_usize).prop_map(|(operations, disk)| Step::LosePowerAfter(operations, disk)),
    ]
}

/// What is right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Model {
    /// Waiting, and when it may be leased; in order.
    queue: VecDeque<(u64, UnixMillis)>,
    leased: BTreeMap<u64, UnixMillis>,
    dead: Vec<u64>,
    seen: u8,
}

impl Model {
    /// What is there when nobody holds a lease any more.
    fn unsettled(&self) -> BTreeMap<u64, UnixMillis> {
        let queue = self.queue.iter().copied();
        queue.chain(self.leased.clone()).collect()
    }

    /// What may be leased at `now`.
    fn due(&self, now: UnixMillis) -> BTreeSet<u64> {
        let due = self.queue.iter().filter(|(_, due)| *due <= now);
        due.map(|(key, _)| *key).collect()
    }

    fn end_leases(&mut self) {
        self.queue = self.unsettled().into_iter().collect();
        self.leased.clear();
    }
}

fn play(seed: u64, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        tokio::spawn(async move {
            let mut run = Run::new(seed);
            for step in steps {
                run.take(step).await;
            }
            // In the end everything comes out, once, in order.
            run.reopen().await;
            let far = UnixMillis(run.now.0 + 100 * TEN_MINUTES);
            let mut left: Vec<u64> = Vec::new();
            loop {
                let lease = lease_at(run.log(), 3, far).await;
                if lease.events.is_empty() {
                    break;
                }
                left.extend(keys(&lease).iter().map(|key| key.0));
            }
            left.sort_unstable();
            let expected: Vec<u64> = run.model.unsettled().into_keys().collect();
            assert_eq!(left, expected);
        })
        .await
        .expect("the model holds");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { ..ProptestConfig::default() })]

    #[test]
    fn the_log_does_what_a_queue_does_and_forgets_nothing_when_the_power_fails(
        seed in any::<u32>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        play(u64::from(seed), steps);
    }
}
