//! Products: the same number is the same product.

use fastrand::Rng;

use super::dice::{chance, hex, money, pick};
use super::json::Object;
use super::words::Words;

pub(super) const COUPONS: [&str; 4] = ["SPRING", "WELCOME-10", "loyal15", "BUNDLE"];
const BRANDS: [&str; 6] = [
    "Acme",
    "Northwind",
    "Contoso",
    "Fabrikam",
    "Globex",
    "Initech",
];
const VARIANTS: [&str; 4] = ["500 pieces", "green / S", "XL", "black"];

/// Something that the shop sells.
pub(super) struct Product {
    id: String,
    sku: String,
    name: String,
    category: &'static str,
    brand: &'static str,
    cents: u64,
}

/// The role of a product in a message, which decides its members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// In a list to choose from.
    Listed,
    /// Looked at, in a cart or bought.
    Chosen,
}

impl Product {
    pub(super) fn number(seed: u64, number: u64, words: &'static Words) -> Self {
        let rng = &mut Rng::with_seed(!seed ^ (number + 1).wrapping_mul(0xd1b5_4a32_d192_ed03));
        let (adjective, noun) = (pick(rng, words.adjectives), pick(rng, words.nouns));
        Self {
            id: hex(rng, 24),
            sku: format!("{}-{}", rng.u32(10_000..99_999), rng.u32(..100)),
            name: format!("{adjective} {noun} {number}"),
            category: pick(rng, words.categories),
            brand: pick(rng, &BRANDS),
            cents: rng.u64(200..25_000),
        }
    }

    /// Writes its members; returns what it costs, in cents.
    pub(super) fn write(
        &self,
        rng: &mut Rng,
        position: u64,
        role: Role,
        object: &mut Object<'_>,
    ) -> u64 {
        object.text("product_id", &self.id);
        object.text("sku", &self.sku);
        object.text("name", &self.name);
        object.raw("price", money(self.cents));
        object.raw("position", position);
        if chance(rng, 90) {
            object.text("category", self.category);
        }
        if chance(rng, 60) {
            object.text("brand", self.brand);
        }
        if chance(rng, 40) {
            object.text("variant", pick(rng, &VARIANTS));
        }
        let quantity = rng.u64(1..4);
        if role == Role::Chosen {
            object.raw("quantity", quantity);
        }
        if chance(rng, 20) {
            object.text("coupon", pick(rng, &COUPONS));
        }
        if chance(rng, 60) {
            object.text(
                "url",
                &format!("https://www.example.com/product/{}?ref=cat", self.sku),
            );
        }
        if chance(rng, 60) {
            let url = format!("https://cdn.example.com/img/{}/{}.jpg", self.id, self.sku);
            object.text("image_url", &url);
        }
        self.cents * quantity
    }

    pub(super) fn price(&self) -> u64 {
        self.cents
    }
}
