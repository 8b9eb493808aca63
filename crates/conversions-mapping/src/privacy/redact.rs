//! Removes personal members and items from raw JSON, and leaves every other byte as it was.
//!
//! It edits the text instead of parsing and writing it again, because numbers must keep all their digits and objects
//! their order and repeated keys.

use std::borrow::Cow;

use facebook_conversions::HashedValue;
use facebook_conversions::normalize::is_email;
use segment_spec::{Kind, Raw};

use crate::privacy::pii::{PiiPolicy, PiiRules, is_email_text};

/// JSON from which personal data was removed.
pub(crate) struct Redacted<'a> {
    /// The text that is left.
    pub(crate) text: String,
    pub(crate) changes: Vec<Redaction<'a>>,
}

/// The keys that lead to a value that was removed or hashed, and which of the two.
pub(crate) type Redaction<'a> = (Vec<Cow<'a, str>>, PiiPolicy);

/// Redacts a value; `None` if there is nothing to redact. `path` holds the keys that lead to the value.
#[inline]
pub(crate) fn redact<'a>(
    value: Raw<'a>,
    pii: &PiiRules,
    path: &[Cow<'a, str>],
) -> Option<Redacted<'a>> {
    let is_container = matches!(value.kind(), Kind::Object | Kind::Array);
    if is_container {
        redact_container(value, pii, path)
    } else {
        None
    }
}

fn redact_container<'a>(
    value: Raw<'a>,
    pii: &PiiRules,
    path: &[Cow<'a, str>],
) -> Option<Redacted<'a>> {
    // Most values are clean, so they are checked before anything is copied.
    if is_clean(value, pii, PiiPolicy::Keep) {
        return None;
    }
    let mut redactor = Redactor {
        rest: value.text(),
        out: String::new(),
        pii,
        path: path.to_vec(),
        changes: Vec::new(),
    };
    redactor.container();
    (!redactor.changes.is_empty()).then_some(Redacted {
        text: redactor.out,
        changes: redactor.changes,
    })
}

/// Whether a value under a key with this policy needs no redaction.
fn is_clean(value: Raw<'_>, pii: &PiiRules, policy: PiiPolicy) -> bool {
    match (policy, value.kind()) {
        (PiiPolicy::Drop | PiiPolicy::Hash, _) => false,
        (PiiPolicy::Allow, _) => true,
        (PiiPolicy::Keep, Kind::Object) => value.members().is_none_or(|mut members| {
            members.all(|member| is_clean(member.value, pii, pii.policy(&member.key)))
        }),
        (PiiPolicy::Keep, Kind::Array) => value
            .items()
            .is_none_or(|mut items| items.all(|item| is_clean(item, pii, pii.unnamed()))),
        (PiiPolicy::Keep, _) => !is_email_text(value),
    }
}

/// Walks valid JSON from left to right and copies what stays.
struct Redactor<'a, 'p> {
    rest: &'a str,
    out: String,
    pii: &'p PiiRules,
    path: Vec<Cow<'a, str>>,
    changes: Vec<Redaction<'a>>,
}

impl<'a> Redactor<'a, '_> {
    /// Copies an object or an array without the parts that are removed; blanks around a part go with it.
    fn container(&mut self) {
        let is_object = self.rest.starts_with('{');
        self.take(1);
        let mut kept = 0usize;
        let mut index = 0usize;
        loop {
            let part_starts = self.out.len();
            if kept > 0 {
                self.out.push(',');
            }
            self.blanks();
            let is_end = matches!(self.rest.as_bytes().first(), Some(b'}' | b']') | None);
            if is_end {
                // The container is empty.
                self.take(1);
                return;
            }
            let keep = if is_object {
                self.member()
            } else {
                self.item(index)
            };
            self.blanks();
            if keep {
                kept += 1;
            } else {
                self.out.truncate(part_starts);
            }
            index += 1;
            if self.rest.starts_with(',') {
                self.skip(1);
            } else {
                self.take(1);
                return;
            }
        }
    }

    /// Copies a member of an object; returns whether it stays.
    fn member(&mut self) -> bool {
        let (key, rest) = split_value(self.rest);
        let name = decode(key);
        self.out.push_str(key);
        self.rest = rest;
        self.blanks();
        self.take(1);
        self.blanks();
        let policy = self.pii.policy(&name);
        self.path.push(name);
        let keep = self.value(policy);
        self.path.pop();
        keep
    }

    fn item(&mut self, index: usize) -> bool {
        self.path.push(Cow::Owned(format!("[{index}]")));
        let keep = self.value(self.pii.unnamed());
        self.path.pop();
        keep
    }

    fn value(&mut self, policy: PiiPolicy) -> bool {
        let (text, rest) = split_value(self.rest);
        let is_container = text.starts_with(['{', '[']);
        match policy {
            PiiPolicy::Drop => return self.remove(rest),
            PiiPolicy::Hash => match hash_text(&decode(text), text) {
                Some(hash) => {
                    self.out.push('"');
                    self.out.push_str(hash.as_str());
                    self.out.push('"');
                    self.changed(PiiPolicy::Hash);
                    self.rest = rest;
                    return true;
                }
                None => return self.remove(rest),
            },
            PiiPolicy::Keep if is_container => {
                self.container();
                return true;
            }
            PiiPolicy::Keep if is_email_json(text) => return self.remove(rest),
            PiiPolicy::Allow | PiiPolicy::Keep => {}
        }
        self.out.push_str(text);
        self.rest = rest;
        true
    }

    fn remove(&mut self, rest: &'a str) -> bool {
        self.changed(PiiPolicy::Drop);
        self.rest = rest;
        false
    }

    fn changed(&mut self, policy: PiiPolicy) {
        self.changes.push((self.path.clone(), policy));
    }

    fn blanks(&mut self) {
        let count = self
            .rest
            .bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
            .count();
        self.take(count);
    }

    fn take(&mut self, count: usize) {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, ""));
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

/// The hash of a JSON string that `pii_properties.hash` names; `None` for other types and for blank strings.
pub(crate) fn hash_text(text: &str, json: &str) -> Option<HashedValue> {
    let is_text = json.starts_with('"');
    if is_text {
        HashedValue::hash(&text.trim().to_lowercase())
    } else {
        None
    }
}

/// Splits text behind its first JSON value.
fn split_value(text: &str) -> (&str, &str) {
    let mut depth = 0usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
                if depth == 0 {
                    let end = bytes.next().map_or(text.len(), |(at, _)| at);
                    return text.split_at(end);
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' if depth == 1 => return text.split_at(at + 1),
            b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                return text.split_at(at);
            }
            _ => {}
        }
    }
    (text, "")
}

fn decode(json: &str) -> Cow<'_, str> {
    let inner = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(json);
    if inner.contains('\\') {
        serde_json::from_str(json).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    }
}

fn is_email_json(json: &str) -> bool {
    json.starts_with('"') && is_email(&decode(json))
}

#[cfg(test)]
mod tests;
