//! The products of an order: what Meta has a member for is taken, the rest is left out.

use facebook_conversions::{Content, DeliveryCategory, Text};
use segment_spec::{Product, Raw};

use super::money::read_money;
use super::number::read_integer;
use super::text::id_text;
use crate::context::Cx;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::Policy;
use crate::privacy::redact::hash_text;
use crate::rules::row::{Change, Transformed, Unusable};
use crate::rules::source::Source;

/// The keys that may be the id of a product, in order of precedence.
const ID_KEYS: [&str; 3] = ["product_id", "sku", "id"];

const DELIVERY_CATEGORY: &str = "delivery_category";

const LIST: &str = "properties.products";

pub(super) fn count<'a>(_: Raw<'a>, _: &Source, cx: &mut Cx<'_, 'a>) -> Transformed<u64> {
    let products = cx.message.properties.products().ok_or(Unusable::Stays)?;
    let length = u64::try_from(products.len()).map_err(|_| Unusable::Stays)?;
    Ok((length, Change::Derived))
}

pub(super) fn products<'a>(
    _: Raw<'a>,
    _: &Source,
    cx: &mut Cx<'_, 'a>,
) -> Transformed<Vec<Content<'a>>> {
    let products = cx.message.properties.products().ok_or(Unusable::Stays)?;
    let mut contents = Vec::with_capacity(products.len());
    let mut left_out_members = false;
    for (index, members) in products.iter().enumerate() {
        let mut product = Item {
            ids: [members.product_id, members.sku, members.get("id")],
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
struct Item<'p, 'm, 'a> {
    members: &'p Product<'a>,
    /// Those of [`ID_KEYS`], in their order.
    ids: [Option<Raw<'a>>; 3],
    /// Its place among the products.
    index: usize,
    /// Its place among the contents.
    at: usize,
    /// How many of the keys that may be its id have been looked at.
    ids_tried: usize,
    cx: &'p mut Cx<'m, 'a>,
}

impl<'a> Item<'_, '_, 'a> {
    /// `None` without an id.
    fn content(&mut self) -> Option<Content<'a>> {
        let mut content = Content::new(self.id()?);
        let members = self.members;
        content.quantity = self.take(members.quantity, "quantity", "quantity", read_integer);
        content.item_price = self.take(members.price, "item_price", "price", read_money);
        content.delivery_category = self.take(
            members.get(DELIVERY_CATEGORY),
            DELIVERY_CATEGORY,
            DELIVERY_CATEGORY,
            read_delivery_category,
        );
        Some(content)
    }

    fn id(&mut self) -> Option<Text<'a>> {
        ID_KEYS.into_iter().zip(self.ids).find_map(|(key, value)| {
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
        let members = self.members;
        let named = [
            members.name,
            members.brand,
            members.category,
            members.variant,
            members.coupon,
            members.position,
            members.url,
            members.image_url,
        ];
        let says_something = |value: &Raw<'_>| !value.is_blank();
        let mut other = members
            .other
            .iter()
            .filter(|member| !matches!(&*member.key, "id" | DELIVERY_CATEGORY))
            .map(|member| member.value);
        named
            .into_iter()
            .flatten()
            .any(|value| says_something(&value))
            || self
                .ids
                .iter()
                .skip(self.ids_tried)
                .flatten()
                .any(says_something)
            || other.any(|value| says_something(&value))
    }
}

fn hashed(value: Raw<'_>) -> Transformed<Text<'_>> {
    let hash = value
        .as_str()
        .and_then(|text| hash_text(&text, value.text()))
        .ok_or(Unusable::Personal)?;
    Ok((hash.as_str().to_owned().into(), Change::Hashed))
}

fn read_delivery_category(value: Raw<'_>) -> Transformed<DeliveryCategory> {
    let category = value
        .as_str()
        .and_then(|name| DeliveryCategory::from_name(&name))
        .ok_or(Unusable::Unreadable)?;
    Ok((category, Change::Same))
}
