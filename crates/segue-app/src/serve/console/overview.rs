//! How delivery stands, and whether a person has to act.

use std::time::Duration;

use conversions_delivery::{
    DeadLetterCounts, DestinationProgress, LastError, Progress, UnixMillis,
};
use segue_console::{DestinationState, DestinationSummary, LastAnswer, Overview, Verdict};

use super::time::timestamp;

/// Events that wait longer than this are worth a look.
const LONG_WAIT: Duration = Duration::from_mins(10);
/// So many refusals without a success between them are rarely the fault of the events.
const REFUSED_IN_A_ROW: u64 = 10;

pub(super) fn overview(
    progress: &Progress,
    letters: &DeadLetterCounts,
    now: UnixMillis,
) -> Overview {
    let summary = |(name, one): (&std::sync::Arc<str>, &DestinationProgress)| {
        let kept = letters
            .get(&**name)
            .map_or(0, |reasons| reasons.values().sum());
        destination(name, one, kept)
    };
    Overview {
        verdict: verdict(progress, now),
        destinations: progress.destinations.iter().map(summary).collect(),
        charts: None,
        faults: progress.log_fault.iter().cloned().collect(),
    }
}

fn verdict(progress: &Progress, now: UnixMillis) -> Verdict {
    let bad = |sentence: String, advice: &str| Verdict {
        is_fine: false,
        sentence,
        advice: Some(advice.to_owned()),
    };
    if progress.log_fault.is_some() {
        return bad(
            "Nothing can be delivered: the event log does not work.".to_owned(),
            "No accepted event is lost. Senders are told to try again later.",
        );
    }
    let held: Vec<_> = progress.held().collect();
    if let [(name, one), others @ ..] = held.as_slice() {
        let more = match others.len() {
            0 => String::new(),
            1 => " Another destination is held too.".to_owned(),
            more => format!(" {more} other destinations are held too."),
        };
        return bad(
            format!("{name} is held: {}{more}", sentence(&one.sentence)),
            "Its events wait, none is lost. It is tried again regularly, and at once when the settings or a token change.",
        );
    }
    for (name, one) in &progress.destinations {
        if one.refused_in_a_row >= REFUSED_IN_A_ROW {
            return bad(
                format!(
                    "Meta refused the last {} events for {name}.",
                    one.refused_in_a_row
                ),
                "So many in a row are rarely the fault of the events: check that the access token may use the pixel. Dead letters has Meta's words.",
            );
        }
    }
    let waits_long = |one: &DestinationProgress| {
        let oldest = one.backlog.oldest?;
        let waiting = one.backlog.events > one.backlog.later;
        (waiting && now.since(oldest) > LONG_WAIT).then_some(())
    };
    for (name, one) in &progress.destinations {
        if waits_long(one).is_some() {
            return bad(
                format!("Events for {name} have waited for more than 10 minutes."),
                "The last answer of Meta below says why. They are sent as soon as Meta takes them.",
            );
        }
    }
    let sentence = match progress.destinations.len() {
        0 => "There is no destination.".to_owned(),
        1 => "The destination delivers.".to_owned(),
        count => format!("All {count} destinations deliver."),
    };
    Verdict {
        is_fine: true,
        sentence,
        advice: None,
    }
}

/// With a full stop.
fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

fn destination(name: &str, one: &DestinationProgress, dead_letters: u64) -> DestinationSummary {
    let is_failing = one
        .last_error
        .as_ref()
        .is_some_and(|error| error.is_tried_again && one.last_delivery < Some(error.at));
    let (state, why) = match &one.held {
        Some(held) => (DestinationState::Held, Some(sentence(&held.sentence))),
        None if one.paused_for.is_some() => (
            DestinationState::Paused,
            Some("Meta asked to wait.".to_owned()),
        ),
        None if is_failing && one.backlog.events > 0 => (
            DestinationState::Retrying,
            Some("Requests fail and are repeated.".to_owned()),
        ),
        None => (DestinationState::Delivering, None),
    };
    DestinationSummary {
        name: name.to_owned(),
        state,
        sentence: why,
        accepted: one.accepted,
        delivered: one.delivered,
        rejected: 0,
        dead_letters,
        backlog: one.backlog.events,
        oldest_at: one.backlog.oldest.and_then(timestamp),
        last_answer: last_answer(one),
    }
}

/// The newest of the last success and the last failure.
fn last_answer(one: &DestinationProgress) -> Option<LastAnswer> {
    let failure = one
        .last_error
        .as_ref()
        .map(|error| (error.at, failed(error)));
    let success = one.last_delivery.map(|at| {
        let answer = LastAnswer {
            at: timestamp(at),
            status: Some(200),
            sentence: Some("the events were received".to_owned()),
            fbtrace_id: None,
        };
        (at, answer)
    });
    let newest = failure.into_iter().chain(success).max_by_key(|(at, _)| *at);
    newest.map(|(_, answer)| answer)
}

fn failed(error: &LastError) -> LastAnswer {
    LastAnswer {
        at: timestamp(error.at),
        status: error.status,
        sentence: Some(error.sentence.clone()),
        fbtrace_id: error.fbtrace_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use conversions_delivery::{Backlog, Held, HoldCause};

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

    fn seen(change: impl FnOnce(&mut Progress, &mut DestinationProgress)) -> Overview {
        let mut progress = Progress::default();
        let mut shop = DestinationProgress {
            accepted: 9,
            ..DestinationProgress::default()
        };
        change(&mut progress, &mut shop);
        progress.destinations.insert("shop".into(), shop);
        overview(&progress, &BTreeMap::new(), NOW)
    }

    #[test]
    fn nobody_has_to_act_while_events_are_delivered() {
        let seen = seen(|_, _| {});
        assert_eq!(seen.verdict.sentence, "The destination delivers.");
        assert!(seen.verdict.is_fine);
        assert_eq!(seen.destinations[0].state, DestinationState::Delivering);
    }

    #[test]
    fn the_verdict_says_what_is_wrong_first() {
        let held = Held {
            cause: HoldCause::Authentication,
            since: NOW,
            sentence: "the access token has expired: create a new one".to_owned(),
        };
        let backlog = Backlog {
            events: 5,
            oldest: Some(NOW.minus(LONG_WAIT * 2)),
            ..Backlog::default()
        };
        for (seen, sentence) in [
            (
                seen(|_, shop| shop.held = Some(held)),
                "shop is held: the access token has expired: create a new one.",
            ),
            (
                seen(|_, shop| shop.refused_in_a_row = 12),
                "Meta refused the last 12 events for shop.",
            ),
            (
                seen(|_, shop| shop.backlog = backlog),
                "Events for shop have waited for more than 10 minutes.",
            ),
            (
                seen(|progress, _| progress.log_fault = Some("disk full".to_owned())),
                "Nothing can be delivered: the event log does not work.",
            ),
        ] {
            assert_eq!(seen.verdict.sentence, sentence);
            assert!(!seen.verdict.is_fine && seen.verdict.advice.is_some());
        }
    }

    #[test]
    fn a_failure_after_a_success_is_the_last_answer() {
        let error = LastError {
            at: NOW,
            sentence: "Meta has a fault".to_owned(),
            is_tried_again: true,
            status: Some(500),
            code: Some(2),
            subcode: None,
            fbtrace_id: Some("Ab".to_owned()),
        };
        let seen = seen(|_, shop| {
            shop.last_delivery = Some(NOW.minus(Duration::from_secs(5)));
            shop.last_error = Some(error);
            shop.backlog.events = 1;
        });
        let shop = &seen.destinations[0];
        assert_eq!(shop.state, DestinationState::Retrying);
        assert_eq!(
            shop.last_answer.as_ref().and_then(|answer| answer.status),
            Some(500)
        );
    }
}
