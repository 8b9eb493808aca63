//! Notes: where each field came from and what happened to the value. They hold names, never values.

use std::borrow::Cow;
use std::fmt;

use facebook_conversions::write_str;

/// Declares an enum with stable names for programs and sentences for people.
macro_rules! named {
    ($(#[$meta:meta])* pub enum $name:ident { $( $(#[$doc:meta])* $variant:ident = $wire:literal => $meaning:literal, )* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( #[doc = $meaning] $(#[$doc])* $variant, )* }

        impl $name {
            /// Every one, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }

            /// A sentence for people.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}
pub(crate) use named;

named! {
    /// What happened to a value.
    pub enum Effect {
        Copied = "copied" => "the same value",
        Hashed = "hashed" => "written as SHA-256",
        Normalized = "normalized" => "brought to Meta's form",
        Defaulted = "defaulted" => "the default, since the event says nothing",
        Derived = "derived" => "made from another field",
        Remembered = "remembered" => "known from earlier messages of the same person",
        Moved = "moved" => "taken from a property that does not stay where it was",
        LeftOut = "left_out" => "not used",
        DroppedPersonal = "dropped_personal" => "personal data, removed",
    }
}

/// The name of a field or of a source.
///
/// A key of the sender's own is shown only if it cannot be personal: one with an `@`, or with seven digits in a row,
/// becomes `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path<'a> {
    /// A name out of the code.
    Fixed(&'static str),
    /// A key of the sender's own under a known name.
    Key(&'static str, Cow<'a, str>),
    /// A key of the sender's own under a known name, and further keys below it.
    Under(&'static str, Vec<Cow<'a, str>>),
    /// A member of an item of a list; an empty member stands for the item itself.
    Item(&'static str, usize, &'static str),
}

impl Path<'_> {
    /// Writes what stands between the quotes of its JSON string, so that they are written together with what is around.
    fn write_inside_quotes(&self, out: &mut String) {
        match self {
            Self::Fixed(name) => out.push_str(name),
            Self::Key(parent, key) if !parent.is_empty() && is_ordinary(key) => {
                out.push_str(parent);
                out.push('.');
                out.push_str(key);
            }
            Self::Item(list, index, member) => {
                out.push_str(list);
                out.push('[');
                out.push_str(itoa::Buffer::new().format(*index));
                out.push_str(if member.is_empty() { "]" } else { "]." });
                out.push_str(member);
            }
            Self::Key(..) | Self::Under(..) => {
                let mut quoted = String::new();
                write_str(&self.to_string(), &mut quoted);
                out.push_str(inside_quotes(&quoted));
            }
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fmt_key = |f: &mut fmt::Formatter<'_>, parent: &str, key: &str| {
            // An index of a list comes with its brackets.
            if !(key.starts_with('[') || parent.is_empty()) {
                f.write_str(".")?;
            }
            f.write_str(if is_printable(key) { key } else { "*" })
        };
        match self {
            Self::Fixed(name) => f.write_str(name),
            Self::Key(parent, key) => {
                f.write_str(parent)?;
                fmt_key(f, parent, key)
            }
            Self::Under(parent, keys) => {
                f.write_str(parent)?;
                keys.iter().try_for_each(|key| fmt_key(f, parent, key))
            }
            Self::Item(list, index, "") => write!(f, "{list}[{index}]"),
            Self::Item(list, index, member) => write!(f, "{list}[{index}].{member}"),
        }
    }
}

fn inside_quotes(json: &str) -> &str {
    let behind_first = json.strip_prefix('"').unwrap_or(json);
    behind_first.strip_suffix('"').unwrap_or(behind_first)
}

/// A fast check that holds for most keys: the key is printable and needs no escapes in JSON. Digits are allowed only in
/// keys too short for seven of them.
fn is_ordinary(key: &str) -> bool {
    const DIGIT: u8 = 1;
    const OTHER: u8 = 2;
    const KINDS: [u8; 256] = {
        let mut kinds = [OTHER; 256];
        let mut byte = 0u8;
        while byte.is_ascii() {
            kinds[byte as usize] = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | b'.' | b' ' => 0,
                b'0'..=b'9' => DIGIT,
                _ => OTHER,
            };
            byte += 1;
        }
        kinds
    };
    let kind = |byte: u8| KINDS.get(usize::from(byte)).copied().unwrap_or(OTHER);
    let found = key.bytes().fold(0, |found, byte| found | kind(byte));
    !key.is_empty() && (found == 0 || (found == DIGIT && key.len() < DIGITS_IN_A_ROW))
}

/// This many digits in a row may be a phone number.
const DIGITS_IN_A_ROW: usize = 7;

/// Whether a key or an event name may be shown: no `@`, and no run of seven or more digits.
#[must_use]
pub fn is_printable(name: &str) -> bool {
    let mut run = 0;
    if name.is_ascii() {
        let (bytes, is_digit) = (name.as_bytes(), u8::is_ascii_digit);
        let mut parts = bytes.windows(DIGITS_IN_A_ROW);
        let few = bytes.iter().filter(|byte| is_digit(byte)).count() < DIGITS_IN_A_ROW;
        return !bytes.contains(&b'@') && (few || !parts.any(|part| part.iter().all(is_digit)));
    }
    name.chars().all(|c| {
        run = if c.is_numeric() { run + 1 } else { 0 };
        c != '@' && c != '\u{ff20}' && c != '\u{fe6b}' && run < DIGITS_IN_A_ROW
    })
}

/// One note: `from` → `field`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// The field of the server event; `None` when nothing was written.
    pub field: Option<Path<'a>>,
    /// The member of the message; `None` for a default.
    pub from: Option<Path<'a>>,
    /// What happened.
    pub effect: Effect,
}

impl Note<'_> {
    /// Writes `{"field":…,"from":…,"effect":…}`.
    pub(crate) fn write_json(&self, out: &mut String) {
        match &self.field {
            Some(path) => {
                out.push_str("{\"field\":\"");
                path.write_inside_quotes(out);
                out.push_str("\",\"from\":");
            }
            None => out.push_str("{\"field\":null,\"from\":"),
        }
        match &self.from {
            Some(path) => {
                out.push('"');
                path.write_inside_quotes(out);
                out.push_str("\",\"effect\":\"");
            }
            None => out.push_str("null,\"effect\":\""),
        }
        out.push_str(self.effect.name());
        out.push_str("\"}");
    }
}

/// Room for the notes of most events without growing.
const USUAL: usize = 48;

/// Collects notes if they are wanted.
#[derive(Debug, Default)]
pub(crate) struct Notes<'a> {
    wanted: bool,
    list: Vec<Note<'a>>,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            wanted,
            list: Vec::with_capacity(if wanted { USUAL } else { 0 }),
        }
    }

    pub(crate) fn into_list(self) -> Vec<Note<'a>> {
        self.list
    }

    /// Whether notes are wanted.
    #[inline]
    pub(crate) fn are_wanted(&self) -> bool {
        self.wanted
    }

    /// Adds the note that the closure returns. It is called only if notes are wanted.
    #[inline]
    pub(crate) fn add(&mut self, note: impl FnOnce() -> Note<'a>) {
        if self.wanted {
            self.list.push(note());
        }
    }

    pub(crate) fn wrote(
        &mut self,
        field: &'static str,
        effect: Effect,
        from: impl FnOnce() -> Path<'a>,
    ) {
        self.add(|| Note {
            field: Some(Path::Fixed(field)),
            from: Some(from()),
            effect,
        });
    }

    /// Turns the notes of a field into `left_out`: the field is removed from the event again.
    pub(crate) fn take_back(&mut self, field: &'static str) {
        for note in self
            .list
            .iter_mut()
            .filter(|note| note.field == Some(Path::Fixed(field)))
        {
            note.field = None;
            note.effect = Effect::LeftOut;
        }
    }

    pub(crate) fn defaulted(&mut self, field: &'static str) {
        self.add(|| Note {
            field: Some(Path::Fixed(field)),
            from: None,
            effect: Effect::Defaulted,
        });
    }

    pub(crate) fn left_out(&mut self, from: impl FnOnce() -> Path<'a>) {
        self.add(|| Note {
            field: None,
            from: Some(from()),
            effect: Effect::LeftOut,
        });
    }

    pub(crate) fn dropped_personal(&mut self, from: impl FnOnce() -> Path<'a>) {
        self.add(|| Note {
            field: None,
            from: Some(from()),
            effect: Effect::DroppedPersonal,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, is_printable};

    #[test]
    fn a_path_is_written_as_it_is_shown() {
        for key in [
            "plan",
            "a b",
            "[0]",
            "[1234567",
            "1234567",
            "a@b",
            "q\"",
            "é",
            "\u{1}",
            "٣٣٣٣٣٣٣",
            "",
        ] {
            for parent in ["properties", ""] {
                for path in [
                    Path::Under(parent, vec![key.into(), "[1]".into(), key.into()]),
                    Path::Key(parent, key.into()),
                    Path::Item("properties.products", 10, "sku"),
                    Path::Item("properties.products", 0, ""),
                ] {
                    let mut json = String::from("\"");
                    path.write_inside_quotes(&mut json);
                    json.push('"');
                    assert_eq!(
                        json,
                        serde_json::to_string(&path.to_string()).expect("a string")
                    );
                }
            }
        }
    }

    #[test]
    fn keys_that_could_be_personal_are_not_shown() {
        assert_eq!(
            Path::Key("properties", "plan".into()).to_string(),
            "properties.plan"
        );
        assert_eq!(
            Path::Key("properties", "jane@example.com".into()).to_string(),
            "properties.*"
        );
        assert_eq!(
            Path::Key("properties", "call 5551234567".into()).to_string(),
            "properties.*"
        );
        assert!(is_printable("order_123456"));
        assert!(!is_printable("order_1234567"));
        assert_eq!(
            Path::Item("properties.products", 2, "price").to_string(),
            "properties.products[2].price"
        );
        let nested = Path::Under(
            "properties",
            vec!["lines".into(), "[0]".into(), "email".into()],
        );
        assert_eq!(nested.to_string(), "properties.lines[0].email");
    }
}
