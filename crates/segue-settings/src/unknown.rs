//! Keys that nobody knows, and the ones that were meant.

use crate::diagnostic::{Mistake, named};
use crate::reader::Reader;
use crate::suggest::closest;
use crate::table::{SETTINGS, Setting};
use crate::tree::Entry;

/// An unknown key, with the known one that was probably meant, in the spelling that the file uses.
pub(crate) fn unknown(entry: &Entry, others: &[&str], reader: &mut Reader<'_>) {
    let mut mistake = Mistake::new(format!("unknown key{}", named(&entry.key)));
    let known = SETTINGS
        .iter()
        .map(|setting| setting.name)
        .chain(others.iter().copied());
    mistake.help = match closest(&entry.key, known) {
        Some(name) => {
            let camel = entry
                .key
                .contains(|letter: char| letter.is_ascii_uppercase());
            let setting = SETTINGS
                .iter()
                .find(|setting| camel && setting.name == name);
            let name = setting.map_or_else(|| name.to_owned(), Setting::camel_case);
            Some(format!("did you mean `{name}`?"))
        }
        None => other_words(&entry.key).map(|name| format!("the setting for that is `{name}`")),
    };
    reader.error(&entry.key_span, mistake);
}

/// Words that other tools use for our settings.
fn other_words(key: &str) -> Option<&'static str> {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_ascii_lowercase().as_str() {
        "token" | "apitoken" | "accesskey" | "systemusertoken" => Some("access_token"),
        "dataset" | "datasetid" | "pixel" | "pixelids" => Some("pixel_id"),
        "appsecretproof" | "secret" => Some("app_secret"),
        "baseurl" | "url" | "endpoint" | "host" => Some("graph_url"),
        "testcode" | "testeventid" | "testevent" => Some("test_event_code"),
        "version" | "graphversion" | "graphapiversion" => Some("api_version"),
        "currency" => Some("default_currency"),
        "events" | "eventmap" | "eventmapping" => Some("standard_events"),
        "ldu" => Some("limited_data_use"),
        "externalid" => Some("external_id_prop"),
        "batchsize" => Some("batch_events"),
        _ => None,
    }
}
