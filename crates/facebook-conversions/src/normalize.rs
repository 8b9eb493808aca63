//! Customer information, brought to the one form that Meta hashes on its side too.
//!
//! A hash matches only when both sides hashed the same bytes, so each key has its own rules, one small module each.
//! They follow Meta's page on [customer information parameters] and, where the page is silent, what Meta's own
//! parameter builder does in the browser and on servers: the two sides of a website then send the same hashes. Where
//! the two disagree the page wins; the functions say where.
//!
//! [`HashedKey`] is the way in: it knows already hashed values, the key's rules, and the hash.
//!
//! ```
//! use facebook_conversions::normalize::{HashedKey, NormalizeContext};
//!
//! let context = NormalizeContext::in_year(2026);
//! let em = HashedKey::Em.hash(" John_Smith@gmail.com ", &context).unwrap();
//! assert_eq!(em.as_str(), "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
//!
//! // A hash is kept. A value that cannot be used gives `None`, never the hash of the empty string.
//! assert_eq!(HashedKey::Em.hash(em.as_str(), &context), Some(em));
//! assert_eq!(HashedKey::Em.hash("not an address", &context), None);
//! ```
//!
//! No Unicode normalization form is applied, because Meta's side applies none. Telephone numbers get a country code
//! only where the context names the country.
//!
//! [customer information parameters]: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters

mod class;
mod country;
mod ct;
mod db;
mod em;
mod external_id;
mod ge;
mod lower;
mod name;
mod ph;
mod st;
mod trim;
mod zp;

pub use self::country::country;
pub use self::ct::ct;
pub use self::db::db;
pub use self::em::{em, is_email};
pub use self::external_id::external_id;
pub use self::ge::ge;
pub use self::name::name;
pub use self::ph::ph;
pub use self::st::st;
pub use self::trim::trim;
pub use self::zp::zp;

use crate::country_code::CountryCode;
use crate::hashed::{HashedValue, Recognised, recognise};
use crate::names::names;

names! {
    /// A key of `user_data` whose values are hashed.
    ///
    /// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters>
    pub enum HashedKey {
        /// E-mail address, see [`em`].
        Em = "em",
        /// Telephone number, see [`ph`].
        Ph = "ph",
        /// First name, see [`name`].
        Fn = "fn",
        /// Last name, see [`name`].
        Ln = "ln",
        /// Date of birth, see [`db`].
        Db = "db",
        /// Gender, see [`ge`].
        Ge = "ge",
        /// City, see [`ct`].
        Ct = "ct",
        /// State, province or region, see [`st`].
        St = "st",
        /// Postcode, see [`zp`].
        Zp = "zp",
        /// Country, see [`country`].
        Country = "country",
        /// The advertiser's own id of a person, see [`external_id`]. Meta recommends the hash and takes it in clear
        /// too.
        ExternalId = "external_id",
    }
}

/// What the form of a value depends on besides the value.
///
/// ```
/// use facebook_conversions::CountryCode;
/// use facebook_conversions::normalize::{HashedKey, NormalizeContext};
///
/// let context = NormalizeContext::in_year(2026)
///     .in_country(CountryCode::parse("GB"))
///     .completing_phones(None);
/// assert_eq!(HashedKey::Ph.normalize("020 7946 0958", &context).unwrap(), "442079460958");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormalizeContext {
    /// The current year of the Gregorian calendar, UTC: nobody is born later. Matters to [`HashedKey::Db`].
    pub year: i16,
    /// The country of the person, where it is known. Matters to [`HashedKey::Zp`] and [`HashedKey::Ph`].
    pub country: Option<CountryCode>,
    /// Whether telephone numbers without a calling code get that of their country. Matters to [`HashedKey::Ph`].
    ///
    /// A number that begins with `+` or `00` has one. Any other number is national if its length is that of a national
    /// number: it loses its trunk prefix and gets the calling code. A number stays as it is if no national number has
    /// its length, or if it begins with the calling code and what follows is a number that the country has assigned.
    pub complete_phone: bool,
    /// The country of telephone numbers where `country` is not known.
    pub default_country: Option<CountryCode>,
}

/// A value that is ready to be sent, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// What to send.
    pub value: HashedValue,
    /// Whether it arrived as a hash. Nothing is known about the value behind it then.
    pub already_hashed: bool,
    /// Length in characters of what was hashed; of the hash, if it arrived as one. For [`HashedKey::Ph`] the number of
    /// digits.
    pub chars: usize,
}

/// A value by the rules of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Normalized<'a> {
    /// The text that is to be hashed; never empty.
    Text(&'a str),
    /// It arrived as a hash, and is not to be hashed again.
    Hash(HashedValue),
}

impl Normalized<'_> {
    /// The value to send.
    #[inline]
    #[must_use]
    pub fn hash(self) -> Option<HashedValue> {
        match self {
            Self::Text(text) => HashedValue::hash(text),
            Self::Hash(value) => Some(value),
        }
    }
}

impl NormalizeContext {
    /// The given current year, a country that is not known, and telephone numbers as they are.
    #[must_use]
    pub const fn in_year(year: i16) -> Self {
        Self {
            year,
            country: None,
            complete_phone: false,
            default_country: None,
        }
    }

    /// The same, with what is known about the country.
    #[must_use]
    pub const fn in_country(self, country: Option<CountryCode>) -> Self {
        Self { country, ..self }
    }

    /// The same, with telephone numbers completed: by the country, or else by the default one.
    #[must_use]
    pub const fn completing_phones(self, default_country: Option<CountryCode>) -> Self {
        Self {
            complete_phone: true,
            default_country,
            ..self
        }
    }
}

impl HashedKey {
    /// The text that [`hash`](Self::hash) hashes; the hash itself, in the form in which it is sent, if the value is
    /// one already. `None` if the value cannot be used.
    ///
    /// Normalizing twice is normalizing once, but for telephone numbers that are completed although the country never
    /// assigned them.
    ///
    /// ```
    /// use facebook_conversions::CountryCode;
    /// use facebook_conversions::normalize::{HashedKey, NormalizeContext};
    ///
    /// let context = NormalizeContext::in_year(2026).in_country(Some(CountryCode::US));
    /// assert_eq!(HashedKey::Zp.normalize("94035-1234", &context).unwrap(), "94035");
    /// assert_eq!(HashedKey::Db.normalize("2/16/1997", &context).unwrap(), "19970216");
    /// assert_eq!(HashedKey::Db.normalize("2/16/2097", &context), None);
    /// ```
    #[must_use]
    pub fn normalize(self, raw: &str, context: &NormalizeContext) -> Option<String> {
        match self.normalize_with(raw, context, &mut String::new())? {
            Normalized::Hash(value) => Some(value.as_str().to_owned()),
            Normalized::Text(text) => Some(text.to_owned()),
        }
    }

    /// The value to send; `None` if the raw value cannot be used.
    #[must_use]
    pub fn hash(self, raw: &str, context: &NormalizeContext) -> Option<HashedValue> {
        let hashing = self.hash_with(raw, context, &mut String::new())?;
        Some(hashing.value)
    }

    /// [`hash`](Self::hash) for many values: `scratch` is working space, and while its capacity suffices nothing is
    /// allocated. (One exception: text with a capital sigma, whose lower case depends on its neighbours.)
    ///
    /// ```
    /// use facebook_conversions::normalize::{HashedKey, NormalizeContext};
    ///
    /// let mut scratch = String::with_capacity(128);
    /// let context = NormalizeContext::in_year(2026);
    /// let ph = HashedKey::Ph.hash_with("+1 (650) 555-1212", &context, &mut scratch).unwrap();
    /// assert_eq!((ph.chars, ph.already_hashed), (11, false));
    /// ```
    #[must_use]
    pub fn hash_with(
        self,
        raw: &str,
        context: &NormalizeContext,
        scratch: &mut String,
    ) -> Option<Hashing> {
        let normalized = self.normalize_with(raw, context, scratch)?;
        let (already_hashed, chars) = match &normalized {
            Normalized::Hash(value) => (true, value.as_str().len()),
            Normalized::Text(text) => (false, text.chars().count()),
        };
        Some(Hashing {
            value: normalized.hash()?,
            already_hashed,
            chars,
        })
    }

    /// [`normalize`](Self::normalize) for many values, with working space as in [`hash_with`](Self::hash_with).
    #[inline]
    #[must_use]
    pub fn normalize_with<'a>(
        self,
        raw: &'a str,
        context: &NormalizeContext,
        scratch: &'a mut String,
    ) -> Option<Normalized<'a>> {
        let trimmed = trim(raw);
        match recognise(trimmed, self.takes_md5()) {
            Recognised::Hash(value) => Some(Normalized::Hash(value)),
            Recognised::OfNothing => None,
            Recognised::No => self.apply(trimmed, *context, scratch).map(Normalized::Text),
        }
    }

    /// Whether 32 hex digits are an MD5. Meta's code takes them for one; ids of that shape are UUIDs without dashes.
    const fn takes_md5(self) -> bool {
        !matches!(self, Self::ExternalId)
    }

    /// The key's rules. The result is never empty.
    #[inline]
    fn apply<'a>(
        self,
        trimmed: &'a str,
        context: NormalizeContext,
        scratch: &'a mut String,
    ) -> Option<&'a str> {
        match self {
            Self::Em => em::apply(trimmed, scratch),
            Self::Ph => ph::apply(trimmed, context, scratch),
            Self::Fn | Self::Ln => name::apply(trimmed, scratch),
            Self::Db => db::apply(trimmed, context.year, scratch),
            Self::Ge => ge::apply(trimmed, scratch),
            Self::Ct => ct::apply(trimmed, scratch),
            Self::St => st::apply(trimmed, scratch),
            Self::Zp => zp::apply(trimmed, context.country == Some(CountryCode::US), scratch),
            Self::Country => country::apply(trimmed, scratch),
            Self::ExternalId => external_id::apply(trimmed, scratch),
        }
    }
}

/// `None` for the empty string: what is left of a value that has nothing to say.
fn non_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
