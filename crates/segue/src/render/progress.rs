//! What people see while a run goes on: a bar on a terminal, and everywhere a line when sending does not work.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use conversions_delivery::Progress;
use conversions_files::{ByteCounter, Origin};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::SignedDuration;
use segue_app::Notice;
use segue_app::send::{SendJob, SendObserver};

use crate::failure::say_wrapped;
use crate::render::notice;
use crate::render::prose::sentence;
use crate::render::terminal::{Stream, grouped};

/// Prints notices while a run is planned.
pub(crate) struct NoticePrinter;

impl SendObserver for NoticePrinter {
    fn notice(&self, notice: &Notice) {
        say_wrapped(&notice::sentence(notice));
    }

    fn progress(&self, _: Option<&Progress>) {}

    fn finished(&self) {}
}

/// Shows the progress of a run.
pub(crate) struct ProgressReporter {
    bar: ProgressBar,
    counter: ByteCounter,
    give_up_after: Duration,
    /// Errors that were printed: a retry repeats its error every few seconds.
    printed: Mutex<BTreeSet<String>>,
}

impl ProgressReporter {
    /// A bar on a terminal, nothing elsewhere. Its length is known when all inputs are regular files.
    pub(crate) fn new(job: &SendJob, give_up_after: Duration) -> Self {
        let total: Option<u64> = job.inputs().iter().map(Origin::regular_size).sum();
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = match total {
            Some(_) => "{bar:24} {percent:>3} %  {msg}",
            None => "{spinner} {bytes} read  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        if !Stream::Err.is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self {
            bar,
            counter: job.counter(),
            give_up_after,
            printed: Mutex::default(),
        }
    }

    /// Prints each error once. Without it a run that retries for minutes would look as if it hung.
    fn print_errors(&self, progress: &Progress) {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = progress.destinations.len() == 1;
        for (name, destination) in &progress.destinations {
            let name = if alone {
                String::new()
            } else {
                format!("{name}: ")
            };
            let error = destination
                .last_error
                .as_ref()
                .filter(|_| destination.held.is_none());
            if let Some(error) = error
                && printed.insert(format!("{name}{}", error.sentence))
            {
                let limit = SignedDuration::try_from(self.give_up_after).unwrap_or_default();
                let what_next = if error.is_tried_again {
                    format!(" Retrying for up to {limit:#} without success; Ctrl-C stops now.")
                } else {
                    String::new()
                };
                let text = format!("{name}{}{what_next}", sentence(&error.sentence));
                self.bar.suspend(|| say_wrapped(&text));
            }
        }
    }
}

impl SendObserver for ProgressReporter {
    fn notice(&self, notice: &Notice) {
        self.bar.suspend(|| say_wrapped(&notice::sentence(notice)));
    }

    fn progress(&self, progress: Option<&Progress>) {
        self.bar.set_position(self.counter.bytes());
        let Some(progress) = progress else { return };
        let total = progress.total();
        let mut message = format!(
            "{} delivered, {} waiting",
            grouped(total.delivered),
            grouped(total.pending)
        );
        if total.dead_lettered > 0 {
            message = format!("{message}, {} dead-lettered", grouped(total.dead_lettered));
        }
        self.bar.set_message(message);
        self.print_errors(progress);
    }

    fn finished(&self) {
        self.bar.finish_and_clear();
    }
}
