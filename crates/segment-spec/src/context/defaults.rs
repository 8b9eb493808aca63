//! A `context` that several messages share.

use super::Context;
use skim_json::{Kind, Raw};

/// A `context` that stands beside the messages of a batch, and counts for what a message does not say itself.
///
/// ```
/// use segment_spec::{ContextDefaults, Line, Message, Raw};
///
/// let shared = Raw::read(r#"{"ip":"203.0.113.7","locale":"en-US"}"#).expect("JSON");
/// let shared = ContextDefaults::read(shared).expect("an object");
/// let line = Line::new(br#"{"type":"track","context":{"locale":"de-DE"}}"#)?;
/// let mut message = Message::read(&line)?;
/// shared.fill(&mut message.context);
/// assert_eq!(message.at_path("context.ip").map(Raw::text), Some("\"203.0.113.7\""));
/// assert_eq!(message.at_path("context.locale").map(Raw::text), Some("\"de-DE\""));
/// # Ok::<(), segment_spec::ReadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ContextDefaults<'a> {
    raw: Raw<'a>,
    context: Context<'a>,
}

impl<'a> ContextDefaults<'a> {
    /// Reads a `context`; `None` if the value is no object.
    #[must_use]
    pub fn read(raw: Raw<'a>) -> Option<Self> {
        if raw.kind() != Kind::Object {
            return None;
        }
        let mut context = Context::default();
        raw.read_into(&mut context).ok()?;
        Some(Self { raw, context })
    }

    /// Gives a message's context the members that it lacks; `null` counts as lacking. A context of the wrong type stays
    /// as it is.
    ///
    /// Members are taken whole: a page or traits that the message has are not filled any further, since the traits of
    /// one user must not mix with those of another.
    pub fn fill(&self, context: &mut Context<'a>) {
        if context.wrong_type {
            return;
        }
        let Context {
            app,
            consent,
            device,
            fbc,
            fbp,
            ip,
            library,
            locale,
            network,
            os,
            page,
            screen,
            timezone,
            traits,
            user_agent,
            defaults: _,
            wrong_type: _,
            is_present: _,
        } = &self.context;
        for (own, default) in [
            (&mut context.app, app),
            (&mut context.consent, consent),
            (&mut context.device, device),
            (&mut context.fbc, fbc),
            (&mut context.fbp, fbp),
            (&mut context.ip, ip),
            (&mut context.library, library),
            (&mut context.locale, locale),
            (&mut context.network, network),
            (&mut context.os, os),
            (&mut context.screen, screen),
            (&mut context.timezone, timezone),
            (&mut context.user_agent, user_agent),
        ] {
            if own.is_none_or(|raw| raw.kind() == Kind::Null) {
                *own = *default;
            }
        }
        if !context.page.is_present {
            context.page.clone_from(page);
        }
        if !context.traits.is_present {
            context.traits.clone_from(traits);
        }
        context.defaults = Some(self.raw);
    }
}

impl<'a> Context<'a> {
    /// The value at a path of keys below `context`, of which `own` is the value in the message's text.
    pub(crate) fn at_path(&self, own: Option<Raw<'a>>, path: &str) -> Option<Raw<'a>> {
        let (key, rest) = path
            .split_once('.')
            .map_or((path, None), |(key, rest)| (key, Some(rest)));
        // These may have been filled since the text was read.
        let filled = match (key, rest) {
            ("fbc", None) => self.fbc,
            ("fbp", None) => self.fbp,
            ("ip", None) => self.ip,
            ("page", Some("url")) => self.page.url,
            ("userAgent", None) => self.user_agent,
            _ => None,
        };
        if filled.is_some() {
            return filled;
        }
        let member = |context: Raw<'a>| context.get(key).filter(|raw| raw.kind() != Kind::Null);
        let value = own
            .and_then(member)
            .or_else(|| self.defaults.and_then(member))?;
        value.at_path(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, ContextDefaults};
    use crate::{Line, Message, Raw};

    fn text_at(message: &str, defaults: &str, path: &str) -> Option<String> {
        let line = Line::new(message.as_bytes()).expect("a line");
        let mut message = Message::read(&line).expect("a message");
        let defaults = Raw::read(defaults).and_then(ContextDefaults::read);
        defaults.expect("an object").fill(&mut message.context);
        message.at_path(path).map(|raw| raw.text().to_owned())
    }

    #[test]
    fn a_member_of_the_message_wins_over_the_shared_one() {
        let shared = r#"{"ip":"shared","locale":"shared","page":{"url":"shared","title":"shared"},"campaign":{"name":"shared"}}"#;
        let own = r#"{"context":{"ip":"own","locale":null,"page":{"path":"own"},"campaign":{"name":"own"}}}"#;
        for (path, expected) in [
            ("context.ip", Some("\"own\"")),
            ("context.locale", Some("\"shared\"")),
            ("context.page.path", Some("\"own\"")),
            ("context.page.url", None),
            ("context.page.title", None),
            ("context.campaign.name", Some("\"own\"")),
        ] {
            assert_eq!(text_at(own, shared, path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_message_without_a_context_gets_the_shared_one_at_every_path() {
        let shared = r#"{"ip":"shared","page":{"url":"u","title":"t"},"campaign":{"name":"n"}}"#;
        for message in ["{}", r#"{"context":null}"#, r#"{"context":{}}"#] {
            for (path, expected) in [
                ("context.ip", "\"shared\""),
                ("context.page.url", "\"u\""),
                ("context.page.title", "\"t\""),
                ("context.campaign.name", "\"n\""),
            ] {
                assert_eq!(
                    text_at(message, shared, path).as_deref(),
                    Some(expected),
                    "{path} of {message}"
                );
            }
        }
    }

    #[test]
    fn an_empty_object_counts_as_present_and_null_does_not() {
        let shared = r#"{"traits":{"email":"shared"},"page":{"url":"shared"}}"#;
        let defaults = Raw::read(shared).and_then(ContextDefaults::read);
        let defaults = defaults.expect("an object");
        for (own, is_filled) in [
            ("{}", false),
            ("7", false),
            ("null", true),
            ("{},\"traits\":null,\"page\":null", true),
        ] {
            let text = format!(r#"{{"context":{{"traits":{own},"page":{own}}}}}"#);
            let line = Line::new(text.as_bytes()).expect("a line");
            let mut message = Message::read(&line).expect("a message");
            defaults.fill(&mut message.context);
            let Context { traits, page, .. } = message.context;
            assert_eq!(
                (traits.email.is_some(), page.url.is_some()),
                (is_filled, is_filled),
                "{own}"
            );
        }
    }

    #[test]
    fn a_context_of_the_wrong_type_stays_as_it_is() {
        let shared = r#"{"ip":"shared","campaign":{"name":"n"}}"#;
        for path in ["context.ip", "context.campaign.name"] {
            assert_eq!(text_at(r#"{"context":[]}"#, shared, path), None, "{path}");
        }
        assert!(Raw::read("[]").and_then(ContextDefaults::read).is_none());
    }
}
