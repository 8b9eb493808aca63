//! Which spans the events in the log came from. It is kept in memory only: after a restart, the events that wait are
//! delivered without spans.

use std::collections::{HashMap, VecDeque};

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Events whose origin is remembered, at most; 7 MB. The oldest are forgotten, and delivered without a link.
const MAX_EVENTS: usize = 100_000;
/// Links of one span, at most.
const MAX_LINKS: usize = 32;

/// The sampled span in which an event was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    trace: TraceId,
    span: SpanId,
}

impl Origin {
    pub(super) fn of(context: &SpanContext) -> Self {
        Self {
            trace: context.trace_id(),
            span: context.span_id(),
        }
    }

    /// As the parent or the link of another span.
    pub(super) fn context(self) -> SpanContext {
        let state = TraceState::default();
        SpanContext::new(self.trace, self.span, TraceFlags::SAMPLED, true, state)
    }
}

/// The origins of the events that wait for their delivery, by their keys.
#[derive(Debug, Default)]
pub(super) struct Origins {
    of_event: HashMap<u64, Origin>,
    /// The keys in the order in which they came, also those that are settled since.
    order: VecDeque<u64>,
}

/// The origins of the events of a request to Meta.
#[derive(Debug, Default)]
pub(super) struct FoundOrigins {
    /// Each once; those of the first events if there are many.
    pub(super) origins: Vec<Origin>,
    /// Events that have one.
    pub(super) events: usize,
}

impl Origins {
    pub(super) fn insert(&mut self, keys: impl Iterator<Item = u64>, origin: Origin) {
        for key in keys {
            self.of_event.insert(key, origin);
            self.order.push_back(key);
            if self.order.len() > MAX_EVENTS
                && let Some(oldest) = self.order.pop_front()
            {
                self.of_event.remove(&oldest);
            }
        }
    }

    pub(super) fn find(&self, keys: &[u64]) -> FoundOrigins {
        let mut found = FoundOrigins::default();
        for origin in keys.iter().filter_map(|key| self.of_event.get(key)) {
            found.events += 1;
            if found.origins.len() < MAX_LINKS && !found.origins.contains(origin) {
                found.origins.push(*origin);
            }
        }
        found
    }

    pub(super) fn remove(&mut self, keys: &[u64]) {
        for key in keys {
            self.of_event.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(span: u64) -> Origin {
        Origin {
            trace: TraceId::from(1),
            span: SpanId::from(span),
        }
    }

    #[test]
    fn each_origin_is_found_once_and_at_most_so_many() {
        let mut origins = Origins::default();
        origins.insert(1..=3, origin(1));
        for key in 4..=100 {
            origins.insert(std::iter::once(key), origin(key));
        }
        let found = origins.find(&[1, 2, 3, 4, 1000]);
        assert_eq!(found.origins, [origin(1), origin(4)]);
        assert_eq!(found.events, 4);
        let all: Vec<u64> = (1..=100).collect();
        assert_eq!(origins.find(&all).origins.len(), MAX_LINKS);
        assert_eq!(origins.find(&all).events, 100);
        origins.remove(&[1, 2, 3]);
        assert_eq!(origins.find(&[1, 2, 3]).events, 0);
    }

    #[test]
    fn the_oldest_are_forgotten_when_there_are_too_many() {
        let mut origins = Origins::default();
        let many = u64::try_from(MAX_EVENTS).unwrap();
        origins.insert(0..many + 10, origin(1));
        assert_eq!(origins.find(&[0, 9]).events, 0);
        assert_eq!(origins.find(&[10, many + 9]).events, 2);
        assert_eq!(origins.order.len(), MAX_EVENTS);
        assert_eq!(origins.of_event.len(), MAX_EVENTS);
    }
}
