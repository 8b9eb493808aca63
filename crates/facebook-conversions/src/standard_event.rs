//! Meta's standard events.

use crate::names::names;

names! {
    /// [Standard events](https://developers.facebook.com/docs/meta-pixel/reference#standard-events), and `PageView`.
    ///
    /// ```
    /// use facebook_conversions::StandardEvent;
    /// assert_eq!(StandardEvent::from_name("Purchase"), Some(StandardEvent::Purchase));
    /// assert_eq!(StandardEvent::from_name("purchase"), None, "names are case-sensitive");
    /// ```
    pub enum StandardEvent {
        /// Payment information is added during checkout.
        AddPaymentInfo = "AddPaymentInfo",
        /// An item goes into the cart.
        AddToCart = "AddToCart",
        /// An item goes onto a wish list.
        AddToWishlist = "AddToWishlist",
        /// A registration is completed.
        CompleteRegistration = "CompleteRegistration",
        /// A person gets in touch with the business.
        Contact = "Contact",
        /// A product is configured.
        CustomizeProduct = "CustomizeProduct",
        /// A donation is made.
        Donate = "Donate",
        /// A location is looked for.
        FindLocation = "FindLocation",
        /// A checkout is begun.
        InitiateCheckout = "InitiateCheckout",
        /// A person becomes a lead.
        Lead = "Lead",
        /// A purchase is made.
        Purchase = "Purchase",
        /// An appointment is made.
        Schedule = "Schedule",
        /// A search is made.
        Search = "Search",
        /// A trial is started.
        StartTrial = "StartTrial",
        /// An application is submitted.
        SubmitApplication = "SubmitApplication",
        /// A subscription is started.
        Subscribe = "Subscribe",
        /// A page that matters is viewed.
        ViewContent = "ViewContent",
        /// A page is viewed.
        PageView = "PageView",
    }
}

names! {
    /// Names that Meta takes with the action source `business_messaging`.
    pub enum BusinessMessagingEvent {
        /// `Purchase`
        Purchase = "Purchase",
        /// `LeadSubmitted`
        LeadSubmitted = "LeadSubmitted",
        /// `InitiateCheckout`
        InitiateCheckout = "InitiateCheckout",
        /// `AddToCart`
        AddToCart = "AddToCart",
        /// `ViewContent`
        ViewContent = "ViewContent",
        /// `OrderCreated`
        OrderCreated = "OrderCreated",
        /// `OrderShipped`
        OrderShipped = "OrderShipped",
        /// `OrderDelivered`
        OrderDelivered = "OrderDelivered",
        /// `OrderCanceled`
        OrderCanceled = "OrderCanceled",
        /// `OrderReturned`
        OrderReturned = "OrderReturned",
        /// `CartAbandoned`
        CartAbandoned = "CartAbandoned",
        /// `QualifiedLead`
        QualifiedLead = "QualifiedLead",
        /// `RatingProvided`
        RatingProvided = "RatingProvided",
        /// `ReviewProvided`
        ReviewProvided = "ReviewProvided",
    }
}
