//! `[otel]`: where `segue serve` sends spans and metrics by OpenTelemetry's protocol.

use crate::diagnostic::Mistake;
use crate::kinds::{Count, Parsed, Text};
use crate::reader::Reader;
use crate::setting::{Access, Applies::AfterRestart, Setting};
use crate::table::{Given, InForce, Table, in_force, need_restart, read as read_table};
use crate::tree::Node;

/// Where `segue serve` sends spans and metrics, and how much of them.
#[derive(Clone, Debug)]
pub struct OtelSettings {
    /// The address of a collector, without the path of a signal; nothing is sent without one.
    pub endpoint: Option<String>,
    /// The attribute `service.name` of everything that is sent.
    pub service_name: String,
    /// Seconds between two exports of metrics.
    pub interval_seconds: u64,
    /// Of the requests without the header `traceparent`, how many in a hundred get spans.
    pub sample_percent: u64,
    /// The settings that the file gives, and where.
    pub given: Given,
}

impl Default for OtelSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            service_name: "segue".to_owned(),
            interval_seconds: 60,
            sample_percent: 0,
            given: Given::new(),
        }
    }
}

impl OtelSettings {
    /// Every setting and its value, in the order in which they are explained.
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce> {
        in_force(self, &self.given)
    }

    /// The settings that differ in `new`, and whose difference only a restart puts in force.
    #[must_use]
    pub fn settings_that_need_restart(&self, new: &Self) -> Vec<&'static str> {
        need_restart(self, new)
    }
}

/// The address of a collector.
const ENDPOINT: Parsed<Option<String>> = Parsed {
    parse: |text| parse_endpoint(text).map(Some),
    show: Clone::clone,
    pattern: "^https?://[^@?#]+$",
    takes_numbers: false,
};

fn parse_endpoint(text: &str) -> Result<String, Mistake> {
    let address = text.trim().trim_end_matches('/');
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme));
    let is_signal = ["/v1/traces", "/v1/metrics"]
        .iter()
        .any(|path| address.ends_with(path));
    if is_signal {
        let mistake = "`endpoint` has the path of one signal";
        return Err(Mistake::new(mistake)
            .help("leave /v1/traces and /v1/metrics out: segue adds the path of each signal"));
    }
    if host.is_some_and(|host| host.contains('@')) {
        let mistake = "`endpoint` must not hold a user or a password";
        return Err(Mistake::new(mistake)
            .help("send to a collector on this machine, and let it add what its receiver wants"));
    }
    match host {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ']) => Ok(address.to_owned()),
        _ => Err(Mistake::new(
            "`endpoint` must be an address that begins with http:// or https://",
        )
        .help("a collector on this machine is http://127.0.0.1:4318")),
    }
}

const fn row(
    name: &'static str,
    place: &'static dyn Access<OtelSettings>,
    doc: &'static str,
) -> Setting<OtelSettings> {
    Setting::new(name, place, doc).applies(AfterRestart)
}

macro_rules! at {
    ($($field:ident).+, $kind:expr) => { crate::setting::at!(OtelSettings, $($field).+, $kind) };
}

impl Table for OtelSettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("endpoint",         at!(endpoint, ENDPOINT),                "the address of a collector that takes OTLP over HTTP, without /v1/traces; needs a segue that was built with the feature otel")
            .example("\"http://127.0.0.1:4318\""),
        row("service_name",     at!(service_name, Text),                "the service's name in spans and metrics"),
        row("interval_seconds", at!(interval_seconds, Count(1, 3600)),  "seconds between two exports of metrics"),
        row("sample_percent",   at!(sample_percent, Count(0, 100)),     "of the requests without a traceparent, how many in a hundred get spans; with one, its sampled flag decides"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> OtelSettings {
    match reader.members("otel", node, "[otel]") {
        Some(entries) => read_table(entries, &[], reader),
        None => OtelSettings::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::Timestamp;

    use crate::parse;

    fn read(otel: &str) -> Result<super::OtelSettings, String> {
        let text = format!("pixel_id = \"1\"\n[otel]\n{otel}\n");
        match parse(Path::new("segue.toml"), &text, Timestamp::UNIX_EPOCH) {
            Ok(settings) => Ok(settings.otel),
            Err(mistakes) => Err(mistakes[0].to_string()),
        }
    }

    #[test]
    fn an_address_is_taken_without_its_last_slash() {
        for address in [
            "http://127.0.0.1:4318",
            "http://127.0.0.1:4318/",
            "https://collector.example/otlp",
        ] {
            let settings = read(&format!("endpoint = \"{address}\"")).unwrap();
            let expected = address.trim_end_matches('/');
            assert_eq!(settings.endpoint.as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_address_of_a_collector_is_refused_without_quoting_it() {
        for (address, says) in [
            ("127.0.0.1:4318", "must be an address"),
            ("grpc://127.0.0.1:4317", "must be an address"),
            ("http://", "must be an address"),
            ("http://me:S3CRET@127.0.0.1:4318", "user or a password"),
            ("http://127.0.0.1:4318/v1/traces", "path of one signal"),
            ("http://127.0.0.1:4318?key=S3CRET", "must be an address"),
        ] {
            let mistake = read(&format!("endpoint = \"{address}\"")).unwrap_err();
            assert!(mistake.contains(says), "{address}: {mistake}");
            assert!(!mistake.contains("S3CRET"), "{mistake}");
        }
    }
}
