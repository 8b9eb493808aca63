//! Parameters of which an event may have several.

use crate::json::WriteJson;

/// Nothing, one value, or a list in which each value stands once, the first to come first.
///
/// Meta takes a string or a list of strings for these parameters; one value is written as a string.
///
/// ```
/// use facebook_conversions::OneOrMany;
/// let mut ids = OneOrMany::default();
/// for id in ["a", "b", "a"] {
///     ids.push(id);
/// }
/// assert_eq!(ids.as_slice(), ["a", "b"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OneOrMany<T> {
    /// No value: the parameter is left out.
    #[default]
    None,
    /// One value, written by itself.
    One(T),
    /// A list, written as such even when it has one item; an empty one is left out.
    Many(Vec<T>),
}

impl<T: PartialEq> OneOrMany<T> {
    /// Adds a value unless it is there already.
    pub fn push(&mut self, value: T) {
        match std::mem::take(self) {
            Self::None => *self = Self::One(value),
            Self::One(first) if first == value => *self = Self::One(first),
            Self::One(first) => *self = Self::Many(vec![first, value]),
            Self::Many(mut values) => {
                if !values.contains(&value) {
                    values.push(value);
                }
                *self = Self::Many(values);
            }
        }
    }

    /// A list, each value once, even if there is only one.
    #[must_use]
    pub fn list(values: impl IntoIterator<Item = T>) -> Self {
        let mut list = Self::Many(Vec::new());
        for value in values {
            list.push(value);
        }
        list
    }
}

impl<T> OneOrMany<T> {
    /// The values in order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl<T: PartialEq> FromIterator<T> for OneOrMany<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut collected = Self::None;
        for value in values {
            collected.push(value);
        }
        collected
    }
}

impl<T: PartialEq> Extend<T> for OneOrMany<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(value: T) -> Self {
        Self::One(value)
    }
}

impl<T: WriteJson> WriteJson for OneOrMany<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Self::None => out.push_str("[]"),
            Self::One(value) => value.write_json(out),
            Self::Many(values) => values.write_json(out),
        }
    }
}
