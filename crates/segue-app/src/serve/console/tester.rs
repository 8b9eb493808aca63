//! What would become of a message, and what Meta or the sandbox says to it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use conversions_mapping::{Outcome as MappingOutcome, is_printable};
use conversions_transport::{EventsRequest, GraphUrl, SendError, Transport as _};
use jiff::Timestamp;
use segue_console::{
    DataError, EventFields, Field, LastAnswer, MessageTest, Outcome, TestAnswer, TestResult,
    UnusedMember,
};
use segue_insight::explain::Explanation;
use serde_json::value::RawValue;

use super::setup::TestDestination;

/// The test code that the sandbox gets when none is given. Meta's are made by Events Manager.
const SANDBOX_CODE: &str = "TEST";

pub(super) async fn run(
    destination: &TestDestination,
    sandbox: Option<&GraphUrl>,
    test: &MessageTest,
    now: Timestamp,
) -> Result<TestResult, DataError> {
    if test.message.trim().is_empty() {
        return Err(DataError::Invalid("Paste a message first.".to_owned()));
    }
    let message = with_timestamp(test.message.trim(), now);
    let (explanation, event, own_code) = map(destination, message.as_bytes(), now);
    let answer = match event {
        Some(event) if test.send => {
            let code = test_code(&test.test_event_code, own_code, sandbox.is_some())?;
            Some(send(destination, sandbox, event, &code).await?)
        }
        _ => None,
    };
    Ok(TestResult {
        destination: destination.resolved.name.to_string(),
        outcome: match explanation.outcome {
            "accepted" => Outcome::Accepted,
            "skipped" => Outcome::Skipped,
            _ => Outcome::Rejected,
        },
        reason: explanation.reason.map(str::to_owned),
        detail: explanation.detail.clone(),
        event_name: explanation.event_name.clone(),
        fields: fields(explanation),
        answer,
    })
}

/// Maps the message. The JSON text of the event and its own test code are there if it is accepted.
fn map(
    destination: &TestDestination,
    message: &[u8],
    now: Timestamp,
) -> (Explanation, Option<String>, Option<String>) {
    let mut mapper = destination.mapping.mapper().with_notes(true);
    mapper.map_bytes(message, now, |outcome| {
        let explanation = Explanation::of(&outcome, 1);
        match &outcome {
            MappingOutcome::Accepted(accepted) => {
                let code = accepted.test_event_code.as_ref().map(ToString::to_string);
                (explanation, Some(accepted.event.to_json()), code)
            }
            _ => (explanation, None, None),
        }
    })
}

fn test_code(given: &str, own: Option<String>, is_sandbox: bool) -> Result<String, DataError> {
    let given = given.trim();
    if !given.is_empty() {
        let is_code = given.len() <= 100 && given.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return if is_code {
            Ok(given.to_owned())
        } else {
            Err(DataError::Invalid(
                "A test code has letters and digits only, like TEST12345.".to_owned(),
            ))
        };
    }
    own.or_else(|| is_sandbox.then(|| SANDBOX_CODE.to_owned())).ok_or_else(|| {
        DataError::Invalid(
            "Give a test code to send the event: without one, Meta would count it. Events Manager shows it under Test events.".to_owned(),
        )
    })
}

async fn send(
    destination: &TestDestination,
    sandbox: Option<&GraphUrl>,
    event: String,
    code: &str,
) -> Result<TestAnswer, DataError> {
    let connected = destination.resolved.connect(sandbox.cloned());
    let transport = connected
        .map_err(|error| DataError::Unavailable(error.sentence()))?
        .ok_or_else(|| DataError::Unavailable("This destination sends nothing.".to_owned()))?;
    let request = EventsRequest::new(vec![Bytes::from(event)]).with_test_event_code(Some(code));
    Ok(match transport.send(&request).await {
        Ok(received) => TestAnswer {
            is_accepted: true,
            answer: LastAnswer {
                at: Some(Timestamp::now()),
                status: Some(200),
                sentence: Some(remarks(&received.messages)),
                fbtrace_id: received.fbtrace_id,
            },
        },
        Err(error) => TestAnswer {
            is_accepted: false,
            answer: refused(&error),
        },
    })
}

fn remarks(messages: &[String]) -> String {
    if messages.is_empty() {
        "the event was received".to_owned()
    } else {
        format!("the event was received, with {} remarks", messages.len())
    }
}

fn refused(error: &SendError) -> LastAnswer {
    LastAnswer {
        at: Some(Timestamp::now()),
        status: error.status(),
        sentence: Some(error.meaning().sentence.to_owned()),
        fbtrace_id: error
            .graph_error()
            .and_then(|error| error.fbtrace_id())
            .map(str::to_owned),
    }
}

/// The message with the time of now if it has none: examples do not grow old. A text that is no object stays as it is.
fn with_timestamp(message: &str, now: Timestamp) -> Cow<'_, str> {
    let members = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(message);
    let (Ok(members), Some(rest)) = (members, message.strip_prefix('{')) else {
        return Cow::Borrowed(message);
    };
    if members.contains_key("timestamp") {
        return Cow::Borrowed(message);
    }
    let comma = if members.is_empty() { "" } else { "," };
    Cow::Owned(format!("{{\"timestamp\":\"{now}\"{comma}{rest}"))
}

fn fields(explanation: Explanation) -> EventFields {
    let fields = explanation.fields.into_iter().map(|field| Field {
        field: field.field,
        value: field.value,
        from: field.from,
        effect: field.effect.to_owned(),
    });
    let not_used = explanation.not_used.into_iter().map(|member| UnusedMember {
        from: member.from.map(|path| shown_path(&path)),
        why: member.meaning.to_owned(),
    });
    EventFields {
        fields: fields.collect(),
        not_used: not_used.collect(),
        warnings: explanation
            .warnings
            .iter()
            .map(|one| one.sentence.to_owned())
            .collect(),
    }
}

/// Names of members are the sender's; one could be an address.
fn shown_path(path: &str) -> String {
    if is_printable(path) {
        path.to_owned()
    } else {
        "(not shown)".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_time_gets_one_and_others_stay_as_they_are() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (message, expected) in [
            ("{}", "{\"timestamp\":\"2026-11-20T12:00:00Z\"}"),
            (
                "{ \"event\": \"Lead\", \"big\": 12345678901234567890123 }",
                "{\"timestamp\":\"2026-11-20T12:00:00Z\", \"event\": \"Lead\", \"big\": 12345678901234567890123 }",
            ),
            ("{\"timestamp\":1}", "{\"timestamp\":1}"),
            ("[{}]", "[{}]"),
            ("{\"event\":", "{\"event\":"),
            ("\u{0}\u{fffd}", "\u{0}\u{fffd}"),
        ] {
            assert_eq!(with_timestamp(message, now), expected);
        }
    }

    #[test]
    fn an_event_is_sent_to_meta_with_a_test_code_only() {
        assert_eq!(test_code("", None, true), Ok("TEST".to_owned()));
        assert_eq!(
            test_code("", Some("OWN1".to_owned()), false),
            Ok("OWN1".to_owned())
        );
        assert_eq!(test_code(" TEST9 ", None, false), Ok("TEST9".to_owned()));
        for (given, sandbox) in [("", false), ("a b", true), ("ada@example.com", false)] {
            assert!(test_code(given, None, sandbox).is_err(), "{given}");
        }
    }
}
