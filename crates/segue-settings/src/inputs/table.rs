//! Every setting of an input, one a row.

use super::{InputCommit, InputKind, InputSettings, InputStart, SaslMechanism};
use crate::broker_access as access;
use crate::kinds::{FilePath, Flag, Names, OneOf, Seconds, Secret, Text};
use crate::setting::{Setting, row_after_restart as row};
use crate::table::{Given, Table};

const KINDS: OneOf<InputKind> = OneOf(&[("kafka", InputKind::Kafka), ("nats", InputKind::Nats)]);
const COMMITS: OneOf<InputCommit> = OneOf(&[
    ("stored", InputCommit::Stored),
    ("delivered", InputCommit::Delivered),
]);
const STARTS: OneOf<InputStart> = OneOf(&[
    ("earliest", InputStart::Earliest),
    ("latest", InputStart::Latest),
]);
const MECHANISMS: OneOf<SaslMechanism> = OneOf(&[
    ("PLAIN", SaslMechanism::Plain),
    ("SCRAM-SHA-256", SaslMechanism::ScramSha256),
    ("SCRAM-SHA-512", SaslMechanism::ScramSha512),
]);

macro_rules! at {
    ($($field:ident).+, $kind:expr) => {
        crate::setting::at!(InputSettings, $($field).+, $kind)
    };
}

impl Table for InputSettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("kind",            at!(kind, KINDS),               "what to read: a broker that speaks Kafka's protocol (kafka), or a stream of NATS JetStream (nats); each takes a build with the feature of its name"),
        row("source",          at!(source, Text),              "the source whose destinations and rules apply to the messages; it needs no write keys of its own")
            .example("\"web\""),
        row("commit",          at!(commit, COMMITS),           "when the position moves over a record: when its events are in the log (stored), or when they are delivered or dead letters, so that the broker is the log (delivered)"),
        row("start",           at!(start, STARTS),             "where a consumer begins that has no position yet: with the oldest record, or with those that are yet to come"),
        row("brokers",         at!(brokers, Names),            "kafka: some of the brokers, host:port; they name the others")
            .example("[\"127.0.0.1:9092\"]").synonyms(&["bootstrapservers"]),
        row("topics",          at!(topics, Names),             "kafka: the topics, whose records are Segment messages or batches of them, as JSON")
            .example("[\"segment.events\"]").synonyms(&["topic"]),
        row("group",           at!(group, Text),               "kafka: the consumer group; with commit = \"delivered\" each destination has one of its own, GROUP.DESTINATION")
            .example("\"segue\"").synonyms(&["groupid", "consumergroup"]),
        row("tls",             at!(tls, Flag),                 "kafka: speaks TLS with the brokers"),
        row("sasl_mechanism",  at!(sasl_mechanism, MECHANISMS), "kafka: how `user` shows `password` to the brokers"),
        row("session_timeout_seconds", at!(session_timeout, Seconds(6, 1800)), "kafka: after this long without a sign of life, partitions of a process go to the others; the brokers limit it, by default to 6 to 1800 seconds")
            .synonyms(&["sessiontimeout", "sessiontimeoutms"]),
        row("servers",         at!(servers, Names),            "nats: addresses of the servers, nats://host:port or tls://host:port")
            .example("[\"nats://127.0.0.1:4222\"]"),
        row("stream",          at!(stream, Text),              "nats: the stream")
            .example("\"SEGMENT\""),
        row("consumer",        at!(consumer, Text),            "nats: the durable consumer, which is made if it is not there; with commit = \"delivered\" each destination has one of its own, CONSUMER-DESTINATION")
            .example("\"segue\"").synonyms(&["durable"]),
        row("subject",         at!(subject, Text),             "nats: the only subject to read, by default all of the stream")
            .example("\"segment.events\""),
        access::credentials(at!(access.credentials, Secret)),
        access::nkey_seed(at!(access.nkey_seed, Secret)),
        access::user(at!(access.user, Text)),
        access::password(at!(access.password, Secret)),
        access::tls_ca(at!(access.tls_ca, FilePath)),
        access::tls_certificate(at!(access.tls_certificate, FilePath)),
        access::tls_key(at!(access.tls_key, FilePath)),
        access::allow_plaintext(at!(access.allow_plaintext, Flag)),
        row("rejects_file",    at!(rejects_file, FilePath),    "a file for records that cannot be used and, with commit = \"delivered\", for dead letters, one JSON object a line; by default they go to the topic or subject with .segue-dead behind its name")
            .example("\"\""),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}
