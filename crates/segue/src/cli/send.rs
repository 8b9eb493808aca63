//! `segue send`: sends files of events to Meta, or to a sandbox in this process.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueHint};
use conversions_files::Origin;
use segue_app::AppError;
use segue_app::destinations::Mode;
use segue_app::send::{SendJob, SendOptions, SendReport};
use segue_settings::test_event_code;

use crate::cli::args::{self, Format, SettingsArgs};
use crate::cli::{data_folder, input};
use crate::exit::Exit;
use crate::failure::{Failure, say, say_wrapped};
use crate::interrupt;
use crate::render::progress::{NoticePrinter, ProgressReporter};
use crate::render::prose::print_plain;
use crate::render::send_report;

#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the switches of a command line"
)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    settings: SettingsArgs,

    /// Send to a sandbox in this process, which answers like Meta; needs no pixel and no token
    #[arg(long, conflicts_with = "dry_run")]
    sandbox: bool,

    /// Do everything but send
    #[arg(long)]
    dry_run: bool,

    /// Send test events: Events Manager shows them in its tab Test Events, which has the code
    #[arg(long, value_name = "CODE", value_parser = test_event_code::parse)]
    test_event_code: Option<String>,

    /// Also exit with status 1 when a line was rejected
    #[arg(long)]
    strict: bool,

    /// Write line number and reason of every rejected line to this file, as JSON lines
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    rejects: Option<PathBuf>,

    /// Keep undelivered events in this folder: the same command then resumes an interrupted run
    #[arg(long, env = data_folder::VARIABLE, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,

    /// Read the input from its beginning, even if the data folder says that it was read before
    #[arg(long, requires = "data_dir")]
    restart: bool,

    /// Begin with this line (from 1) of the first file, to resume an interrupted run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from_line: u64,

    /// Give up after this time without progress, like 90s, 10m or 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = args::parse_duration)]
    give_up_after: Duration,

    /// A table for people on standard error, or one JSON object on standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Files of events, one JSON object a line, plain or gzip; `-` or no file is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

impl SendArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        // Two threads: one for what waits, one for what computes. Reading and mapping have threads of their own.
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        threads.worker_threads(2);
        let runtime = args::runtime(threads)?;
        let report = runtime.block_on(self.plan_and_run());
        // The thread that reads may wait for input that never comes; it ends with the process.
        runtime.shutdown_background();
        if let Some(report) = report? {
            return self.print(&report);
        }
        say_wrapped(&format!(
            "Interrupted before anything was sent. Resume with the same command and --from-line {}.",
            self.from_line
        ));
        Ok(Exit::Incomplete)
    }

    /// `None` if the run was interrupted while it was planned, which may read all files.
    async fn plan_and_run(&self) -> Result<Option<SendReport>, Failure> {
        let mut shutdown = interrupt::listen();
        let args = self.clone();
        let planning = tokio::task::spawn_blocking(move || args.plan());
        let job = tokio::select! {
            biased;
            () = shutdown.requested() => return Ok(None),
            job = planning => job.map_err(|_| AppError::Defect("planning"))??,
        };
        let progress = ProgressReporter::new(&job, self.give_up_after);
        Ok(Some(job.run(shutdown, Arc::new(progress)).await?))
    }

    fn plan(&self) -> Result<SendJob, Failure> {
        let mut settings = self.settings.load_for_sending()?;
        if let Some(code) = &self.test_event_code {
            for destination in &mut settings.destinations {
                destination.mapping.test_event_code = Some(code.clone());
            }
        }
        let options = SendOptions {
            destinations: settings.destinations,
            memory: settings.memory,
            mode: match (self.sandbox, self.dry_run) {
                (true, _) => Mode::Sandbox,
                (false, true) => Mode::DryRun,
                (false, false) => Mode::Meta,
            },
            inputs: Origin::from_arguments(&self.files),
            settings_file: self.settings.settings.clone(),
            rejects: self.rejects.clone(),
            data_dir: self.data_dir.clone(),
            restart: self.restart,
            from_line: self.from_line,
            give_up_after: self.give_up_after,
        };
        let job = SendJob::plan(options, &NoticePrinter)
            .inspect_err(|_| self.settings.hint_at_unused_file())?;
        input::announce_terminal(job.inputs());
        Ok(job)
    }

    /// Prints the table on standard error, or the object on standard output.
    fn print(&self, report: &SendReport) -> Result<Exit, Failure> {
        match self.format {
            Format::Table => say(&send_report::table(report)),
            Format::Json => {
                let word = |word: &str| data_folder::quoted(word).into_owned();
                print_plain(&format!("{}\n", report.to_json(word)))?;
            }
        }
        for sentence in send_report::sentences(report) {
            say_wrapped(&sentence);
        }
        if let Some(sentence) = (self.test_event_code.as_ref())
            .and_then(|code| send_report::where_to_look(report, code))
        {
            say_wrapped(&sentence);
        }
        if let Some(error) = &report.input_error {
            let (what, exit) = match error {
                AppError::Append(_) => ("appended to the log", Exit::Incomplete),
                _ => ("read", Exit::Unusable),
            };
            say(&format!(
                "Not all of the input could be {what}. The report covers what was."
            ));
            Failure::Sentence(error.sentence()).report();
            return Ok(exit);
        }
        if report.is_complete(self.strict) {
            Ok(Exit::Done)
        } else {
            Ok(Exit::Incomplete)
        }
    }
}
