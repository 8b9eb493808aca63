//! A naive mapper: typed parse, one mapping for all, hashes, JSON. It drops what it does not know.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A naive mapper, with working space of its own.
#[derive(Debug, Default)]
pub struct NaiveMapper {
    out: Vec<u8>,
}

impl NaiveMapper {
    /// The event as JSON; `None` if the line cannot be read.
    pub fn map(&mut self, line: &[u8]) -> Option<&[u8]> {
        let message: Message<'_> = serde_json::from_str(std::str::from_utf8(line).ok()?).ok()?;
        self.out.clear();
        serde_json::to_writer(&mut self.out, &Event::of(&message)).ok()?;
        Some(&self.out)
    }
}

/// A text that is borrowed where it can be.
type Text<'a> = Option<Borrowed<'a>>;

#[derive(Deserialize)]
#[serde(transparent)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "they are Segment's names")]
struct Message<'a> {
    #[serde(borrow)]
    event: Borrowed<'a>,
    #[serde(borrow)]
    message_id: Borrowed<'a>,
    #[serde(borrow, default)]
    user_id: Text<'a>,
    #[serde(borrow, default)]
    anonymous_id: Text<'a>,
    #[serde(borrow)]
    timestamp: Borrowed<'a>,
    #[serde(borrow, default)]
    context: Context<'a>,
    #[serde(borrow, default)]
    properties: Properties<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context<'a> {
    #[serde(borrow)]
    ip: Text<'a>,
    #[serde(borrow)]
    user_agent: Text<'a>,
    #[serde(borrow)]
    page: Page<'a>,
    #[serde(borrow)]
    traits: Traits<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Traits<'a> {
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    phone: Text<'a>,
    #[serde(borrow)]
    first_name: Text<'a>,
    #[serde(borrow)]
    last_name: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Properties<'a> {
    #[serde(borrow)]
    order_id: Text<'a>,
    #[serde(borrow)]
    currency: Text<'a>,
    value: Option<f64>,
    revenue: Option<f64>,
    #[serde(borrow)]
    products: Vec<Product<'a>>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "they are Segment's names")]
struct Product<'a> {
    #[serde(borrow)]
    product_id: Borrowed<'a>,
    price: Option<f64>,
    quantity: Option<u64>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "they are Meta's names")]
struct Event<'a> {
    event_name: &'a str,
    event_time: i64,
    event_id: &'a str,
    action_source: &'static str,
    event_source_url: Option<&'a str>,
    user_data: UserData<'a>,
    custom_data: CustomData<'a>,
}

#[derive(Serialize)]
struct UserData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    em: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ph: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#fn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln: Option<String>,
    external_id: Option<&'a str>,
    client_ip_address: Option<&'a str>,
    client_user_agent: Option<&'a str>,
}

#[derive(Serialize)]
struct CustomData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<&'a str>,
    contents: Vec<Content<'a>>,
}

#[derive(Serialize)]
struct Content<'a> {
    id: &'a str,
    quantity: u64,
    item_price: Option<f64>,
}

impl<'a> Event<'a> {
    fn of(message: &'a Message<'a>) -> Self {
        let Message {
            context,
            properties,
            ..
        } = message;
        let user = message.user_id.as_ref().or(message.anonymous_id.as_ref());
        let content = |product: &'a Product<'a>| Content {
            id: &product.product_id.0,
            quantity: product.quantity.unwrap_or(1),
            item_price: product.price,
        };
        Self {
            event_name: match &*message.event.0 {
                "Order Completed" => "Purchase",
                "Product Added" => "AddToCart",
                "Product Viewed" => "ViewContent",
                other => other,
            },
            event_time: message
                .timestamp
                .0
                .parse()
                .map_or(0, jiff::Timestamp::as_second),
            event_id: &message.message_id.0,
            action_source: "website",
            event_source_url: text(&context.page.url),
            user_data: UserData {
                em: hashed(&context.traits.email, |_| true),
                ph: hashed(&context.traits.phone, |c| c.is_ascii_digit()),
                r#fn: hashed(&context.traits.first_name, char::is_alphabetic),
                ln: hashed(&context.traits.last_name, char::is_alphabetic),
                external_id: user.map(|user| &*user.0),
                client_ip_address: text(&context.ip),
                client_user_agent: text(&context.user_agent),
            },
            custom_data: CustomData {
                currency: text(&properties.currency),
                value: properties.value.or(properties.revenue),
                order_id: text(&properties.order_id),
                contents: properties.products.iter().map(content).collect(),
            },
        }
    }
}

fn text<'a>(text: &'a Text<'a>) -> Option<&'a str> {
    text.as_ref().map(|text| &*text.0)
}

fn hashed(text: &Text<'_>, keep: impl Fn(char) -> bool) -> Option<String> {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let text = text.as_ref()?.0.trim().to_lowercase();
    let kept: String = text.chars().filter(|c| keep(*c)).collect();
    let digit = |half: u8| {
        DIGITS
            .get(usize::from(half))
            .map_or('0', |digit| char::from(*digit))
    };
    let digest = Sha256::digest(kept);
    Some(
        digest
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
            .collect(),
    )
}
