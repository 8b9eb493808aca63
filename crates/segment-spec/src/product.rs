//! The products of an order.

use skim_json::{IndexedText, Key, NotJson, ObjectStart, Scanner};
use skim_json::{Member, Raw};

/// A product, as the [e-commerce events](https://segment.com/docs/connections/spec/ecommerce/v2/) have it in their
/// `products`. Members are kept as they were sent, of whatever type; of repeated ones the last wins.
///
/// ```
/// use segment_spec::{Line, Message};
///
/// let line = Line::new(br#"{"properties":{"products":[{"sku":"G-32","price":19.90,"colour":"red"}]}}"#)?;
/// let message = Message::read(&line)?;
/// let [product] = message.properties.products().expect("a list") else { panic!("not one") };
/// assert_eq!(product.price.map(|price| price.text()), Some("19.90"));
/// assert_eq!(product.get("colour").and_then(|colour| colour.as_str()).as_deref(), Some("red"));
/// # Ok::<(), segment_spec::ReadError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Product<'a> {
    /// `brand`.
    pub brand: Option<Raw<'a>>,
    /// `category`.
    pub category: Option<Raw<'a>>,
    /// `coupon`.
    pub coupon: Option<Raw<'a>>,
    /// `image_url`.
    pub image_url: Option<Raw<'a>>,
    /// `name`.
    pub name: Option<Raw<'a>>,
    /// `position`: its place in the list.
    pub position: Option<Raw<'a>>,
    /// `price` of one.
    pub price: Option<Raw<'a>>,
    /// `product_id`: its id in the database of the shop.
    pub product_id: Option<Raw<'a>>,
    /// `quantity`.
    pub quantity: Option<Raw<'a>>,
    /// `sku`: its stock keeping unit.
    pub sku: Option<Raw<'a>>,
    /// `url` of its page.
    pub url: Option<Raw<'a>>,
    /// `variant`.
    pub variant: Option<Raw<'a>>,
    /// Everything else, as it was sent.
    pub other: Vec<Member<'a>>,
}

impl<'a> Product<'a> {
    /// The value of a member that the Spec does not name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Raw<'a>> {
        Member::find(&self.other, key)
    }

    /// Reads a product out of a JSON object. Any other value is a product without members.
    ///
    /// ```
    /// use segment_spec::{Product, Raw};
    ///
    /// let product = Product::read(Raw::read(r#"{"sku":"G-32"}"#).expect("JSON"));
    /// assert_eq!(product.sku.and_then(|sku| sku.as_str()).as_deref(), Some("G-32"));
    /// ```
    #[must_use]
    pub fn read(value: Raw<'a>) -> Self {
        let mut product = Self::default();
        for Member { key, value } in value.members().into_iter().flatten() {
            match product.slot(key.as_bytes()) {
                Some(slot) => *slot = Some(value),
                None => product.other.push(Member { key, value }),
            }
        }
        product
    }

    #[inline]
    fn take(&mut self, key: Key<'a>, value: Raw<'a>) {
        if let Some(slot) = self.slot(key.as_bytes()) {
            *slot = Some(value);
        } else {
            let key = key.into_text();
            self.other.push(Member { key, value });
        }
    }

    /// The member of a key that the Spec names.
    #[expect(
        clippy::inline_always,
        reason = "the reader of lists calls it for every member, and a call costs as much as the match"
    )]
    #[inline(always)]
    fn slot(&mut self, key: &[u8]) -> Option<&mut Option<Raw<'a>>> {
        Some(match key {
            b"brand" => &mut self.brand,
            b"category" => &mut self.category,
            b"coupon" => &mut self.coupon,
            b"image_url" => &mut self.image_url,
            b"name" => &mut self.name,
            b"position" => &mut self.position,
            b"price" => &mut self.price,
            b"product_id" => &mut self.product_id,
            b"quantity" => &mut self.quantity,
            b"sku" => &mut self.sku,
            b"url" => &mut self.url,
            b"variant" => &mut self.variant,
            _ => return None,
        })
    }
}

/// Reads a list of products, in the place of earlier ones, and returns the place behind it. An item that is not an
/// object becomes a product without members.
pub(crate) fn read<'a>(
    products: &mut Vec<Product<'a>>,
    text: IndexedText<'a, '_>,
    from: usize,
) -> Result<usize, NotJson> {
    let mut scanner = Scanner::new(text, from);
    products.clear();
    scanner.take(b'[')?;
    let mut has_more = scanner.token()? != b']';
    if !has_more {
        scanner.take(b']')?;
    }
    while has_more {
        // Filled where it is kept: moving what has just been written waits for it.
        products.push(Product::default());
        if let (ObjectStart::Members, Some(product)) =
            (scanner.enter_object()?, products.last_mut())
        {
            let mut has_more = true;
            while has_more {
                let key = scanner.key()?;
                product.take(key, scanner.value()?);
                has_more = scanner.has_more(b'}')?;
            }
        }
        has_more = scanner.has_more(b']')?;
    }
    Ok(scanner.position())
}
