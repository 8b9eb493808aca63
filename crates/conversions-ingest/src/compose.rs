//! A message made complete: the type that the path gives, what the batch and the request add, times, an id.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::check::check;
use crate::enrich::Additions;
use crate::object::{Object, is_blank};
use crate::options::Limits;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::skew;

/// How the messages of one request are completed.
pub(crate) struct Composer<'c> {
    /// The type of messages that have none.
    pub(crate) kind: Option<&'static str>,
    /// What the request adds.
    pub(crate) additions: Additions,
    /// When the request came in.
    pub(crate) received_at: Timestamp,
    /// The same as JSON.
    pub(crate) received_at_json: String,
    /// How far off a sender's clock may be; `None` for messages that have been corrected before.
    pub(crate) clock_tolerance: Option<Duration>,
    /// Whether messages are refused that Segment would refuse.
    pub(crate) strict: bool,
    /// Bytes of a message.
    pub(crate) message_bytes: usize,
    /// Other limits.
    pub(crate) limits: &'c Limits,
}

impl Composer<'_> {
    /// Writes a complete message.
    pub(crate) fn compose(
        &self,
        message: &str,
        shared: &Shared<'_>,
        out: &mut String,
    ) -> Result<(), Refusal> {
        if message.len() > self.message_bytes {
            return Err(Refusal::MessageTooLarge);
        }
        let mut message = Object::read(message).ok_or(Refusal::NotAnObject)?;
        if self.strict {
            check(&message, self.kind, self.limits)?;
        }
        if let Some(kind) = self.kind
            && message.get("type").is_none_or(is_blank)
        {
            message.set("type", format!("\"{kind}\""));
        }
        shared.complete(&mut message, &self.additions);
        match self.clock_tolerance {
            Some(tolerance) => skew::correct(&mut message, self.received_at, tolerance),
            None => skew::stamp(&mut message, self.received_at),
        }
        if message.get("messageId").is_none_or(is_blank) {
            message.set("messageId", format!("\"api-{}\"", Uuid::new_v4()));
        }
        message.write(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Composer;
    use crate::enrich::Additions;
    use crate::options::Limits;
    use crate::shared::Shared;

    fn composed(message: &str, kind: Option<&'static str>) -> Result<String, &'static str> {
        let limits = Limits::default();
        let received_at = "2026-11-23T12:00:00Z".parse().expect("a time");
        let composer = Composer {
            kind,
            additions: Additions::default(),
            received_at,
            received_at_json: crate::times::write(received_at),
            clock_tolerance: Some(Duration::from_secs(10)),
            strict: false,
            message_bytes: 300,
            limits: &limits,
        };
        let mut out = String::new();
        composer
            .compose(message, &Shared::default(), &mut out)
            .map(|()| out)
            .map_err(super::Refusal::code)
    }

    #[test]
    fn the_path_gives_the_type_if_the_message_has_none() {
        let complete = |kind| composed(&format!(r#"{{"messageId":"m"{kind}}}"#), Some("track"));
        for (kind, expected) in [
            ("", "track"),
            (",\"type\":null", "track"),
            (",\"type\":\"page\"", "page"),
        ] {
            let message = complete(kind).expect("a message");
            assert!(
                message.contains(&format!("\"type\":\"{expected}\"")),
                "{message}"
            );
        }
    }

    #[test]
    fn a_message_without_an_id_gets_one_of_its_own() {
        let id = |message: String| message.split("api-").nth(1).map(str::to_owned);
        let (one, other) = (composed("{}", None).map(id), composed("{}", None).map(id));
        assert!(one != other && one.is_ok_and(|id| id.is_some()));
        let kept = composed(r#"{"messageId":7}"#, None);
        assert!(kept.is_ok_and(|message| message.starts_with(r#"{"messageId":7,"#)));
    }

    #[test]
    fn what_is_no_message_is_named() {
        assert_eq!(composed("[]", None), Err("not_an_object"));
        assert_eq!(
            composed(&format!("{{\"a\":\"{}\"}}", "x".repeat(300)), None),
            Err("message_too_large")
        );
    }

    proptest! {
        #[test]
        fn numbers_come_through_to_the_last_digit(number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?") {
            let message = composed(&format!(r#"{{"event":"E","properties":{{"n":{number}}}}}"#), Some("track"));
            let kept = format!(r#""properties":{{"n":{number}}}"#);
            prop_assert!(message.is_ok_and(|message| message.contains(&kept)));
        }
    }
}
