//! People: the same number is the same person, with the same traits, in every message.

use fastrand::Rng;

use super::dice::{chance, falling, hex, letters_and_digits, pick, uuid};
use super::json::Object;
use super::words::{Place, Words};

const USER_AGENTS: [&str; 4] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
];
const MAIL_HOSTS: [&str; 4] = [
    "gmail.com",
    "example.com",
    "Outlook.com",
    "mail.example.org",
];
const GENDERS: [&str; 5] = ["male", "female", "f", "M", ""];

/// A visitor of the shop.
pub(super) struct Person {
    pub(super) user_id: String,
    pub(super) anonymous_id: String,
    pub(super) place: &'static Place,
    pub(super) user_agent: &'static str,
    pub(super) ip: String,
    pub(super) fbp: Option<String>,
    pub(super) fbc: Option<String>,
    first_name: &'static str,
    last_name: &'static str,
    email: String,
    phone: String,
    birthday: String,
    gender: &'static str,
}

impl Person {
    pub(super) fn number(seed: u64, number: u64, newest: i64, words: &'static Words) -> Self {
        let rng = &mut Rng::with_seed(seed ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let place = words
            .places
            .get(falling(rng, 60, words.places.len() - 1))
            .copied()
            .unwrap_or_else(|| pick(rng, words.places));
        let (first_name, last_name) = (pick(rng, words.first_names), pick(rng, words.last_names));
        let now = u64::try_from(newest).unwrap_or_default() * 1000;
        Self {
            user_id: if chance(rng, 80) {
                format!("u_{number:07}")
            } else {
                hex(rng, 24)
            },
            anonymous_id: uuid(rng),
            place,
            user_agent: pick(rng, &USER_AGENTS),
            ip: ip(rng),
            fbp: chance(rng, 60).then(|| {
                let (at, id) = (
                    now - rng.u64(..9_999_999_999),
                    rng.u64(1_000_000_000..9_999_999_999),
                );
                format!("fb.1.{at}.{id}")
            }),
            fbc: chance(rng, 30).then(|| {
                let at = now - rng.u64(..999_999_999);
                format!("fb.1.{at}.IwAR{}", letters_and_digits(rng, 57))
            }),
            first_name,
            last_name,
            email: email(rng, first_name, last_name),
            phone: format!("{}{:04}", place.phone, rng.u32(..10_000)),
            birthday: format!(
                "{}-{:02}-{:02}",
                rng.u32(1950..2006),
                rng.u32(1..13),
                rng.u32(1..29)
            ),
            gender: pick(rng, &GENDERS),
        }
    }

    /// Writes the members of `traits`, each as often as real senders have it.
    pub(super) fn write_traits(&self, rng: &mut Rng, traits: &mut Object<'_>) {
        traits.text("email", &self.email);
        if chance(rng, 70) {
            traits.text("phone", &self.phone);
        }
        if chance(rng, 90) {
            traits.text("firstName", self.first_name);
            traits.text("lastName", self.last_name);
        }
        if chance(rng, 70) {
            let street = format!("{} Main St", rng.u32(1..999));
            traits.object("address", |address| {
                address.text("street", &street);
                address.text("city", self.place.city);
                address.text("state", self.place.state);
                address.text("postalCode", self.place.postal_code);
                address.text("country", self.place.country);
            });
        }
        if chance(rng, 50) {
            traits.text("birthday", &self.birthday);
        }
        if chance(rng, 30) && !self.gender.is_empty() {
            traits.text("gender", self.gender);
        }
    }

    /// Members `fbp` and `fbc`.
    pub(super) fn write_browser_ids(&self, object: &mut Object<'_>) {
        object.maybe_text("fbp", self.fbp.as_deref());
        object.maybe_text("fbc", self.fbc.as_deref());
    }
}

fn ip(rng: &mut Rng) -> String {
    if chance(rng, 15) {
        let mut group = || rng.u16(..);
        format!("2001:db8:{:x}:{:x}::{:x}", group(), group(), group())
    } else {
        let mut part = || rng.u8(1..255);
        format!("{}.{}.{}.{}", part(), part(), part(), part())
    }
}

/// An address out of the name, some with capitals and blanks around it, as people type them.
fn email(rng: &mut Rng, first_name: &str, last_name: &str) -> String {
    let name: String = format!("{first_name}.{last_name}")
        .to_ascii_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
        .collect();
    let name = if name.len() > 1 { &*name } else { "someone" };
    let host = pick(rng, &MAIL_HOSTS);
    let number = rng.u32(..10_000);
    let name = name.trim_matches('.');
    if chance(rng, 15) {
        format!(" {}{number}@{host} ", name.to_ascii_uppercase())
    } else {
        format!("{name}{number}@{host}")
    }
}
