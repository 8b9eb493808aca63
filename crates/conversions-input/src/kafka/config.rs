//! Options as librdkafka takes them.

use std::path::Path;
use std::time::Duration;

use rdkafka::ClientConfig;
use secrecy::ExposeSecret as _;

use crate::kafka::options::KafkaInputOptions;
use crate::start::Start;

/// How long the broker has to confirm a rejected record.
const REJECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Larger records are rejected without their payload.
const LARGEST_REJECTED: usize = 64 << 20;
/// Kilobytes that wait in the client before they are polled. They come on top of what is unsettled.
const SMALLEST_QUEUE: usize = 1024;
const LARGEST_QUEUE: usize = 64 * 1024;

/// The configuration of the member that reads.
pub(crate) fn consumer(options: &KafkaInputOptions) -> ClientConfig {
    let queue = (options.limits.unsettled_bytes / 1024).clamp(SMALLEST_QUEUE, LARGEST_QUEUE);
    let mut config = common(options);
    config
        .set("group.id", &options.group)
        // Positions are committed when records are settled, and only then.
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set(
            "auto.offset.reset",
            match options.start {
                Start::Earliest => "earliest",
                Start::Latest => "latest",
            },
        )
        .set("isolation.level", "read_committed")
        .set("session.timeout.ms", millis(options.session_timeout))
        .set("heartbeat.interval.ms", millis(options.session_timeout / 5))
        .set("queued.max.messages.kbytes", queue.to_string())
        .set("statistics.interval.ms", "2000");
    config
}

/// The configuration of the producer of rejected records.
pub(crate) fn producer(options: &KafkaInputOptions) -> ClientConfig {
    let mut config = common(options);
    config
        .set("acks", "all")
        .set("message.timeout.ms", millis(REJECT_TIMEOUT))
        .set("message.max.bytes", LARGEST_REJECTED.to_string());
    config
}

fn common(options: &KafkaInputOptions) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", options.brokers.join(","))
        .set("client.id", "segue")
        .set("socket.keepalive.enable", "true");
    let protocol = match (&options.tls, &options.sasl) {
        (None, None) => "plaintext",
        (Some(_), None) => "ssl",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), Some(_)) => "sasl_ssl",
    };
    config.set("security.protocol", protocol);
    if let Some(sasl) = &options.sasl {
        config
            .set("sasl.mechanism", sasl.mechanism.name())
            .set("sasl.username", &sasl.username)
            .set("sasl.password", sasl.password.expose_secret());
    }
    if let Some(tls) = &options.tls {
        if let Some(ca) = &tls.ca {
            config.set("ssl.ca.location", path(ca));
        }
        if let Some((certificate, key)) = &tls.identity {
            config
                .set("ssl.certificate.location", path(certificate))
                .set("ssl.key.location", path(key));
        }
    }
    config
}

fn millis(time: Duration) -> String {
    time.as_millis().to_string()
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
