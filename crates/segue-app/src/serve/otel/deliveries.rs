//! The spans of requests to Meta.
//!
//! A request holds events of many senders, so its span is linked to theirs. When all of its events came in one request, it
//! is a child of that too. Spans are made by a task of their own: delivery only copies what happened.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conversions_delivery::{
    Attempt, DeliveryObserver, KeyRange, ReplayedEvent, Settlement, Verdict,
};
use opentelemetry::trace::{
    Link, Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;
use tokio::time::Instant;

use super::reports::{Inbox, Report, Reports, What};
use super::spans::{Spans, count};

/// How long after a report its span is made: an event can be delivered before its sender's request has taken down that it
/// was stored.
const DELAY: Duration = Duration::from_millis(100);

/// Makes spans of what is told, until `stopping` completes and nothing is left.
pub(super) async fn make_spans(
    Inbox(mut inbox): Inbox,
    spans: Spans,
    stopping: impl Future<Output = ()>,
) {
    tokio::pin!(stopping);
    loop {
        let report = tokio::select! {
            biased;
            report = inbox.recv() => report,
            () = &mut stopping => break,
        };
        let Some(report) = report else { return };
        tokio::time::sleep_until(report.told + DELAY).await;
        make_span(report, &spans);
    }
    inbox.close();
    while let Ok(report) = inbox.try_recv() {
        make_span(report, &spans);
    }
}

fn make_span(report: Report, spans: &Spans) {
    let found = spans.origins().find(&report.keys);
    if !matches!(report.what, What::Attempted { .. }) {
        spans.origins().remove(&report.keys);
    }
    if found.origins.is_empty() {
        return;
    }
    let parent = match found.origins.as_slice() {
        [one] => Context::new().with_remote_span_context(one.context()),
        _ => Context::new(),
    };
    let links = found.origins.iter();
    let links = links.map(|origin| Link::with_context(origin.context()));
    let attributes = [
        KeyValue::new("segue.destination", report.destination),
        count("segue.events", report.keys.len()),
        count("segue.events_with_spans", found.events),
    ];
    let builder = |name| {
        SpanBuilder::from_name(name)
            .with_links(links.collect())
            .with_attributes(attributes)
    };
    match report.what {
        What::Attempted {
            took,
            number,
            outcome,
            verdict,
            fbtrace_id,
        } => {
            let started = report.ended.checked_sub(took).unwrap_or(report.ended);
            let builder = builder("deliver")
                .with_kind(SpanKind::Client)
                .with_start_time(started);
            let mut span = spans.tracer().build_with_context(builder, &parent);
            span.set_attribute(KeyValue::new("segue.attempt", i64::from(number)));
            span.set_attribute(KeyValue::new("segue.outcome", outcome));
            set_answer(&mut span, &verdict, fbtrace_id);
            if outcome != "received" {
                span.set_status(Status::error(outcome));
            }
            span.end_with_timestamp(report.ended);
        }
        What::DeadLettered(reason) => {
            let builder = builder("dead_letter").with_start_time(report.ended);
            let mut span = spans.tracer().build_with_context(builder, &parent);
            span.set_attribute(KeyValue::new("segue.reason", reason));
            span.set_status(Status::error(reason));
            span.end_with_timestamp(report.ended);
        }
        What::Delivered => {}
    }
}

/// The numbers of an answer, and Meta's id of the request. Its texts may quote values of events.
fn set_answer(span: &mut Span, verdict: &Verdict, fbtrace_id: Option<String>) {
    let status = verdict.status.map(i64::from);
    let numbers = [
        ("http.response.status_code", status),
        ("segue.meta.code", verdict.code),
        ("segue.meta.subcode", verdict.subcode),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            span.set_attribute(KeyValue::new(name, number));
        }
    }
    if let Some(id) = fbtrace_id {
        span.set_attribute(KeyValue::new("segue.meta.fbtrace_id", id));
    }
}

/// Makes spans of deliveries, and tells `next` of them too.
pub(super) fn observer(
    spans: &Spans,
    next: Option<Arc<dyn DeliveryObserver>>,
) -> Arc<dyn DeliveryObserver> {
    let reports = spans.reports().clone();
    Arc::new(ObservedDeliveries { reports, next })
}

/// Copies what happens to the task that makes spans, and tells another observer too.
struct ObservedDeliveries {
    reports: Reports,
    next: Option<Arc<dyn DeliveryObserver>>,
}

impl ObservedDeliveries {
    fn tell(&self, destination: &Arc<str>, keys: &[KeyRange], what: What) {
        self.reports.tell(Report {
            keys: keys.iter().flat_map(|range| range.range()).collect(),
            destination: Arc::clone(destination),
            ended: SystemTime::now(),
            told: Instant::now(),
            what,
        });
    }
}

impl DeliveryObserver for ObservedDeliveries {
    fn attempted(&self, destination: &Arc<str>, keys: &[KeyRange], attempt: &Attempt<'_>) {
        if let Some(next) = &self.next {
            next.attempted(destination, keys, attempt);
        }
        let verdict = attempt.answer.err().and_then(Verdict::of);
        let verdict = verdict.unwrap_or_default();
        let received = attempt.answer.ok();
        let fbtrace_id = received.map_or_else(
            || verdict.fbtrace_id.clone(),
            |receipt| receipt.fbtrace_id.clone(),
        );
        let what = What::Attempted {
            took: attempt.took,
            number: attempt.number,
            outcome: attempt.outcome(),
            verdict,
            fbtrace_id,
        };
        self.tell(destination, keys, what);
    }

    fn replayed(&self, destination: &Arc<str>, replay: &ReplayedEvent<'_>) {
        if let Some(next) = &self.next {
            next.replayed(destination, replay);
        }
    }

    fn settled(&self, destination: &Arc<str>, keys: &[KeyRange], settlement: &Settlement<'_>) {
        if let Some(next) = &self.next {
            next.settled(destination, keys, settlement);
        }
        let what = match settlement {
            Settlement::DeadLettered { reason, .. } => What::DeadLettered(reason.name()),
            _ => What::Delivered,
        };
        self.tell(destination, keys, what);
    }
}
