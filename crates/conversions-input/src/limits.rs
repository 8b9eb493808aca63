//! How much an input may hold.

/// What bounds the memory of an input and of what it has handed out.
///
/// No record is too large: limits are looked at before one is read, and a batch of one record may have any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the records that one call of [`Input::next`](crate::Input::next) returns.
    pub batch_bytes: usize,
    /// Records that one call of [`Input::next`](crate::Input::next) returns.
    pub batch_records: usize,
    /// Bytes of records that were read and are not settled. When there are more, the input stops reading.
    pub unsettled_bytes: usize,
    /// Records of one partition between the oldest that is not settled and the newest that was handed out. They are
    /// read again after a crash.
    pub span: usize,
}

impl Default for Limits {
    /// Batches of 1 MB or 1,000 records; 64 MB and 100,000 records that are not settled.
    fn default() -> Self {
        Self {
            batch_bytes: 1 << 20,
            batch_records: 1_000,
            unsettled_bytes: 64 << 20,
            span: 100_000,
        }
    }
}
