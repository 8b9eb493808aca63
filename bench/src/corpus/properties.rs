//! Events and their properties.

use fastrand::Rng;

use super::dice::{chance, falling, hex, money, pick};
use super::json::Object;
use super::person::Person;
use super::product::{COUPONS, Product, Role};
use super::words::Words;
use super::{Mix, PRODUCTS};

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    OrderCompleted,
    CheckoutStarted,
    ProductViewed,
    ProductAdded,
    ProductsSearched,
    ProductListViewed,
    Custom(&'static str),
}

const CUSTOM: [&str; 6] = [
    "Newsletter Subscribed",
    "Video Played",
    "Trial Started",
    "Lead Captured",
    "Quiz Finished",
    "Plan Upgraded",
];
/// How often each kind comes, in percent; the rest are custom events.
const SHARES: [(Kind, u8); 6] = [
    (Kind::ProductViewed, 25),
    (Kind::OrderCompleted, 20),
    (Kind::ProductAdded, 20),
    (Kind::ProductsSearched, 10),
    (Kind::CheckoutStarted, 10),
    (Kind::ProductListViewed, 5),
];

impl Kind {
    pub(super) fn drawn(rng: &mut Rng, mix: Mix) -> Self {
        if mix == Mix::Orders {
            return Self::OrderCompleted;
        }
        let mut left = rng.u8(..100);
        for (kind, share) in SHARES {
            match left.checked_sub(share) {
                None => return kind,
                Some(rest) => left = rest,
            }
        }
        Self::Custom(pick(rng, &CUSTOM))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OrderCompleted => "Order Completed",
            Self::CheckoutStarted => "Checkout Started",
            Self::ProductViewed => "Product Viewed",
            Self::ProductAdded => "Product Added",
            Self::ProductsSearched => "Products Searched",
            Self::ProductListViewed => "Product List Viewed",
            Self::Custom(name) => name,
        }
    }

    /// The page on which it happens.
    pub(super) fn path(self, rng: &mut Rng) -> String {
        match self {
            Self::OrderCompleted => "/checkout/thank-you".to_owned(),
            Self::CheckoutStarted => "/checkout".to_owned(),
            Self::ProductViewed | Self::ProductAdded => format!("/product/{}", rng.u32(..100_000)),
            Self::ProductsSearched => "/search".to_owned(),
            Self::ProductListViewed => "/category/hot-deals".to_owned(),
            Self::Custom(_) => "/landing/a".to_owned(),
        }
    }
}

/// What the properties of a message are generated from.
pub(super) struct Stock<'a> {
    pub(super) seed: u64,
    pub(super) mix: Mix,
    pub(super) words: &'static Words,
    pub(super) person: &'a Person,
}

impl Stock<'_> {
    /// Writes the members of `properties`.
    pub(super) fn write(&self, kind: Kind, rng: &mut Rng, object: &mut Object<'_>) {
        let currency = self.person.place.currency;
        match kind {
            Kind::OrderCompleted => {
                object.text("checkout_id", &hex(rng, 20));
                self.write_purchase(rng, object);
            }
            Kind::CheckoutStarted => self.write_purchase(rng, object),
            Kind::ProductViewed => {
                let product = self.product(rng);
                let position = rng.u64(1..20);
                product.write(rng, position, Role::Chosen, object);
                object.text("currency", currency);
                if chance(rng, 70) {
                    object.raw("value", money(product.price()));
                }
            }
            Kind::ProductAdded => {
                object.text("cart_id", &hex(rng, 20));
                let position = rng.u64(1..20);
                let cents = self.product(rng).write(rng, position, Role::Chosen, object);
                object.text("currency", currency);
                if chance(rng, 30) {
                    object.raw("value", money(cents));
                }
            }
            Kind::ProductsSearched => {
                object.text("query", pick(rng, self.words.queries));
                if chance(rng, 30) {
                    object.raw("results_count", rng.u32(..200));
                }
            }
            Kind::ProductListViewed => {
                object.text("list_id", &format!("hot_deals_{}", rng.u32(..20)));
                object.text("category", pick(rng, self.words.categories));
                let count = rng.usize(2..13);
                self.write_products(count, Role::Listed, rng, object);
            }
            Kind::Custom(_) => self.write_custom(rng, object),
        }
    }

    fn product(&self, rng: &mut Rng) -> Product {
        Product::number(self.seed, rng.u64(..PRODUCTS), self.words)
    }

    fn write_products(
        &self,
        count: usize,
        role: Role,
        rng: &mut Rng,
        object: &mut Object<'_>,
    ) -> u64 {
        let mut cents = 0;
        object.objects("products", count, |index, object| {
            let product = self.product(rng);
            cents += product.write(rng, index as u64 + 1, role, object);
        });
        cents
    }

    fn write_purchase(&self, rng: &mut Rng, object: &mut Object<'_>) {
        object.text("order_id", &hex(rng, 24));
        object.text(
            "affiliation",
            pick(rng, &["Web Shop", "App", "Marketplace"]),
        );
        let count = match self.mix {
            Mix::Orders => 20,
            _ => 1 + falling(rng, 68, 19),
        };
        let subtotal = self.write_products(count, Role::Chosen, rng, object);
        let (shipping, tax) = (rng.u64(..1500), subtotal * 8 / 100);
        let discount = if chance(rng, 30) { subtotal / 10 } else { 0 };
        let total = money(subtotal + shipping + tax - discount);
        object.raw("subtotal", money(subtotal));
        object.raw("shipping", money(shipping));
        object.raw("tax", money(tax));
        object.raw("discount", money(discount));
        for (name, percent) in [("total", 95), ("revenue", 95), ("value", 50)] {
            if chance(rng, percent) {
                object.raw(name, &total);
            }
        }
        object.text("currency", self.person.place.currency);
        if chance(rng, 30) {
            object.text("coupon", pick(rng, &COUPONS));
        }
    }

    fn write_custom(&self, rng: &mut Rng, object: &mut Object<'_>) {
        object.text("label", pick(rng, self.words.adjectives));
        object.text("plan", pick(rng, &["free", "pro", "Enterprise"]));
        object.raw("score", rng.u32(..100));
        let experiment = hex(rng, 8);
        object.object("nested", |nested| {
            nested.text("experiment", &experiment);
            nested.text("variant", pick(rng, &["A", "B"]));
            nested.raw("flags", "[true,false,null]");
        });
        if chance(rng, 40) {
            object.raw("value", money(rng.u64(100..9900)));
            object.text("currency", self.person.place.currency);
        }
    }
}
