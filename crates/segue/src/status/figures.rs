//! The figures of one destination, as a table for people.

use conversions_delivery::{DestinationStatus, UnixMillis};

use crate::dead_letters::Counts;
use crate::status::Seen;
use crate::terminal::{Grid, Look, Stream, grouped};
use crate::when::ago;

/// The table.
pub(super) fn figures(status: &DestinationStatus, seen: &Seen) -> Grid {
    let mut table = Table(Grid::new(Stream::Out, &[]));
    let oldest = oldest(status, seen.now);
    table.row("Backlog", status.backlog, Look::Strong, &oldest);
    table.row_if_any("  later", status.later, "put aside until a given time");
    if seen.process.is_some() {
        work(&mut table, status, seen);
    }
    let letters = Counts(status.dead_letters.clone());
    let look = match letters.total() {
        0 => Look::Strong,
        _ => Look::Bad,
    };
    table.row("Dead letters", letters.total(), look, &letters.in_words());
    let Table(mut grid) = table;
    if let Some(used) = status.usage_percent.filter(|_| seen.is_running()) {
        grid.row(&[
            ("Allowance", Look::Plain),
            (&format!("{used:.0} %"), Look::Plain),
            ("of what Meta allows is used", Look::Faint),
        ]);
    }
    grid.align_right(1);
    grid.keep_whole(0);
    grid.keep_whole(1);
    grid
}

/// What the process has done since it started.
fn work(table: &mut Table, status: &DestinationStatus, seen: &Seen) {
    let rate = |per_second: f64| {
        seen.is_running()
            .then(|| format!("{per_second:.1} a second in the last minute"))
    };
    let last = status
        .last_delivery
        .map(|last| format!("the last {}", ago(last, seen.now)));
    let delivered: Vec<_> = [rate(status.delivered_per_second), last]
        .into_iter()
        .flatten()
        .collect();
    let accepted = rate(status.accepted_per_second).unwrap_or_default();
    table.row("Accepted", status.accepted, Look::Strong, &accepted);
    table.row_if_any(
        "  duplicates",
        status.duplicates,
        "not accepted a second time",
    );
    table.row(
        "Delivered",
        status.delivered,
        Look::Good,
        &delivered.join("; "),
    );
    let under_way = match status.in_flight {
        waiting if waiting > 0 && seen.is_running() => format!("{} under way", grouped(waiting)),
        _ => String::new(),
    };
    table.row("Requests", status.requests, Look::Strong, &under_way);
    table.row_if_any(
        "  repeated",
        status.retries.values().sum(),
        &classes(status),
    );
    table.row_if_any(
        "  ambiguous",
        status.ambiguous,
        "no clear answer came: sent again with the same event_id",
    );
    table.row_if_any(
        "  with remarks",
        status.remarked,
        "Meta took them, and had something to say",
    );
}

struct Table(Grid);

impl Table {
    fn row(&mut self, what: &str, figure: u64, look: Look, more: &str) {
        self.0.row(&[
            (what, Look::Plain),
            (&grouped(figure), look),
            (more, Look::Faint),
        ]);
    }

    fn row_if_any(&mut self, what: &str, figure: u64, more: &str) {
        if figure > 0 {
            self.row(what, figure, Look::Doubtful, more);
        }
    }
}

fn oldest(status: &DestinationStatus, now: UnixMillis) -> String {
    let oldest = status.oldest_at.filter(|_| status.backlog > 0);
    oldest.map_or_else(String::new, |oldest| {
        format!("the oldest was accepted {}", ago(oldest, now))
    })
}

/// Why requests were repeated.
fn classes(status: &DestinationStatus) -> String {
    let classes = status
        .retries
        .iter()
        .map(|(class, count)| format!("{} {count}", class.name()));
    classes.collect::<Vec<_>>().join(", ")
}
