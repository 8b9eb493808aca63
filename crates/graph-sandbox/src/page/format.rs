//! Numbers, times and labels as the page shows them.

use maud::{Markup, html};

use crate::{clock::rfc_3339, store::ConnectionMethod};

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

pub(super) fn grouped_size(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

/// A time of day, with its date.
pub(super) fn moment(ms: i64) -> Markup {
    let text = rfc_3339(ms);
    let (date, time) = text.split_once('T').unwrap_or_default();
    let (time, _) = time.split_once('.').unwrap_or_default();
    html! { time datetime=(text) { (time) " " small { (date) } } }
}

pub(super) fn badge(method: ConnectionMethod) -> Markup {
    let class = match method {
        ConnectionMethod::Server => "badge server",
        ConnectionMethod::Browser => "badge browser",
    };
    html! { span class=(class) { (method.name()) } }
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
