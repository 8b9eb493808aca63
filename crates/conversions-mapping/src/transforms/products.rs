//! `properties.products` becomes `contents`: members that Meta documents are taken, the others are left out.

use std::borrow::Cow;

use facebook_conversions::{Content, DeliveryCategory, Text};
use segment_spec::{Kind, Product, Raw};

use crate::context::RuleContext;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::hash_text;
use crate::rules::source::SourcePath;
use crate::transforms::contents;
use crate::transforms::input::Input;
use crate::transforms::lists::{array_in_text, items_by_index};
use crate::transforms::money::read_money;
use crate::transforms::number::read_integer;
use crate::transforms::owned::own_content;
use crate::transforms::plain_text::id_text;
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// The keys that may be the id of a product, in order of precedence.
const ID_KEYS: [&str; 3] = ["product_id", "sku", "id"];

const DELIVERY_CATEGORY: &str = "delivery_category";

/// The number of products, whether or not their items are usable.
pub(super) fn count(input: Input<'_, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<u64> {
    let length = match input.parsed_products() {
        Some(products) => Some(products.len()),
        None => with_wrapped_products(input.raw, |products| products.len()),
    };
    let length = length.and_then(|length| u64::try_from(length).ok());
    Ok((length.ok_or(Unusable::Stays)?, Change::Derived))
}

/// `properties.products` as `contents`.
pub(super) fn products<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Vec<Content<'v>>> {
    let contents = if let Some(products) = input.parsed_products() {
        (read_products(products, input.from, cx)?, Change::Same)
    } else {
        let read = |products: &[Product<'_>]| owned_contents(products, input.from, cx);
        let contents = with_wrapped_products(input.raw, read).ok_or(Unusable::Stays)??;
        (contents, Change::Unwrapped)
    };
    cx.took_products = true;
    Ok(contents)
}

/// Reads a list of products of the Spec, or of items in Meta's form.
pub(super) fn items<'v>(
    input: Input<'v, '_>,
    cx: &mut RuleContext<'_, '_>,
) -> Transformed<Vec<Content<'v>>> {
    if let Some(list) = input.raw.items() {
        let products: Vec<Product<'v>> = list.map(Product::read).collect();
        if !products.iter().any(is_of_the_spec) {
            return contents::explicit(input, cx);
        }
        let contents = read_products(&products, input.from, cx).map_err(unreadable)?;
        return Ok((contents, Change::Normalized));
    }
    let read = |products: &[Product<'_>]| {
        let is_of_the_spec = products.iter().any(is_of_the_spec);
        is_of_the_spec.then(|| owned_contents(products, input.from, cx))
    };
    match with_wrapped_products(input.raw, read) {
        Some(Some(contents)) => Ok((contents.map_err(unreadable)?, Change::Unwrapped)),
        _ => contents::explicit(input, cx),
    }
}

/// Calls a function with the products of a value that is not an array but holds one; `None` if it holds none.
fn with_wrapped_products<T>(raw: Raw<'_>, read: impl FnOnce(&[Product<'_>]) -> T) -> Option<T> {
    if let Some(json) = array_in_text(raw) {
        let items = Raw::read(&json)?.items()?;
        return Some(read(&items.map(Product::read).collect::<Vec<_>>()));
    }
    if let Some(items) = items_by_index(raw) {
        let products: Vec<_> = items.into_iter().map(Product::read).collect();
        return Some(read(&products));
    }
    let has_id = |product: &Product<'_>| {
        let ids = [product.product_id, product.sku, product.get("id")];
        ids.into_iter().flatten().any(|id| !id.is_blank())
    };
    let single = Some(raw)
        .filter(|raw| raw.kind() == Kind::Object)
        .map(Product::read);
    single.filter(has_id).map(|product| read(&[product]))
}

/// The category of the first product.
pub(crate) fn first_category(products: Raw<'_>) -> Option<Cow<'_, str>> {
    let says_something = |category: &Raw<'_>| !category.is_blank();
    if let Some(mut items) = products.items() {
        let category = items.next()?.get("category").filter(says_something)?;
        return category.as_str();
    }
    let of_first = |products: &[Product<'_>]| {
        let category = products.first()?.category.filter(says_something)?;
        Some(category.as_str()?.into_owned())
    };
    with_wrapped_products(products, of_first)?.map(Cow::Owned)
}

fn owned_contents<'a>(
    products: &[Product<'_>],
    from: &SourcePath<'_>,
    cx: &mut RuleContext<'_, '_>,
) -> Result<Vec<Content<'a>>, Unusable> {
    let contents = read_products(products, from, cx)?;
    let owned: Option<Vec<_>> = contents.into_iter().map(own_content).collect();
    owned.ok_or(Unusable::Unreadable)
}

/// Whether a product has a member that only products of the Spec have.
fn is_of_the_spec(product: &Product<'_>) -> bool {
    product.product_id.is_some() || product.sku.is_some() || product.price.is_some()
}

/// A list for a field of the settings does not stay where it was if nothing in it is usable.
fn unreadable(_: Unusable) -> Unusable {
    Unusable::Unreadable
}

/// Turns products into items of `contents`; those without an id are left out.
fn read_products<'v>(
    products: &[Product<'v>],
    from: &SourcePath<'_>,
    cx: &mut RuleContext<'_, '_>,
) -> Result<Vec<Content<'v>>, Unusable> {
    let mut contents = Vec::with_capacity(products.len());
    let mut left_out_members = false;
    for (index, members) in products.iter().enumerate() {
        let mut product = Item {
            ids: [members.product_id, members.sku, members.get("id")],
            members,
            from,
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
        cx.notes.left_out(|| from.members_of_items());
    }
    Ok(contents)
}

/// One product that is being turned into an item of `contents`.
struct Item<'p, 'm, 'a, 'v> {
    members: &'p Product<'v>,
    /// The values of [`ID_KEYS`], in their order.
    ids: [Option<Raw<'v>>; 3],
    /// The path of the list of products.
    from: &'p SourcePath<'p>,
    /// Its place among the products.
    index: usize,
    /// Its place among the contents.
    at: usize,
    /// How many of [`ID_KEYS`] were tried before one was usable.
    ids_tried: usize,
    cx: &'p mut RuleContext<'m, 'a>,
}

impl<'v> Item<'_, '_, '_, 'v> {
    /// Builds the item; `None` if the product has no usable id.
    fn content(&mut self) -> Option<Content<'v>> {
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

    fn id(&mut self) -> Option<Text<'v>> {
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
        value: Option<Raw<'v>>,
        field: &'static str,
        key: &'static str,
        read: fn(Raw<'v>) -> Transformed<T>,
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
                    from: Some(self.from.item(index, key)),
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
        let (from, index) = (self.from, self.index);
        self.cx.notes.add(|| Note {
            field: None,
            from: Some(from.item(index, key)),
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
