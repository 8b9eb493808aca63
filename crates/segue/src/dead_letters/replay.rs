//! `segue dead-letters replay`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;

use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore, EventKey, Filter, Replay, StatusReader,
    UnixMillis,
};
use conversions_disk_log::StatusFile;
use graph_sandbox::{FAULTS, first_fault};
use serde_json::json;

use crate::cli::Format;
use crate::data_folder::DataFolder;
use crate::dead_letters::args::ReplayArgs;
use crate::dead_letters::open;
use crate::dead_letters::reasons::advice;
use crate::dead_letters::selection::Selection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::process::{Life, Process};
use crate::prose::{paragraph, print};
use crate::terminal::{Grid, Look, Stream, counted, grouped};
use crate::when::now;

/// Runs the command.
pub(crate) fn run(args: &ReplayArgs) -> Result<Exit, Failure> {
    let selection = Selection::of(&args.selection)?;
    let letters = open(&args.folder)?;
    let replay = replay(&letters, &selection, args)?;
    print(&match args.format {
        Format::Json => for_programs(&replay, args.dry_run),
        Format::Table => {
            let taker = Taker::of(&args.folder);
            for_people(&replay, args, selection.is_restricted, &taker)
        }
    })?;
    if replay.refused.is_empty() || args.dry_run {
        Ok(Exit::Done)
    } else {
        Ok(Exit::Incomplete)
    }
}

pub(super) fn replay(
    letters: &dyn DeadLetterStore,
    selection: &Selection,
    args: &ReplayArgs,
) -> Result<Replay, Failure> {
    let mut ids = Vec::new();
    selection.visit(letters, |letter| {
        ids.push(letter.id);
        ControlFlow::Continue(())
    })?;
    let now = args.now.unwrap_or_else(now);
    let replay = letters.replay(&Filter::all().ids(ids), now, args.dry_run, &mut |letter| {
        validate(letter, now)
    });
    replay.map_err(|error| Failure::of(&error))
}

/// Whether Meta would take the event, as far as its documentation says. Age and damage are looked at by the library.
fn validate(letter: &DeadLetter, now: UnixMillis) -> Result<(), String> {
    let Ok(event) = serde_json::from_slice(&letter.event) else {
        return Err(DeadLetterReason::Damaged.name().to_owned());
    };
    match first_fault(&event, now.seconds()) {
        Some(fault) => Err(fault.name.to_owned()),
        None => Ok(()),
    }
}

/// Who takes up what is put back.
pub(super) enum Taker {
    /// A process that runs.
    Running(u32),
    /// Whoever is started next, with this option.
    Next(DataFolder),
}

impl Taker {
    pub(super) fn of(folder: &DataFolder) -> Self {
        match StatusFile::open(&folder.path).and_then(|file| file.read_status()) {
            Ok(Some(status)) if Process::of(&status, now()).life == Life::Running => {
                Self::Running(status.pid)
            }
            _ => Self::Next(folder.clone()),
        }
    }
}

fn for_programs(replay: &Replay, dry_run: bool) -> String {
    let ids: Vec<_> = replay.requested.iter().map(|EventKey(id)| id).collect();
    let refused: Vec<_> = replay
        .refused
        .iter()
        .map(|refused| json!({ "id": refused.id.0, "reason": refused.reason }))
        .collect();
    let mut object = json!({ "put_back": ids, "refused": refused });
    if dry_run {
        object["dry_run"] = json!(true);
    }
    format!("{object}\n")
}

pub(super) fn for_people(
    replay: &Replay,
    args: &ReplayArgs,
    is_restricted: bool,
    taker: &Taker,
) -> String {
    let put_back = replay.requested.len() as u64;
    let refused = replay.refused.len() as u64;
    if put_back + refused == 0 {
        return if is_restricted {
            "No dead letter is like that: nothing is put back.\n".to_owned()
        } else {
            "There are no dead letters: nothing is to be put back.\n".to_owned()
        };
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    if put_back > 0 {
        let events = counted(put_back, "event", "events");
        let _ = match (args.dry_run, put_back) {
            (true, _) => writeln!(text, "{events} would be put back."),
            (false, 1) => writeln!(text, "{events} is put back."),
            (false, _) => writeln!(text, "{events} are put back."),
        };
    }
    if refused > 0 {
        let _ = writeln!(
            text,
            "{}\n\n{}",
            match (args.dry_run, refused) {
                (true, _) => format!("{} would be refused:", grouped(refused)),
                (false, 1) => "1 is refused, and stays a dead letter:".to_owned(),
                (false, _) => format!("{} are refused, and stay dead letters:", grouped(refused)),
            },
            reasons(replay)
        );
    }
    if put_back > 0 {
        let gap = if refused > 0 { "\n" } else { "" };
        let _ = if args.dry_run {
            writeln!(
                text,
                "{gap}Nothing was done; the same command without --dry-run puts them back."
            )
        } else {
            writeln!(text, "{gap}{}", what_next(taker))
        };
    }
    text
}

/// When what was put back is sent.
fn what_next(taker: &Taker) -> String {
    match taker {
        Taker::Running(pid) => paragraph(
            &format!("Process {pid}, which is running, takes up within seconds what is put back."),
            0,
        ),
        Taker::Next(folder) => format!(
            "{}\n\n  {}",
            paragraph(
                "The next `segue send` or `segue serve` with this data folder sends what is put back. To send nothing else:",
                0
            ),
            folder.send_what_is_kept()
        ),
    }
}

/// Why some are refused, and how many.
fn reasons(replay: &Replay) -> Grid {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for refused in &replay.refused {
        *counts.entry(&refused.reason).or_default() += 1;
    }
    let mut grid = Grid::new(Stream::Out, &[]);
    for (reason, count) in counts {
        grid.row(&[
            (reason, Look::Bad),
            (&grouped(count), Look::Strong),
            (why(reason), Look::Plain),
        ]);
    }
    grid.align_right(1);
    grid.keep_whole(0);
    grid.keep_whole(1);
    grid
}

fn why(reason: &str) -> &'static str {
    let fault = || FAULTS.iter().find(|fault| fault.name == reason);
    DeadLetterReason::from_name(reason)
        .map(advice)
        .or_else(|| fault().map(|fault| fault.message))
        .unwrap_or_default()
}
