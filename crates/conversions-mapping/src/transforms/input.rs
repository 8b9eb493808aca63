//! What a transform is given.

use segment_spec::{Message, Product, Raw};

use crate::rules::known::Known;
use crate::rules::source::SourcePath;

/// A value that is to become the value of a field.
#[derive(Clone, Copy)]
pub(crate) struct Input<'v, 's> {
    pub(crate) raw: Raw<'v>,
    /// The name of the source, for notes.
    pub(crate) from: &'s SourcePath<'s>,
    /// The message that holds the value; `None` for constants of the settings.
    pub(crate) message: Option<&'s Message<'v>>,
}

impl<'v, 's> Input<'v, 's> {
    /// The products that were parsed together with the message, if the value is `properties.products` and an array.
    pub(crate) fn parsed_products(&self) -> Option<&'s [Product<'v>]> {
        let properties = &self.message?.properties;
        let products = properties.products()?;
        let is_this = matches!(self.from, SourcePath::Property(Known::Products));
        is_this.then_some(products)
    }
}
