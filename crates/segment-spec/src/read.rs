//! How JSON is read: the one place that knows the parser.
//!
//! Objects of the Spec are read in a single pass, member by member, by types that say which keys they know
//! ([`Members`]). A value of the wrong type never fails the line.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::raw::{Member, Raw};

/// An object of the Spec: takes the values of the keys that it knows.
pub(crate) trait Members<'de>: Default {
    /// Takes one member; every value has to be taken or skipped.
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error>;

    /// Remembers that something else stands where the object belongs.
    fn wrong_type(&mut self);
}

/// A key, borrowed unless it has escapes.
pub(crate) struct Key<'a>(pub(crate) Cow<'a, str>);

/// The value of a member that is about to be read.
pub(crate) struct Value<'m, A> {
    map: &'m mut A,
    pass: Pass,
}

/// How nested objects are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// In one go. Fails when a number beyond every range stands where an object belongs.
    Single,
    /// Each object twice, first as a slice. Never fails on JSON.
    Sliced,
}

impl<'de, A: MapAccess<'de>> Value<'_, A> {
    /// The text of the value.
    pub(crate) fn raw(self) -> Result<Raw<'de>, A::Error> {
        self.map
            .next_value::<&'de RawValue>()
            .map(|raw| Raw::new(raw.get()))
    }

    /// The value as an object; `null` is an empty one, and so is, marked, anything else.
    pub(crate) fn object<T: Members<'de>>(self) -> Result<T, A::Error> {
        match self.pass {
            Pass::Single => self
                .map
                .next_value_seed(ObjectSeed::<T>(Pass::Single, PhantomData)),
            Pass::Sliced => object(self.raw()?.text(), Pass::Sliced).map_err(A::Error::custom),
        }
    }

    pub(crate) fn skip(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(|_| ())
    }
}

/// Reads an object out of a JSON text that holds nothing else.
pub(crate) fn object<'de, T: Members<'de>>(text: &'de str, pass: Pass) -> serde_json::Result<T> {
    if pass == Pass::Sliced && !text.trim_start().starts_with('{') {
        serde_json::from_str::<IgnoredAny>(text)?;
        let mut object = T::default();
        if text.trim() != "null" {
            object.wrong_type();
        }
        return Ok(object);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let object = ObjectSeed::<T>(pass, PhantomData).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(object)
}

/// Whether the text is one JSON value.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

pub(crate) fn members(text: &str) -> Option<Vec<Member<'_>>> {
    object::<All<'_>>(text, Pass::Single).ok().map(|all| all.0)
}

pub(crate) fn items(text: &str) -> Option<Vec<Raw<'_>>> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(items.into_iter().map(|item| Raw::new(item.get())).collect())
}

/// Every member of an object.
#[derive(Default)]
struct All<'a>(Vec<Member<'a>>);

impl<'de> Members<'de> for All<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        self.0.push(Member::new(key, value.raw()?));
        Ok(())
    }

    fn wrong_type(&mut self) {}
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct ObjectSeed<T>(Pass, PhantomData<T>);

impl<'de, T: Members<'de>> DeserializeSeed<'de> for ObjectSeed<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Members<'de>> ObjectSeed<T> {
    fn instead(wrong_type: bool) -> T {
        let mut object = T::default();
        if wrong_type {
            object.wrong_type();
        }
        object
    }
}

impl<'de, T: Members<'de>> Visitor<'de> for ObjectSeed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut object = T::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            object.member(
                key,
                Value {
                    map: &mut map,
                    pass: self.0,
                },
            )?;
        }
        Ok(object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::instead(true))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(Self::instead(false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(Self::instead(true))
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(Self::instead(true))
    }

    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(Self::instead(true))
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(Self::instead(true))
    }

    fn visit_str<E>(self, _: &str) -> Result<T, E> {
        Ok(Self::instead(true))
    }
}
