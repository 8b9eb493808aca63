//! The overview: one line for each event name and connection method.

use std::{collections::BTreeMap, sync::Arc};

use maud::{Markup, html};

use super::{
    format::{badge, grouped, moment},
    view::View,
};
use crate::store::{ConnectionMethod, State, StoredEvent};

/// Lines at most; the names with the most events come first.
const MAX_LINES: usize = 20;

#[derive(Default)]
struct Line {
    events: u64,
    discarded: u64,
    last_received: i64,
}

pub(super) fn overview(events: &[Arc<StoredEvent>], view: &View) -> Markup {
    let mut lines: BTreeMap<(&str, &str), (ConnectionMethod, Line)> = BTreeMap::new();
    for event in events {
        let method = event.connection_method;
        let key = (&*event.event_name, method.name());
        let (_, line) = lines
            .entry(key)
            .or_insert_with(|| (method, Line::default()));
        line.events += 1;
        line.discarded += u64::from(event.state == State::Deduplicated);
        line.last_received = line.last_received.max(event.received_at);
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    lines.sort_by_key(|(_, (_, line))| std::cmp::Reverse(line.events));
    let hidden = lines.len().saturating_sub(MAX_LINES);
    html! {
        section {
            h2 { "Overview" }
            table {
                thead {
                    tr { th { "Event" } th { "Connection method" } th.right { "Events" } th.right { "Discarded" } th.wide { "Last received (UTC)" } }
                }
                tbody {
                    @for ((name, _), (method, line)) in lines.into_iter().take(MAX_LINES) {
                        tr {
                            td.name {
                                a href=(view.link(|view| {
                                    view.query.event_name = Some(name.to_owned());
                                    view.query.connection_method = Some(method);
                                })) { (name) }
                            }
                            td { (badge(method)) }
                            td.right { (grouped(line.events)) }
                            td.right { (grouped(line.discarded)) }
                            td.wide { (moment(line.last_received)) }
                        }
                    }
                }
            }
            @if hidden > 0 {
                p.more { "and " (hidden) " more" }
            }
        }
    }
}
