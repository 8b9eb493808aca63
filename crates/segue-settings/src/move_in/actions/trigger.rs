//! The trigger of a subscription: which messages it takes. Of Segment's filter language only what names types and events
//! has a counterpart: `type = "track" and (event = "A" or event = "B")`.

/// The messages that a trigger takes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trigger {
    /// All Track messages.
    pub(super) all_tracks: bool,
    /// Track messages of these names.
    pub(super) events: Vec<String>,
    /// Page and Screen messages.
    pub(super) pages: bool,
}

/// What one alternative of a trigger demands.
#[derive(Clone, Default)]
struct Alternative {
    kind: Option<String>,
    event: Option<String>,
}

/// How deep brackets may be nested.
const DEPTH: usize = 32;
/// How many alternatives a trigger may have; `and` between two brackets multiplies theirs.
const ALTERNATIVES: usize = 1000;

/// Reads a trigger; absent when it has conditions without counterpart.
pub(super) fn parse(text: &str) -> Option<Trigger> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens };
    let alternatives = parser.either(DEPTH)?;
    if !parser.tokens.is_empty() {
        return None;
    }
    let mut trigger = Trigger::default();
    for Alternative { kind, event } in alternatives {
        match (kind.as_deref(), event) {
            (Some("track") | None, Some(event)) if !trigger.events.contains(&event) => {
                trigger.events.push(event);
            }
            (Some("track") | None, Some(_)) => {}
            (Some("track"), None) => trigger.all_tracks = true,
            (Some("page" | "screen"), None) => trigger.pages = true,
            _ => return None,
        }
    }
    Some(trigger)
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Equals,
    Open,
    Close,
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            letter if letter.is_whitespace() => continue,
            '=' => {
                // Both `=` and `==` compare.
                letters.next_if_eq(&'=');
                Token::Equals
            }
            '(' => Token::Open,
            ')' => Token::Close,
            quote @ ('"' | '\'') => {
                let mut text = String::new();
                loop {
                    match letters.next()? {
                        '\\' => text.push(letters.next()?),
                        letter if letter == quote => break,
                        letter => text.push(letter),
                    }
                }
                Token::Text(text)
            }
            letter if letter.is_ascii_alphabetic() => {
                let mut word = letter.to_string();
                while let Some(letter) = letters.next_if(char::is_ascii_alphabetic) {
                    word.push(letter);
                }
                Token::Word(word)
            }
            _ => return None,
        });
    }
    Some(tokens)
}

struct Parser<'t> {
    tokens: &'t [Token],
}

impl Parser<'_> {
    /// Alternatives with `or` between them.
    fn either(&mut self, depth: usize) -> Option<Vec<Alternative>> {
        let mut alternatives = self.all(depth)?;
        while self.takes_word("or") {
            alternatives.extend(self.all(depth)?);
        }
        Some(alternatives)
    }

    /// Conditions with `and` between them.
    fn all(&mut self, depth: usize) -> Option<Vec<Alternative>> {
        let mut alternatives = self.condition(depth)?;
        while self.takes_word("and") {
            let others = self.condition(depth)?;
            if alternatives.len() * others.len() > ALTERNATIVES {
                return None;
            }
            let pairs = alternatives
                .iter()
                .flat_map(|one| others.iter().map(move |other| (one, other)));
            alternatives = pairs
                .map(|(one, other)| both(one, other))
                .collect::<Option<_>>()?;
        }
        Some(alternatives)
    }

    fn condition(&mut self, depth: usize) -> Option<Vec<Alternative>> {
        let (name, value) = match self.tokens {
            [Token::Open, rest @ ..] => {
                self.tokens = rest;
                let alternatives = self.either(depth.checked_sub(1)?)?;
                let [Token::Close, rest @ ..] = self.tokens else {
                    return None;
                };
                self.tokens = rest;
                return Some(alternatives);
            }
            [
                Token::Word(name),
                Token::Equals,
                Token::Text(value),
                rest @ ..,
            ] => {
                self.tokens = rest;
                (name.as_str(), value.clone())
            }
            _ => return None,
        };
        let mut alternative = Alternative::default();
        match name {
            "type" => alternative.kind = Some(value),
            "event" => alternative.event = Some(value),
            _ => return None,
        }
        Some(vec![alternative])
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        match self.tokens {
            [Token::Word(word), rest @ ..] if word.eq_ignore_ascii_case(wanted) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }
}

/// What fulfils both; absent when both name a type or an event.
fn both(one: &Alternative, other: &Alternative) -> Option<Alternative> {
    let merge = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(_), Some(_)) => None,
        (one, other) => Some(one.clone().or_else(|| other.clone())),
    };
    Some(Alternative {
        kind: merge(&one.kind, &other.kind)?,
        event: merge(&one.event, &other.event)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str) -> Vec<String> {
        parse(text).unwrap_or_default().events
    }

    #[test]
    fn triggers_of_types_and_events_are_read() {
        assert_eq!(
            events(r#"type = "track" and event = "Order Completed""#),
            ["Order Completed"]
        );
        assert_eq!(
            events(r#"type="track" and (event="A" or event='B \'C\'')"#),
            ["A", "B 'C'"]
        );
        assert_eq!(events(r#"event = "A" or event = "B""#), ["A", "B"]);
        assert!(parse(r#"type = "track""#).unwrap().all_tracks);
        let mixed = parse(r#"type = "page" or (type = "track" and event = "A")"#).unwrap();
        assert_eq!((mixed.pages, mixed.events), (true, vec!["A".to_owned()]));
    }

    #[test]
    fn triggers_with_other_conditions_have_no_counterpart() {
        for text in [
            "",
            r#"type = "identify""#,
            r#"type = "track" and event != "A""#,
            r#"type = "track" and properties.plan = "pro""#,
            r#"event = "A" and event = "B""#,
            r#"type = "track" and contains(event, "A")"#,
            r#"(type = "track""#,
            r#"type = "track" event = "A""#,
            r#"type = "track"#,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"(".repeat(100_000)), None);
    }
}
