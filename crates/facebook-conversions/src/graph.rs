//! How Graph is addressed: API versions.

mod api_version;

pub use self::api_version::{ApiVersion, ApiVersionError, KnownVersion};
