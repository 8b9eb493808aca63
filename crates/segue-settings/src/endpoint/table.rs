//! Every setting of `[serve]`, one a row.

use conversions_ingest::{Compat, Senders};
use segment_spec::MAX_LINE_BYTES;

use crate::endpoint::Endpoint;
use crate::kinds::{Count, FilePath, Flag, Networks, OneOf, Origins, Seconds, Text};
use crate::setting::Applies::{AfterRestart, AfterRestartIfSwitched};
use crate::setting::{Access, Setting};
use crate::table::{Given, Table};

/// As much as one line of events may be long.
const BODY: Count = Count(1, MAX_LINE_BYTES as u64);
/// No real limit.
const ANY: Count = Count(1, 1 << 40);

const COMPAT: OneOf<Compat> = OneOf(&[("strict", Compat::Strict), ("segment", Compat::Segment)]);
const SENDERS: OneOf<Senders> = OneOf(&[("clients", Senders::Clients), ("all", Senders::All)]);

const fn row(
    name: &'static str,
    place: &'static dyn Access<Endpoint>,
    doc: &'static str,
) -> Setting<Endpoint> {
    Setting::new(name, place, doc)
}

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(Endpoint, $($field).+, $kind) };
}

impl Table for Endpoint {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("listen",                  at!(listen, Text),                               "where senders connect to; other machines reach it only if this is not 127.0.0.1")
            .applies(AfterRestart),
        row("ops_listen",              at!(ops_listen, Text),                           "where operators find /metrics, /healthz and /readyz; keep it private")
            .applies(AfterRestart),
        row("tls_certificate",         at!(tls_certificate, FilePath),                  "a file with the chain of certificates, PEM; read again when it changes")
            .example("\"certificate.pem\"").applies(AfterRestartIfSwitched),
        row("tls_key",                 at!(tls_key, FilePath),                          "a file with the private key of the certificate, PEM"),
        row("public_url",              at!(ingest.public_url, Text),                    "the address of the API as browsers see it, up to and with /v1")
            .example("\"https://events.example.com/v1\""),
        row("analytics_js",            at!(analytics_js, FilePath),                     "a file with a bundle of analytics.js, which browsers get where Segment's snippet looks for it, with the scripts beside it")
            .example("\"analytics/standalone.js\""),
        row("compat",                  at!(ingest.compat, COMPAT),                      "answers unknown write keys with 401 (strict), or with 200 as Segment does (segment)"),
        row("check_messages",          at!(ingest.strict, Flag),                        "refuses messages that Segment's own endpoint refuses, with its codes"),
        row("allowed_origins",         at!(ingest.cors.allowed_origins, Origins),       "pages that may call from a browser, like https://shop.example.com or https://*.example.com; none given: all")
            .example("[\"https://shop.example.com\"]"),
        row("allow_credentials",       at!(ingest.cors.credentials, Flag),              "lets pages of allowed_origins send cookies"),
        row("trusted_proxies",         at!(ingest.enrichment.trusted_proxies, Networks),"addresses and networks whose X-Forwarded-For is believed")
            .example("[\"10.0.0.0/8\"]"),
        row("enrich_from",             at!(ingest.enrichment.senders, SENDERS),         "takes address and user agent from the requests of browsers and apps (clients), or from all, servers too"),
        row("enrich_ip",               at!(ingest.enrichment.ip, Flag),                 "fills context.ip from the connection"),
        row("enrich_user_agent",       at!(ingest.enrichment.user_agent, Flag),         "fills context.userAgent from the request"),
        row("enrich_cookies",          at!(ingest.enrichment.cookies, Flag),            "fills fbp and fbc from Meta's cookies, of calls from the same site"),
        row("enrich_page",             at!(ingest.enrichment.page, Flag),               "fills context.page.url from the header Referer, of calls from the same origin"),
        row("rate_per_second",         at!(rate_per_second, Count(0, 1_000_000)),       "messages per second and write key, on average; 0 is no limit"),
        row("rate_burst",              at!(rate_burst, Count(1, 10_000_000)),           "messages at once per write key, when there is a limit"),
        row("message_bytes",           at!(ingest.limits.message_bytes, BODY),          "bytes of a message, inflated"),
        row("batch_bytes",             at!(ingest.limits.batch_bytes, BODY),            "bytes of a batch, inflated"),
        row("batch_messages",          at!(ingest.limits.batch_messages, ANY),          "messages of a batch"),
        row("completed_bytes",         at!(ingest.limits.completed_bytes, ANY),         "bytes of the messages of a request together, each completed with what they share"),
        row("webhook_bytes",           at!(ingest.limits.webhook_bytes, BODY),          "bytes of a request of Segment's webhook"),
        row("webhook_messages",        at!(ingest.limits.webhook_messages, ANY),        "messages of a request of Segment's webhook"),
        row("properties",              at!(ingest.limits.properties, ANY),              "members of properties"),
        row("message_id_chars",        at!(ingest.limits.message_id_chars, ANY),        "characters of a messageId"),
        row("inflate_ratio",           at!(ingest.limits.inflate_ratio, ANY),           "how many times its size a compressed body may become"),
        row("requests",                at!(ingest.limits.in_flight, Count(1, 1 << 20)), "requests that are worked on at a time; more are told to come back"),
        row("request_bytes",           at!(ingest.limits.in_flight_bytes, ANY),         "bytes of requests in memory at a time; more are told to come back"),
        row("connections",             at!(connection.connections, Count(1, 1 << 20)),  "open connections; more wait")
            .applies(AfterRestart),
        row("header_seconds",          at!(connection.header_timeout, Seconds(1, 3600)),"how long the head of a request may take, and a connection may idle")
            .applies(AfterRestart),
        row("body_seconds",            at!(ingest.body_timeout, Seconds(1, 3600)),      "how long a body may take to arrive"),
        row("answer_seconds",          at!(ingest.sink_timeout, Seconds(1, 600)),       "how long the event log may take before a sender is told to come back"),
        row("retry_after_seconds",     at!(ingest.retry_after, Seconds(1, 300)),        "when senders shall come back after overload"),
        row("clock_tolerance_seconds", at!(ingest.clock_tolerance, Seconds(0, 86_400)), "how far a sender's clock may be off before its times are corrected"),
        row("disk_bytes",              at!(disk_bytes, Count(1_000_000, 1 << 50)),      "room for events on disk; when it is used up, senders are told to come back")
            .applies(AfterRestart),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}
