//! Objects read into structs, in one pass.
//!
//! A struct says where the value of each key belongs ([`JsonObject::slot`]); reading goes through the members once and
//! puts the values there. A value of the wrong type never fails the text: it is kept as it stands, or the object says
//! that something else stood in its place.

use crate::indexed_text::{IndexedText, NotJson, ObjectStart, ReadValue};
use crate::raw::Raw;
use crate::scanner::Scanner;
use std::fmt;

/// A struct that an object is read into.
///
/// ```
/// use skim_json::{Document, JsonObject, Raw, Slot};
///
/// #[derive(Default)]
/// struct Order<'a> {
///     id: Option<Raw<'a>>,
///     customer: Customer<'a>,
///     is_present: bool,
/// }
///
/// #[derive(Default)]
/// struct Customer<'a> {
///     email: Option<Raw<'a>>,
///     is_something_else: bool,
///     is_present: bool,
/// }
///
/// impl<'a> JsonObject<'a> for Order<'a> {
///     fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
///         match key {
///             b"id" => Slot::Value(&mut self.id),
///             b"customer" => Slot::Object(&mut self.customer),
///             _ => Slot::Ignored,
///         }
///     }
///     fn mark_wrong_type(&mut self) {}
///     fn is_present(&mut self) -> &mut bool {
///         &mut self.is_present
///     }
/// }
/// # impl<'a> JsonObject<'a> for Customer<'a> {
/// #     fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
/// #         match key {
/// #             b"email" => Slot::Value(&mut self.email),
/// #             _ => Slot::Ignored,
/// #         }
/// #     }
/// #     fn mark_wrong_type(&mut self) {
/// #         self.is_something_else = true;
/// #     }
/// #     fn is_present(&mut self) -> &mut bool {
/// #         &mut self.is_present
/// #     }
/// # }
///
/// let document = Document::new(br#"{"id": 7, "customer": {"email": "jane@example.com"}, "note": [1]}"#)?;
/// let mut order = Order::default();
/// document.read(&mut order)?;
/// assert_eq!(order.id.map(Raw::text), Some("7"));
/// assert_eq!(order.customer.email.and_then(Raw::as_str).as_deref(), Some("jane@example.com"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait JsonObject<'a>: Default {
    /// Where the value of a key belongs.
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a>;

    /// Remembers that something other than an object or `null` stands where the object belongs.
    fn mark_wrong_type(&mut self);

    /// Whether a value other than `null` has been read into it. Of repeated keys the last wins: an object that comes
    /// again takes the place of the first one.
    fn is_present(&mut self) -> &mut bool;
}

/// Where the value of a member belongs.
pub enum Slot<'o, 'a> {
    /// It is kept as it stands.
    Value(&'o mut Option<Raw<'a>>),
    /// It is read as an object.
    Object(&'o mut dyn ReadValue<'a>),
    /// It is passed over.
    Ignored,
}

/// Which of them, never a value.
impl fmt::Debug for Slot<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value",
            Self::Object(_) => "Object",
            Self::Ignored => "Ignored",
        })
    }
}

impl<'a, T: JsonObject<'a>> ReadValue<'a> for T {
    fn read_value(&mut self, text: IndexedText<'a, '_>, from: usize) -> Result<usize, NotJson> {
        if *self.is_present() {
            *self = T::default();
        }
        *self.is_present() = true;
        let mut scanner = Scanner::new(text, from);
        let mut has_more = match scanner.enter_object()? {
            ObjectStart::Members => true,
            ObjectStart::Empty => false,
            ObjectStart::Null => {
                *self.is_present() = false;
                false
            }
            ObjectStart::NotAnObject => {
                self.mark_wrong_type();
                false
            }
        };
        let mut decoded = String::new();
        while has_more {
            match self.slot(scanner.key_bytes(&mut decoded)?) {
                Slot::Value(slot) => *slot = Some(scanner.value()?),
                Slot::Object(object) => scanner.read_into(object)?,
                Slot::Ignored => scanner.skip()?,
            }
            has_more = scanner.has_more(b'}')?;
        }
        Ok(scanner.position())
    }
}
