//! A row of the mapping: the field that it writes, the sources of the value, and how the value is transformed.

use facebook_conversions::{
    Content, Currency, DeliveryCategory, ExternalId, HashedValue, MessagingChannel, Number,
    OneOrMany, RawJson, ServerEvent,
};
use segment_spec::Raw;

use crate::context::RuleContext;
use crate::note::Effect;
use crate::rules::source::{Source, SourcePath};
use crate::transforms::transformed::{Change, Transformed, Unusable};

/// A kind of value that a field holds.
pub(crate) trait Kind: 'static {
    /// The value, borrowed from the message where possible.
    type Of<'a>;
}

/// Declares kinds of values.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $kind:ident = $of:ty; )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $kind;
        impl Kind for $kind { type Of<'a> = $of; }
    )*};
}

kinds! {
    /// Text.
    Text = facebook_conversions::Text<'a>;
    /// A list of texts.
    TextList = Vec<facebook_conversions::Text<'a>>;
    /// Hashed values. Only hashing creates them, so plain contact data does not fit.
    Hashes = OneOrMany<HashedValue>;
    /// Ids of the advertiser's own.
    ExternalIds = OneOrMany<ExternalId<'a>>;
    /// An amount of money, or another number.
    Money = Number<'a>;
    /// A currency of ISO 4217.
    CurrencyCode = Currency;
    /// A whole number, not negative.
    Integer = u64;
    /// Items of an order.
    Contents = Vec<Content<'a>>;
    /// How an order reaches the customer.
    Delivery = DeliveryCategory;
    /// Where a business conversation takes place.
    Channel = MessagingChannel;
    /// Any JSON.
    Json = RawJson<'a>;
}

/// A field of the server event.
pub(crate) struct Field<K: Kind> {
    pub(crate) path: &'static str,
    pub(crate) is_set: fn(&ServerEvent<'_>) -> bool,
    pub(crate) set: for<'a> fn(&mut ServerEvent<'a>, K::Of<'a>),
}

/// Turns a value of the message into the value of a field.
#[derive(Clone, Copy)]
pub(crate) struct Transform<K: Kind> {
    /// Its name in the documentation.
    pub(crate) name: &'static str,
    pub(crate) run:
        for<'a> fn(Raw<'a>, &Source, &mut RuleContext<'_, 'a>) -> Transformed<K::Of<'a>>,
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
    ) -> Option<SourcePath> {
        let mut used = None;
        // An earlier row has written the field: the sources of this row are not used.
        let mut written = (self.field.is_set)(event);
        let lost_before = written;
        for source in &self.sources {
            let Some(value) = source.get(cx).filter(|value| !value.is_blank()) else {
                continue;
            };
            if written {
                // The value is lost if it does not stay, or if an earlier row took its key: that needs a note.
                if cx.notes.are_wanted() && (source.moves || lost_before) {
                    let path = source.note_path(cx);
                    cx.notes.left_out(|| path);
                }
                continue;
            }
            match (self.via.run)(value, source, cx) {
                Ok((value, change)) => {
                    (self.field.set)(event, value);
                    written = true;
                    used = Some(source.path);
                    if cx.notes.are_wanted() {
                        let path = source.note_path(cx);
                        let effect = effect(change, source.moves_in(cx));
                        cx.notes.wrote(self.field.path, effect, || path);
                    }
                }
                Err(Unusable::Stays) => {}
                Err(Unusable::Unreadable) => {
                    let path = source.note_path(cx);
                    cx.notes.left_out(|| path);
                }
                Err(Unusable::Personal) => {
                    let path = source.note_path(cx);
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
        _ if moves => Effect::Moved,
        Change::Normalized => Effect::Normalized,
        Change::Same => Effect::Copied,
    }
}
