//! What people see while a run goes on: a bar on a terminal, and anywhere a line when sending does not work.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Engine, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::say_wrapped;
use crate::prose::sentence;
use crate::terminal::{Stream, grouped};
use conversions_files::{ByteCounter, Origin};

/// How often the bar moves.
const EVERY: Duration = Duration::from_millis(100);

/// Something that shows how a run goes.
#[derive(Clone)]
pub(crate) struct Watch {
    bar: ProgressBar,
    meter: ByteCounter,
    give_up_after: Duration,
}

/// A watch over an engine, until it is ended.
pub(crate) struct Watching {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Watch {
    /// A bar on a terminal, nothing elsewhere. Its length is known when all inputs are regular files.
    pub(crate) fn new(inputs: &[Origin], meter: ByteCounter, give_up_after: Duration) -> Self {
        let total: Option<u64> = inputs.iter().map(Origin::regular_size).sum();
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
            meter,
            give_up_after,
        }
    }

    /// Shows how things stand.
    pub(crate) fn tick(&self, progress: Option<&Progress>) {
        self.bar.set_position(self.meter.bytes());
        if let Some(progress) = progress {
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
        }
    }

    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows an engine's progress until the end.
    pub(crate) fn over(self, engine: Arc<Engine>) -> Watching {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut said = BTreeSet::new();
            loop {
                let ended = tokio::time::timeout(EVERY, &mut stopped).await.is_ok();
                if ended {
                    break;
                }
                let progress = engine.progress().await;
                self.tick(Some(&progress));
                self.say_troubles(&progress, &mut said);
            }
            self.clear();
        });
        Watching { stop, task }
    }

    /// Says what goes wrong, each thing once: a run that tries again for minutes must not look as if it hung.
    fn say_troubles(&self, progress: &Progress, said: &mut BTreeSet<String>) {
        let alone = progress.destinations.len() == 1;
        for (name, destination) in &progress.destinations {
            let name = if alone {
                String::new()
            } else {
                format!("{name}: ")
            };
            let trouble = destination
                .last_error
                .as_ref()
                .filter(|_| destination.held.is_none());
            if let Some(trouble) = trouble
                && said.insert(format!("{name}{}", trouble.sentence))
            {
                let patience =
                    jiff::SignedDuration::try_from(self.give_up_after).unwrap_or_default();
                let what_next = if trouble.is_tried_again {
                    format!(
                        " It is tried again, for {patience:#} without success at most; Ctrl-C ends it now."
                    )
                } else {
                    String::new()
                };
                let text = format!("{name}{}{what_next}", sentence(&trouble.sentence));
                self.bar.suspend(|| say_wrapped(&text));
            }
        }
    }
}

impl Watching {
    pub(crate) async fn end(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
