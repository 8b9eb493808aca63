//! Values that threads write to, kept apart in memory.
//!
//! A processor that writes a value takes the line of its cache from all others: whatever else lies there, they wait for.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A value that shares no line of the processor's cache with another value: two lines of 64 bytes, since some processors
/// fetch them in pairs.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Apart<T>(T);

impl<T> Deref for Apart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// How many values there are for threads to write to: as many as write at the same time on most machines.
const OF_THREADS: usize = 16;

/// A value for each thread, or for every sixteenth.
#[derive(Default)]
pub(crate) struct OfThreads<T>([Apart<T>; OF_THREADS]);

thread_local! {
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

impl<T> OfThreads<T> {
    /// That of this thread.
    pub(crate) fn mine(&self) -> &T {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.with(|own| {
            own.get().unwrap_or_else(|| {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                own.set(Some(number));
                number
            })
        });
        // The number is within bounds: it is a remainder.
        self.0.get(number % OF_THREADS).unwrap_or(&self.0[0])
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|value| &**value)
    }
}
