//! The totals at the top of the page.

use maud::{Markup, html};

use super::format::grouped;
use crate::store::Totals;

pub(super) fn cards(totals: &Totals) -> Markup {
    html! {
        section.cards aria-label="Totals" {
            (card("Received", totals.events_received, &html! { "server events" }))
            (card("Requests", totals.requests, &html! {
                @if totals.browser_events > 0 {
                    (grouped(totals.browser_events)) " events from browsers"
                } @else {
                    "to the events edge"
                }
            }))
            (card("Discarded", totals.deduplicated, &html! { "as duplicates of browser events" }))
            (card("Refused", totals.refused_requests, &html! {
                @if totals.refused_by_code.is_empty() {
                    "requests"
                }
                @for (code, count) in &totals.refused_by_code {
                    span.code { (code) " × " (grouped(*count)) } " "
                }
            }))
        }
    }
}

fn card(title: &str, number: u64, more: &Markup) -> Markup {
    html! {
        div.card {
            h2 { (title) }
            p.number { (grouped(number)) }
            p.more { (more) }
        }
    }
}
