//! One pass over JSON text, without building anything: where values start and end, and whether they are well-formed.
//!
//! The grammar is that of RFC 8259 and nothing besides, as `serde_json` has it for values that it passes over:
//! numbers may be of any size, and halves of surrogate pairs are allowed in escapes.

use std::borrow::Cow;

use super::quotes::Quotes;
use super::scalar;

/// The text is not JSON. Where it breaks is found out by reading it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Goes through a text, byte by byte, and over its strings in one step.
pub(crate) struct Scanner<'a, 'q> {
    text: &'a str,
    quotes: &'q Quotes,
    /// Everything before has been taken.
    at: usize,
}

/// The key of a member.
pub(crate) enum Key<'a> {
    /// As it stands in a text, from one place to another.
    Plain(&'a str, usize, usize),
    /// It had escapes.
    Decoded(String),
}

impl<'a> Key<'a> {
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Plain(text, start, end) => text.as_bytes().get(*start..*end).unwrap_or_default(),
            Self::Decoded(key) => key.as_bytes(),
        }
    }

    #[inline]
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Plain(text, start, end) => {
                Cow::Borrowed(text.get(start..end).unwrap_or_default())
            }
            Self::Decoded(key) => Cow::Owned(key),
        }
    }
}

impl<'a, 'q> Scanner<'a, 'q> {
    /// A scanner of a text, whose quotes these are, from a place on.
    #[inline]
    pub(crate) fn new(text: &'a str, quotes: &'q Quotes, at: usize) -> Self {
        Self { text, quotes, at }
    }

    /// How far it has come.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is not blank; it is not taken.
    #[inline]
    pub(crate) fn token(&mut self) -> Result<u8, Broken> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => self.token_behind_blanks(),
        }
    }

    #[cold]
    fn token_behind_blanks(&mut self) -> Result<u8, Broken> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Broken)?;
        let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.at += blanks;
        rest.get(blanks).copied().ok_or(Broken)
    }

    /// Takes a byte if it is the next one that is not blank.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> Result<(), Broken> {
        if self.token()? == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(Broken)
        }
    }

    /// Behind an item or member: takes a comma, and says that more must come; or the closing bracket.
    #[inline]
    pub(crate) fn has_more(&mut self, closing: u8) -> Result<bool, Broken> {
        let token = self.token()?;
        if token != b',' && token != closing {
            return Err(Broken);
        }
        self.at += 1;
        Ok(token == b',')
    }

    /// Whether nothing but blanks is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.token().is_err()
    }

    /// Takes the key of a member, and the colon behind it.
    #[expect(
        clippy::inline_always,
        reason = "a third of the time of reading goes into keys"
    )]
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Result<Key<'a>, Broken> {
        if self.token()? != b'"' {
            return Err(Broken);
        }
        let start = self.at;
        let has_escapes = self.string()?;
        let end = self.at;
        self.take(b':')?;
        if has_escapes {
            return self.decoded_key(start, end);
        }
        Ok(Key::Plain(self.text, start + 1, end - 1))
    }

    #[cold]
    fn decoded_key(&self, start: usize, end: usize) -> Result<Key<'a>, Broken> {
        let json = self.text.get(start..end).ok_or(Broken)?;
        scalar::decode(json).map(Key::Decoded).ok_or(Broken)
    }

    /// Takes a value of any kind; its text, without blanks around it.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<&'a str, Broken> {
        let token = self.token()?;
        let start = self.at;
        self.pass(token)?;
        self.text.get(start..self.at).ok_or(Broken)
    }

    /// Takes a value of any kind.
    #[inline]
    pub(crate) fn skip(&mut self) -> Result<(), Broken> {
        let token = self.token()?;
        self.pass(token)
    }

    /// Takes the value that begins with `token`, which is next.
    #[inline]
    fn pass(&mut self, token: u8) -> Result<(), Broken> {
        match token {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => self.container(token),
            _ => self.word(),
        }
    }

    /// Takes the string whose opening quote is next; whether it has escapes.
    #[inline]
    fn string(&mut self) -> Result<bool, Broken> {
        let close = self.quotes.next(self.at + 1).ok_or(Broken)?;
        let has_escapes = self.text.as_bytes().get(close) != Some(&b'"');
        if has_escapes || self.quotes.has_controls() {
            self.unusual_string(close)?;
        } else {
            self.at = close + 1;
        }
        Ok(has_escapes)
    }

    /// Takes the string whose opening quote is next, and which has escapes, or may have control characters. The first
    /// escape, or the end, is at `place`.
    #[cold]
    fn unusual_string(&mut self, place: usize) -> Result<(), Broken> {
        let bytes = self.text.as_bytes();
        let (start, mut place) = (self.at, place);
        while bytes.get(place) != Some(&b'"') {
            let escape = bytes.get(place + 1..).ok_or(Broken)?;
            if !scalar::starts_with_escape(escape) {
                return Err(Broken);
            }
            place = self.quotes.next(place + 1).ok_or(Broken)?;
        }
        self.at = place + 1;
        let string = bytes.get(start..self.at).ok_or(Broken)?;
        let has_controls = self.quotes.has_controls() && string.iter().any(|byte| *byte < b' ');
        if has_controls { Err(Broken) } else { Ok(()) }
    }

    /// Takes a number, `true`, `false` or `null`.
    #[inline]
    fn word(&mut self) -> Result<(), Broken> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Broken)?;
        self.at += scalar::word(rest).ok_or(Broken)?;
        Ok(())
    }

    /// Takes the array or object that is next, with all that is in it.
    fn container(&mut self, bracket: u8) -> Result<(), Broken> {
        // The kinds of what is open, innermost in the lowest bit: 1 for an object. A line nests no deeper than this.
        let (mut kinds, mut depth) = (0u128, 0u32);
        let mut token = bracket;
        loop {
            // A value comes next.
            if matches!(token, b'{' | b'[') {
                let is_object = token == b'{';
                depth += 1;
                if depth > u128::BITS {
                    return Err(Broken);
                }
                kinds = kinds << 1 | u128::from(is_object);
                self.at += 1;
                token = self.token()?;
                if token != closing(is_object) {
                    token = self.up_to_value(is_object)?;
                    continue;
                }
            } else {
                self.pass_leaf(token)?;
            }
            // Behind a value, or before the end of an empty container.
            loop {
                let is_object = kinds & 1 == 1;
                if self.has_more(closing(is_object))? {
                    token = self.up_to_value(is_object)?;
                    break;
                }
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
                kinds >>= 1;
            }
        }
    }

    /// Takes the key if there must be one; the first byte of the value.
    #[inline]
    fn up_to_value(&mut self, is_object: bool) -> Result<u8, Broken> {
        if is_object {
            if self.token()? != b'"' {
                return Err(Broken);
            }
            self.string()?;
            self.take(b':')?;
        }
        self.token()
    }

    #[inline]
    fn pass_leaf(&mut self, token: u8) -> Result<(), Broken> {
        if token == b'"' {
            self.string().map(|_| ())
        } else {
            self.word()
        }
    }
}

#[inline]
fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
