//! A replay as text.

use std::collections::BTreeMap;
use std::fmt::Write;

use conversions_delivery::Replay;
use segue_insight::dead_letters::refusal_advice;
use segue_insight::status::ProcessState;

use crate::cli::data_folder::Log;
use crate::render::prose::paragraph;
use crate::render::terminal::{CellStyle, Stream, TableBuilder, counted, grouped};
use crate::render::time::now;

/// The process that will send what is put back.
pub(crate) enum Sender {
    /// A process that runs.
    Running(u32),
    /// The next one that is started for this folder.
    Next(Log),
}

impl Sender {
    pub(crate) fn of(log: &Log) -> Self {
        let status = log.location.delivery_status(None, now()).ok();
        match status.and_then(|status| status.process) {
            Some(process) if process.state == ProcessState::Running => Self::Running(process.pid),
            _ => Self::Next(log.clone()),
        }
    }
}

/// What is sent again, what is refused and why, and which process sends it.
pub(crate) fn render(
    replay: &Replay,
    dry_run: bool,
    is_restricted: bool,
    sender: &Sender,
) -> String {
    let put_back = replay.requested.len() as u64;
    let refused = replay.refused.len() as u64;
    if put_back + refused == 0 {
        return if is_restricted {
            "No dead letters match: nothing is put back.\n".to_owned()
        } else {
            "There are no dead letters: nothing is put back.\n".to_owned()
        };
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    if put_back > 0 {
        let events = counted(put_back, "event", "events");
        let _ = match (dry_run, put_back) {
            (true, _) => writeln!(text, "{events} would be put back."),
            (false, 1) => writeln!(text, "{events} is put back."),
            (false, _) => writeln!(text, "{events} are put back."),
        };
    }
    if refused > 0 {
        let _ = writeln!(
            text,
            "{}\n\n{}",
            match (dry_run, refused) {
                (true, _) => format!("{} would be refused:", grouped(refused)),
                (false, 1) => "1 is refused, and stays a dead letter:".to_owned(),
                (false, _) => format!("{} are refused, and stay dead letters:", grouped(refused)),
            },
            reasons(replay)
        );
    }
    if put_back > 0 {
        let gap = if refused > 0 { "\n" } else { "" };
        let _ = if dry_run {
            writeln!(
                text,
                "{gap}Nothing was changed; the same command without --dry-run puts them back."
            )
        } else {
            writeln!(text, "{gap}{}", what_next(sender))
        };
    }
    text
}

/// Which process sends what was put back, and when.
fn what_next(sender: &Sender) -> String {
    match sender {
        Sender::Running(pid) => paragraph(
            &format!("Process {pid} is running and sends them within seconds."),
            0,
        ),
        Sender::Next(log) => format!(
            "{}\n\n  {}",
            paragraph(
                "The next `segue send` or `segue serve` with this data folder sends them. To send nothing else:",
                0
            ),
            log.command_to_send_kept()
        ),
    }
}

/// Why some are refused, and how many.
fn reasons(replay: &Replay) -> TableBuilder {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for refused in &replay.refused {
        *counts.entry(&refused.reason).or_default() += 1;
    }
    let mut table = TableBuilder::new(Stream::Out, &[]);
    for (reason, count) in counts {
        table.row(&[
            (reason, CellStyle::Bad),
            (&grouped(count), CellStyle::Strong),
            (refusal_advice(reason), CellStyle::Plain),
        ]);
    }
    table.align_right(1);
    table.keep_whole(0);
    table.keep_whole(1);
    table
}
