//! `segue check --events`: how ready events are. Which match keys they have, what is skipped and rejected and why, under
//! which names they are sent, and what to do first.
//!
//! The report holds names and numbers, never a value of an event. Memory is constant, whatever the file's length.

mod advice;
mod counts;
mod findings;
mod for_people;
mod for_programs;
mod keys;
mod layout;
mod names;

use std::path::PathBuf;

use conversions_mapping::{Mapping, Settings as MappingSettings};
use jiff::Timestamp;
use segue_settings::Settings;
use serde_json::Value;

use crate::cli::CheckArgs;
use crate::context::{Clock, choose_destination, mapping_of};
use crate::failure::Failure;
use crate::input;
use crate::match_keys::counts::Counts;
use conversions_files::newest_time;
use conversions_files::{ByteCounter, Origin};
use conversions_files::{NumberedChunk, available_workers, map_chunks};

/// How ready the events of one input are.
pub(crate) struct Report {
    /// Where the events come from.
    origin: Origin,
    /// The destination they were mapped for, if it has a name.
    destination: Option<String>,
    mapping: MappingSettings,
    now: Now,
    counts: Counts,
}

/// The time by which events are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Now {
    /// With [`NowFrom::Clock`] when the reading began; each event is judged when it is read.
    time: Timestamp,
    from: NowFrom,
}

/// Who says what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NowFrom {
    /// `--now`.
    Option,
    /// The newest event of a regular file, which can be read twice: a file that has lain about is still judged.
    NewestEvent,
    /// The time of day.
    Clock,
}

impl NowFrom {
    /// The stable name.
    fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::NewestEvent => "newest_event",
            Self::Clock => "clock",
        }
    }
}

impl Now {
    fn choose(asked: Option<Timestamp>, input: &Origin) -> Result<Self, Failure> {
        if let Some(time) = asked {
            let from = NowFrom::Option;
            return Ok(Self { time, from });
        }
        let newest = match input.regular_size() {
            Some(_) => newest_time(std::slice::from_ref(input))?,
            None => None,
        };
        Ok(match newest {
            Some(time) => Self {
                time,
                from: NowFrom::NewestEvent,
            },
            None => Self {
                time: whole_seconds(Timestamp::now()),
                from: NowFrom::Clock,
            },
        })
    }

    fn clock(self) -> Clock {
        match self.from {
            NowFrom::Option | NowFrom::NewestEvent => Clock(Some(self.time)),
            NowFrom::Clock => Clock(None),
        }
    }
}

/// Who reads a time wants no fractions.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

impl Report {
    /// Reads the events that were asked for, if any were.
    pub(crate) fn make(args: &CheckArgs, settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(path) = &args.events else {
            return Ok(None);
        };
        let name = args.settings.destination.as_deref();
        let destination = choose_destination(settings.clone(), name)?;
        let mapping = mapping_of(&destination)?;
        Self::of(path.clone(), destination.name, mapping, args.now).map(Some)
    }

    fn of(
        path: PathBuf,
        destination: Option<String>,
        mapping: Mapping,
        now: Option<Timestamp>,
    ) -> Result<Self, Failure> {
        let inputs = Origin::from_arguments(&[path]);
        input::check(&inputs)?;
        let origin = inputs.first().cloned().unwrap_or(Origin::StandardInput);
        let now = Now::choose(now, &origin)?;
        let clock = now.clock();
        let mut report = Self {
            origin,
            destination,
            mapping: mapping.settings().clone(),
            now,
            counts: Counts::default(),
        };
        let work = move |piece: &NumberedChunk, counts: &mut Counts| {
            let (mut mapper, now) = (mapping.mapper(), clock.now());
            for (_, line) in piece.chunk.lines() {
                counts.count_line(&mut mapper, line, now);
            }
        };
        map_chunks(
            inputs,
            ByteCounter::default(),
            available_workers(),
            work,
            |of_chunk| {
                report.counts.take(of_chunk);
                Ok(())
            },
        )?;
        Ok(report)
    }

    /// Tables and bars, at most 80 columns wide, with colours; whoever prints it takes them out where they are not
    /// wanted.
    pub(crate) fn for_people(&self) -> String {
        for_people::render(self)
    }

    /// The same as JSON; `docs/match-keys.md` describes the keys.
    pub(crate) fn for_programs(&self) -> Value {
        for_programs::object(self)
    }
}

#[cfg(test)]
mod tests;
