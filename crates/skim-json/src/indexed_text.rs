//! What a scanner goes through, and what it reads into.

use crate::structural_index::StructuralIndex;
use std::fmt;

/// The text is not JSON. [`syntax_error_column`](crate::syntax_error_column) finds out where it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not JSON")]
pub struct NotJson;

/// A text with its structural index. A [`Document`](crate::Document) hands it to what it is read into.
#[derive(Clone, Copy)]
pub struct IndexedText<'a, 'i> {
    pub(crate) text: &'a str,
    pub(crate) index: &'i StructuralIndex,
}

/// The length, never the text.
impl fmt::Debug for IndexedText<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedText")
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

impl<'a, 'i> IndexedText<'a, 'i> {
    #[inline]
    pub(crate) fn new(text: &'a str, index: &'i StructuralIndex) -> Self {
        Self { text, index }
    }
}

/// What stands where an object belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectStart {
    /// An object that has members; its brace has been taken.
    Members,
    /// An object that has none; it has been taken.
    Empty,
    /// `null`; it has been taken.
    Null,
    /// Any other value; it has been taken.
    NotAnObject,
}

/// A place that a value is read into. Every [`JsonObject`](crate::JsonObject) is one.
pub trait ReadValue<'a> {
    /// Reads the value that begins at a place of the text, blanks before it included; says where it ends. `null` reads
    /// as an empty object. Any other value that is no object does too, and is marked.
    ///
    /// # Errors
    ///
    /// [`NotJson`] if no value begins there.
    fn read_value(&mut self, text: IndexedText<'a, '_>, from: usize) -> Result<usize, NotJson>;
}
