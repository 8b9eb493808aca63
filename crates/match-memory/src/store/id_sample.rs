//! A sample of a run's ids: how many there are, how many of them are people, and when they were last seen, without counting
//! them.
//!
//! An id is in the sample if the lowest bits of its fingerprint are zero. So the samples of two runs hold the same ids, if
//! both know them, and the number of ids in several runs together can be told from their samples.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::fingerprint::Fingerprint;

/// The most ids of a sample: the number of ids is known to within some two per cent, that of people to within five.
const MAX_SAMPLED: usize = 4096;
/// Bytes of an id in a sample.
pub(super) const SAMPLE_BYTES: usize = 16;

/// Some ids, and when they were last seen.
#[derive(Clone, Default)]
pub(crate) struct IdSample {
    /// How many of the lowest bits are zero.
    bits: u32,
    /// Sorted by fingerprint.
    ids: Vec<Sampled>,
}

#[derive(Clone, Copy)]
struct Sampled {
    /// The upper half of the fingerprint.
    id: u64,
    /// Unix milliseconds.
    last_seen: u64,
    /// Whether it is a device or an earlier id of a user, and so no person of its own.
    is_linked: bool,
}

/// The bit of the time on disk that says that an id is linked.
const LINKED: u64 = 1 << 63;

impl IdSample {
    /// Whether an id belongs into it.
    pub(super) fn wants(&self, fingerprint: Fingerprint) -> bool {
        is_in(fingerprint.upper(), self.bits)
    }

    /// Adds an id that it [wants](Self::wants); ids must come in the order of fingerprints. One that was forgotten was last
    /// seen at 0. One that is linked to a user is no person of its own.
    pub(super) fn add(&mut self, fingerprint: Fingerprint, last_seen: u64, is_linked: bool) {
        self.ids.push(Sampled {
            id: fingerprint.upper(),
            last_seen,
            is_linked,
        });
        while self.ids.len() > MAX_SAMPLED {
            self.bits += 1;
            let bits = self.bits;
            self.ids.retain(|sampled| is_in(sampled.id, bits));
        }
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.ids.capacity() * size_of::<Sampled>()
    }

    /// Gives back room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.ids.shrink_to_fit();
    }

    /// The ids of several runs, oldest first, together, each with the time at which it was last seen; without those that
    /// were forgotten.
    pub(super) fn union<'a>(samples: impl IntoIterator<Item = &'a Self>) -> Self {
        let samples: Vec<_> = samples.into_iter().collect();
        let bits = samples.iter().map(|sample| sample.bits).max().unwrap_or(0);
        let mut ids = BTreeMap::<u64, Sampled>::new();
        for sampled in samples.iter().flat_map(|sample| &sample.ids) {
            if is_in(sampled.id, bits) {
                let known = ids.entry(sampled.id).or_insert(*sampled);
                *known = if sampled.last_seen == 0 {
                    *sampled
                } else {
                    Sampled {
                        id: sampled.id,
                        last_seen: known.last_seen.max(sampled.last_seen),
                        is_linked: known.is_linked || sampled.is_linked,
                    }
                };
            }
        }
        Self {
            bits,
            ids: ids
                .into_values()
                .filter(|sampled| sampled.last_seen > 0)
                .collect(),
        }
    }

    /// About how many ids there are.
    pub(crate) fn ids(&self) -> u64 {
        (self.ids.len() as u64) << self.bits
    }

    /// About how many people there are: ids that are no device, and no earlier id, of a user.
    pub(crate) fn people(&self) -> u64 {
        (self.times_of_people().count() as u64) << self.bits
    }

    fn times_of_people(&self) -> impl Iterator<Item = (u64, u64)> {
        let people = self.ids.iter().filter(|sampled| !sampled.is_linked);
        people.map(|sampled| (sampled.last_seen, sampled.id))
    }

    /// The time and the fingerprint below which ids go if about `keep` people are to stay; those last seen stay.
    pub(super) fn cutoff(&self, keep: u64) -> EvictionCutoff {
        let excess = usize::try_from(self.people().saturating_sub(keep) >> self.bits);
        let mut ages: Vec<_> = self.times_of_people().collect();
        ages.sort_unstable();
        let first_kept = excess.ok().and_then(|excess| ages.get(excess).copied());
        EvictionCutoff(first_kept.unwrap_or((u64::MAX, u64::MAX)))
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&u64::from(self.bits).to_le_bytes())?;
        self.ids.iter().try_for_each(|sampled| {
            let linked = if sampled.is_linked { LINKED } else { 0 };
            out.write_all(&sampled.id.to_le_bytes())?;
            out.write_all(&(sampled.last_seen | linked).to_le_bytes())
        })
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (bits, ids) = bytes.split_first_chunk::<8>()?;
        let (ids, rest) = ids.as_chunks::<SAMPLE_BYTES>();
        let number = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
        let ids = ids.iter().map(|pair| {
            let (id, seen) = pair.split_at(8);
            let seen = number(seen)?;
            Some(Sampled {
                id: number(id)?,
                last_seen: seen & !LINKED,
                is_linked: seen & LINKED != 0,
            })
        });
        rest.is_empty().then_some(Self {
            bits: u32::try_from(u64::from_le_bytes(*bits)).ok()?,
            ids: ids.collect::<Option<_>>()?,
        })
    }
}

fn is_in(id: u64, bits: u32) -> bool {
    id.trailing_zeros() >= bits
}

/// The least of the ids that stay when there are too many: its time, then its fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EvictionCutoff((u64, u64));

impl EvictionCutoff {
    pub(super) const NONE: Self = Self((0, 0));

    pub(super) fn keeps(self, fingerprint: Fingerprint, last_seen: u64) -> bool {
        (last_seen, fingerprint.upper()) >= self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{IdSample, MAX_SAMPLED};
    use crate::fingerprint::Fingerprint;

    fn sorted_ids(count: usize) -> Vec<Fingerprint> {
        let mut random = fastrand::Rng::with_seed(7);
        let mut ids: Vec<_> = (0..count).map(|_| Fingerprint(random.u128(..))).collect();
        ids.sort_unstable();
        ids
    }

    /// Of that many ids, every second one linked; as it is read again.
    fn sample_of(count: usize) -> IdSample {
        let mut sample = IdSample::default();
        for (number, id) in sorted_ids(count).into_iter().enumerate() {
            if sample.wants(id) {
                sample.add(id, 5, number % 2 == 0);
            }
        }
        let mut bytes = Vec::new();
        sample.write(&mut bytes).expect("written");
        IdSample::read(&bytes).expect("a sample")
    }

    #[test]
    fn few_ids_are_counted_and_many_are_estimated() {
        for (count, tolerance) in [(0, 0), (1000, 0), (MAX_SAMPLED, 0), (200_000, 10_000)] {
            let sample = sample_of(count);
            let twice = IdSample::union([&sample, &sample]);
            assert_eq!(twice.ids(), sample.ids());
            assert_eq!(twice.people(), sample.people());
            assert!(sample.ids().abs_diff(count as u64) <= tolerance);
            assert!(sample.people().abs_diff(count as u64 / 2) <= tolerance);
        }
    }

    #[test]
    fn an_id_that_any_run_links_is_no_person_and_a_forgotten_one_is_none() {
        let [first, second, third] = sorted_ids(3)[..] else {
            panic!("three ids");
        };
        let mut older = IdSample::default();
        older.add(first, 5, false);
        older.add(second, 6, true);
        older.add(third, 7, true);
        let mut newer = IdSample::default();
        newer.add(first, 9, true);
        newer.add(second, 4, false);
        newer.add(third, 0, false);
        let both = IdSample::union([&older, &newer]);
        assert_eq!((both.ids(), both.people()), (2, 0));
    }

    #[test]
    fn those_last_seen_stay() {
        let mut sample = IdSample::default();
        let ids = sorted_ids(100);
        for (seen, id) in (0..).zip(&ids) {
            sample.add(*id, seen / 10, false);
        }
        let cutoff = sample.cutoff(55);
        let kept = (0..)
            .zip(&ids)
            .filter(|(seen, id)| cutoff.keeps(**id, seen / 10));
        assert_eq!(
            kept.map(|(seen, _)| seen).collect::<Vec<_>>(),
            (45..100).collect::<Vec<u64>>()
        );
        assert!(ids.iter().all(|id| sample.cutoff(100).keeps(*id, 0)));
    }
}
