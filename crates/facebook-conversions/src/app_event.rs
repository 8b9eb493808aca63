//! The names that app events go by.

use crate::names::names;
use crate::standard_event::StandardEvent;

names! {
    /// Names of [app events](https://developers.facebook.com/docs/app-events/reference), as Meta's app SDKs write them.
    ///
    /// An event whose action source is `app` may carry one of these, or the name of a
    /// [`StandardEvent`](crate::StandardEvent).
    ///
    /// ```
    /// use facebook_conversions::{AppEvent, StandardEvent};
    /// assert_eq!(AppEvent::Purchase.name(), "fb_mobile_purchase");
    /// assert_eq!(AppEvent::AddToCart.standard_event(), Some(StandardEvent::AddToCart));
    /// assert_eq!(AppEvent::LevelAchieved.standard_event(), None);
    /// ```
    pub enum AppEvent {
        /// The app is launched.
        ActivateApp = "fb_mobile_activate_app",
        /// An achievement is unlocked.
        AchievementUnlocked = "fb_mobile_achievement_unlocked",
        /// Payment information is added.
        AddPaymentInfo = "fb_mobile_add_payment_info",
        /// An item goes into the cart.
        AddToCart = "fb_mobile_add_to_cart",
        /// An item goes onto a wish list.
        AddToWishlist = "fb_mobile_add_to_wishlist",
        /// A registration is completed.
        CompleteRegistration = "fb_mobile_complete_registration",
        /// Content is viewed.
        ContentView = "fb_mobile_content_view",
        /// A checkout is begun.
        InitiatedCheckout = "fb_mobile_initiated_checkout",
        /// A level is achieved.
        LevelAchieved = "fb_mobile_level_achieved",
        /// A purchase is made.
        Purchase = "fb_mobile_purchase",
        /// Something is rated.
        Rate = "fb_mobile_rate",
        /// A search is made.
        Search = "fb_mobile_search",
        /// Credits are spent.
        SpentCredits = "fb_mobile_spent_credits",
        /// A tutorial is completed.
        TutorialCompletion = "fb_mobile_tutorial_completion",
    }
}

impl AppEvent {
    /// The standard event that means the same, if there is one.
    #[must_use]
    pub fn standard_event(self) -> Option<StandardEvent> {
        match self {
            Self::AddPaymentInfo => Some(StandardEvent::AddPaymentInfo),
            Self::AddToCart => Some(StandardEvent::AddToCart),
            Self::AddToWishlist => Some(StandardEvent::AddToWishlist),
            Self::CompleteRegistration => Some(StandardEvent::CompleteRegistration),
            Self::ContentView => Some(StandardEvent::ViewContent),
            Self::InitiatedCheckout => Some(StandardEvent::InitiateCheckout),
            Self::Purchase => Some(StandardEvent::Purchase),
            Self::Search => Some(StandardEvent::Search),
            Self::ActivateApp
            | Self::AchievementUnlocked
            | Self::LevelAchieved
            | Self::Rate
            | Self::SpentCredits
            | Self::TutorialCompletion => None,
        }
    }
}

names! {
    /// Keys that app events use in `custom_data` where events of websites use others.
    pub enum AppEventParameter {
        /// What the event is worth: `value` elsewhere.
        ValueToSum = "_valueToSum",
        /// The products, as JSON text: `contents` elsewhere.
        Content = "fb_content",
        /// Ids of the products: `content_ids` elsewhere.
        ContentId = "fb_content_id",
        /// Type of the content: `content_type` elsewhere.
        ContentType = "fb_content_type",
        /// Currency of the value: `currency` elsewhere.
        Currency = "fb_currency",
        /// A description.
        Description = "fb_description",
        /// The level.
        Level = "fb_level",
        /// The highest rating.
        MaxRatingValue = "fb_max_rating_value",
        /// Number of items: `num_items` elsewhere.
        NumItems = "fb_num_items",
        /// Id of the order: `order_id` elsewhere.
        OrderId = "fb_order_id",
        /// Whether payment information is there, as `1` or `0`.
        PaymentInfoAvailable = "fb_payment_info_available",
        /// How the user registered.
        RegistrationMethod = "fb_registration_method",
        /// What was searched for: `search_string` elsewhere.
        SearchString = "fb_search_string",
        /// Whether it succeeded, as `1` or `0`.
        Success = "fb_success",
    }
}
