//! `app_data` of app events, from what the mobile libraries report about app and device.

use facebook_conversions::{ActionSource, ExtInfo, Flag, ServerEvent, Text};
use segment_spec::Raw;

use crate::context::RuleContext;
use crate::note::{Effect, Path};
use crate::transforms::plain_text::id_text;

/// Fills `app_data` and `madid` of an app event.
///
/// `app_data` needs a platform that Meta documents (Android, iOS) and the version of the operating system; without them
/// it is left out.
pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    if cx.action_source != ActionSource::App {
        return;
    }
    let context = &cx.message.context;
    let device = Object(context.device);
    let tracking = device.get("adTrackingEnabled").and_then(Raw::as_bool);
    if let Some(id) = device.text("advertisingId")
        && event.user_data.madid.is_none()
    {
        event.user_data.madid = Some(id);
        cx.notes.wrote("user_data.madid", Effect::Copied, || {
            Path::Fixed("context.device.advertisingId")
        });
    }
    let Some(extinfo) = extinfo(cx) else {
        cx.notes.left_out(|| Path::Fixed("context.os"));
        return;
    };
    let app_data = event.app_data.get_or_insert_default();
    let flags = [
        (
            "app_data.advertiser_tracking_enabled",
            &mut app_data.advertiser_tracking_enabled,
        ),
        (
            "app_data.application_tracking_enabled",
            &mut app_data.application_tracking_enabled,
        ),
    ];
    for (field, flag) in flags {
        if flag.is_some() {
            continue;
        }
        // Tracking that was not allowed explicitly counts as not allowed.
        *flag = Some(Flag(tracking.unwrap_or(false)));
        if tracking.is_some() {
            cx.notes.wrote(field, Effect::Normalized, || {
                Path::Fixed("context.device.adTrackingEnabled")
            });
        } else {
            cx.notes.defaulted(field);
        }
    }
    app_data.extinfo = Some(extinfo);
    cx.notes.wrote("app_data.extinfo", Effect::Derived, || {
        Path::Fixed("context")
    });
}

fn extinfo<'a>(cx: &RuleContext<'_, 'a>) -> Option<ExtInfo<'a>> {
    let context = &cx.message.context;
    let (app, device, os) = (
        Object(context.app),
        Object(context.device),
        Object(context.os),
    );
    let (screen, network) = (Object(context.screen), Object(context.network));
    let platform = device.text("type").or_else(|| os.text("name"))?;
    let version = match platform.trim().to_ascii_lowercase().as_str() {
        "android" => "a2",
        "ios" | "ipados" => "i2",
        _ => return None,
    };
    let text = |raw: Option<Raw<'a>>| {
        raw.and_then(|raw| id_text(raw).ok())
            .map(|(text, _)| text)
            .unwrap_or_default()
    };
    Some(ExtInfo {
        version: Text::plain(version),
        package: app.text("namespace").unwrap_or_default(),
        short_version: app.text("version").unwrap_or_default(),
        long_version: app.text("build").unwrap_or_default(),
        os_version: os.text("version")?,
        device_model: device.text("model").unwrap_or_default(),
        // Meta writes locales with an underscore.
        locale: text(context.locale).replace('-', "_").into(),
        carrier: network.text("carrier").unwrap_or_default(),
        screen_width: screen.text("width").unwrap_or_default(),
        screen_height: screen.text("height").unwrap_or_default(),
        screen_density: screen.text("density").unwrap_or_default(),
        device_timezone: text(context.timezone),
        ..ExtInfo::default()
    })
}

/// An object of the context whose members are read one by one.
struct Object<'a>(Option<Raw<'a>>);

impl<'a> Object<'a> {
    fn get(&self, key: &str) -> Option<Raw<'a>> {
        self.0?.get(key).filter(|value| !value.is_blank())
    }

    /// A member as text; a number becomes its digits.
    fn text(&self, key: &str) -> Option<Text<'a>> {
        id_text(self.get(key)?).ok().map(|(text, _)| text)
    }
}
