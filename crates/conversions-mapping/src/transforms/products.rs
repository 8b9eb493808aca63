//! `properties.products` becomes `contents`: members that Meta documents are taken, the others are left out.

use facebook_conversions::{Content, DeliveryCategory, Text};
use segment_spec::{Product, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::hash_text;
use crate::rules::source::Source;
use crate::transforms::money::read_money;
use crate::transforms::number::read_integer;
use crate::transforms::plain_text::id_text;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// The keys that may be the id of a product, in order of precedence.
const ID_KEYS: [&str; 3] = ["product_id", "sku", "id"];

const DELIVERY_CATEGORY: &str = "delivery_category";

const LIST: &str = "properties.products";

pub(super) fn count<'a>(_: Raw<'a>, _: &Source, cx: &mut RuleContext<'_, 'a>) -> Transformed<u64> {
    let products = cx.message.properties.products().ok_or(Unusable::Stays)?;
    let length = u64::try_from(products.len()).map_err(|_| Unusable::Stays)?;
    Ok((length, Change::Derived))
}

pub(super) fn products<'a>(
    _: Raw<'a>,
    _: &Source,
    cx: &mut RuleContext<'_, 'a>,
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

/// One product that is being turned into an item of `contents`.
struct Item<'p, 'm, 'a> {
    members: &'p Product<'a>,
    /// Those of [`ID_KEYS`], in their order.
    ids: [Option<Raw<'a>>; 3],
    /// Its place among the products.
    index: usize,
    /// Its place among the contents.
    at: usize,
    /// How many of [`ID_KEYS`] were tried before one was usable.
    ids_tried: usize,
    cx: &'p mut RuleContext<'m, 'a>,
}

impl<'a> Item<'_, '_, 'a> {
    /// Builds the item; `None` if the product has no usable id.
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
                PiiPolicy::Drop => Err(Unusable::Personal),
                PiiPolicy::Hash => hashed(value),
                PiiPolicy::Keep if self.cx.compiled.pii.is_personal_text(value) => {
                    Err(Unusable::Personal)
                }
                PiiPolicy::Keep | PiiPolicy::Allow => id_text(value),
            };
            self.settle("id", key, id)
        })
    }

    /// Reads a member, unless it is blank or a setting declares its key personal.
    fn take<T>(
        &mut self,
        value: Option<Raw<'a>>,
        field: &'static str,
        key: &'static str,
        read: fn(Raw<'a>) -> Transformed<T>,
    ) -> Option<T> {
        let value = value.filter(|value| !value.is_blank())?;
        let personal = matches!(self.policy(key), PiiPolicy::Drop | PiiPolicy::Hash);
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

    /// The policy of a key. The default names of personal data do not apply to members of products.
    fn policy(&self, key: &str) -> PiiPolicy {
        let pii = &self.cx.compiled.pii;
        if pii.has_own_names() {
            pii.policy(key)
        } else {
            pii.unnamed()
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
                // `moved`: the list of products is not passed on.
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

    /// Whether the product has members that are not sent.
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
