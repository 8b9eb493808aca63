//! `app_data`: the app and the device of an app event.

use std::fmt;

use crate::json::{RawJson, WriteJson};
use crate::object::json_object;
use crate::text::Text;

json_object! {
    /// [App data parameters](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/app-data).
    #[derive(Default)]
    pub struct AppData<'a> {
        /// Whether the user allows tracking (App Tracking Transparency), as 0 or 1. Required.
        "advertiser_tracking_enabled" advertiser_tracking_enabled: Option<Flag>,
        /// Whether the app allows tracking, as 0 or 1. Required.
        "application_tracking_enabled" application_tracking_enabled: Option<Flag>,
        /// App and device in sixteen positions. Required.
        "extinfo" extinfo: Option<ExtInfo<'a>>,
        /// Ids of the campaigns that led to the installation.
        "campaign_ids" campaign_ids: Option<Text<'a>>,
        /// Whether views count for attribution.
        "consider_views" consider_views: Option<bool>,
        /// Whether to include dwell data.
        "include_dwell_data" include_dwell_data: Option<bool>,
        /// Whether to include video data.
        "include_video_data" include_video_data: Option<bool>,
        /// Referrer of the installation.
        "install_referrer" install_referrer: Option<Text<'a>>,
        /// Package of the installer.
        "installer_package" installer_package: Option<Text<'a>>,
        /// Receipt of a purchase in the app.
        "receipt_data" receipt_data: Option<RawJson<'a>>,
        /// URL schemes of the app.
        "url_schemes" url_schemes: Vec<Text<'a>>,
        /// Attribution id of Windows.
        "windows_attribution_id" windows_attribution_id: Option<Text<'a>>,
    }
}

/// Yes or no, written as 1 or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

impl WriteJson for Flag {
    fn write_json(&self, out: &mut String) {
        out.push(if self.0 { '1' } else { '0' });
    }
}

/// `extinfo`: sixteen texts by position, empty where unknown.
///
/// Version and OS version must not be empty: Meta refuses the event for it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ExtInfo<'a> {
    /// 0: `a2` for Android, `i2` for iOS.
    pub version: Text<'a>,
    /// 1: package name.
    pub package: Text<'a>,
    /// 2: short version of the app.
    pub short_version: Text<'a>,
    /// 3: long version of the app.
    pub long_version: Text<'a>,
    /// 4: version of the operating system.
    pub os_version: Text<'a>,
    /// 5: model of the device.
    pub device_model: Text<'a>,
    /// 6: locale, such as `en_US`.
    pub locale: Text<'a>,
    /// 7: abbreviation of the time zone.
    pub timezone_abbreviation: Text<'a>,
    /// 8: carrier.
    pub carrier: Text<'a>,
    /// 9: width of the screen, in pixels.
    pub screen_width: Text<'a>,
    /// 10: height of the screen, in pixels.
    pub screen_height: Text<'a>,
    /// 11: density of the screen.
    pub screen_density: Text<'a>,
    /// 12: number of processor cores.
    pub cpu_cores: Text<'a>,
    /// 13: size of the storage, in GB.
    pub storage_gb: Text<'a>,
    /// 14: free storage, in GB.
    pub free_storage_gb: Text<'a>,
    /// 15: time zone of the device, by its name.
    pub device_timezone: Text<'a>,
}

impl<'a> ExtInfo<'a> {
    /// The texts in the order of the wire.
    #[must_use]
    pub fn positions(&self) -> [&Text<'a>; 16] {
        [
            &self.version,
            &self.package,
            &self.short_version,
            &self.long_version,
            &self.os_version,
            &self.device_model,
            &self.locale,
            &self.timezone_abbreviation,
            &self.carrier,
            &self.screen_width,
            &self.screen_height,
            &self.screen_density,
            &self.cpu_cores,
            &self.storage_gb,
            &self.free_storage_gb,
            &self.device_timezone,
        ]
    }
}

/// Says which positions are filled, not with what.
impl fmt::Debug for ExtInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filled = self
            .positions()
            .into_iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty());
        f.write_str("ExtInfo")?;
        f.debug_set()
            .entries(filled.map(|(position, _)| position))
            .finish()
    }
}

impl WriteJson for ExtInfo<'_> {
    fn write_json(&self, out: &mut String) {
        out.push('[');
        for (index, text) in self.positions().into_iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            text.write_json(out);
        }
        out.push(']');
    }
}
