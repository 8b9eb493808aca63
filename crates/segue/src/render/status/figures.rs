//! The figures of one destination, as a table for people.

use conversions_delivery::{DestinationStatus, UnixMillis};

use segue_insight::dead_letters::ReasonCounts;
use segue_insight::status::DeliveryStatus;

use crate::render::terminal::{CellStyle, Stream, TableBuilder, grouped};
use crate::render::time::ago;

/// The table.
pub(super) fn figures(status: &DestinationStatus, delivery: &DeliveryStatus) -> TableBuilder {
    let mut table = FigureTable(TableBuilder::new(Stream::Out, &[]));
    let oldest = oldest(status, delivery.now);
    table.row("Backlog", status.backlog, CellStyle::Strong, &oldest);
    table.row_if_any("  later", status.later, "wait until a given time");
    if delivery.process.is_some() {
        work(&mut table, status, delivery);
    }
    let letters = ReasonCounts(status.dead_letters.clone());
    let style = match letters.total() {
        0 => CellStyle::Strong,
        _ => CellStyle::Bad,
    };
    table.row("Dead letters", letters.total(), style, &letters.in_words());
    let FigureTable(mut table) = table;
    if let Some(used) = status.usage_percent.filter(|_| delivery.is_running()) {
        table.row(&[
            ("Allowance", CellStyle::Plain),
            (&format!("{used:.0} %"), CellStyle::Plain),
            ("of what Meta allows is used", CellStyle::Faint),
        ]);
    }
    table.align_right(1);
    table.keep_whole(0);
    table.keep_whole(1);
    table
}

/// What the process has done since it started.
fn work(table: &mut FigureTable, status: &DestinationStatus, delivery: &DeliveryStatus) {
    let rate = |per_second: f64| {
        delivery
            .is_running()
            .then(|| format!("{per_second:.1} a second in the last minute"))
    };
    let last = status
        .last_delivery
        .map(|last| format!("the last {}", ago(last, delivery.now)));
    let delivered: Vec<_> = [rate(status.delivered_per_second), last]
        .into_iter()
        .flatten()
        .collect();
    let accepted = rate(status.accepted_per_second).unwrap_or_default();
    table.row("Accepted", status.accepted, CellStyle::Strong, &accepted);
    table.row_if_any(
        "  duplicates",
        status.duplicates,
        "not accepted a second time",
    );
    table.row(
        "Delivered",
        status.delivered,
        CellStyle::Good,
        &delivered.join("; "),
    );
    let under_way = match status.in_flight {
        waiting if waiting > 0 && delivery.is_running() => {
            format!("{} under way", grouped(waiting))
        }
        _ => String::new(),
    };
    table.row("Requests", status.requests, CellStyle::Strong, &under_way);
    table.row_if_any(
        "  repeated",
        status.retries.values().sum(),
        &classes(status),
    );
    table.row_if_any(
        "  ambiguous",
        status.ambiguous,
        "no clear answer: sent again with the same event_id",
    );
    table.row_if_any(
        "  with remarks",
        status.remarked,
        "Meta accepted them with remarks",
    );
}

struct FigureTable(TableBuilder);

impl FigureTable {
    fn row(&mut self, what: &str, figure: u64, style: CellStyle, more: &str) {
        self.0.row(&[
            (what, CellStyle::Plain),
            (&grouped(figure), style),
            (more, CellStyle::Faint),
        ]);
    }

    fn row_if_any(&mut self, what: &str, figure: u64, more: &str) {
        if figure > 0 {
            self.row(what, figure, CellStyle::Doubtful, more);
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
