//! Every setting of a source, one a row.

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::diagnostic::Mistake;
use crate::kinds::{Kind, Names, Parsed, Secret, texts_schema};
use crate::memory::kinds::GROUP_NAME;
use crate::reader::Reader;
use crate::setting::{Access, Setting};
use crate::sources::EventSource;
use crate::table::{Given, Table};
use crate::tree::Node;
use crate::write_key;

const fn row(
    name: &'static str,
    place: &'static dyn Access<EventSource>,
    doc: &'static str,
) -> Setting<EventSource> {
    Setting::new(name, place, doc)
}

macro_rules! at {
    ($field:ident, $kind:expr) => {
        crate::setting::at!(EventSource, $field, $kind)
    };
}

impl Table for EventSource {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("write_keys",            at!(write_keys, WriteKeys),         "keys that senders show; several are valid at a time, so that they can be exchanged")
            .synonyms(&["keys", "writekey"]),
        row("destinations",          at!(destinations, Names),           "names of the destinations that get the events"),
        row("webhook_secret",        at!(webhook_secret, Secret),        "signs what Segment's webhook sends to /webhook/NAME; of a batch it signs the first message only, so use webhook_header too")
            .example("{ env = \"WEBHOOK_SECRET\" }"),
        row("webhook_header",        at!(webhook_header, HEADER),        "the header in which Segment sends a further secret")
            .example("\"X-Webhook-Secret\""),
        row("webhook_header_secret", at!(webhook_header_secret, Secret), "the secret in that header")
            .example("{ env = \"WEBHOOK_HEADER_SECRET\" }"),
        row("memory_group",          at!(memory_group, GROUP_NAME),      "with scope = \"group\" in [memory]: sources of one group share what is remembered of people")
            .example("\"shop\""),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}

const HEADER: Parsed<Option<String>> = Parsed {
    parse: |text| {
        let mistake = |_| Mistake::new("`webhook_header` must be the name of a header");
        let name = http::HeaderName::try_from(text).map_err(mistake);
        name.map(|_| Some(text.to_owned()))
    },
    show: Clone::clone,
    pattern: r"\S",
    takes_numbers: false,
};

/// Keys that a client can send.
struct WriteKeys;

impl Kind<Vec<SecretString>> for WriteKeys {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Vec<SecretString>> {
        let keys = reader.names(name, node)?;
        for _ in keys.iter().filter(|key| !write_key::is_possible(key)) {
            let mistake = Mistake::new("a write key must have no blanks and no colon");
            reader.error(&node.span, mistake);
        }
        Some(keys.into_iter().map(SecretString::from).collect())
    }

    fn value(&self, value: &Vec<SecretString>) -> Value {
        value.iter().map(|_| json!("(redacted)")).collect()
    }

    fn schema(&self) -> Value {
        texts_schema()
    }
}
