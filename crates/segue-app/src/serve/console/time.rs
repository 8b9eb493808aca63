//! Times of delivery as the console has them.

use conversions_delivery::UnixMillis;
use jiff::Timestamp;

/// A time as the console shows it; `None` for an unknown one.
pub(super) fn timestamp(time: UnixMillis) -> Option<Timestamp> {
    let at = Timestamp::from_millisecond(time.0).ok();
    at.filter(|_| time.0 != 0)
}
