//! A row of the mapping: the field that it writes, the sources of the value, and how the value is transformed.

use facebook_conversions::{
    AttributionMethod, AttributionModel, Content, Currency, CustomerSegmentation, DeliveryCategory,
    ExternalId, Flag, HashedValue, MessagingChannel, Number, OneOrMany, RawJson, ServerEvent,
};

use crate::context::RuleContext;
use crate::note::Effect;
use crate::rules::source::{Source, SourcePath};
use crate::transforms::input::Input;
use crate::transforms::owned::{own_content, own_ids, own_json, own_number};
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// A kind of value that a field holds.
pub(crate) trait Kind: 'static {
    /// The value, borrowed from the message where possible.
    type Of<'a>;

    /// The value with a copy of what it borrowed.
    fn into_owned<'a>(value: Self::Of<'_>) -> Option<Self::Of<'a>>;
}

/// Declares kinds of values: name, type, how to own a value.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $kind:ident = $of:ty, |$value:ident| $owned:expr; )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $kind;
        impl Kind for $kind {
            type Of<'a> = $of;
            fn into_owned<'a>($value: Self::Of<'_>) -> Option<Self::Of<'a>> { Some($owned) }
        }
    )*};
}

kinds! {
    /// Text.
    Text = facebook_conversions::Text<'a>, |text| text.into_owned().into();
    /// A list of texts.
    TextList = Vec<facebook_conversions::Text<'a>>, |texts| texts.into_iter().map(|text| text.into_owned().into()).collect();
    /// Hashed values. Only hashing creates them, so plain contact data does not fit.
    Hashes = OneOrMany<HashedValue>, |hashes| hashes;
    /// Ids of the advertiser's own.
    ExternalIds = OneOrMany<ExternalId<'a>>, |ids| own_ids(ids);
    /// An amount of money, or another number.
    Money = Number<'a>, |number| own_number(&number)?;
    /// A currency of ISO 4217.
    CurrencyCode = Currency, |currency| currency;
    /// A whole number, not negative.
    Integer = u64, |integer| integer;
    /// A whole number of seconds or days.
    Signed = i64, |integer| integer;
    /// Yes or no.
    Bool = bool, |yes| yes;
    /// Yes or no, written as 1 or 0.
    ZeroOrOne = Flag, |flag| flag;
    /// Items of an order.
    Contents = Vec<Content<'a>>, |contents| contents.into_iter().map(own_content).collect::<Option<_>>()?;
    /// How an order reaches the customer.
    Delivery = DeliveryCategory, |name| name;
    /// Where a business conversation takes place.
    Channel = MessagingChannel, |name| name;
    /// What the customer is to the business.
    Segmentation = CustomerSegmentation, |name| name;
    /// A model of attribution.
    Model = AttributionModel, |name| name;
    /// A method of attribution.
    Method = AttributionMethod, |name| name;
    /// Any JSON.
    Json = RawJson<'a>, |json| own_json(&json);
}

/// A field of the server event.
pub(crate) struct Field<K: Kind> {
    pub(crate) path: &'static str,
    /// The transform by which rows of the settings write the field.
    pub(crate) via: Transform<K>,
    pub(crate) is_set: fn(&ServerEvent<'_>) -> bool,
    pub(crate) set: for<'a> fn(&mut ServerEvent<'a>, K::Of<'a>),
}

/// Turns a value of the message into the value of a field.
#[derive(Clone, Copy)]
pub(crate) struct Transform<K: Kind> {
    /// Its name in the documentation.
    pub(crate) name: &'static str,
    pub(crate) run: for<'v> fn(Input<'v, '_>, &mut RuleContext<'_, '_>) -> Transformed<K::Of<'v>>,
}

/// Destination, sources in order of precedence, transform.
pub(crate) struct Row<K: Kind, const N: usize> {
    field: &'static Field<K>,
    sources: [Source; N],
    via: Transform<K>,
}

/// A row of any kind of value, for documentation.
pub(crate) trait Rule: Sync {
    /// What the documentation says of the row, and when it applies.
    fn description(&self, when: Option<&'static str>) -> RuleDescription;
}

/// A field of any kind, for rows of the settings.
pub(crate) trait WritableField: Sync {
    fn path(&self) -> &'static str;

    /// The name of the transform that reads values for the field.
    fn via(&self) -> &'static str;

    fn is_set(&self, event: &ServerEvent<'_>) -> bool;

    /// Writes a value of the message.
    fn write<'a>(
        &self,
        input: Input<'a, '_>,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'_, '_>,
    ) -> Result<Change, Unusable>;

    /// Writes a copy of a value that is not part of the message.
    fn write_copy(
        &self,
        input: Input<'_, '_>,
        event: &mut ServerEvent<'_>,
        cx: &mut RuleContext<'_, '_>,
    ) -> Result<Change, Unusable>;
}

impl<K: Kind> WritableField for Field<K> {
    fn path(&self) -> &'static str {
        self.path
    }

    fn via(&self) -> &'static str {
        self.via.name
    }

    fn is_set(&self, event: &ServerEvent<'_>) -> bool {
        (self.is_set)(event)
    }

    fn write<'a>(
        &self,
        input: Input<'a, '_>,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'_, '_>,
    ) -> Result<Change, Unusable> {
        let (value, change) = (self.via.run)(input, cx)?;
        (self.set)(event, value);
        Ok(change)
    }

    fn write_copy(
        &self,
        input: Input<'_, '_>,
        event: &mut ServerEvent<'_>,
        cx: &mut RuleContext<'_, '_>,
    ) -> Result<Change, Unusable> {
        let (value, change) = (self.via.run)(input, cx)?;
        let value = K::into_owned(value).ok_or(Unusable::Unreadable)?;
        (self.set)(event, value);
        Ok(change)
    }
}

/// What the documentation says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDescription {
    /// Path of the field in the server event.
    pub field: &'static str,
    /// Paths of the sources in the message; the first that is present and usable wins.
    pub sources: Vec<&'static str>,
    /// Name of the transform.
    pub via: &'static str,
    /// The events to which the row applies, if not to all.
    pub when: Option<&'static str>,
}

/// Creates a row.
pub(crate) const fn row<K: Kind, const N: usize>(
    field: &'static Field<K>,
    sources: [Source; N],
    via: Transform<K>,
) -> Row<K, N> {
    Row {
        field,
        sources,
        via,
    }
}

impl<K: Kind, const N: usize> Row<K, N> {
    /// Writes the field from the first source that has a usable value; returns the path of that source.
    #[expect(
        clippy::inline_always,
        reason = "with the row known at compile time, its sources and transform are inlined too"
    )]
    #[inline(always)]
    pub(crate) fn apply<'a>(
        &self,
        event: &mut ServerEvent<'a>,
        cx: &mut RuleContext<'_, 'a>,
    ) -> Option<SourcePath<'static>> {
        let mut used = None;
        // An earlier row has written the field: the sources of this row are not used.
        let mut written = (self.field.is_set)(event);
        let lost_before = written;
        for source in &self.sources {
            if written && !cx.notes.are_wanted() {
                break;
            }
            let Some(value) = source.get(cx).filter(|value| !value.is_blank()) else {
                continue;
            };
            if written {
                // The value is lost if it does not stay, or if an earlier row took its key: that needs a note.
                if source.is_lost(cx, lost_before) {
                    let path = source.path.note_path(cx);
                    cx.notes.left_out(|| path);
                }
                continue;
            }
            let input = Input {
                raw: value,
                from: &source.path,
                message: Some(cx.message),
            };
            match (self.via.run)(input, cx) {
                Ok((value, change)) => {
                    (self.field.set)(event, value);
                    written = true;
                    used = Some(source.path);
                    if cx.notes.are_wanted() {
                        let path = source.path.note_path(cx);
                        let effect = effect(change, source.moves_in(cx));
                        cx.notes.wrote(self.field.path, effect, || path);
                    }
                }
                Err(Unusable::Stays) => {}
                Err(Unusable::Unreadable) => {
                    let path = source.path.note_path(cx);
                    cx.notes.left_out(|| path);
                }
                Err(Unusable::Personal) => {
                    let path = source.path.note_path(cx);
                    cx.notes.dropped_personal(|| path);
                }
            }
        }
        used
    }
}

impl<K: Kind, const N: usize> Rule for Row<K, N> {
    fn description(&self, when: Option<&'static str>) -> RuleDescription {
        RuleDescription {
            field: self.field.path,
            sources: self.sources.iter().map(Source::path).collect(),
            via: self.via.name,
            when,
        }
    }
}

fn effect(change: Change, moves: bool) -> Effect {
    match change {
        Change::Hashed => Effect::Hashed,
        Change::Cleaned => Effect::DroppedPersonal,
        Change::Derived => Effect::Derived,
        Change::Unwrapped => Effect::Normalized,
        _ if moves => Effect::Moved,
        Change::Normalized => Effect::Normalized,
        Change::Same => Effect::Copied,
    }
}
