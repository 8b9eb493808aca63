//! Reads a file of events on all cores and reports how well Meta will match them.

use std::sync::Arc;

use conversions_files::{
    ByteCounter, NumberedChunk, Origin, PipelineError, available_workers, map_chunks, newest_time,
};
use conversions_mapping::Mapping;
use jiff::Timestamp;
use match_quality::{JudgedAt, QualityCounts, Report, TimeSource};

/// Maps every event of an input and counts. `now` is the time by which events are judged; without it the newest time stamp
/// of a regular file, which is read twice for that, and otherwise the clock.
///
/// # Errors
///
/// When the input cannot be read.
pub fn check_events(
    origin: &Origin,
    destination: Option<String>,
    mapping: Arc<Mapping>,
    now: Option<Timestamp>,
) -> Result<Report, PipelineError> {
    let judged_at = judged_at(now, origin)?;
    let mut report = Report {
        input: origin.to_string(),
        destination,
        settings: mapping.settings().clone(),
        judged_at,
        counts: QualityCounts::default(),
    };
    let work = move |piece: &NumberedChunk, counts: &mut QualityCounts| {
        let now = match judged_at.source {
            TimeSource::Option | TimeSource::NewestEvent => judged_at.time,
            TimeSource::Clock => Timestamp::now(),
        };
        let mut mapper = mapping.mapper();
        for (_, line) in piece.chunk.lines() {
            counts.count_line(&mut mapper, line, now);
        }
    };
    map_chunks(
        vec![origin.clone()],
        ByteCounter::default(),
        available_workers(),
        work,
        |of_chunk| {
            report.counts.merge(of_chunk);
            Ok(())
        },
    )?;
    Ok(report)
}

fn judged_at(now: Option<Timestamp>, origin: &Origin) -> Result<JudgedAt, PipelineError> {
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
        let report = check_events(&Origin::File(path), None, mapping, now).unwrap();
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
