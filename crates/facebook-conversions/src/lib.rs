//! Meta's Conversions API as types: server events, the normalization and hashing of customer information, what Meta
//! accepts, what it answers and what each answer means.
//!
//! Absent on purpose: a network, a clock, the environment and an async runtime. The time is a parameter, and
//! `conversions-transport` sends. Nothing here knows where an event came from.
//!
//! Every crate above layer 0 may depend on this one; it depends on no crate of this workspace, so that any Rust project
//! can use the hashing, the validation or the error table alone.
//! ```
//! use facebook_conversions::normalize::{HashedKey, NormalizeContext};
//! use facebook_conversions::validation::{Violation, validate};
//! use facebook_conversions::{ActionSource, ServerEvent};
//!
//! let now = 1_790_000_000;
//! let context = NormalizeContext::in_year(2026);
//! let mut event = ServerEvent::new("Lead", now - 60);
//! event.action_source = Some(ActionSource::SystemGenerated);
//! assert_eq!(validate(&event, now).violations, [Violation::InsufficientCustomerInformation]);
//!
//! let email = HashedKey::Em.hash(" John_Smith@gmail.com ", &context).ok_or("no e-mail address")?;
//! assert_eq!(email.as_str(), "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
//! event.user_data.em = [email].into_iter().collect();
//! assert!(validate(&event, now).violations.is_empty());
//! assert!(event.to_json().starts_with(r#"{"event_name":"Lead","event_time":1789999940,"action_source":"system_generated","#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod action_source;
mod app_data;
mod app_event;
mod attribution;
mod country_code;
mod currency;
mod custom_data;
mod customer_segmentation;
mod data_processing;
pub mod error_table;
mod event;
mod formats;
pub mod graph;
pub mod hashed;
mod json;
mod names;
pub mod normalize;
mod object;
mod one_or_many;
pub mod reply;
mod request;
mod standard_event;
mod suffix;
mod text;
pub mod usage;
mod user_data;
pub mod validation;

pub use action_source::{ActionSource, MessagingChannel};
pub use app_data::{AppData, ExtInfo, Flag};
pub use app_event::{AppEvent, AppEventParameter};
pub use attribution::{
    AttributionData, AttributionMethod, AttributionModel, AttributionSetting, OriginalEventData,
};
pub use country_code::CountryCode;
pub use currency::Currency;
pub use custom_data::{Content, CustomData, CustomProperties, DeliveryCategory};
pub use customer_segmentation::CustomerSegmentation;
pub use data_processing::{DataProcessing, DataProcessingMembers};
pub use event::ServerEvent;
pub use formats::{is_fbc, is_fbp, is_http_url};
pub use hashed::HashedValue;
pub use json::{InvalidJson, Number, RawJson, write_str};
pub use one_or_many::OneOrMany;
pub use request::{Platform, RequestParameters, UploadProgress};
pub use standard_event::{BusinessMessagingEvent, StandardEvent};
pub use suffix::{is_suffix, strip_suffix};
pub use text::Text;
pub use user_data::{ExternalId, UserData};
