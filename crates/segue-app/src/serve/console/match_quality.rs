//! How well events can be matched.

use segue_console::{MatchQuality, QualityWindow};

pub(super) fn match_quality(_: QualityWindow) -> MatchQuality {
    MatchQuality {
        is_off: true,
        ..MatchQuality::default()
    }
}
