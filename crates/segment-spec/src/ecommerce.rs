//! Names of Segment's [e-commerce events](https://segment.com/docs/connections/spec/ecommerce/v2/), and the rule by
//! which spellings of one name are recognised.

use std::borrow::Cow;

/// A customer began to check out.
pub const CHECKOUT_STARTED: &str = "Checkout Started";
/// An order was placed and paid.
pub const ORDER_COMPLETED: &str = "Order Completed";
/// A way of paying was entered.
pub const PAYMENT_INFO_ENTERED: &str = "Payment Info Entered";
/// A product went into the cart.
pub const PRODUCT_ADDED: &str = "Product Added";
/// A product went onto a wish list.
pub const PRODUCT_ADDED_TO_WISHLIST: &str = "Product Added to Wishlist";
/// A list or category of products was seen.
pub const PRODUCT_LIST_VIEWED: &str = "Product List Viewed";
/// The details of one product were seen.
pub const PRODUCT_VIEWED: &str = "Product Viewed";
/// The user searched for products.
pub const PRODUCTS_SEARCHED: &str = "Products Searched";

/// Brings the spellings of one event name together: ASCII case, outer blanks, and `_` for a space do not matter.
///
/// ```
/// use segment_spec::ecommerce::{fold, ORDER_COMPLETED};
/// assert_eq!(fold(" order_completed "), fold(ORDER_COMPLETED));
/// ```
#[must_use]
pub fn fold(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if name
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || byte == b'_')
    {
        Cow::Owned(
            name.chars()
                .map(|c| {
                    if c == '_' {
                        ' '
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect(),
        )
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn folding_ignores_case_blanks_and_underscores_only() {
        for spelling in [
            "Order Completed",
            "order_completed",
            "  ORDER completed\t",
            "Order_Completed",
        ] {
            assert_eq!(fold(spelling), "order completed");
        }
        assert_ne!(fold("OrderCompleted"), "order completed");
        assert_ne!(fold("Order-Completed"), "order completed");
        assert_eq!(fold("ÄRGER"), "Ärger", "only ASCII letters fold");
    }
}
