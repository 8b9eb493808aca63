//! Every setting of `[log]`, one a row.

use super::{LogEngine, LogSettings};
use crate::broker_access as access;
use crate::kinds::{Count, FilePath, Flag, Names, OneOf, Seconds, Secret, Text};
use crate::setting::{Access, Applies::AfterRestart, Setting};
use crate::table::{Given, Table};

const ENGINES: OneOf<LogEngine> = OneOf(&[("disk", LogEngine::Disk), ("nats", LogEngine::Nats)]);
const BYTES: Count = Count(1_000_000, 1 << 50);

const fn row(
    name: &'static str,
    place: &'static dyn Access<LogSettings>,
    doc: &'static str,
) -> Setting<LogSettings> {
    Setting::new(name, place, doc).applies(AfterRestart)
}

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(LogSettings, $($field).+, $kind) };
}

impl Table for LogSettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("engine",            at!(engine, ENGINES),           "keeps events in the data folder (disk), or on a cluster of NATS servers that several machines share (nats), which takes a build with the feature `nats`"),
        row("servers",           at!(servers, Names),            "addresses of the NATS servers, nats://host:port or tls://host:port; all of them, so that one may fail"),
        row("namespace",         at!(namespace, Text),           "tells several installations on one cluster apart: the streams are named by it"),
        row("node",              at!(node, Text),                "the name of this machine in the status of all; by default its host name")
            .example("\"node-1\""),
        access::credentials(at!(access.credentials, Secret)),
        access::nkey_seed(at!(access.nkey_seed, Secret)),
        access::user(at!(access.user, Text)),
        access::password(at!(access.password, Secret)),
        access::tls_ca(at!(access.tls_ca, FilePath)),
        access::tls_certificate(at!(access.tls_certificate, FilePath)),
        access::tls_key(at!(access.tls_key, FilePath)),
        access::allow_plaintext(at!(access.allow_plaintext, Flag)),
        row("replicas",          at!(replicas, Count(1, 5)),     "copies of each stream that `segue log create` asks for; fewer than 3 survive no loss of a server"),
        row("max_bytes",         at!(max_bytes, BYTES),          "bytes that the undelivered events of a destination may take on each replica, which `segue log create` sets; senders get 429 beyond them"),
        row("dead_letter_bytes", at!(dead_letter_bytes, BYTES),  "bytes that all dead letters may take on each replica, which `segue log create` sets"),
        row("ack_wait_seconds",  at!(ack_wait, Seconds(10, 3600)), "how long after its last sign of life another machine gets what a machine had in hand, which `segue log create` sets; below 60 a request that Meta answers slowly may be sent by both"),
        row("monitor",           at!(monitor, Names),            "addresses of the servers' monitoring, http://host:port (`http_port` of NATS), by which `segue log check` sees whether each of them syncs before it acknowledges")
            .example("[\"http://nats-1:8222\"]"),
        row("group_small",       at!(group_small, Flag),         "small requests that come at the same time share a message, which takes many times as many single events; a sender's repetition is then known as one only on the machine that had the first"),
        row("allow_weak",        at!(allow_weak, Flag),          "starts although the servers or the streams promise less than they should: for a try on one server"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}
