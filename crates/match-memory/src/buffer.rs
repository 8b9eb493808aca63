//! Buffers that a thread uses again and again: each event needs a few, and an allocator takes longer for them than what
//! they are filled with.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use arrayvec::ArrayVec;

/// As many as an event needs at the same time.
const SPARE: usize = 5;
/// Larger ones are given back to the allocator.
const LARGEST: usize = 64 << 10;

thread_local! {
    static POOL: RefCell<ArrayVec<Vec<u8>, SPARE>> = const { RefCell::new(ArrayVec::new_const()) };
}

/// An empty buffer at first. What it holds on to goes back to its thread.
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    pub(crate) fn take() -> Self {
        let spare = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop());
        Self(spare.ok().flatten().unwrap_or_default())
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::take()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0);
        if bytes.capacity() > LARGEST {
            return;
        }
        bytes.clear();
        // A thread that ends has no pool any more.
        let _ = POOL.try_with(|pool| pool.try_borrow_mut().map(|mut pool| pool.try_push(bytes)));
    }
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, LARGEST};

    #[test]
    fn a_buffer_comes_back_empty_and_a_large_one_does_not() {
        let mut buffer = Buffer::take();
        buffer.extend_from_slice(b"somebody");
        let place = buffer.as_ptr();
        drop(buffer);
        let mut again = Buffer::take();
        assert!(again.is_empty() && again.as_ptr() == place);
        again.reserve(LARGEST + 1);
        drop(again);
        assert_eq!(Buffer::take().capacity(), 0);
    }
}
