//! Which spans are recorded: the sender's flag decides, and where a request has none, a share of them.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt as _, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// Follows the parent's flag. A span without a parent is recorded if it has links, which lead to sampled spans only, else
/// by chance.
#[derive(Clone, Debug)]
pub(super) struct FollowSender {
    by_parent: Sampler,
}

impl FollowSender {
    pub(super) fn new(percent_without_parent: u64) -> Self {
        let percent = u32::try_from(percent_without_parent).unwrap_or(100);
        let share = Sampler::TraceIdRatioBased(f64::from(percent) / 100.0);
        Self {
            by_parent: Sampler::ParentBased(Box::new(share)),
        }
    }
}

impl ShouldSample for FollowSender {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let has_parent = parent.is_some_and(|context| context.span().span_context().is_valid());
        let by_parent = &self.by_parent;
        let result = by_parent.should_sample(parent, trace, name, kind, attributes, links);
        if has_parent || links.is_empty() {
            return result;
        }
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            ..result
        }
    }
}
