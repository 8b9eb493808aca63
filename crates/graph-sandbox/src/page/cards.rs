//! The numbers at the top.

use maud::{Markup, html};

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

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_groups_of_three() {
        let texts = [0, 999, 1000, 12_345, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
