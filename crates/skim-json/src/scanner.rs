//! One pass over JSON text, without building anything: where values start and end, and whether they are well-formed.
//!
//! The grammar is that of RFC 8259 and nothing besides, as `serde_json` has it for values that it passes over:
//! numbers may be of any size, and halves of surrogate pairs are allowed in escapes.

#![expect(
    clippy::inline_always,
    reason = "the position of a scanner stays in registers only where what moves it is inlined"
)]

use crate::indexed_text::{IndexedText, NotJson, ObjectStart, ReadValue};
use crate::key::{Key, decoded_key};
use crate::scalar;
use std::fmt;

/// Goes through a text, byte by byte, and over each string in one step.
///
/// The inside of strings has been checked before, for the whole text.
///
/// The position is to stay in registers. So what moves it is inlined, and a function that is called out of line is told
/// where to begin and says where it ended.
pub struct Scanner<'a, 'i> {
    text: IndexedText<'a, 'i>,
    /// Everything before has been taken.
    at: usize,
    /// The quotes that come next, as far as they are known: bit 0 stands for the byte at `window_start`.
    quotes: u64,
    window_start: usize,
}

/// The position, never the text.
impl fmt::Debug for Scanner<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl<'a, 'i> Scanner<'a, 'i> {
    /// Begins at a place of a text.
    #[inline(always)]
    #[must_use]
    pub fn new(text: IndexedText<'a, 'i>, at: usize) -> Self {
        Self {
            text,
            at,
            quotes: 0,
            window_start: 0,
        }
    }

    /// The place behind what has been taken.
    #[inline]
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next byte.
    #[inline(always)]
    fn byte(&self) -> Option<u8> {
        self.text.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not blank. It is not taken.
    ///
    /// # Errors
    ///
    /// [`NotJson`] at the end of the text.
    #[inline(always)]
    pub fn token(&mut self) -> Result<u8, NotJson> {
        match self.byte() {
            Some(byte) if byte > b' ' => Ok(byte),
            _ => self.token_behind_blanks(),
        }
    }

    #[inline(always)]
    fn token_behind_blanks(&mut self) -> Result<u8, NotJson> {
        self.at = scalar::behind_blanks(self.text.text.as_bytes(), self.at);
        self.byte().ok_or(NotJson)
    }

    /// Takes a byte that must be the next one that is not blank.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if another one is.
    #[inline(always)]
    pub fn take(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.byte() == Some(byte) || self.token_behind_blanks()? == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(NotJson)
        }
    }

    /// Behind an item or member, takes the comma or the closing bracket. `true` behind a comma: another one must
    /// follow.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if anything else comes next.
    #[inline(always)]
    pub fn has_more(&mut self, closing: u8) -> Result<bool, NotJson> {
        let mut token = self.byte();
        if token != Some(b',') && token != Some(closing) {
            token = Some(self.token_behind_blanks()?);
            if token != Some(b',') && token != Some(closing) {
                return Err(NotJson);
            }
        }
        self.at += 1;
        Ok(token == Some(b','))
    }

    /// Takes the opening brace of an object that has members, or the whole of any other value.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if no value comes next.
    #[inline(always)]
    pub fn enter_object(&mut self) -> Result<ObjectStart, NotJson> {
        if self.token()? != b'{' {
            return Ok(match self.value_text()? {
                "null" => ObjectStart::Null,
                _ => ObjectStart::NotAnObject,
            });
        }
        self.at += 1;
        if self.token()? != b'}' {
            return Ok(ObjectStart::Members);
        }
        self.at += 1;
        Ok(ObjectStart::Empty)
    }

    /// Whether nothing but blanks is left.
    pub fn is_at_end(&mut self) -> bool {
        self.token().is_err()
    }

    /// Takes the key of a member and the colon behind it.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if none comes next.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Key<'a>, NotJson> {
        let (start, end) = self.quoted_key()?;
        if self.text.index.has_escapes(start, end) {
            return decoded_key(self.text.text, start, end).map(Key::Decoded);
        }
        Ok(Key::Plain(self.text.text, start + 1, end - 1))
    }

    /// Takes the key of a member and the colon behind it. A key with escapes is decoded into `decoded`.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if none comes next.
    #[inline(always)]
    pub fn key_bytes<'k>(&mut self, decoded: &'k mut String) -> Result<&'k [u8], NotJson>
    where
        'a: 'k,
    {
        let (start, end) = self.quoted_key()?;
        if self.text.index.has_escapes(start, end) {
            *decoded = decoded_key(self.text.text, start, end)?;
            return Ok(decoded.as_bytes());
        }
        let key = self.text.text.as_bytes().get(start + 1..end - 1);
        key.ok_or(NotJson)
    }

    /// Takes a key and the colon behind it. Says where the key begins and ends, quotes included.
    #[inline(always)]
    fn quoted_key(&mut self) -> Result<(usize, usize), NotJson> {
        if self.byte() != Some(b'"') && self.token_behind_blanks()? != b'"' {
            return Err(NotJson);
        }
        let start = self.at;
        self.window_start = start;
        self.quotes = self.text.index.quotes_from(start).unwrap_or_default();
        self.skip_string()?;
        let end = self.at;
        self.take(b':')?;
        Ok((start, end))
    }

    /// Takes a value and reads it into a place.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if no value comes next.
    #[inline(always)]
    pub fn read_into(&mut self, place: &mut dyn ReadValue<'a>) -> Result<(), NotJson> {
        self.at = place.read_value(self.text, self.at)?;
        self.quotes = 0;
        Ok(())
    }

    /// Takes a value with a function that is told where it begins and says where it ends; its text, without blanks
    /// around it.
    #[inline(always)]
    pub(crate) fn value_text_with(
        &mut self,
        read: impl FnOnce(IndexedText<'a, 'i>, usize) -> Result<usize, NotJson>,
    ) -> Result<&'a str, NotJson> {
        self.token()?;
        let start = self.at;
        self.at = read(self.text, start)?;
        self.quotes = 0;
        self.text.text.get(start..self.at).ok_or(NotJson)
    }

    /// Takes a value of any kind; its text, without blanks around it.
    #[inline(always)]
    pub(crate) fn value_text(&mut self) -> Result<&'a str, NotJson> {
        let token = self.token()?;
        let start = self.at;
        self.skip_value(token)?;
        self.text.text.get(start..self.at).ok_or(NotJson)
    }

    /// Takes a value of any kind and drops it.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if none comes next.
    #[inline(always)]
    pub fn skip(&mut self) -> Result<(), NotJson> {
        let token = self.token()?;
        self.skip_value(token)
    }

    /// Takes the value that begins with `token`, which is next.
    #[inline(always)]
    fn skip_value(&mut self, token: u8) -> Result<(), NotJson> {
        match token {
            b'"' => self.skip_string(),
            b'{' | b'[' => {
                self.at = container(self.text, self.at, token)?;
                self.quotes = 0;
                Ok(())
            }
            _ => self.skip_scalar(),
        }
    }

    /// Takes the string whose opening quote is next.
    #[inline(always)]
    fn skip_string(&mut self) -> Result<(), NotJson> {
        // Clearing the lowest bit leaves the quotes behind the opening one.
        let behind_opening = self.quotes & self.quotes.wrapping_sub(1);
        let close = if behind_opening == 0 {
            self.text.index.next_quote(self.at + 1).ok_or(NotJson)?
        } else {
            self.window_start + behind_opening.trailing_zeros() as usize
        };
        self.quotes = behind_opening & behind_opening.wrapping_sub(1);
        self.at = close + 1;
        Ok(())
    }

    /// Takes a number, `true`, `false` or `null`.
    #[inline(always)]
    fn skip_scalar(&mut self) -> Result<(), NotJson> {
        let rest = self.text.text.as_bytes().get(self.at..).ok_or(NotJson)?;
        self.at += scalar::word(rest).ok_or(NotJson)?;
        Ok(())
    }

    /// Takes the key if there must be one; the first byte of the value.
    #[inline(always)]
    fn up_to_value(&mut self, is_object: bool) -> Result<u8, NotJson> {
        if is_object {
            self.quoted_key()?;
        }
        self.token()
    }
}

/// Reads a text that holds one value and nothing else.
pub(crate) fn read_whole<'a>(
    text: IndexedText<'a, '_>,
    into: &mut dyn ReadValue<'a>,
) -> Result<(), NotJson> {
    let end = into.read_value(text, 0)?;
    if Scanner::new(text, end).is_at_end() {
        Ok(())
    } else {
        Err(NotJson)
    }
}

/// The place behind the array or object that is next, with all that is in it.
fn container(text: IndexedText<'_, '_>, from: usize, bracket: u8) -> Result<usize, NotJson> {
    let mut scanner = Scanner::new(text, from);
    // What is open, innermost in the lowest bit: 1 for an object, 0 for an array. This is where `MAX_DEPTH` comes from.
    let (mut kinds, mut depth) = (0u128, 0u32);
    let mut token = bracket;
    loop {
        // A value comes next.
        match token {
            b'"' => scanner.skip_string()?,
            b'{' | b'[' => {
                let is_object = token == b'{';
                depth += 1;
                if depth > u128::BITS {
                    return Err(NotJson);
                }
                kinds = kinds << 1 | u128::from(is_object);
                scanner.at += 1;
                if scanner.token()? != closing(is_object) {
                    token = scanner.up_to_value(is_object)?;
                    continue;
                }
            }
            _ => scanner.skip_scalar()?,
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

#[inline]
fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}
