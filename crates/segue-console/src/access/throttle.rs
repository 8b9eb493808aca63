//! Slows down whoever guesses the password.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Wrong passwords before one has to wait: people mistype.
const FREE_GUESSES: u32 = 5;
/// The longest wait. Whoever shares the address of a guesser waits too.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// After this time without a wrong password, an address may mistype again.
const FORGET_AFTER: Duration = Duration::from_mins(15);
/// Addresses that are remembered at a time.
const ADDRESSES: usize = 4096;

/// Wrong passwords, by address.
#[derive(Default)]
pub(super) struct Throttle(Mutex<BTreeMap<IpAddr, Failures>>);

struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn wait(&self, now: Instant) -> Option<Duration> {
        let beyond = self.count.checked_sub(FREE_GUESSES)?;
        let wait = Duration::from_secs(1 << beyond.min(6)).min(LONGEST_WAIT);
        wait.checked_sub(now.duration_since(self.last))
            .filter(|wait| !wait.is_zero())
    }
}

impl Throttle {
    /// How long the address has to wait before its password is looked at.
    pub(super) fn wait(&self, peer: IpAddr) -> Option<Duration> {
        self.addresses().get(&network(peer))?.wait(Instant::now())
    }

    pub(super) fn record_success(&self, peer: IpAddr) {
        self.addresses().remove(&network(peer));
    }

    pub(super) fn record_failure(&self, peer: IpAddr) {
        let now = Instant::now();
        let mut addresses = self.addresses();
        addresses.retain(|_, failures| now.duration_since(failures.last) < FORGET_AFTER);
        if addresses.len() >= ADDRESSES {
            let oldest = addresses.iter().min_by_key(|(_, failures)| failures.last);
            if let Some(oldest) = oldest.map(|(address, _)| *address) {
                addresses.remove(&oldest);
            }
        }
        let failures = addresses.entry(network(peer)).or_insert(Failures {
            count: 0,
            last: now,
        });
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    fn addresses(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address; of IPv6 the network, because one person has all addresses of it.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_guesser_waits_longer_each_time_and_others_do_not() {
        let throttle = Throttle::default();
        let [guesser, other]: [IpAddr; 2] = [[203, 0, 113, 7].into(), [203, 0, 113, 8].into()];
        let mut count = 0;
        let end = Instant::now() + Duration::from_hours(1);
        while Instant::now() < end {
            if let Some(wait) = throttle.wait(guesser) {
                tokio::time::advance(wait).await;
            } else {
                throttle.record_failure(guesser);
                count += 1;
            }
        }
        assert!((60..80).contains(&count), "{count} guesses in an hour");
        assert_eq!(throttle.wait(other), None);
        tokio::time::advance(LONGEST_WAIT).await;
        throttle.record_success(guesser);
        throttle.record_failure(guesser);
        assert_eq!(throttle.wait(guesser), None);
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_a_network_is_one_guesser() {
        let throttle = Throttle::default();
        for address in 0..4_200_u32 {
            throttle.record_failure(IpAddr::from(address.to_be_bytes()));
        }
        assert_eq!(throttle.addresses().len(), ADDRESSES);
        for host in 0..9 {
            throttle.record_failure(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, host).into());
        }
        let neighbour = Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 9, 9, 9, 9).into();
        assert!(throttle.wait(neighbour).is_some());
    }
}
