//! Compression of the texts.

use bytes::Bytes;

/// Shorter texts are not compressed: it would save little.
#[cfg(feature = "zstd")]
const MIN_COMPRESSED_BYTES: usize = 4096;

/// How the texts of a frame are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Codec {
    /// They are not. The right choice for a disk of this machine: compression takes as much processor time as mapping.
    #[default]
    None,
    /// Zstandard at its first level, from 4 KB of texts on. The right choice for a network.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Codec {
    pub(super) fn number(self) -> u8 {
        match self {
            Self::None => 0,
            #[cfg(feature = "zstd")]
            Self::Zstd => 1,
        }
    }

    pub(super) fn of_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            #[cfg(feature = "zstd")]
            1 => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Compresses texts if that makes them shorter. Returns how they are compressed.
    pub(super) fn compress(self, texts: Bytes) -> (Self, Bytes) {
        match self {
            Self::None => (Self::None, texts),
            #[cfg(feature = "zstd")]
            Self::Zstd if texts.len() < MIN_COMPRESSED_BYTES => (Self::None, texts),
            #[cfg(feature = "zstd")]
            Self::Zstd => match zstd::bulk::compress(&texts, 1) {
                Ok(compressed) if compressed.len() < texts.len() => (self, compressed.into()),
                _ => (Self::None, texts),
            },
        }
    }

    /// The texts, which have `len` bytes; `None` when that is not so.
    pub(super) fn decompress(self, texts: Bytes, len: usize) -> Option<Bytes> {
        let texts = match self {
            Self::None => texts,
            #[cfg(feature = "zstd")]
            Self::Zstd => zstd::bulk::decompress(&texts, len).ok()?.into(),
        };
        (texts.len() == len).then_some(texts)
    }
}
