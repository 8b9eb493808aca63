//! Every setting of `[serve]`, one a row. Reading, `segue check`, `segue init` and the JSON schema go by this table.

use std::path::PathBuf;
use std::time::Duration;

use conversions_ingest::{AllowedOrigins, Compat, Senders};
use segment_spec::MAX_LINE_BYTES;
use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::table::camel_case;

/// A setting of the endpoint.
pub(crate) struct EndpointSetting {
    pub(crate) name: &'static str,
    /// What it takes and where that goes.
    pub(crate) kind: Kind,
    /// What it is for, as a phrase.
    pub(crate) doc: &'static str,
}

/// The place of a value.
pub(crate) type Place<T> = fn(&mut Endpoint) -> &mut T;

/// What a setting takes, and where it goes.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Flag(Place<bool>),
    /// Within limits, which belong to it.
    Count(Place<u64>, (u64, u64)),
    Size(Place<usize>, (u64, u64)),
    /// Whole seconds.
    Seconds(Place<Duration>, (u64, u64)),
    Text(Place<String>),
    /// One of two words.
    Choice(
        &'static [&'static str],
        fn(&mut Endpoint, &str),
        fn(&Endpoint) -> &'static str,
    ),
    /// A file, seen from the folder of the settings.
    File(Place<Option<PathBuf>>),
    Url,
    Origins,
    Networks,
}

use Kind::{Choice, Count, File, Flag, Networks, Origins, Seconds, Size, Text, Url};

const fn row(name: &'static str, kind: Kind, doc: &'static str) -> EndpointSetting {
    EndpointSetting { name, kind, doc }
}

/// As much as one line of events may be long.
const BODY: (u64, u64) = (1, MAX_LINE_BYTES as u64);
/// No real limit.
const ANY: (u64, u64) = (1, 1 << 40);

/// The settings of the endpoint, in the order in which they are explained.
#[rustfmt::skip]
pub(crate) const ENDPOINT: &[EndpointSetting] = &[
    //   name                      what it takes, where it goes                                    what it is for
    row("listen",                  Text(|e| &mut e.listen),                                        "where senders connect to; other machines reach it only if this is not 127.0.0.1"),
    row("ops_listen",              Text(|e| &mut e.ops_listen),                                    "where operators find /metrics, /healthz and /readyz; keep it private"),
    row("tls_certificate",         File(|e| &mut e.tls_certificate),                               "a file with the chain of certificates, PEM; read again when it changes"),
    row("tls_key",                 File(|e| &mut e.tls_key),                                       "a file with the private key of the certificate, PEM"),
    row("public_url",              Url,                                                            "the address of the API as browsers see it, up to and with /v1"),
    row("compat",                  Choice(&["strict", "segment"], set_compat, compat),             "answers unknown write keys with 401 (strict), or with 200 as Segment does (segment)"),
    row("check_messages",          Flag(|e| &mut e.ingest.strict),                                 "refuses messages that Segment's own endpoint refuses, with its codes"),
    row("allowed_origins",         Origins,                                                        "pages that may call from a browser, like https://shop.example.com or https://*.example.com; none given: all"),
    row("allow_credentials",       Flag(|e| &mut e.ingest.cors.credentials),                       "lets pages of allowed_origins send cookies"),
    row("trusted_proxies",         Networks,                                                       "addresses and networks whose X-Forwarded-For is believed"),
    row("enrich_from",             Choice(&["clients", "all"], set_senders, senders),              "takes address and user agent from the requests of browsers and apps (clients), or from all, servers too"),
    row("enrich_ip",               Flag(|e| &mut e.ingest.enrichment.ip),                          "fills context.ip from the connection"),
    row("enrich_user_agent",       Flag(|e| &mut e.ingest.enrichment.user_agent),                  "fills context.userAgent from the request"),
    row("enrich_cookies",          Flag(|e| &mut e.ingest.enrichment.cookies),                     "fills fbp and fbc from Meta's cookies, of calls from the same site"),
    row("enrich_page",             Flag(|e| &mut e.ingest.enrichment.page),                        "fills context.page.url from the header Referer, of calls from the same origin"),
    row("rate_per_second",         Count(|e| &mut e.rate_per_second, (0, 1_000_000)),              "messages per second and write key, on average; 0 is no limit"),
    row("rate_burst",              Count(|e| &mut e.rate_burst, (1, 10_000_000)),                  "messages at once per write key, when there is a limit"),
    row("message_bytes",           Size(|e| &mut e.ingest.limits.message_bytes, BODY),             "bytes of a message, inflated"),
    row("batch_bytes",             Size(|e| &mut e.ingest.limits.batch_bytes, BODY),               "bytes of a batch, inflated"),
    row("batch_messages",          Size(|e| &mut e.ingest.limits.batch_messages, ANY),             "messages of a batch"),
    row("completed_bytes",         Size(|e| &mut e.ingest.limits.completed_bytes, ANY),            "bytes of the messages of a request together, each completed with what they share"),
    row("webhook_bytes",           Size(|e| &mut e.ingest.limits.webhook_bytes, BODY),             "bytes of a request of Segment's webhook"),
    row("webhook_messages",        Size(|e| &mut e.ingest.limits.webhook_messages, ANY),           "messages of a request of Segment's webhook"),
    row("properties",              Size(|e| &mut e.ingest.limits.properties, ANY),                 "members of properties"),
    row("message_id_chars",        Size(|e| &mut e.ingest.limits.message_id_chars, ANY),           "characters of a messageId"),
    row("inflate_ratio",           Size(|e| &mut e.ingest.limits.inflate_ratio, ANY),              "how many times its size a compressed body may become"),
    row("requests",                Size(|e| &mut e.ingest.limits.in_flight, (1, 1 << 20)),         "requests that are worked on at a time; more are told to come back"),
    row("request_bytes",           Size(|e| &mut e.ingest.limits.in_flight_bytes, ANY),            "bytes of requests in memory at a time; more are told to come back"),
    row("connections",             Size(|e| &mut e.connection.connections, (1, 1 << 20)),          "open connections; more wait"),
    row("header_seconds",          Seconds(|e| &mut e.connection.header_timeout, (1, 3600)),       "how long the head of a request may take, and a connection may idle"),
    row("body_seconds",            Seconds(|e| &mut e.ingest.body_timeout, (1, 3600)),             "how long a body may take to arrive"),
    row("answer_seconds",          Seconds(|e| &mut e.ingest.sink_timeout, (1, 600)),              "how long the event log may take before a sender is told to come back"),
    row("retry_after_seconds",     Seconds(|e| &mut e.ingest.retry_after, (1, 300)),               "when senders shall come back after overload"),
    row("clock_tolerance_seconds", Seconds(|e| &mut e.ingest.clock_tolerance, (0, 86_400)),        "how far a sender's clock may be off before its times are corrected"),
    row("disk_bytes",              Count(|e| &mut e.disk_bytes, (1_000_000, 1 << 50)),             "room for events on disk; when it is used up, senders are told to come back"),
];

fn set_compat(endpoint: &mut Endpoint, word: &str) {
    endpoint.ingest.compat = match word {
        "segment" => Compat::Segment,
        _ => Compat::Strict,
    };
}

fn compat(endpoint: &Endpoint) -> &'static str {
    match endpoint.ingest.compat {
        Compat::Segment => "segment",
        Compat::Strict => "strict",
    }
}

fn set_senders(endpoint: &mut Endpoint, word: &str) {
    endpoint.ingest.enrichment.senders = match word {
        "all" => Senders::All,
        _ => Senders::Clients,
    };
}

fn senders(endpoint: &Endpoint) -> &'static str {
    match endpoint.ingest.enrichment.senders {
        Senders::All => "all",
        Senders::Clients => "clients",
    }
}

impl EndpointSetting {
    /// Whether a key of a file means this setting.
    pub(crate) fn is_named(&self, key: &str) -> bool {
        key == self.name || key == camel_case(self.name)
    }

    /// The value in force, in the form in which a settings file gives it; null when nothing is set.
    pub(crate) fn value(&self, endpoint: &Endpoint) -> Value {
        // Places are given for writing; what is written here is a copy.
        let copy = &mut endpoint.clone();
        match self.kind {
            Flag(place) => json!(*place(copy)),
            Count(place, _) => json!(*place(copy)),
            Size(place, _) => json!(*place(copy)),
            Seconds(place, _) => json!(place(copy).as_secs()),
            Text(place) => json!(*place(copy)),
            Choice(_, _, get) => json!(get(copy)),
            File(place) => json!(place(copy).as_ref().map(|path| path.display().to_string())),
            Url => json!(copy.ingest.public_url),
            Origins => match &copy.ingest.cors.allowed_origins {
                AllowedOrigins::Any => json!([]),
                AllowedOrigins::List(list) => json!(list),
            },
            Networks => {
                let networks = copy.ingest.enrichment.trusted_proxies.iter();
                networks.map(|network| json!(network.to_string())).collect()
            }
        }
    }

    /// What it takes, for the JSON schema.
    pub(crate) fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Flag(_) => json!({ "type": "boolean" }),
            Count(_, (least, most)) | Size(_, (least, most)) | Seconds(_, (least, most)) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Text(_) | File(_) | Url => json!({ "type": "string" }),
            Choice(words, _, _) => json!({ "enum": words }),
            Origins | Networks => json!({ "type": "array", "items": { "type": "string" } }),
        };
        schema["description"] = json!(self.doc);
        schema["default"] = self.value(&Endpoint::default());
        schema
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_doc_is_a_phrase() {
        let mut names = BTreeSet::new();
        for EndpointSetting { name, doc, .. } in ENDPOINT {
            assert!(names.insert(name), "{name} is there twice");
            assert!(!doc.is_empty() && !doc.ends_with('.'), "{name}: {doc}");
        }
    }

    #[test]
    fn defaults_are_within_their_limits() {
        for setting in ENDPOINT {
            let schema = setting.schema();
            if let (Some(least), Some(most)) =
                (schema["minimum"].as_u64(), schema["maximum"].as_u64())
            {
                let default = schema["default"].as_u64().expect("a number");
                assert!((least..=most).contains(&default), "{}", setting.name);
            }
        }
    }
}
