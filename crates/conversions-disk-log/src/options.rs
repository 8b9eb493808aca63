//! Options of the log on disk.

use std::time::Duration;

use conversions_delivery::DedupOptions;

use crate::dead_letters::DeadLetterOptions;

/// Options of a [`DiskLog`](crate::DiskLog).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskLogOptions {
    /// Room on disk, in bytes. Half of it is for events, the rest for what surrounds them. When it is used up, appends
    /// are refused; what is there is kept and delivered.
    pub disk_bytes: u64,
    /// Bytes of the disk that are left free, but no more than a twentieth of it: delivery needs some room too.
    pub spare_bytes: u64,
    /// Memory for the pages of the file.
    pub cache_bytes: usize,
    /// The window in which a repeated `messageId` is a duplicate.
    pub dedup: DedupOptions,
    /// How many dead letters are kept, and how long.
    pub dead_letters: DeadLetterOptions,
    /// How long after a passing failure the disk is tried again.
    pub reopen_after: Duration,
}

impl Default for DiskLogOptions {
    /// 10 GB on disk, 64 MB to spare, 12 MB of memory for pages.
    fn default() -> Self {
        Self {
            disk_bytes: 10_000_000_000,
            spare_bytes: 64 << 20,
            cache_bytes: 12 << 20,
            dedup: DedupOptions::default(),
            dead_letters: DeadLetterOptions::default(),
            reopen_after: Duration::from_secs(1),
        }
    }
}
