//! What a customer is to the business.

use crate::names::names;

names! {
    /// [`customer_segmentation`](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event):
    /// whether the person bought before, and from which part of the business.
    ///
    /// Meta's table lists it among the members of the event, and an example on the same page among those of
    /// `custom_data`. [`ServerEvent`](crate::ServerEvent) follows the table.
    pub enum CustomerSegmentation {
        /// Bought nothing from the business before.
        NewCustomerToBusiness = "new_customer_to_business",
        /// Bought nothing from this line of business before.
        NewCustomerToBusinessLine = "new_customer_to_business_line",
        /// Bought nothing of this kind of product before.
        NewCustomerToProductArea = "new_customer_to_product_area",
        /// Bought nothing through this medium before.
        NewCustomerToMedium = "new_customer_to_medium",
        /// Bought from the business before.
        ExistingCustomerToBusiness = "existing_customer_to_business",
        /// Bought from this line of business before.
        ExistingCustomerToBusinessLine = "existing_customer_to_business_line",
        /// Bought this kind of product before.
        ExistingCustomerToProductArea = "existing_customer_to_product_area",
        /// Bought through this medium before.
        ExistingCustomerToMedium = "existing_customer_to_medium",
        /// Takes part in the loyalty program.
        CustomerInLoyaltyProgram = "customer_in_loyalty_program",
    }
}
