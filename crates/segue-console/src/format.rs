//! Numbers and times as the pages show them.

use jiff::Timestamp;
use maud::{Markup, html};

/// A part of a whole, in percent without decimals; what is not all is not shown as all, and what is something not as nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let share = u128::from(part) * 100 / u128::from(whole);
    match share {
        0 if part > 0 => "< 1 %".to_owned(),
        share => format!("{share} %"),
    }
}

/// A time as an element: the time of day, with the date in small print. The script adds the viewer's own zone.
pub(crate) fn time(at: Timestamp) -> Markup {
    let text = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    html! {
        time datetime=(text) title=(text) {
            (at.strftime("%H:%M:%S")) " " small { (at.strftime("%Y-%m-%d")) }
        }
    }
}

/// A time, or a dash.
pub(crate) fn time_or_dash(at: Option<Timestamp>) -> Markup {
    at.map_or_else(|| html! { "–" }, time)
}

/// How long ago something was, in the largest unit that says enough.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_not_rounded_to_all_or_nothing() {
        for (part, whole, text) in [
            (0, 0, "–"),
            (0, 9, "0 %"),
            (1, 1000, "< 1 %"),
            (999, 1000, "99 %"),
            (7, 7, "100 %"),
            (u64::MAX, u64::MAX, "100 %"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
    }

    #[test]
    fn ages_have_one_unit() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        for (seconds, text) in [
            (-5, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7200, "2 h"),
            (172_800, "2 days"),
        ] {
            let at = Timestamp::from_second(1_000_000 - seconds).unwrap();
            assert_eq!(ago(at, now), text);
        }
    }

    #[test]
    fn a_time_is_machine_readable() {
        let at = "2026-11-20T10:05:07.25Z".parse().unwrap();
        assert_eq!(
            time(at).into_string(),
            "<time datetime=\"2026-11-20T10:05:07Z\" title=\"2026-11-20T10:05:07Z\">10:05:07 <small>2026-11-20</small></time>"
        );
    }
}
