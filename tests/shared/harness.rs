//! Runs scenarios, several at once, and says how each ended.
//!
//! What failed stands at the end in the form of Cargo's own tests, and `--exact NAME …` runs that alone: `cargo xtask` runs
//! once more what failed, and nothing else.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

/// A scenario that runs; it returns what was seen, and panics when something is wrong.
pub(crate) type Running = Pin<Box<dyn Future<Output = String>>>;

/// A scenario that waits for its turn.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) start: Box<dyn FnOnce() -> Running + Send>,
}

/// The arguments of the program.
pub(crate) struct Arguments {
    names: Vec<String>,
    options: Vec<String>,
}

impl Arguments {
    pub(crate) fn of_program() -> Self {
        let arguments = std::env::args().skip(1);
        let (options, names) = arguments.partition(|argument| argument.starts_with('-'));
        Self { names, options }
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|given| given == option)
    }

    /// Whether a scenario is to be run: each is without names, else one whose name contains or, with `--exact`, is a name.
    pub(crate) fn choose(&self, name: &str) -> bool {
        let is_exact = self.has("--exact");
        let matches = |part: &String| name == part || !is_exact && name.contains(part.as_str());
        self.names.is_empty() || self.names.iter().any(matches)
    }
}

struct Failure {
    name: String,
    reason: String,
}

/// Runs scenarios in their order, so many at once, none for longer than `patience`.
pub(crate) fn run(
    scenarios: impl IntoIterator<Item = Scenario>,
    at_once: usize,
    patience: Duration,
) -> ExitCode {
    let waiting = Mutex::new(scenarios.into_iter().collect::<VecDeque<_>>());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                let next = || lock(&waiting).pop_front();
                while let Some(scenario) = next() {
                    // Locked only when it has ended: the others run meanwhile.
                    let failure = run_one(scenario, patience);
                    lock(&failures).extend(failure);
                }
            });
        }
    });
    let failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if failures.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nfailures:");
    for Failure { name, reason } in failures {
        println!("\n---- {name} stdout ----\n{reason}");
    }
    ExitCode::FAILURE
}

fn run_one(scenario: Scenario, patience: Duration) -> Option<Failure> {
    let Scenario { name, start } = scenario;
    let started = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let account = tokio::time::timeout(patience, start()).await;
            account.unwrap_or_else(|_| panic!("not done after {patience:?}"))
        })
    }));
    let seconds = started.elapsed().as_secs();
    match ended {
        Ok(account) => {
            println!("{name}: {account} ({seconds} s)");
            None
        }
        Err(panic) => {
            println!("{name}: FAILED ({seconds} s)");
            let reason = message_of(&*panic);
            Some(Failure { name, reason })
        }
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "a panic without words".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
