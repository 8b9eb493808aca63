//! One message: who, what, when, in the order in which the libraries write it.

use jiff::Timestamp;

use super::context;
use super::dice::{chance, hex, pick, uuid};
use super::json::{Object, object};
use super::person::Person;
use super::properties::{Kind, Stock};
use super::words::Words;
use super::{Corpus, Mix};

const DAY_IN_MILLIS: i64 = 86_400_000;

/// Where a message carries `fbp` and `fbc`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BrowserIds {
    Properties,
    Context,
    ClientIds,
}

pub(super) fn write(corpus: &mut Corpus, person: u64, out: &mut String) {
    let Corpus {
        mix, seed, newest, ..
    } = *corpus;
    let words = Words::of(mix);
    let person = Person::number(seed, person, newest, words);
    let rng = &mut corpus.rng;
    let time = newest * 1000 - rng.i64(1..DAY_IN_MILLIS);
    if mix == Mix::Tiny {
        return object(out, mix.style(), |message| {
            write_tiny(&person, time, rng, message);
        });
    }
    let kind = Kind::drawn(rng, mix);
    let path = kind.path(rng);
    let is_known = chance(rng, 75);
    let ids = match rng.u8(..3) {
        0 => BrowserIds::Properties,
        1 => BrowserIds::Context,
        _ => BrowserIds::ClientIds,
    };
    object(out, mix.style(), |message| {
        message.text("anonymousId", &person.anonymous_id);
        message.text("channel", pick(rng, &["web", "client", "server"]));
        message.object("context", |cx| {
            context::write(&person, words, (kind.name(), &path), is_known, rng, cx);
            match ids {
                BrowserIds::Properties => {}
                BrowserIds::Context => person.write_browser_ids(cx),
                BrowserIds::ClientIds => {
                    cx.object("clientIds", |ids| person.write_browser_ids(ids));
                }
            }
        });
        message.text("event", kind.name());
        if chance(rng, 60) {
            write_integrations(rng, message);
        }
        let id = if chance(rng, 70) {
            format!("ajs-next-{}", hex(rng, 32))
        } else {
            uuid(rng)
        };
        message.text("messageId", &id);
        let sent = time + rng.i64(5..3000);
        let stock = Stock {
            seed,
            mix,
            words,
            person: &person,
        };
        message.text("originalTimestamp", &iso(time - rng.i64(0..900)));
        message.object("properties", |properties| {
            stock.write(kind, rng, properties);
            if ids == BrowserIds::Properties {
                person.write_browser_ids(properties);
            }
        });
        message.text("receivedAt", &iso(sent + rng.i64(20..400)));
        message.text("sentAt", &iso(sent));
        message.text("timestamp", &iso(time));
        message.text("type", "track");
        if is_known {
            message.text("userId", &person.user_id);
        } else {
            message.raw("userId", "null");
        }
        message.raw("version", 2);
        message.text("writeKey", "wk_0f1e2d3c4b5a6978");
    });
}

fn write_tiny(person: &Person, time: i64, rng: &mut fastrand::Rng, message: &mut Object<'_>) {
    message.text("type", "track");
    message.text("event", "Trial Started");
    message.text("messageId", &uuid(rng));
    message.text("userId", &person.user_id);
    message.text("timestamp", &iso(time));
    message.object("properties", |properties| {
        properties.text("plan", pick(rng, &["free", "pro", "Enterprise"]));
    });
}

fn write_integrations(rng: &mut fastrand::Rng, message: &mut Object<'_>) {
    message.object("integrations", |integrations| {
        integrations.raw("All", true);
        if chance(rng, 30) {
            integrations.raw("Google Analytics", false);
        }
        if chance(rng, 30) {
            let id = hex(rng, 16);
            integrations.object("Facebook Pixel", |pixel| pixel.text("eventID", &id));
        }
        if chance(rng, 10) {
            integrations.raw("Salesforce", false);
        }
    });
}

/// A time as JavaScript writes it.
fn iso(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}
