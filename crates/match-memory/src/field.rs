//! The parameters of `user_data` that can be remembered.

use std::fmt;

use facebook_conversions::UserData;

/// A parameter of `user_data` that can be remembered.
///
/// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// E-mail addresses, hashed.
    Em,
    /// Phone numbers, hashed.
    Ph,
    /// First names, hashed.
    Fn,
    /// Last names, hashed.
    Ln,
    /// Dates of birth, hashed.
    Db,
    /// Genders, hashed.
    Ge,
    /// Cities, hashed.
    Ct,
    /// States or regions, hashed.
    St,
    /// Postcodes, hashed.
    Zp,
    /// Countries, hashed.
    Country,
    /// The id of the browser as an id of the advertiser's own, hashed; it joins that of the user.
    ExternalId,
    /// Browser id.
    Fbp,
    /// Click id.
    Fbc,
    /// IP address, in clear.
    ClientIpAddress,
    /// User agent, in clear.
    ClientUserAgent,
}

impl Field {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 15] = [
        Self::Em,
        Self::Ph,
        Self::Fn,
        Self::Ln,
        Self::Db,
        Self::Ge,
        Self::Ct,
        Self::St,
        Self::Zp,
        Self::Country,
        Self::ExternalId,
        Self::Fbp,
        Self::Fbc,
        Self::ClientIpAddress,
        Self::ClientUserAgent,
    ];

    /// Meta's name of the parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Em => "em",
            Self::Ph => "ph",
            Self::Fn => "fn",
            Self::Ln => "ln",
            Self::Db => "db",
            Self::Ge => "ge",
            Self::Ct => "ct",
            Self::St => "st",
            Self::Zp => "zp",
            Self::Country => "country",
            Self::ExternalId => "external_id",
            Self::Fbp => "fbp",
            Self::Fbc => "fbc",
            Self::ClientIpAddress => "client_ip_address",
            Self::ClientUserAgent => "client_user_agent",
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of fields.
///
/// ```
/// use match_memory::{Field, Fields};
///
/// let fields: Fields = [Field::Em, Field::Fbc].into_iter().collect();
/// assert!(fields.contains(Field::Em) && !fields.contains(Field::Fbp));
/// assert!(!Fields::DEFAULT.contains(Field::ClientIpAddress));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(u16);

impl Fields {
    /// No field.
    pub const NONE: Self = Self(0);
    /// The hashes, the click id and the browser id: everything but [`Fields::CLIENT`].
    pub const DEFAULT: Self = Self(0x1fff);
    /// The IP address and the user agent, which Meta takes in clear.
    pub const CLIENT: Self = Self(0x6000);
    /// What belongs to a browser rather than to a person: click id and browser id. It may be shared by the users of one
    /// device.
    pub const BROWSER: Self = Self(0x1800);

    /// Whether a field is in the set.
    #[must_use]
    pub const fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    /// Whether there is none in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds a field if `condition` holds.
    pub(crate) const fn insert_if(&mut self, field: Field, condition: bool) {
        self.0 |= (condition as u16) << field as u8;
    }

    /// Adds a field.
    pub const fn insert(&mut self, field: Field) {
        self.0 |= 1 << field as u8;
    }

    /// Removes a field.
    pub const fn remove(&mut self, field: Field) {
        self.0 &= !(1 << field as u8);
    }

    /// The fields of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The fields that the other set does not have.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The fields, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let field = *Field::ALL.get(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(field)
        })
    }
}

impl FromIterator<Field> for Fields {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        let mut set = Self::NONE;
        for field in fields {
            set.insert(field);
        }
        set
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Field::name)).finish()
    }
}

/// The fields that an event has, but for `external_id`.
pub(crate) fn present(user_data: &UserData<'_>) -> Fields {
    let mut fields = Fields::NONE;
    for (field, hashes) in [
        (Field::Em, &user_data.em),
        (Field::Ph, &user_data.ph),
        (Field::Fn, &user_data.r#fn),
        (Field::Ln, &user_data.ln),
        (Field::Db, &user_data.db),
        (Field::Ge, &user_data.ge),
        (Field::Ct, &user_data.ct),
        (Field::St, &user_data.st),
        (Field::Zp, &user_data.zp),
        (Field::Country, &user_data.country),
    ] {
        fields.insert_if(field, !hashes.is_empty());
    }
    for (field, text) in [
        (Field::ClientIpAddress, &user_data.client_ip_address),
        (Field::ClientUserAgent, &user_data.client_user_agent),
        (Field::Fbc, &user_data.fbc),
        (Field::Fbp, &user_data.fbp),
    ] {
        fields.insert_if(field, text.is_some());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::{Field, Fields};

    #[test]
    fn every_field_has_its_place_and_its_name() {
        for (index, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, index);
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
        let client = [Field::ClientIpAddress, Field::ClientUserAgent];
        assert_eq!(Fields::CLIENT, client.into_iter().collect());
        assert_eq!(
            Fields::BROWSER,
            [Field::Fbp, Field::Fbc].into_iter().collect()
        );
        assert_eq!(
            Fields::DEFAULT.union(Fields::CLIENT),
            Field::ALL.into_iter().collect()
        );
    }
}
