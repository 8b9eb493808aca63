//! Parameters of which an event may have several.

use std::collections::HashSet;
use std::hash::Hash;

use crate::json::{Key, WriteJson};

/// No value, one value, or a list of distinct values in the order in which they came.
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
}

impl<T: Eq + Hash> OneOrMany<T> {
    /// A list, each value once, even if there is only one.
    #[must_use]
    pub fn list(values: impl IntoIterator<Item = T>) -> Self {
        Self::Many(distinct(values.into_iter().collect()))
    }
}

/// Each value once, in the order of first occurrence, in linear time.
fn distinct<T: Eq + Hash>(mut values: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::with_capacity(values.len());
    let is_first: Vec<bool> = values.iter().map(|value| seen.insert(value)).collect();
    let mut is_first = is_first.into_iter();
    values.retain(|_| is_first.next().unwrap_or(true));
    values
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

impl<T: Eq + Hash> FromIterator<T> for OneOrMany<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut collected = Self::None;
        collected.extend(values);
        collected
    }
}

impl<T: Eq + Hash> Extend<T> for OneOrMany<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let (mut all, is_list) = match std::mem::take(self) {
            Self::None => (Vec::new(), false),
            Self::One(value) => (vec![value], false),
            Self::Many(values) => (values, true),
        };
        all.extend(values);
        let mut all = distinct(all);
        *self = match all.pop() {
            None if !is_list => Self::None,
            Some(value) if all.is_empty() && !is_list => Self::One(value),
            last => {
                all.extend(last);
                Self::Many(all)
            }
        };
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

    #[inline]
    fn write_member(&self, key: &Key, out: &mut String) {
        match self {
            Self::None => {}
            Self::One(value) => value.write_member(key, out),
            Self::Many(values) => values.write_member(key, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::OneOrMany;

    proptest! {
        #[test]
        fn extending_equals_pushing_one_by_one(
            before in proptest::collection::vec(0..9u8, 0..4),
            values in proptest::collection::vec(0..9u8, 0..20),
            is_list: bool,
        ) {
            let start = if is_list { OneOrMany::list(before) } else { before.into_iter().collect() };
            let (mut at_once, mut one_by_one) = (start.clone(), start);
            at_once.extend(values.clone());
            for value in values {
                one_by_one.push(value);
            }
            prop_assert_eq!(at_once, one_by_one);
        }
    }
}
