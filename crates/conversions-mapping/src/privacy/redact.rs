//! Cuts personal members and items out of raw JSON, and leaves every other byte as it was.

use std::borrow::Cow;

use facebook_conversions::HashedValue;
use facebook_conversions::normalize::is_email;
use segment_spec::{Kind, Raw};

use crate::privacy::pii::{Personal, Policy, is_email_text};

/// What came of a cut.
pub(crate) struct Cut<'a> {
    /// The text that is left.
    pub(crate) text: String,
    /// What was cut out, and what was hashed in place: the keys that lead there.
    pub(crate) changes: Vec<(Vec<Cow<'a, str>>, Policy)>,
}

/// Cuts a value that is known to be JSON; `None` if there is nothing to cut. The path is that of the value.
#[inline]
pub(crate) fn cut<'a>(
    value: Raw<'a>,
    personal: &Personal,
    path: &[Cow<'a, str>],
) -> Option<Cut<'a>> {
    let is_container = matches!(value.kind(), Kind::Object | Kind::Array);
    if is_container {
        cut_container(value, personal, path)
    } else {
        None
    }
}

fn cut_container<'a>(
    value: Raw<'a>,
    personal: &Personal,
    path: &[Cow<'a, str>],
) -> Option<Cut<'a>> {
    // Most have nothing to cut, which is found out without writing anything down.
    if is_clean(value, personal, Policy::Keep) {
        return None;
    }
    let mut cutter = Cutter {
        rest: value.text(),
        out: String::new(),
        personal,
        path: path.to_vec(),
        changes: Vec::new(),
    };
    cutter.container();
    (!cutter.changes.is_empty()).then_some(Cut {
        text: cutter.out,
        changes: cutter.changes,
    })
}

/// Whether there is nothing to cut in a value of a policy.
fn is_clean(value: Raw<'_>, personal: &Personal, policy: Policy) -> bool {
    match (policy, value.kind()) {
        (Policy::Drop | Policy::Hash, _) => false,
        (Policy::Allow, _) => true,
        (Policy::Keep, Kind::Object) => value.members().is_none_or(|mut members| {
            members.all(|member| is_clean(member.value, personal, personal.policy(&member.key)))
        }),
        (Policy::Keep, Kind::Array) => value
            .items()
            .is_none_or(|mut items| items.all(|item| is_clean(item, personal, personal.unnamed()))),
        (Policy::Keep, _) => !is_email_text(value),
    }
}

/// Walks valid JSON from left to right. Text that is not valid is copied as it is.
struct Cutter<'a, 'p> {
    rest: &'a str,
    out: String,
    personal: &'p Personal,
    path: Vec<Cow<'a, str>>,
    changes: Vec<(Vec<Cow<'a, str>>, Policy)>,
}

impl<'a> Cutter<'a, '_> {
    /// An object or an array: its parts between brackets and commas are kept or cut, blanks and all.
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
                // An empty container; or nothing but brackets is left.
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

    /// A member of an object; whether it is kept.
    fn member(&mut self) -> bool {
        let (key, rest) = split_value(self.rest);
        let name = decode(key);
        self.out.push_str(key);
        self.rest = rest;
        self.blanks();
        self.take(1);
        self.blanks();
        let policy = self.personal.policy(&name);
        self.path.push(name);
        let keep = self.value(policy);
        self.path.pop();
        keep
    }

    fn item(&mut self, index: usize) -> bool {
        self.path.push(Cow::Owned(format!("[{index}]")));
        let keep = self.value(self.personal.unnamed());
        self.path.pop();
        keep
    }

    fn value(&mut self, policy: Policy) -> bool {
        let (text, rest) = split_value(self.rest);
        let is_container = text.starts_with(['{', '[']);
        match policy {
            Policy::Drop => return self.cut_out(rest),
            Policy::Hash => match hash_text(&decode(text), text) {
                Some(hash) => {
                    self.out.push('"');
                    self.out.push_str(hash.as_str());
                    self.out.push('"');
                    self.changed(Policy::Hash);
                    self.rest = rest;
                    return true;
                }
                None => return self.cut_out(rest),
            },
            Policy::Keep if is_container => {
                self.container();
                return true;
            }
            Policy::Keep if is_email_json(text) => return self.cut_out(rest),
            Policy::Allow | Policy::Keep => {}
        }
        self.out.push_str(text);
        self.rest = rest;
        true
    }

    fn cut_out(&mut self, rest: &'a str) -> bool {
        self.changed(Policy::Drop);
        self.rest = rest;
        false
    }

    fn changed(&mut self, policy: Policy) {
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

/// The hash of a text that a setting names; `None` for other values and for texts that say nothing.
pub(crate) fn hash_text(text: &str, json: &str) -> Option<HashedValue> {
    let is_text = json.starts_with('"');
    if is_text {
        HashedValue::hash(&text.trim().to_lowercase())
    } else {
        None
    }
}

/// Splits the first value off; what is left starts right behind it.
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
