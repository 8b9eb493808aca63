//! What the polling thread, the client's callbacks and callers share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::error::InputError;
use crate::input::Arrival;
use crate::intake::Intake;
use crate::kafka::options::KafkaInputOptions;
use crate::position::Partition;

/// The same trouble is told again after this long.
const TELL_AGAIN_AFTER: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: KafkaInputOptions,
    state: Mutex<State>,
    /// There is something to hand out.
    pub(crate) arrived: Notify,
    /// Something was settled, or the member leaves.
    settled: Condvar,
    /// Grows with each rebalance.
    pub(crate) generation: AtomicU64,
    is_leaving: AtomicBool,
    /// Whether the member ends without telling the broker what is settled.
    is_abandoned: AtomicBool,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) intake: Intake,
    /// What the broker has of each partition.
    pub(crate) ends: BTreeMap<Partition, Ends>,
    trouble: Option<Trouble>,
    told: Option<(InputError, Instant)>,
}

/// What was reported and is not told yet.
#[derive(Debug)]
struct Trouble {
    error: InputError,
    /// Whether it says only that there is no connection.
    is_summary: bool,
}

/// The first offset that the broker still has, and the one after the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Shared {
    pub(crate) fn new(options: KafkaInputOptions) -> Self {
        let state = State {
            intake: Intake::new(options.limits),
            ends: BTreeMap::new(),
            trouble: None,
            told: None,
        };
        Self {
            options,
            state: Mutex::new(state),
            arrived: Notify::new(),
            settled: Condvar::new(),
            generation: AtomicU64::new(0),
            is_leaving: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::Acquire)
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::Acquire)
    }

    pub(crate) fn leave(&self) {
        self.is_leaving.store(true, Ordering::Release);
        self.notify_settled();
        self.arrived.notify_waiters();
    }

    pub(crate) fn abandon(&self) {
        self.is_abandoned.store(true, Ordering::Release);
        self.leave();
    }

    /// # Errors
    ///
    /// The input has been left.
    pub(crate) fn check(&self) -> Result<(), InputError> {
        if self.is_leaving() {
            return Err(InputError::Left);
        }
        Ok(())
    }

    pub(crate) fn notify_settled(&self) {
        // Taking the lock keeps the notification from falling between a look and a wait.
        drop(self.state());
        self.settled.notify_all();
    }

    /// Waits until nothing of these partitions is unsettled, the time is over, or the member leaves.
    pub(crate) fn wait_until_settled(&self, partitions: &[Partition], within: Duration) {
        let _settled = self
            .settled
            .wait_timeout_while(self.state(), within, |state| {
                !self.is_leaving() && state.intake.unsettled(partitions) > 0
            });
    }

    /// Something is wrong. The caller is told, and again only after a while.
    pub(crate) fn report(&self, error: InputError) {
        self.tell(Trouble {
            error,
            is_summary: false,
        });
    }

    /// There is no connection. When a reason was reported before, such as a password that is refused, that is told instead.
    pub(crate) fn report_summary(&self, error: InputError) {
        if self.state().trouble.is_none() {
            self.tell(Trouble {
                error,
                is_summary: true,
            });
        }
    }

    fn tell(&self, trouble: Trouble) {
        let mut state = self.state();
        let is_known = state
            .told
            .as_ref()
            .is_some_and(|(told, at)| *told == trouble.error && at.elapsed() < TELL_AGAIN_AFTER);
        if is_known {
            return;
        }
        tracing::warn!("Kafka: {}", trouble.error);
        state.told = Some((trouble.error.clone(), Instant::now()));
        state.trouble = Some(trouble);
        drop(state);
        self.arrived.notify_one();
    }

    /// Whether a reason was reported that is not told yet.
    pub(crate) fn has_reason(&self) -> bool {
        let state = self.state();
        state
            .trouble
            .as_ref()
            .is_some_and(|trouble| !trouble.is_summary)
    }

    /// What was reported last, and not told yet.
    pub(crate) fn take_trouble(&self) -> Option<InputError> {
        self.state().trouble.take().map(|trouble| trouble.error)
    }
}

impl State {
    pub(crate) fn next(&mut self) -> Option<Result<Arrival, InputError>> {
        match self.trouble.take() {
            Some(trouble) => Some(Err(trouble.error)),
            None => self.intake.next().map(Ok),
        }
    }
}
