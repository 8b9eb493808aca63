//! What a transform returns.

/// A value for a field, and how it changed on its way; or why it cannot be used.
pub(crate) type Transformed<T> = Result<(T, Change), Unusable>;

/// How a value changed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Same,
    Normalized,
    Hashed,
    /// An e-mail address was taken out.
    Cleaned,
    /// A list was taken out of a text or an object.
    Unwrapped,
    /// The field holds something computed from the value, such as the length of a list.
    Derived,
}

/// Why a value that is present cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// The value does not have the form that the field needs.
    Unreadable,
    /// The value is personal data, which the field must not hold.
    Personal,
    /// The value is of no use to this field, and stays among the properties.
    Stays,
}
