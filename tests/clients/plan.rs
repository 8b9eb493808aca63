//! What a client is to send, and what of it must arrive.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::Client;

/// Bytes of the longest property of a large message.
const LARGE: usize = 4_000;

/// What a script reads.
#[derive(Clone, Serialize)]
pub(crate) struct Plan {
    /// Where to send to: `http://127.0.0.1:…`.
    pub(crate) host: String,
    pub(crate) write_key: String,
    /// How many messages fill a batch.
    pub(crate) flush_at: usize,
    /// Whether to compress, where that is an option.
    pub(crate) gzip: bool,
    /// How analytics.js groups events.
    pub(crate) delivery_strategy: Value,
    /// Cookies that the page has.
    pub(crate) cookies: Vec<String>,
    pub(crate) messages: Vec<Value>,
    /// Track messages among them.
    #[serde(skip)]
    pub(crate) tracks: usize,
}

/// The write key of all these sources.
pub(crate) const WRITE_KEY: &str = "clients-write-key";

impl Plan {
    /// `tracks` small purchases, in batches of `flush_at`.
    pub(crate) fn purchases(client: Client, tracks: usize, flush_at: usize) -> Self {
        Self {
            host: String::new(),
            write_key: WRITE_KEY.to_owned(),
            flush_at,
            gzip: true,
            delivery_strategy: json!({ "strategy": "standard", "config": {} }),
            cookies: Vec::new(),
            messages: (0..tracks)
                .map(|number| purchase(client, number, ""))
                .collect(),
            tracks,
        }
    }

    /// Every kind of call; of them only track messages arrive.
    pub(crate) fn every_call(client: Client) -> Self {
        let mut plan = Self::purchases(client, 40, 20);
        plan.gzip = false;
        let user = user(client, 0);
        let traits = json!({ "email": email(client, 0), "plan": "gold" });
        plan.messages.insert(
            0,
            json!({ "type": "identify", "userId": user, "traits": traits }),
        );
        plan.messages.extend([
            json!({ "type": "page", "userId": user, "name": "Home", "category": "Shop", "properties": {} }),
            json!({ "type": "screen", "userId": user, "name": "Home", "category": "Shop", "properties": {} }),
            json!({ "type": "group", "userId": user, "groupId": "g-1", "traits": { "name": "Acme" } }),
            json!({ "type": "identify", "userId": user, "traits": traits }),
            json!({ "type": "alias", "userId": user, "previousId": "visitor-1" }),
        ]);
        plan
    }

    /// With Meta's browser id and an older click in cookies instead of in the messages.
    pub(crate) fn from_own_domain(client: Client) -> Self {
        let mut plan = Self::purchases(client, 8, 1);
        for message in &mut plan.messages {
            if let Some(properties) = message["properties"].as_object_mut() {
                properties.remove("fbp");
            }
        }
        plan.cookies = vec![
            format!("_fbp={FBP}"),
            "_fbc=fb.1.1596403881668.anOlderClick".to_owned(),
        ];
        plan
    }

    /// Whether the page and the endpoint share an address.
    pub(crate) fn is_from_own_domain(&self) -> bool {
        !self.cookies.is_empty()
    }

    /// So much that batches come near 500 KB, the most that Segment takes. (analytics-node counts its bytes wrong, so
    /// that the number of messages has to keep its batches below.)
    pub(crate) fn large_batches(client: Client) -> Self {
        let tracks = 450;
        let mut plan = Self::purchases(client, 0, 90);
        let message = "gift ".repeat(LARGE / 5);
        plan.messages = (0..tracks)
            .map(|number| purchase(client, number, &message))
            .collect();
        plan.tracks = tracks;
        plan.delivery_strategy =
            json!({ "strategy": "batching", "config": { "size": 50, "timeout": 200 } });
        plan
    }
}

fn user(client: Client, number: usize) -> String {
    format!("{}-{number}", client.name())
}

fn email(client: Client, number: usize) -> String {
    format!("{}.{number}@example.com", client.name())
}

fn purchase(client: Client, number: usize, gift_message: &str) -> Value {
    let mut properties = json!({
        "order_id": order(client, number),
        "revenue": revenue(number),
        "currency": "eur",
        "fbp": FBP,
        "products": [{ "product_id": "sku-1", "quantity": 2, "price": 9.5 }],
    });
    if !gift_message.is_empty() {
        properties["gift_message"] = json!(gift_message);
    }
    let mut context = json!({ "traits": { "email": email(client, number) } });
    if client != Client::Browser {
        context["ip"] = json!(ADDRESS);
        context["userAgent"] = json!(USER_AGENT);
        context["page"] = json!({ "url": PAGE_URL });
    }
    json!({
        "type": "track", "userId": user(client, number), "event": "Order Completed",
        "properties": properties, "context": context,
    })
}

/// The order that a message is about.
pub(crate) fn order(client: Client, number: usize) -> String {
    format!("order-{}-{number}", client.name())
}

fn revenue(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or_default()) + 0.25
}

const FBP: &str = "fb.1.1596403881668.1116446470";
const ADDRESS: &str = "203.0.113.7";
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64)";
const PAGE_URL: &str = "https://shop.example/thanks";

/// Whether an event is what must become of a message; `page` is the address that a browser was on.
///
/// # Panics
///
/// Where it is not.
pub(crate) fn check(client: Client, number: usize, event: &Value, page: &str) {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let is = |pointer: &str, wanted: Value| {
        assert_eq!(
            event.pointer(pointer).unwrap_or(&Value::Null),
            &wanted,
            "{pointer} of {event}"
        );
    };
    let em = hex::encode(Sha256::digest(email(client, number)));
    is("/event_name", json!("Purchase"));
    is("/action_source", json!("website"));
    is("/custom_data/value", json!(revenue(number)));
    is("/custom_data/currency", json!("EUR"));
    is("/custom_data/num_items", json!(1));
    is("/custom_data/content_ids", json!(["sku-1"]));
    is(
        "/custom_data/contents",
        json!([{ "id": "sku-1", "quantity": 2, "item_price": 9.5 }]),
    );
    is("/user_data/em", json!(em));
    is("/user_data/external_id", json!(user(client, number)));
    is("/user_data/fbp", json!(FBP));
    let id = text("/event_id").unwrap_or_default();
    assert!(
        id.len() >= 36 && id.starts_with(client.message_id_prefix()),
        "event_id of {event}"
    );
    if client == Client::Browser {
        is("/event_source_url", json!(page));
        let agent = text("/user_data/client_user_agent").unwrap_or_default();
        assert!(agent.contains("Chrome"), "client_user_agent of {event}");
        let click = text("/user_data/fbc").unwrap_or_default();
        assert!(
            click.starts_with("fb.1.") && click.ends_with(crate::page::CLICK_ID),
            "fbc of {event}"
        );
    } else {
        is("/event_source_url", json!(PAGE_URL));
        is("/user_data/client_user_agent", json!(USER_AGENT));
        is("/user_data/client_ip_address", json!(ADDRESS));
    }
}
