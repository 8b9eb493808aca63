//! The footer of a run.

use super::MAGIC;

/// Bytes of a footer.
pub(super) const FOOTER_BYTES: usize = 8 + 8 + 3 * 4 + 4 + 8;

/// The end of the file: where its other parts are.
pub(super) struct Footer {
    pub(super) count: u64,
    pub(super) index_at: u64,
    /// Of the index, the filter and the sample.
    pub(super) lengths: [usize; 3],
    pub(super) crc: u32,
}

impl Footer {
    pub(super) fn read(bytes: &[u8; FOOTER_BYTES]) -> Option<Self> {
        let long = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let short = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let length = |at: usize| Some(short(at)? as usize);
        bytes.ends_with(MAGIC).then_some(Self {
            count: long(0)?,
            index_at: long(8)?,
            lengths: [length(16)?, length(20)?, length(24)?],
            crc: short(28)?,
        })
    }

    /// Where index, filter and sample end.
    pub(super) fn sections_end(&self) -> Option<u64> {
        let add = |end: u64, length: &usize| end.checked_add(u64::try_from(*length).ok()?);
        self.lengths.iter().try_fold(self.index_at, add)
    }

    pub(super) fn write(&self) -> [u8; FOOTER_BYTES] {
        let mut bytes = Vec::with_capacity(FOOTER_BYTES);
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes.extend_from_slice(&self.index_at.to_le_bytes());
        for length in self.lengths {
            bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend_from_slice(&self.crc.to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes.try_into().unwrap_or([0; FOOTER_BYTES])
    }

    /// The checksum of tail and numbers together.
    pub(super) fn checksum(&self, tail: u32) -> u32 {
        let mut hasher = crc32fast::Hasher::new_with_initial(tail);
        hasher.update(&self.count.to_le_bytes());
        hasher.update(&self.index_at.to_le_bytes());
        hasher.finalize()
    }
}
