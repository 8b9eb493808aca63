//! The products of an order: what Meta has a member for is taken, the rest is left out.

use std::borrow::Cow;

use facebook_conversions::{Content, DeliveryCategory};
use segment_spec::Raw;

use super::money::read_money;
use super::number::read_integer;
use super::text::id_text;
use crate::cut::hash_text;
use crate::cx::Cx;
use crate::note::{Effect, Note, Path};
use crate::personal::Policy;
use crate::row::{Change, Transformed, Unusable};
use crate::source::Source;

/// The keys that may be the id of a product, in order of precedence.
const ID_KEYS: [&str; 3] = ["product_id", "sku", "id"];

const LIST: &str = "properties.products";

/// One product as it came: the members that there is a use for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Members<'a> {
    /// Those of [`ID_KEYS`], in their order.
    ids: [Option<Raw<'a>>; 3],
    price: Option<Raw<'a>>,
    quantity: Option<Raw<'a>>,
    delivery_category: Option<Raw<'a>>,
    /// Whether there is anything else that says something.
    has_others: bool,
}

impl<'a> Members<'a> {
    fn take(&mut self, key: &[u8], value: Raw<'a>) {
        match key {
            b"product_id" => self.ids[0] = Some(value),
            b"sku" => self.ids[1] = Some(value),
            b"id" => self.ids[2] = Some(value),
            b"price" => self.price = Some(value),
            b"quantity" => self.quantity = Some(value),
            b"delivery_category" => self.delivery_category = Some(value),
            _ => self.has_others |= !value.is_blank(),
        }
    }
}

/// Reads the products of an order; `None` if the value is no list.
pub(crate) fn read_products(raw: Raw<'_>) -> Option<Vec<Members<'_>>> {
    raw.read_objects(Members::take)
}

/// The length of the list, which is kept for the row that makes `contents` of it.
pub(super) fn count<'a>(raw: Raw<'a>, _: &Source, cx: &mut Cx<'_, 'a>) -> Transformed<u64> {
    let products = read_products(raw).ok_or(Unusable::Stays)?;
    let length = u64::try_from(products.len()).map_err(|_| Unusable::Stays)?;
    cx.products = Some(products);
    Ok((length, Change::Derived))
}

pub(super) fn products<'a>(
    raw: Raw<'a>,
    _: &Source,
    cx: &mut Cx<'_, 'a>,
) -> Transformed<Vec<Content<'a>>> {
    let products = cx.products.take().or_else(|| read_products(raw));
    let products = products.ok_or(Unusable::Stays)?;
    let mut contents = Vec::with_capacity(products.len());
    let mut left_out_members = false;
    for (index, members) in products.iter().enumerate() {
        let mut product = Product {
            members,
            index,
            at: contents.len(),
            ids_tried: 0,
            cx,
        };
        match product.content() {
            Some(content) => {
                left_out_members |= product.has_more();
                contents.push(content);
            }
            None => product.note(Effect::LeftOut, ""),
        }
    }
    if contents.is_empty() {
        return Err(Unusable::Stays);
    }
    if left_out_members {
        cx.notes.left_out(|| Path::Fixed("properties.products[].*"));
    }
    cx.took_products = true;
    Ok((contents, Change::Same))
}

/// One product on its way to be an item of `contents`.
struct Product<'p, 'm, 'a> {
    members: &'p Members<'a>,
    /// Its place among the products.
    index: usize,
    /// Its place among the contents.
    at: usize,
    /// How many of the keys that may be its id have been looked at.
    ids_tried: usize,
    cx: &'p mut Cx<'m, 'a>,
}

impl<'a> Product<'_, '_, 'a> {
    /// `None` without an id.
    fn content(&mut self) -> Option<Content<'a>> {
        let mut content = Content::new(self.id()?);
        let Members {
            quantity,
            price,
            delivery_category: category,
            ..
        } = *self.members;
        content.quantity = self.take(quantity, "quantity", "quantity", read_integer);
        content.item_price = self.take(price, "item_price", "price", read_money);
        content.delivery_category = self.take(
            category,
            "delivery_category",
            "delivery_category",
            read_delivery_category,
        );
        Some(content)
    }

    fn id(&mut self) -> Option<Cow<'a, str>> {
        let ids = self.members.ids;
        ID_KEYS.into_iter().zip(ids).find_map(|(key, value)| {
            self.ids_tried += 1;
            let value = value.filter(|value| !value.is_blank())?;
            let id = match self.policy(key) {
                Policy::Drop => Err(Unusable::Personal),
                Policy::Hash => hashed(value),
                Policy::Keep if self.cx.mapping.personal().is_personal_text(value) => {
                    Err(Unusable::Personal)
                }
                Policy::Keep | Policy::Allow => id_text(value),
            };
            self.settle("id", key, id)
        })
    }

    /// The value of a member that is there, usable, and not called personal by a setting.
    fn take<T>(
        &mut self,
        value: Option<Raw<'a>>,
        field: &'static str,
        key: &'static str,
        read: fn(Raw<'a>) -> Transformed<T>,
    ) -> Option<T> {
        let value = value.filter(|value| !value.is_blank())?;
        let personal = matches!(self.policy(key), Policy::Drop | Policy::Hash);
        self.settle(
            field,
            key,
            if personal {
                Err(Unusable::Personal)
            } else {
                read(value)
            },
        )
    }

    /// What settings say of a member by its name.
    fn policy(&self, key: &str) -> Policy {
        let personal = self.cx.mapping.personal();
        if personal.has_own_names() {
            personal.policy(key)
        } else {
            personal.unnamed()
        }
    }

    fn settle<T>(
        &mut self,
        field: &'static str,
        key: &'static str,
        value: Transformed<T>,
    ) -> Option<T> {
        match value {
            Ok((value, change)) => {
                let (at, index) = (self.at, self.index);
                // The list that the value is taken from does not stay.
                let effect = if change == Change::Hashed {
                    Effect::Hashed
                } else {
                    Effect::Moved
                };
                self.cx.notes.add(|| Note {
                    field: Some(Path::Item("custom_data.contents", at, field)),
                    from: Some(Path::Item(LIST, index, key)),
                    effect,
                });
                Some(value)
            }
            Err(Unusable::Personal) => {
                self.note(Effect::DroppedPersonal, key);
                None
            }
            Err(_) => {
                self.note(Effect::LeftOut, key);
                None
            }
        }
    }

    /// Notes that a member, or the whole product, is not used.
    fn note(&mut self, effect: Effect, key: &'static str) {
        let from = Path::Item(LIST, self.index, key);
        self.cx.notes.add(|| Note {
            field: None,
            from: Some(from),
            effect,
        });
    }

    /// Whether there are members that Meta has no place for.
    fn has_more(&self) -> bool {
        let mut not_tried = self.members.ids.iter().skip(self.ids_tried).flatten();
        self.members.has_others || not_tried.any(|id| !id.is_blank())
    }
}

fn hashed(value: Raw<'_>) -> Transformed<Cow<'_, str>> {
    let hash = value
        .as_str()
        .and_then(|text| hash_text(&text, value.text()))
        .ok_or(Unusable::Personal)?;
    Ok((Cow::Owned(hash.as_str().to_owned()), Change::Hashed))
}

fn read_delivery_category(value: Raw<'_>) -> Transformed<DeliveryCategory> {
    let category = value
        .as_str()
        .and_then(|name| DeliveryCategory::from_name(&name))
        .ok_or(Unusable::Unreadable)?;
    Ok((category, Change::Same))
}
