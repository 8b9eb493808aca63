//! A request body as a chain of shared memory.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// A shorter text is copied into the chunk before it: writing a chunk of its own costs more than copying so few bytes.
const MIN_SHARED_BYTES: usize = 8 * 1024;

/// The bytes of a request body, in order: the texts of large frames as they lie in memory, and what stands between
/// them.
///
/// It is a body of the crate `http-body` (feature `http`), whose length is known before it is sent.
#[derive(Clone, Default)]
pub struct RequestBody {
    chunks: VecDeque<Bytes>,
    /// Bytes that are left.
    len: usize,
}

impl RequestBody {
    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The chunks, in order. None is empty.
    pub fn chunks(&self) -> impl Iterator<Item = &Bytes> {
        self.chunks.iter()
    }

    /// All bytes in one piece, copied together unless they are one chunk.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut chunks = self.chunks.iter();
        match (chunks.next(), chunks.next()) {
            (None, _) => Bytes::new(),
            (Some(only), None) => only.clone(),
            _ => {
                let mut all = BytesMut::with_capacity(self.len);
                for chunk in &self.chunks {
                    all.extend_from_slice(chunk);
                }
                all.freeze()
            }
        }
    }
}

/// Makes a [`RequestBody`].
#[derive(Debug, Default)]
pub(super) struct ChunkJoiner {
    chunks: VecDeque<Bytes>,
    /// What is copied, and goes before the next chunk that is shared.
    copied: BytesMut,
    len: usize,
}

impl ChunkJoiner {
    /// Adds a copy of these bytes.
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        self.copied.extend_from_slice(bytes);
    }

    /// Adds these bytes, shared if there are many of them.
    pub(super) fn add(&mut self, bytes: Bytes) {
        if bytes.len() < MIN_SHARED_BYTES {
            self.copy(&bytes);
            return;
        }
        self.len += bytes.len();
        self.end_copied();
        self.chunks.push_back(bytes);
    }

    pub(super) fn finish(mut self) -> RequestBody {
        self.end_copied();
        RequestBody {
            chunks: self.chunks,
            len: self.len,
        }
    }

    fn end_copied(&mut self) {
        if !self.copied.is_empty() {
            self.chunks.push_back(self.copied.split().freeze());
        }
    }
}

/// The length only: the events are not for logs, and the proof of the app secret is as good as a password.
impl std::fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestBody")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "http")]
mod http_body_impl {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use http_body::{Body, Frame, SizeHint};

    use super::RequestBody;

    impl Body for RequestBody {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(chunk) = self.chunks.pop_front() else {
                return Poll::Ready(None);
            };
            self.len = self.len.saturating_sub(chunk.len());
            Poll::Ready(Some(Ok(Frame::data(chunk))))
        }

        fn is_end_stream(&self) -> bool {
            self.chunks.is_empty()
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(u64::try_from(self.len).unwrap_or(u64::MAX))
        }
    }
}
