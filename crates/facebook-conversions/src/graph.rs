//! How Graph is addressed: API versions, and the proof that goes with an app secret.

mod api_version;
mod appsecret_proof;

pub use self::api_version::{ApiVersion, ApiVersionError, KnownVersion};
pub use self::appsecret_proof::appsecret_proof;
