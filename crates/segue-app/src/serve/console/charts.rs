//! The history as points of charts, and what it says of single destinations.

use std::collections::BTreeMap;

use conversions_history::history::{AnswerTimes, HistoryReport, Range, Slot};
use jiff::Timestamp;
use segue_console::{ChartPoint, Charts, TimeRange};

/// Slots of the history that make one point of fourteen days.
const HOURS_OF_A_POINT: usize = 4;

pub(super) fn range_of(range: TimeRange) -> Range {
    match range {
        TimeRange::Hour => Range::LastHour,
        TimeRange::Day => Range::LastDay,
        TimeRange::Fortnight => Range::Last14Days,
    }
}

pub(super) fn charts(range: TimeRange, report: &HistoryReport) -> Charts {
    let slots_of_a_point = match range {
        TimeRange::Hour | TimeRange::Day => 1,
        TimeRange::Fortnight => HOURS_OF_A_POINT,
    };
    let factor = u32::try_from(slots_of_a_point).unwrap_or(1);
    Charts {
        range,
        step_seconds: report.step.saturating_mul(factor),
        points: report.slots.chunks(slots_of_a_point).map(point).collect(),
    }
}

fn point(slots: &[Slot]) -> ChartPoint {
    let mut point = ChartPoint {
        at: slots
            .first()
            .and_then(|slot| Timestamp::from_second(slot.at).ok())
            .unwrap_or_default(),
        ..ChartPoint::default()
    };
    let mut times = AnswerTimes::default();
    for slot in slots {
        point.received += slot.sources.values().sum::<u64>();
        add(&mut point.rejected, &slot.refused);
        for destination in slot.destinations.values() {
            point.delivered += destination.delivered;
            add(&mut point.rejected, &destination.rejected);
            add(&mut point.rejected, &destination.dead_lettered);
            for (sum, count) in times.counts.iter_mut().zip(destination.answer_times.counts) {
                *sum += count;
            }
        }
    }
    point.answer_ms_p50 = times.quantile(0.5).map(f64::from);
    point.answer_ms_p95 = times.quantile(0.95).map(f64::from);
    point
}

fn add(sum: &mut BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) {
    for (reason, count) in counts {
        *sum.entry(reason.clone()).or_default() += count;
    }
}

/// Messages of the last 24 hours that were rejected at a destination.
pub(super) fn rejected(day: &HistoryReport, destination: &str) -> u64 {
    let counts = day.total.destinations.get(destination);
    counts.map_or(0, |counts| counts.rejected.values().sum())
}

/// When something first happened in the last fourteen days, by the finest of the reports that have all of it.
pub(super) fn first(
    reports: &[HistoryReport; 3],
    count: impl Fn(&Slot) -> u64,
) -> Option<Timestamp> {
    let [_, _, longest] = reports;
    let all = count(&longest.total);
    let finest = reports.iter().find(|report| count(&report.total) >= all)?;
    let slot = finest.slots.iter().find(|slot| count(slot) > 0)?;
    Timestamp::from_second(slot.at).ok()
}

#[cfg(test)]
mod tests {
    use conversions_history::history::{Counter, History, HistoryOptions};

    use super::*;

    #[test]
    fn charts_have_the_counts_of_the_history() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path(), &HistoryOptions::default()).unwrap();
        history.record(|counts| {
            counts.add(Counter::Messages { source: "web" }, 5);
            counts.add(
                Counter::Delivered {
                    destination: "shop",
                },
                3,
            );
            counts.add(
                Counter::Rejected {
                    destination: "shop",
                    reason: "old",
                },
                1,
            );
            counts.add(
                Counter::DeadLettered {
                    destination: "shop",
                    reason: "refused",
                },
                1,
            );
        });
        for (range, points) in [
            (TimeRange::Hour, 60),
            (TimeRange::Day, 96),
            (TimeRange::Fortnight, 84),
        ] {
            let report = history.report(range_of(range));
            let charts = charts(range, &report);
            assert_eq!(charts.points.len(), points);
            let sum = |of: fn(&ChartPoint) -> u64| charts.points.iter().map(of).sum::<u64>();
            assert_eq!(
                (sum(|point| point.received), sum(|point| point.delivered)),
                (5, 3)
            );
            assert_eq!(sum(|point| point.rejected.values().sum()), 2);
        }
        let reports =
            [Range::LastHour, Range::LastDay, Range::Last14Days].map(|range| history.report(range));
        assert_eq!(rejected(&reports[1], "shop"), 1);
        let first = first(&reports, |slot| slot.sources.values().sum()).unwrap();
        assert!(
            Timestamp::now().as_second() - first.as_second() < 180,
            "by the minute"
        );
    }
}
