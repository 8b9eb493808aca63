//! The status of several nodes as one.

use conversions_delivery::{DestinationStatus, Status};

/// One status for all nodes: what each has done adds up; what the log holds all see alike, so the latest says it.
/// `None` without nodes.
pub(super) fn merged(nodes: impl Iterator<Item = Status>) -> Option<Status> {
    let mut nodes: Vec<Status> = nodes.collect();
    nodes.sort_by_key(|status| status.updated_at);
    let mut nodes = nodes.into_iter();
    let mut all = nodes.next()?;
    for later in nodes {
        all.pid = later.pid;
        all.updated_at = later.updated_at;
        all.log_fault = later.log_fault.or(all.log_fault);
        all.damage.extend(later.damage);
        for (name, of_later) in later.destinations {
            let of_all = all.destinations.remove(&name);
            let of_all = match of_all {
                Some(of_all) => both(of_all, of_later),
                None => of_later,
            };
            all.destinations.insert(name, of_all);
        }
    }
    Some(all)
}

/// What two nodes have done for a destination; `b` is the later one.
fn both(a: DestinationStatus, b: DestinationStatus) -> DestinationStatus {
    let mut retries = a.retries;
    for (class, count) in b.retries {
        *retries.entry(class).or_default() += count;
    }
    let last_error = match (a.last_error, b.last_error) {
        (Some(one), Some(other)) if one.at > other.at => Some(one),
        (one, other) => other.or(one),
    };
    DestinationStatus {
        accepted: a.accepted + b.accepted,
        duplicates: a.duplicates + b.duplicates,
        delivered: a.delivered + b.delivered,
        accepted_per_second: a.accepted_per_second + b.accepted_per_second,
        delivered_per_second: a.delivered_per_second + b.delivered_per_second,
        requests: a.requests + b.requests,
        in_flight: a.in_flight + b.in_flight,
        retries,
        ambiguous: a.ambiguous + b.ambiguous,
        remarked: a.remarked + b.remarked,
        refused_in_a_row: a.refused_in_a_row.max(b.refused_in_a_row),
        held: b.held.or(a.held),
        paused_until: a.paused_until.max(b.paused_until),
        usage_percent: match (a.usage_percent, b.usage_percent) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        },
        last_error,
        last_delivery: a.last_delivery.max(b.last_delivery),
        backlog: b.backlog,
        later: b.later,
        backlog_bytes: b.backlog_bytes,
        oldest_at: b.oldest_at,
        dead_letters: b.dead_letters,
    }
}

#[cfg(test)]
mod tests {
    use conversions_delivery::UnixMillis;

    use super::*;

    fn node(at: i64, backlog: u64, delivered: u64) -> Status {
        let destination = DestinationStatus {
            backlog,
            delivered,
            last_delivery: Some(UnixMillis(at - 1)),
            ..DestinationStatus::default()
        };
        Status {
            pid: u32::try_from(at).expect("small"),
            updated_at: UnixMillis(at),
            destinations: [("shop".to_owned(), destination)].into(),
            ..Status::default()
        }
    }

    #[test]
    fn deliveries_add_up_and_the_backlog_is_the_same_for_all() {
        assert_eq!(merged(std::iter::empty()), None);
        let all = merged([node(20, 7, 5), node(10, 9, 3)].into_iter()).expect("two");
        assert_eq!((all.pid, all.updated_at), (20, UnixMillis(20)));
        let shop = &all.destinations["shop"];
        assert_eq!((shop.backlog, shop.delivered), (7, 8));
        assert_eq!(shop.last_delivery, Some(UnixMillis(19)));
    }
}
