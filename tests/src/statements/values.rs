//! Laws that hold for every row.

use super::{Statement, says};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    says("absent",                  "null, an empty string and a string of white space count as absent"),
    says("unusable",                "a source that is present and unusable is left out with a note, the next source is tried, and it does not stay in `custom_data`"),
    says("unlisted-as-is",          "any other property is sent in `custom_data` under its own key, as it is: nested values, null, numbers to the last digit"),
    says("unlisted-null-and-empty", "nulls and empty strings among the other properties pass through"),
    says("duplicate-keys",          "of duplicate keys the last wins, at the top level and in `properties`; inside passed-through values they stay"),
    says("rows-move",               "`action_source`, `fbc`, `fbp`, `query`, `products` and `revenue` do not stay in `custom_data`"),
    says("single-product-stays",    "`price`, `product_id` and the like of single-product events stay in `custom_data`"),
    says("collision",               "a listed row wins over an unlisted property that claims the same key, with a note"),
    says("properties-odd",          "`properties` that are null or no object hold nothing, and the event is still sent"),
];
