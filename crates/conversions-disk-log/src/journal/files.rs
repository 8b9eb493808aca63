//! The open files of the journal.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use crate::store::SegmentStorage;

/// A file is opened once only, since opening locks it.
pub(super) struct Files {
    pub(super) current: (u64, Arc<dyn StorageBackend>),
    /// The segment that was read last.
    pub(super) other: Option<(u64, Box<dyn StorageBackend>)>,
    /// The segment that the next checkpoint goes on with.
    pub(super) prepared: Option<(u64, Box<dyn StorageBackend>)>,
    pub(super) all: BTreeSet<u64>,
}

impl Files {
    /// The file of a segment.
    pub(super) fn file(
        &mut self,
        segment: u64,
        storage: &dyn SegmentStorage,
    ) -> io::Result<&dyn StorageBackend> {
        if self.current.0 == segment {
            return Ok(&*self.current.1);
        }
        if !self.all.contains(&segment) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if self
            .other
            .as_ref()
            .is_none_or(|(number, _)| *number != segment)
        {
            // Closed first, and only then the next is opened.
            self.other = None;
            self.other = Some((segment, storage.open(segment)?));
        }
        let other = self.other.as_ref().map(|(_, file)| &**file);
        other.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
