//! The write-ahead log: what was learned since the last run was written, for the case that the process ends.
//!
//! After eight bytes that name the format come frames: length and CRC-32 of the body, four bytes each, and the body. A body
//! is a list of records: fingerprint (16 bytes), length (2 bytes), record. The file ends in a frame that is not whole if
//! the process ended while it was written; such a frame is left out.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write as _};

use super::folder::{FileName, Folder};
use crate::fingerprint::Fingerprint;

/// Name and version of the format.
const MAGIC: &[u8; 8] = b"segMlog2";
const FRAME_HEAD: usize = 8;
pub(super) const RECORD_HEAD: usize = Fingerprint::BYTES + 2;

/// A log that is being written.
pub(super) struct WriteAheadLog {
    file: File,
    pub(super) bytes: u64,
}

impl WriteAheadLog {
    /// Begins a log, in place of one of the same number, with what `write_contents` appends. It is durable when the log is
    /// there, if it holds anything.
    pub(super) fn begin(
        folder: &Folder,
        number: u64,
        write_contents: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<Self> {
        let name = FileName::WriteAheadLog(number);
        folder.check_room(0)?;
        let mut file = folder.create_new(name)?;
        file.write_all(MAGIC)?;
        let mut log = Self {
            file,
            bytes: MAGIC.len() as u64,
        };
        write_contents(&mut log)?;
        if log.bytes > MAGIC.len() as u64 {
            log.sync()?;
            folder.publish(name)?;
        } else {
            folder.publish_without_sync(name)?;
        }
        Ok(log)
    }

    /// Makes durable what was appended.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Appends records as one frame.
    pub(super) fn append(&mut self, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        let mut head = [0; FRAME_HEAD];
        head[..4].copy_from_slice(&length.to_le_bytes());
        head[4..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
        self.file.write_all(&head)?;
        self.file.write_all(body)?;
        self.bytes += (FRAME_HEAD + body.len()) as u64;
        Ok(())
    }
}

/// Appends a record to the body of a frame.
pub(super) fn push_record(body: &mut Vec<u8>, fingerprint: Fingerprint, record: &[u8]) {
    push_record_with(body, fingerprint, |body| body.extend_from_slice(record));
}

/// Appends a record, which `write` appends, to the body of a frame.
pub(super) fn push_record_with(
    body: &mut Vec<u8>,
    fingerprint: Fingerprint,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let start = body.len();
    body.extend_from_slice(&fingerprint.to_bytes());
    let length_at = body.len();
    body.extend_from_slice(&[0; 2]);
    write(body);
    let length = u16::try_from(body.len() - start - RECORD_HEAD);
    match (length, body.get_mut(length_at..start + RECORD_HEAD)) {
        (Ok(length), Some(place)) => place.copy_from_slice(&length.to_le_bytes()),
        // No record is that long.
        _ => body.truncate(start),
    }
}

/// The records of a body.
pub(super) fn records(body: &[u8]) -> impl Iterator<Item = (Fingerprint, &[u8])> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let (head, bytes) = rest.split_first_chunk::<RECORD_HEAD>()?;
        let (fingerprint, length) = head.split_at(Fingerprint::BYTES);
        let length = u16::from_le_bytes(length.try_into().ok()?);
        let (record, bytes) = bytes.split_at_checked(usize::from(length))?;
        rest = bytes;
        Some((Fingerprint::from_slice(fingerprint)?, record))
    })
}

/// Whether a log could be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Integrity {
    /// All of it, or all but an end that was being written.
    Intact,
    /// Bytes in it are not those that were written.
    Damaged,
}

/// Hands on the records of a log, up to the first damage.
pub(super) fn read(
    folder: &Folder,
    number: u64,
    mut take: impl FnMut(Fingerprint, &[u8]),
) -> io::Result<Integrity> {
    let file = File::open(folder.path_of(FileName::WriteAheadLog(number)))?;
    let mut rest = file.metadata()?.len();
    let mut file = BufReader::new(file);
    let mut magic = [0; MAGIC.len()];
    if rest < MAGIC.len() as u64 {
        return Ok(Integrity::Damaged);
    }
    file.read_exact(&mut magic)?;
    rest -= MAGIC.len() as u64;
    if magic != *MAGIC {
        return Ok(Integrity::Damaged);
    }
    let mut body = Vec::new();
    while let Some(after_head) = rest.checked_sub(FRAME_HEAD as u64) {
        let mut head = [0; FRAME_HEAD];
        file.read_exact(&mut head)?;
        let head = u64::from_le_bytes(head);
        let (length, crc) = (head & u64::from(u32::MAX), head >> 32);
        let Some(after_body) = after_head.checked_sub(length) else {
            break;
        };
        body.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
        file.read_exact(&mut body)?;
        if u64::from(crc32fast::hash(&body)) != crc {
            // The last frame can be one that was being written when the power failed.
            return Ok(if after_body == 0 {
                Integrity::Intact
            } else {
                Integrity::Damaged
            });
        }
        for (fingerprint, record) in records(&body) {
            take(fingerprint, record);
        }
        rest = after_body;
    }
    Ok(Integrity::Intact)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FileName, Folder, Integrity, WriteAheadLog, push_record, read};
    use crate::fingerprint::Fingerprint;

    fn read_all(folder: &Folder) -> (Integrity, Vec<(u128, Vec<u8>)>) {
        let mut found = Vec::new();
        let sound = read(folder, 1, |id, record| found.push((id.0, record.to_vec())));
        (sound.expect("it can be read"), found)
    }

    #[test]
    fn a_log_is_read_up_to_the_frame_that_is_not_whole() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(dir.path(), 0).expect("a folder");
        let body = |id: u128| {
            let mut body = Vec::new();
            push_record(&mut body, Fingerprint(id), b"record");
            body
        };
        let mut log = WriteAheadLog::begin(&folder, 1, |log| log.append(&body(1))).expect("a log");
        log.append(&body(2)).expect("appended");
        let path = folder.path_of(FileName::WriteAheadLog(1));
        let whole = fs::read(&path).expect("a file");
        assert_eq!(whole.len() as u64, log.bytes);
        let both = vec![(1, b"record".to_vec()), (2, b"record".to_vec())];
        assert_eq!(read_all(&folder), (Integrity::Intact, both.clone()));
        for end in 8..whole.len() {
            fs::write(&path, &whole[..end]).expect("written");
            let (integrity, found) = read_all(&folder);
            assert_eq!(integrity, Integrity::Intact, "{end}");
            assert_eq!(found, both[..found.len()]);
        }
        let mut damaged = whole.clone();
        damaged[20] ^= 1;
        fs::write(&path, &damaged).expect("written");
        assert_eq!(read_all(&folder), (Integrity::Damaged, vec![]));
    }
}
