//! The conformance suite, and the same model with the power failing at any moment.

use std::sync::Arc;

use conversions_delivery::conformance::{self, Step};
use conversions_disk_log::DiskLog;
use proptest::prelude::*;

use crate::stage::{Disks, options};

mod run;
use run::PoweredRun;

/// What may happen to a log on a disk.
#[derive(Clone, Debug)]
enum DiskStep {
    /// A step that every log can take.
    Log(Step),
    /// Everything goes from the journal into the tables.
    Checkpoint,
    /// The process ends and another one begins.
    Reopen,
    /// The power fails between two steps.
    LosePower,
    /// The power fails in the middle of a later step, after this many operations on the disk of this index.
    LosePowerAfter(u32, usize),
}

fn disk_steps() -> impl Strategy<Value = DiskStep> {
    prop_oneof![
        18 => conformance::steps().prop_map(DiskStep::Log),
        1 => Just(DiskStep::Checkpoint),
        1 => Just(DiskStep::Reopen),
        1 => Just(DiskStep::LosePower),
        3 => (0..40_u32, 0..3_usize)
            .prop_map(|(operations, disk)| DiskStep::LosePowerAfter(operations, disk)),
    ]
}

fn play(seed: u64, steps: Vec<DiskStep>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        tokio::spawn(async move {
            let mut run = PoweredRun::new(seed);
            for step in steps {
                run.take(step).await;
            }
            run.reopen().await;
            run.drain().await;
        })
        .await
        .expect("the model holds");
    });
}

proptest! {
    #[test]
    fn nothing_is_lost_or_doubled_when_the_power_fails(
        seed in any::<u32>(),
        steps in prop::collection::vec(disk_steps(), 1..60),
    ) {
        play(u64::from(seed), steps);
    }
}

#[test]
fn the_log_on_a_test_disk_conforms() {
    conformance::check(&|| Arc::new(Disks::new(1).open()));
}

#[test]
fn the_log_in_a_folder_conforms() {
    let parent = tempfile::tempdir().expect("a folder");
    let count = std::sync::atomic::AtomicU32::new(0);
    conformance::check(&|| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = parent.path().join(number.to_string());
        Arc::new(DiskLog::open(&folder, options()).expect("a log"))
    });
}
