//! Reads a file of events on all cores and reports how well Meta will match them.

use std::sync::Arc;

use conversions_files::{
    ByteCounter, NumberedChunk, Origin, PipelineError, available_workers, map_chunks, newest_time,
};
use conversions_mapping::Mapping;
use jiff::Timestamp;
use match_quality::{JudgedAt, QualityCounts, Report, TimeSource};

/// Whether events are completed by what earlier messages of the same input said.
#[derive(Clone, Debug, Default)]
pub enum MemoryUse {
    /// They are not.
    #[default]
    Off,
    /// They are: the mapping has an empty memory.
    On,
    /// They are not, but this mapping, which has an empty memory, tells what they would gain.
    WhatIf(Arc<Mapping>),
}

/// Maps every event of an input and counts.
///
/// # Errors
///
/// When the input cannot be read.
pub fn check_events(
    origin: &Origin,
    destination: Option<String>,
    mapping: Arc<Mapping>,
    memory: MemoryUse,
    judged_at: JudgedAt,
) -> Result<Report, PipelineError> {
    let mut report = Report {
        input: origin.to_string(),
        destination,
        settings: mapping.settings().clone(),
        judged_at,
        counts: QualityCounts::default(),
    };
    // What is remembered depends on which messages came before.
    let workers = match memory {
        MemoryUse::Off => available_workers(),
        MemoryUse::On | MemoryUse::WhatIf(_) => 1,
    };
    let work = move |piece: &NumberedChunk, counts: &mut QualityCounts| {
        let now = match judged_at.source {
            TimeSource::Option | TimeSource::NewestEvent => judged_at.time,
            TimeSource::Clock => Timestamp::now(),
        };
        let remembers = matches!(memory, MemoryUse::On);
        let mut mapper = mapping.mapper().with_notes(remembers);
        for (_, line) in piece.chunk.lines() {
            counts.count_line(&mut mapper, line, now);
        }
        if let MemoryUse::WhatIf(mapping) = &memory {
            let mut mapper = mapping.mapper().with_notes(true);
            for (_, line) in piece.chunk.lines() {
                counts.count_memory_gain(&mut mapper, line, now);
            }
        }
    };
    map_chunks(
        vec![origin.clone()],
        ByteCounter::default(),
        workers,
        work,
        |of_chunk| {
            report.counts.merge(of_chunk);
            Ok(())
        },
    )?;
    Ok(report)
}

/// The time by which the events of an input are judged: `now`, or else the newest time stamp of a regular file, or else the
/// clock.
///
/// # Errors
///
/// When the input cannot be read.
pub fn judged_at(now: Option<Timestamp>, origin: &Origin) -> Result<JudgedAt, PipelineError> {
    if let Some(time) = now {
        let source = TimeSource::Option;
        return Ok(JudgedAt { time, source });
    }
    // A pipe cannot be read twice.
    let newest = match origin.regular_size() {
        Some(_) => newest_time(std::slice::from_ref(origin))?,
        None => None,
    };
    Ok(match newest {
        Some(time) => JudgedAt {
            time,
            source: TimeSource::NewestEvent,
        },
        None => JudgedAt {
            time: whole_seconds(Timestamp::now()),
            source: TimeSource::Clock,
        },
    })
}

/// Reports show no fractions of seconds.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use conversions_mapping::Settings;

    use super::*;

    fn judged(text: &str, now: Option<&str>) -> JudgedAt {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        std::fs::write(&path, text).unwrap();
        let mapping = Arc::new(Mapping::new(Settings::default()).unwrap());
        let now = now.map(|now| now.parse().unwrap());
        let origin = Origin::File(path);
        let judged_at = judged_at(now, &origin).unwrap();
        let report = check_events(&origin, None, mapping, MemoryUse::Off, judged_at).unwrap();
        assert_eq!(report.counts.outcomes.read, 1);
        report.judged_at
    }

    #[test]
    fn the_newest_time_stamp_of_a_file_is_now_unless_a_time_is_given() {
        let timed = r#"{"event":"Lead","userId":"u","timestamp":"2026-11-20T10:05:00Z"}"#;
        let newest = judged(timed, None);
        assert_eq!(newest.time.to_string(), "2026-11-20T10:05:00Z");
        assert_eq!(newest.source, TimeSource::NewestEvent);
        let given = judged(timed, Some("2027-11-20T10:05:00Z"));
        assert_eq!(given.source, TimeSource::Option);
        let untimed = judged(r#"{"event":"Lead","userId":"u"}"#, None);
        assert_eq!(untimed.source, TimeSource::Clock);
    }
}
