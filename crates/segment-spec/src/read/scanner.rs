//! One pass over JSON text, without building anything: where values start and end, and whether they are well-formed.
//!
//! The grammar is that of RFC 8259 and nothing besides, as `serde_json` has it for values that it passes over:
//! numbers may be of any size, and halves of surrogate pairs are allowed in escapes.

#![expect(
    clippy::inline_always,
    reason = "how far a scanner has come stays in registers only where it is inlined"
)]

use super::key::{Key, decoded_key};
use super::marks::Marks;
use super::{Read, scalar};

/// The text is not JSON. Where it breaks is found out by reading it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// A text and its marks.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a, 'm> {
    text: &'a str,
    marks: &'m Marks,
}

/// Goes through a text, byte by byte, and over its strings in one step.
///
/// Strings are taken to be well-formed inside, as [`super::Strings`] says of a text.
///
/// How far it has come is to stay in registers. So whatever moves it is inlined, and what is called out of line is told
/// where to begin, and says where it ended.
pub(crate) struct Scanner<'a, 'm> {
    text: Text<'a, 'm>,
    /// Everything before has been taken.
    at: usize,
    /// The quotes that come next, as far as they are known; they stand where they are seen from `base` on.
    ahead: u64,
    base: usize,
}

/// What stands where an object belongs.
pub(crate) enum Found {
    /// An object that has members.
    Members,
    /// An object that has none.
    Nothing,
    /// `null`.
    Null,
    /// Anything else.
    Other,
}

impl<'a, 'm> Text<'a, 'm> {
    /// A text and its marks.
    #[inline]
    pub(crate) fn new(text: &'a str, marks: &'m Marks) -> Self {
        Self { text, marks }
    }
}

impl<'a, 'm> Scanner<'a, 'm> {
    /// A scanner of a text from a place on.
    #[inline(always)]
    pub(crate) fn new(text: Text<'a, 'm>, at: usize) -> Self {
        Self {
            text,
            at,
            ahead: 0,
            base: 0,
        }
    }

    /// How far it has come.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next byte.
    #[inline(always)]
    fn byte(&self) -> Option<u8> {
        self.text.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not blank; it is not taken.
    #[inline(always)]
    pub(crate) fn token(&mut self) -> Result<u8, Broken> {
        match self.byte() {
            Some(byte) if byte > b' ' => Ok(byte),
            _ => self.token_behind_blanks(),
        }
    }

    #[inline(always)]
    fn token_behind_blanks(&mut self) -> Result<u8, Broken> {
        self.at = behind_blanks(self.text.text.as_bytes(), self.at);
        self.byte().ok_or(Broken)
    }

    /// Takes a byte if it is the next one that is not blank.
    #[inline(always)]
    pub(crate) fn take(&mut self, byte: u8) -> Result<(), Broken> {
        if self.byte() == Some(byte) || self.token_behind_blanks()? == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(Broken)
        }
    }

    /// Behind an item or member: takes a comma, and says that more must come; or the closing bracket.
    #[inline(always)]
    pub(crate) fn has_more(&mut self, closing: u8) -> Result<bool, Broken> {
        let mut token = self.byte();
        if token != Some(b',') && token != Some(closing) {
            token = Some(self.token_behind_blanks()?);
            if token != Some(b',') && token != Some(closing) {
                return Err(Broken);
            }
        }
        self.at += 1;
        Ok(token == Some(b','))
    }

    /// Takes the opening brace of an object that has members, or the whole of any other value.
    #[inline(always)]
    pub(crate) fn enter_object(&mut self) -> Result<Found, Broken> {
        if self.token()? != b'{' {
            return Ok(match self.value()? {
                "null" => Found::Null,
                _ => Found::Other,
            });
        }
        self.at += 1;
        if self.token()? != b'}' {
            return Ok(Found::Members);
        }
        self.at += 1;
        Ok(Found::Nothing)
    }

    /// Whether nothing but blanks is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.token().is_err()
    }

    /// Takes the key of a member, and the colon behind it.
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Result<Key<'a>, Broken> {
        let (start, end) = self.quoted_key()?;
        if self.text.marks.has_escapes(start, end) {
            return decoded_key(self.text.text, start, end).map(Key::Decoded);
        }
        Ok(Key::Plain(self.text.text, start + 1, end - 1))
    }

    /// Takes the key of a member, and the colon behind it; where it has escapes it is written to `decoded`.
    #[inline(always)]
    pub(crate) fn key_bytes<'k>(&mut self, decoded: &'k mut String) -> Result<&'k [u8], Broken>
    where
        'a: 'k,
    {
        let (start, end) = self.quoted_key()?;
        if self.text.marks.has_escapes(start, end) {
            *decoded = decoded_key(self.text.text, start, end)?;
            return Ok(decoded.as_bytes());
        }
        let key = self.text.text.as_bytes().get(start + 1..end - 1);
        key.ok_or(Broken)
    }

    /// Takes a key and the colon behind it; where the key begins and ends, with its quotes.
    #[inline(always)]
    fn quoted_key(&mut self) -> Result<(usize, usize), Broken> {
        if self.byte() != Some(b'"') && self.token_behind_blanks()? != b'"' {
            return Err(Broken);
        }
        let start = self.at;
        self.base = start;
        self.ahead = self.text.marks.quotes_from(start).unwrap_or_default();
        self.string()?;
        let end = self.at;
        self.take(b':')?;
        Ok((start, end))
    }

    /// Takes the value that an object is read from.
    #[inline(always)]
    pub(crate) fn read(&mut self, object: &mut dyn Read<'a>) -> Result<(), Broken> {
        self.at = object.read(self.text, self.at)?;
        self.ahead = 0;
        Ok(())
    }

    /// Takes a value with a function that says where it ends; its text, without blanks around it.
    #[inline(always)]
    pub(crate) fn value_by(
        &mut self,
        read: impl FnOnce(Text<'a, 'm>, usize) -> Result<usize, Broken>,
    ) -> Result<&'a str, Broken> {
        self.token()?;
        let start = self.at;
        self.at = read(self.text, start)?;
        self.ahead = 0;
        self.text.text.get(start..self.at).ok_or(Broken)
    }

    /// Takes a value of any kind; its text, without blanks around it.
    #[inline(always)]
    pub(crate) fn value(&mut self) -> Result<&'a str, Broken> {
        let token = self.token()?;
        let start = self.at;
        self.pass(token)?;
        self.text.text.get(start..self.at).ok_or(Broken)
    }

    /// Takes a value of any kind.
    #[inline(always)]
    pub(crate) fn skip(&mut self) -> Result<(), Broken> {
        let token = self.token()?;
        self.pass(token)
    }

    /// Takes the value that begins with `token`, which is next.
    #[inline(always)]
    fn pass(&mut self, token: u8) -> Result<(), Broken> {
        match token {
            b'"' => self.string(),
            b'{' | b'[' => {
                self.at = container(self.text, self.at, token)?;
                self.ahead = 0;
                Ok(())
            }
            _ => self.word(),
        }
    }

    /// Takes the string whose opening quote is next.
    #[inline(always)]
    fn string(&mut self) -> Result<(), Broken> {
        let behind_opening = self.ahead & self.ahead.wrapping_sub(1);
        let close = if behind_opening == 0 {
            self.text.marks.next_quote(self.at + 1).ok_or(Broken)?
        } else {
            self.base + behind_opening.trailing_zeros() as usize
        };
        self.ahead = behind_opening & behind_opening.wrapping_sub(1);
        self.at = close + 1;
        Ok(())
    }

    /// Takes a number, `true`, `false` or `null`.
    #[inline(always)]
    fn word(&mut self) -> Result<(), Broken> {
        let rest = self.text.text.as_bytes().get(self.at..).ok_or(Broken)?;
        self.at += scalar::word(rest).ok_or(Broken)?;
        Ok(())
    }

    /// Takes the key if there must be one; the first byte of the value.
    #[inline(always)]
    fn up_to_value(&mut self, is_object: bool) -> Result<u8, Broken> {
        if is_object {
            self.quoted_key()?;
        }
        self.token()
    }
}

/// Behind the array or object that is next, with all that is in it.
fn container(text: Text<'_, '_>, from: usize, bracket: u8) -> Result<usize, Broken> {
    let mut scanner = Scanner::new(text, from);
    // The kinds of what is open, innermost in the lowest bit: 1 for an object. A line nests no deeper than this.
    let (mut kinds, mut depth) = (0u128, 0u32);
    let mut token = bracket;
    loop {
        // A value comes next.
        match token {
            b'"' => scanner.string()?,
            b'{' | b'[' => {
                let is_object = token == b'{';
                depth += 1;
                if depth > u128::BITS {
                    return Err(Broken);
                }
                kinds = kinds << 1 | u128::from(is_object);
                scanner.at += 1;
                if scanner.token()? != closing(is_object) {
                    token = scanner.up_to_value(is_object)?;
                    continue;
                }
            }
            _ => scanner.word()?,
        }
        // Behind a value, or before the end of an empty container.
        loop {
            let is_object = kinds & 1 == 1;
            if scanner.has_more(closing(is_object))? {
                token = scanner.up_to_value(is_object)?;
                break;
            }
            depth -= 1;
            if depth == 0 {
                return Ok(scanner.at);
            }
            kinds >>= 1;
        }
    }
}

/// The place of the first byte that is not blank, from a place on.
#[cold]
fn behind_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| is_blank(**byte)).count()
}

#[inline]
fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
