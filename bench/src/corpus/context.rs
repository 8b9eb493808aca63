//! The member `context` of a message, as client libraries write it.

use fastrand::Rng;

use super::dice::{chance, pick, uuid};
use super::json::Object;
use super::person::Person;
use super::words::Words;

const REFERRERS: [&str; 4] = [
    "",
    "https://www.google.com/",
    "https://www.facebook.com/",
    "https://www.example.com/",
];

/// Writes the members of `context`.
pub(super) fn write(
    person: &Person,
    words: &'static Words,
    (event, path): (&str, &str),
    is_known: bool,
    rng: &mut Rng,
    object: &mut Object<'_>,
) {
    if chance(rng, 97) {
        object.text("ip", &person.ip);
    }
    if chance(rng, 97) {
        object.text("userAgent", person.user_agent);
    }
    object.object("library", |library| {
        library.text("name", "analytics.js");
        library.text("version", "next-1.81.0");
    });
    object.text("locale", person.place.locale);
    object.text("timezone", person.place.timezone);
    let mut search = String::new();
    if chance(rng, 35) {
        search = write_campaign(words, rng, object);
    }
    if chance(rng, 95) {
        let referrer = pick(rng, &REFERRERS);
        object.object("page", |page| {
            page.text("path", path);
            page.text("referrer", referrer);
            page.text("search", &search);
            page.text("title", &format!("{event} | Example Shop"));
            page.text("url", &format!("https://www.example.com{path}{search}"));
        });
    }
    if is_known || chance(rng, 20) {
        object.object("traits", |traits| person.write_traits(rng, traits));
    }
    if chance(rng, 50) {
        write_device(rng, object);
    }
    if chance(rng, 50) {
        let is_mobile = rng.bool();
        object.object("userAgentData", |data| {
            data.raw("mobile", is_mobile);
            data.text("platform", "macOS");
            data.raw(
                "brands",
                r#"[{"brand":"Chromium","version":"139"},{"brand":"Not;A=Brand","version":"99"}]"#,
            );
        });
    }
}

/// Returns the query of the page's address.
fn write_campaign(words: &'static Words, rng: &mut Rng, object: &mut Object<'_>) -> String {
    let source = pick(rng, &["facebook", "google", "newsletter"]);
    let medium = pick(rng, &["cpc", "email", "paid_social"]);
    object.object("campaign", |campaign| {
        campaign.text(
            "name",
            pick(rng, &["spring_sale", "brand-eu", "retarget 14d"]),
        );
        campaign.text("source", source);
        campaign.text("medium", medium);
        if rng.bool() {
            campaign.text("term", pick(rng, words.queries));
            campaign.text("content", "image link");
        }
    });
    format!("?utm_source={source}&utm_medium={medium}")
}

fn write_device(rng: &mut Rng, object: &mut Object<'_>) {
    object.object("device", |device| {
        device.text("id", &uuid(rng));
        device.text("type", pick(rng, &["ios", "android"]));
        device.text("manufacturer", pick(rng, &["Apple", "Google", "Samsung"]));
        device.text("model", pick(rng, &["iPhone15,3", "Pixel 9", "SM-S928B"]));
        device.text("advertisingId", &uuid(rng).to_ascii_uppercase());
        device.raw("adTrackingEnabled", chance(rng, 40));
    });
    object.object("os", |os| {
        os.text("name", "iPhone OS");
        os.text("version", "18.2");
    });
    object.object("screen", |screen| {
        screen.raw("width", 430);
        screen.raw("height", 932);
        screen.raw("density", 3);
    });
}
