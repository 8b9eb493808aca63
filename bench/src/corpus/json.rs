//! JSON as a library would write it, in one of two styles.

use std::fmt::{Display, Write};

/// Which characters of texts are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Only those that JSON requires.
    Plain,
    /// Also `/`, and all that is not ASCII.
    AllEscaped,
}

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut String,
    style: Style,
    is_empty: bool,
}

/// Writes an object, whose members `fill` adds.
pub(super) fn object(out: &mut String, style: Style, fill: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    fill(&mut Object {
        out,
        style,
        is_empty: true,
    });
    out.push('}');
}

impl Object<'_> {
    fn name(&mut self, name: &str) {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        text(name, Style::Plain, self.out);
        self.out.push(':');
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        text(value, self.style, self.out);
    }

    /// A text, or nothing.
    pub(super) fn maybe_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A number, a truth value, null, or whatever JSON there is.
    pub(super) fn raw(&mut self, name: &str, value: impl Display) {
        self.name(name);
        let _ = write!(self.out, "{value}");
    }

    /// An object.
    pub(super) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        object(self.out, self.style, fill);
    }

    /// Objects in an array: `fill` is told which is wanted, from 0.
    pub(super) fn objects(
        &mut self,
        name: &str,
        count: usize,
        mut fill: impl FnMut(usize, &mut Object<'_>),
    ) {
        self.name(name);
        self.out.push('[');
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            object(self.out, self.style, |object| fill(index, object));
        }
        self.out.push(']');
    }
}

fn text(value: &str, style: Style, out: &mut String) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '/' if style == Style::AllEscaped => out.push_str("\\/"),
            c if c < ' ' || (!c.is_ascii() && style == Style::AllEscaped) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::{Style, object};

    #[test]
    fn both_styles_are_read_as_what_was_written() {
        let odd = "a\"b\\c\nd\te/f é 東 \u{1f600} \u{1}";
        for style in [Style::Plain, Style::AllEscaped] {
            let mut out = String::new();
            object(&mut out, style, |object| {
                object.text("odd", odd);
                object.raw("one", 1);
                object.objects("two", 2, |index, object| object.raw("index", index));
            });
            let read: serde_json::Value = serde_json::from_str(&out).unwrap();
            assert_eq!(
                read,
                serde_json::json!({"odd": odd, "one": 1, "two": [{"index": 0}, {"index": 1}]})
            );
            assert_eq!(out.is_ascii(), style == Style::AllEscaped);
        }
    }
}
