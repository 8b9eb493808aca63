//! A stand-in for a collector, and what it was sent.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, Metric};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A collector that cannot take the first post of each signal.
pub(crate) async fn collector() -> MockServer {
    let collector = MockServer::start().await;
    for signal in ["/v1/traces", "/v1/metrics"] {
        let mock = || {
            Mock::given(method("POST"))
                .and(path(signal))
                .and(header("content-type", "application/x-protobuf"))
        };
        mock()
            .respond_with(ResponseTemplate::new(503))
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&collector)
            .await;
        mock()
            .respond_with(ResponseTemplate::new(200))
            .mount(&collector)
            .await;
    }
    collector
}

/// The bodies that the collector was sent at a path.
pub(crate) async fn bodies(collector: &MockServer, at: &str) -> Vec<Vec<u8>> {
    let requests = collector.received_requests().await.unwrap().into_iter();
    let of_path = requests.filter(|request| request.url.path() == at);
    of_path.map(|request| request.body).collect()
}

/// The spans that were taken: those of the first, refused post came again.
pub(crate) async fn spans(collector: &MockServer) -> Vec<Span> {
    let bodies = bodies(collector, "/v1/traces").await;
    let mut spans = Vec::new();
    for body in bodies.iter().skip(1) {
        let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        for resource in request.resource_spans {
            let attributes = resource.resource.unwrap().attributes;
            assert!(
                attributes
                    .iter()
                    .any(|attribute| attribute.key == "service.name")
            );
            spans.extend(
                resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans),
            );
        }
    }
    spans
}

/// An attribute as text; empty if the span has none of that name.
pub(crate) fn attribute(span: &Span, name: &str) -> String {
    let attribute = span.attributes.iter().find(|one| one.key == name);
    match attribute.and_then(|one| one.value.clone()?.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        _ => String::new(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The spans of a name in a sender's trace.
pub(crate) fn of_sender<'s>(spans: &'s [Span], sender: char, name: &str) -> Vec<&'s Span> {
    let trace = trace_id(sender);
    let is_it = |span: &&Span| hex(&span.trace_id) == trace && span.name == name;
    spans.iter().filter(is_it).collect()
}

/// The only span of a name in a sender's trace.
pub(crate) fn only<'s>(spans: &'s [Span], sender: char, name: &str) -> &'s Span {
    let found = of_sender(spans, sender, name);
    assert_eq!(found.len(), 1, "{sender} {name}: {spans:#?}");
    found[0]
}

pub(crate) fn links(span: &Span) -> Vec<String> {
    let mut links: Vec<_> = span.links.iter().map(|link| hex(&link.span_id)).collect();
    links.sort();
    links
}

/// The sum over all series of a counter.
pub(crate) fn counted(metric: &Metric) -> i64 {
    let Some(Data::Sum(sum)) = &metric.data else {
        panic!("{metric:?}")
    };
    assert!(sum.is_monotonic);
    let numbers = sum.data_points.iter().map(|point| match point.value {
        Some(Number::AsInt(number)) => number,
        _ => panic!("{point:?}"),
    });
    numbers.sum()
}

pub(crate) fn histogram(metric: &Metric) -> &HistogramDataPoint {
    match &metric.data {
        Some(Data::Histogram(histogram)) => &histogram.data_points[0],
        _ => panic!("{metric:?}"),
    }
}

/// The id of a sender's trace.
pub(crate) fn trace_id(sender: char) -> String {
    sender.to_string().repeat(32)
}
