//! An object that holds a long list, read in one pass.

use std::fmt;

use crate::indexed_text::{IndexedText, NotJson, ObjectStart};
use crate::raw::{Member, Raw};
use crate::scanner::Scanner;
use crate::strings::StringCheck;
use crate::structural_index::StructuralIndex;

/// The members of an object, and the items of the list that one of them is.
///
/// A text is gone through once, where [`Raw::read`], [`Raw::members`] and [`Raw::items`] would go through the list three
/// times.
#[derive(Clone, Default)]
pub struct ObjectWithList<'a> {
    /// The members in order, repeated keys included.
    pub members: Vec<Member<'a>>,
    /// The items of the list; of several, those of the last one.
    pub items: Vec<Raw<'a>>,
}

impl<'a> ObjectWithList<'a> {
    /// Reads a text that is one object, with or without blanks around it; `None` for any other text. `key` is the key of
    /// the list, of which `max_items` items are kept at most.
    ///
    /// ```
    /// use skim_json::{ObjectWithList, Raw};
    ///
    /// let object = ObjectWithList::read(r#"{"batch": [1, {"a": 2}], "id": "x"}"#, "batch", 10).expect("an object");
    /// assert_eq!(object.members.len(), 2);
    /// assert!(object.items.iter().map(|item| item.text()).eq(["1", r#"{"a": 2}"#]));
    /// ```
    #[must_use]
    pub fn read(text: &'a str, key: &str, max_items: usize) -> Option<Self> {
        let index = StructuralIndex::build(text);
        if !StringCheck::new(text, &index).are_valid() {
            return None;
        }
        let mut object = Self::default();
        let mut scanner = Scanner::new(IndexedText::new(text, &index), 0);
        object.read_members(&mut scanner, key, max_items).ok()?;
        scanner.is_at_end().then_some(object)
    }

    fn read_members(
        &mut self,
        scanner: &mut Scanner<'a, '_>,
        list: &str,
        max_items: usize,
    ) -> Result<(), NotJson> {
        let mut has_more = match scanner.enter_object()? {
            ObjectStart::Members => true,
            ObjectStart::Empty => false,
            ObjectStart::Null | ObjectStart::NotAnObject => return Err(NotJson),
        };
        while has_more {
            let key = scanner.key()?.into_text();
            let value = if key == list && scanner.token()? == b'[' {
                self.items.clear();
                let items = &mut self.items;
                scanner.value_with(|text, from| read_items(text, from, items, max_items))?
            } else {
                scanner.value()?
            };
            self.members.push(Member { key, value });
            has_more = scanner.has_more(b'}')?;
        }
        Ok(())
    }
}

/// Reads the list that begins at a place, and says where it ends.
fn read_items<'a>(
    text: IndexedText<'a, '_>,
    from: usize,
    items: &mut Vec<Raw<'a>>,
    max_items: usize,
) -> Result<usize, NotJson> {
    let mut scanner = Scanner::new(text, from);
    scanner.take(b'[')?;
    let mut has_more = scanner.token()? != b']';
    if !has_more {
        scanner.take(b']')?;
    }
    while has_more {
        let item = scanner.value()?;
        if items.len() < max_items {
            items.push(item);
        }
        has_more = scanner.has_more(b']')?;
    }
    Ok(scanner.position())
}

/// Counts, never a value.
impl fmt::Debug for ObjectWithList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectWithList")
            .field("members", &self.members.len())
            .field("items", &self.items.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectWithList;
    use crate::raw::{Kind, Raw};

    /// The texts of the items, and those of the members with their keys.
    type Found<'a> = (Vec<&'a str>, Vec<(String, &'a str)>);

    fn three_passes(text: &str) -> Option<Found<'_>> {
        let body = Raw::read(text).filter(|body| body.kind() == Kind::Object)?;
        let members: Vec<_> = body.members().into_iter().flatten().collect();
        let lists = members.iter().filter(|member| member.key == "list");
        let last = lists.filter_map(|member| member.value.items()).next_back();
        let items = last.into_iter().flatten().map(Raw::text).collect();
        let members = members
            .iter()
            .map(|member| (member.key.to_string(), member.value.text()));
        Some((items, members.collect()))
    }

    #[test]
    fn one_pass_finds_what_three_find() {
        let valid = [
            "{}",
            " { } ",
            r#"{"list":[]}"#,
            r#" {"a" : 1 , "list" : [ ] , "b":[2]} "#,
            r#"{"list":[{"x":"]"},[1,[2]],"s",null,-1.5e3,true]}"#,
            r#"{"li\u0073t":[1,2],"b":"\""}"#,
            r#"{"list":[1],"list":[2,3]}"#,
            r#"{"list":[1],"list":null}"#,
            r#"{"list":{"list":[1]}}"#,
            "null",
            "[]",
            "7",
        ];
        for text in valid {
            let found = ObjectWithList::read(text, "list", 100).map(|object| {
                let items = object.items.into_iter().map(Raw::text).collect();
                let members = object.members.into_iter();
                let members = members.map(|member| (member.key.into_owned(), member.value.text()));
                (items, members.collect())
            });
            assert_eq!(found, three_passes(text), "{text}");
            // Each text that is cut or has a byte too many is refused by both.
            for end in 0..text.len() {
                let cut = &text[..end];
                let found = ObjectWithList::read(cut, "list", 100).is_some();
                assert_eq!(found, three_passes(cut).is_some(), "{cut}");
                let longer = format!("{cut},{}", &text[end..]);
                let found = ObjectWithList::read(&longer, "list", 100).is_some();
                assert_eq!(found, three_passes(&longer).is_some(), "{longer}");
            }
        }
    }

    #[test]
    fn no_more_items_are_kept_than_wanted_but_all_are_checked() {
        let object = ObjectWithList::read(r#"{"list":[1,2,3,4]}"#, "list", 2);
        assert_eq!(object.map(|object| object.items.len()), Some(2));
        assert!(ObjectWithList::read(r#"{"list":[1,2,3,]}"#, "list", 2).is_none());
    }
}
