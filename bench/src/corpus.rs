//! Generated traffic of a shop, a Segment message a line.
//!
//! The messages look like those of real libraries: e-commerce events of the Spec with 1 to 20 products, custom events,
//! four of five with traits, `fbp` and `fbc` in the places where senders put them, and many members that no destination uses.

mod context;
mod dice;
mod json;
mod message;
mod person;
mod product;
mod properties;
mod words;

use std::ops::Range;

use fastrand::Rng;

use self::json::Style;

/// A kind of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// What a shop sends: about 1.9 KB a message.
    Shop,
    /// Server-side events with an id and little else: about 0.2 KB.
    Tiny,
    /// Nothing but orders of 20 products: about 6 KB.
    Orders,
    /// As [`Shop`](Self::Shop), with quotes, line ends and backslashes in the texts, and every `/` and every character
    /// outside of ASCII escaped, as PHP does.
    Escapes,
    /// As [`Shop`](Self::Shop), with names, cities, products and queries outside of ASCII.
    NonAscii,
}

impl Mix {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Shop,
        Self::Tiny,
        Self::Orders,
        Self::Escapes,
        Self::NonAscii,
    ];

    /// Its name on command lines and in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Tiny => "tiny",
            Self::Orders => "orders",
            Self::Escapes => "escapes",
            Self::NonAscii => "non-ascii",
        }
    }

    /// The mix of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mix| mix.name() == name)
    }

    const fn style(self) -> Style {
        match self {
            Self::Escapes => Style::AllEscaped,
            Self::Shop | Self::Tiny | Self::Orders | Self::NonAscii => Style::Plain,
        }
    }
}

/// Message after message; the same arguments give the same bytes.
///
/// ```
/// use bench::corpus::{Corpus, Mix};
///
/// let newest = 1_785_585_600;
/// let mut text = String::new();
/// Corpus::new(Mix::Shop, 1, newest).write_lines(3, &mut text);
/// assert_eq!(text.lines().count(), 3);
/// assert!(text.starts_with(r#"{"anonymousId":""#));
/// ```
#[derive(Debug)]
pub struct Corpus {
    mix: Mix,
    seed: u64,
    newest: i64,
    rng: Rng,
}

/// How many people there are: few enough that ids and traits are repeated, as in real traffic.
const PEOPLE: u64 = 10_000;
/// How many products the shop has.
const PRODUCTS: u64 = 5_000;

impl Corpus {
    /// Traffic of the 24 hours before `newest`, in Unix seconds.
    #[must_use]
    pub fn new(mix: Mix, seed: u64, newest: i64) -> Self {
        Self {
            mix,
            seed,
            newest,
            rng: Rng::with_seed(seed),
        }
    }

    /// Appends the next message, without a line end.
    pub fn write_message(&mut self, out: &mut String) {
        // Some people come far more often than others.
        let most = self.number(1..PEOPLE);
        let person = self.number(0..most);
        message::write(self, person, out);
    }

    /// Appends a message of that person: with the same address, name and browser in all of them.
    pub fn write_message_of(&mut self, person: u64, out: &mut String) {
        message::write(self, person, out);
    }

    /// Appends the next messages, a line each.
    pub fn write_lines(&mut self, count: usize, out: &mut String) {
        for _ in 0..count {
            self.write_message(out);
            out.push('\n');
        }
    }

    /// This many messages, a line each.
    #[must_use]
    pub fn lines(mix: Mix, seed: u64, newest: i64, count: usize) -> String {
        let mut out = String::new();
        Self::new(mix, seed, newest).write_lines(count, &mut out);
        out
    }

    /// The next random number.
    fn number(&mut self, range: Range<u64>) -> u64 {
        self.rng.u64(range)
    }
}

#[cfg(test)]
mod tests;
