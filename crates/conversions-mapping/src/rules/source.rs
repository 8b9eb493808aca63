//! The members of a message that rows take their values from.

use std::borrow::Cow;

use segment_spec::Raw;

use crate::context::RuleContext;
use crate::note::{Effect, Note, Path};
use crate::privacy::pii::PiiPolicy;
use crate::privacy::redact::Redaction;
use crate::rules::known::{AfterRows, Known};

/// Where traits are, except in Identify calls.
const TRAITS: &str = "context.traits.";

/// A member of the message that rows take values from.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub(crate) path: SourcePath<'static>,
    get: Get,
    /// The value does not stay among the properties.
    pub(crate) moves: bool,
}

/// Where a source finds its value.
#[derive(Clone, Copy)]
enum Get {
    Property(Known),
    Member(for<'a> fn(&RuleContext<'_, 'a>) -> Option<Raw<'a>>),
}

/// A property as a source. It moves if the list of known properties says so.
pub(crate) const fn property(known: Known) -> Source {
    Source {
        path: SourcePath::Property(known),
        get: Get::Property(known),
        moves: matches!(known.after_rows(), AfterRows::Moves),
    }
}

/// The name of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourcePath<'s> {
    /// A path out of the code.
    Fixed(&'static str),
    /// A property that rows name.
    Property(Known),
    /// A path out of the settings.
    Configured(&'s str),
    /// The property that the setting `value_identifier` names.
    ValueIdentifier,
    /// A member of this destination's entry of `integrations`, whose name the message chooses.
    Entry {
        path: &'static str,
        member: &'static str,
    },
}

impl Source {
    /// The value in a message; it may be blank.
    #[inline]
    pub(crate) fn get<'a>(&self, cx: &RuleContext<'_, 'a>) -> Option<Raw<'a>> {
        match self.get {
            Get::Property(known) => cx.property(known),
            Get::Member(get) => get(cx),
        }
    }

    /// Whether a value that an earlier row made needless is lost: it does not stay, or the earlier row has its key.
    pub(crate) fn is_lost(&self, cx: &RuleContext<'_, '_>, lost_before: bool) -> bool {
        let stays = match self.get {
            Get::Property(known) => known.after_rows() == AfterRows::Stays,
            Get::Member(_) => self.path == SourcePath::ValueIdentifier,
        };
        let is_used = || cx.configured.used.contains(&self.path());
        (self.moves || (lost_before && !stays)) && !is_used()
    }

    /// The path, for documentation.
    #[must_use]
    pub(crate) fn path(&self) -> &'static str {
        match self.path {
            SourcePath::Fixed(path) | SourcePath::Entry { path, .. } => path,
            SourcePath::Property(known) => known.path(),
            SourcePath::ValueIdentifier => "properties.<value_identifier>",
            SourcePath::Configured(_) => "<path of the settings>",
        }
    }

    /// Whether the value does not stay among the properties of this message.
    pub(crate) fn moves_in(&self, cx: &RuleContext<'_, '_>) -> bool {
        self.moves
            || (self.path == SourcePath::ValueIdentifier && cx.value_identifier_name() == "revenue")
    }
}

impl SourcePath<'_> {
    /// The path in this message, for a note.
    pub(crate) fn note_path<'a>(self, cx: &RuleContext<'_, 'a>) -> Path<'a> {
        match self {
            Self::Fixed(path) if cx.traits_at_top && path.starts_with(TRAITS) => {
                Path::Fixed(path.strip_prefix("context.").unwrap_or(path))
            }
            Self::Fixed(path) => Path::Fixed(path),
            Self::Property(known) => Path::Fixed(known.path()),
            Self::Configured(path) => Path::Under("", vec![Cow::Owned(path.to_owned())]),
            Self::Entry { member, .. } => cx.entry.path(member),
            Self::ValueIdentifier => Path::Key("properties", cx.value_identifier_key()),
        }
    }

    /// The keys that lead to the value from `properties`; none for a path of the settings.
    pub(crate) fn property_keys<'a>(self) -> Vec<Cow<'a, str>> {
        match self {
            Self::Property(known) => vec![Cow::Borrowed(known.key())],
            _ => Vec::new(),
        }
    }

    /// Notes what was removed from the value at this path, and what was hashed in it.
    pub(crate) fn note_redacted(self, changes: Vec<Redaction<'_>>, cx: &mut RuleContext<'_, '_>) {
        if !cx.notes.are_wanted() {
            return;
        }
        for (keys, policy) in changes {
            let hashed = policy == PiiPolicy::Hash;
            let keys: Vec<_> = keys.into_iter().map(owned).collect();
            let (field, from) = match self {
                Self::Configured(path) => (None, below(path, keys)),
                _ => (
                    hashed.then(|| Path::Under("custom_data", keys.clone())),
                    Path::Under("properties", keys),
                ),
            };
            let effect = if hashed {
                Effect::Hashed
            } else {
                Effect::DroppedPersonal
            };
            cx.notes.add(|| Note {
                field,
                from: Some(from),
                effect,
            });
        }
    }

    /// The path that stands for the unused members of all items of the list at this path.
    pub(crate) fn members_of_items<'a>(self) -> Path<'a> {
        match self {
            Self::Configured(path) => below(path, vec![Cow::Borrowed("[]"), Cow::Borrowed("*")]),
            _ => Path::Fixed("properties.products[].*"),
        }
    }

    /// The path of an item of the list that is at this path, or of a member of that item.
    pub(crate) fn item<'a>(self, index: usize, member: &'static str) -> Path<'a> {
        let path = match self {
            Self::Fixed(path) | Self::Entry { path, .. } => {
                return Path::Item(path, index, member);
            }
            Self::Property(known) => return Path::Item(known.path(), index, member),
            Self::Configured(path) => path,
            Self::ValueIdentifier => "properties",
        };
        let mut keys = vec![Cow::Owned(format!("[{index}]"))];
        if !member.is_empty() {
            keys.push(Cow::Borrowed(member));
        }
        below(path, keys)
    }
}

/// A path of the settings, and keys below it.
fn below<'a>(path: &str, keys: Vec<Cow<'a, str>>) -> Path<'a> {
    let dotted = keys.into_iter().map(|key| {
        // Indices of lists come with their brackets.
        let is_index = key.starts_with('[');
        if is_index {
            key
        } else {
            Cow::Owned(format!(".{key}"))
        }
    });
    let path = Cow::Owned(path.to_owned());
    Path::Under("", std::iter::once(path).chain(dotted).collect())
}

fn owned<'a>(key: Cow<'_, str>) -> Cow<'a, str> {
    Cow::Owned(key.into_owned())
}

/// Declares sources: name, path, getter.
macro_rules! sources {
    ($( $name:ident = $path:literal: $get:expr; )*) => {$(
        #[doc = concat!("`", $path, "`")]
        pub(crate) const $name: Source = Source { path: SourcePath::Fixed($path), get: Get::Member($get), moves: false };
    )*};
}

/// Members of the message itself, and this destination's entry of `integrations`.
pub(crate) mod message {
    use super::{Get, Source, SourcePath};

    sources! {
        MESSAGE_ID = "messageId": |cx| cx.message.message_id;
        USER_ID = "userId": |cx| cx.message.user_id;
        ANONYMOUS_ID = "anonymousId": |cx| cx.message.anonymous_id;
    }

    /// `fbc` of this destination's entry.
    pub(crate) const ENTRY_FBC: Source = Source {
        path: SourcePath::Entry {
            path: "integrations.<destination>.fbc",
            member: "fbc",
        },
        get: Get::Member(|cx| cx.entry.fbc),
        moves: false,
    };

    /// `fbp` of this destination's entry.
    pub(crate) const ENTRY_FBP: Source = Source {
        path: SourcePath::Entry {
            path: "integrations.<destination>.fbp",
            member: "fbp",
        },
        get: Get::Member(|cx| cx.entry.fbp),
        moves: false,
    };
}

/// `context`.
pub(crate) mod context {
    use super::{Get, Source, SourcePath};

    sources! {
        IP = "context.ip": |cx| cx.message.context.ip;
        USER_AGENT = "context.userAgent": |cx| cx.message.context.user_agent;
        PAGE_URL = "context.page.url": |cx| cx.message.context.page.url;
        PAGE_SEARCH = "context.page.search": |cx| cx.message.context.page.search;
        PAGE_REFERRER = "context.page.referrer": |cx| cx.message.context.page.referrer;
        FBC = "context.fbc": |cx| cx.message.context.fbc;
        FBP = "context.fbp": |cx| cx.message.context.fbp;
    }
}

/// `context.traits`; each spelling of a trait is a source of its own.
pub(crate) mod traits {
    use super::{Get, Source, SourcePath};

    sources! {
        EMAIL = "context.traits.email": |cx| cx.message.context.traits.email;
        PHONE = "context.traits.phone": |cx| cx.message.context.traits.phone;
        FIRST_NAME = "context.traits.firstName": |cx| cx.message.context.traits.first_name[0];
        FIRST_NAME_SNAKE = "context.traits.first_name": |cx| cx.message.context.traits.first_name[1];
        FIRST_NAME_LOWER = "context.traits.firstname": |cx| cx.message.context.traits.first_name[2];
        LAST_NAME = "context.traits.lastName": |cx| cx.message.context.traits.last_name[0];
        LAST_NAME_SNAKE = "context.traits.last_name": |cx| cx.message.context.traits.last_name[1];
        LAST_NAME_LOWER = "context.traits.lastname": |cx| cx.message.context.traits.last_name[2];
        BIRTHDAY = "context.traits.birthday": |cx| cx.message.context.traits.birthday;
        GENDER = "context.traits.gender": |cx| cx.message.context.traits.gender;
        CITY = "context.traits.address.city": |cx| cx.message.context.traits.address.city;
        STATE = "context.traits.address.state": |cx| cx.message.context.traits.address.state;
        COUNTRY = "context.traits.address.country": |cx| cx.message.context.traits.address.country;
        CITY_AT_TOP = "context.traits.city": |cx| cx.message.context.traits.city;
        STATE_AT_TOP = "context.traits.state": |cx| cx.message.context.traits.state;
        COUNTRY_AT_TOP = "context.traits.country": |cx| cx.message.context.traits.country;
    }

    sources! {
        POSTAL_CODE_0 = "context.traits.address.postalCode": |cx| cx.message.context.traits.address.postal_code[0];
        POSTAL_CODE_1 = "context.traits.address.postal_code": |cx| cx.message.context.traits.address.postal_code[1];
        POSTAL_CODE_2 = "context.traits.address.postalcode": |cx| cx.message.context.traits.address.postal_code[2];
        POSTAL_CODE_3 = "context.traits.address.zip": |cx| cx.message.context.traits.address.postal_code[3];
        POSTAL_CODE_4 = "context.traits.postalCode": |cx| cx.message.context.traits.postal_code[0];
        POSTAL_CODE_5 = "context.traits.postal_code": |cx| cx.message.context.traits.postal_code[1];
        POSTAL_CODE_6 = "context.traits.postalcode": |cx| cx.message.context.traits.postal_code[2];
        POSTAL_CODE_7 = "context.traits.zip": |cx| cx.message.context.traits.postal_code[3];
    }

    /// The spellings of the postcode, those of the address before those directly among the traits.
    pub(crate) const POSTAL_CODES: [Source; 8] = [
        POSTAL_CODE_0,
        POSTAL_CODE_1,
        POSTAL_CODE_2,
        POSTAL_CODE_3,
        POSTAL_CODE_4,
        POSTAL_CODE_5,
        POSTAL_CODE_6,
        POSTAL_CODE_7,
    ];
}

/// Properties that are sources under a condition, or under a name that a setting chooses.
pub(crate) mod props {
    use super::{Get, Source, SourcePath, property};
    use crate::rules::known::Known;

    /// `properties.messaging_channel`, of business messages only.
    pub(crate) const MESSAGING_CHANNEL: Source = Source {
        get: Get::Member(|cx| cx.messaging_channel()),
        ..property(Known::MessagingChannel)
    };

    /// `properties.value`, unless it was tried as the value of the event already.
    pub(crate) const VALUE: Source = Source {
        get: Get::Member(|cx| cx.property(Known::Value).filter(|_| !cx.tried_value)),
        ..property(Known::Value)
    };

    /// `properties.products`, for their number: nothing is taken away.
    pub(crate) const PRODUCTS_LENGTH: Source = Source {
        moves: false,
        ..property(Known::Products)
    };

    /// The property that the setting `value_identifier` names.
    pub(crate) const VALUE_IDENTIFIER: Source = Source {
        path: SourcePath::ValueIdentifier,
        get: Get::Member(|cx| cx.value_identifier()),
        moves: false,
    };
}
