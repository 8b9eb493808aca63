//! A `.tar.gz` that depends on nothing but what is in it: no owner, one time for all files, in the order of their names.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use crate::problem::{Outcome, Problem};

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) bytes: Vec<u8>,
    pub(super) executable: bool,
}

impl Entry {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            bytes: text.into().into_bytes(),
            executable: false,
        }
    }

    pub(super) fn program(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            executable: true,
        }
    }
}

/// Files by their path in the archive, with `/` between folders.
pub(super) type Files = BTreeMap<String, Entry>;

/// The archive: all files below the folder `root`, dated `seconds` (Unix).
pub(super) fn pack(root: &str, files: &Files, seconds: u64) -> Outcome<Vec<u8>> {
    write(root, files, seconds).map_err(|error| {
        Problem::new(
            format!("{root}: the archive cannot be made: {error}"),
            "free memory, and give files paths of at most 100 characters",
        )
    })
}

fn write(root: &str, files: &Files, seconds: u64) -> io::Result<Vec<u8>> {
    // The header of gzip without a name and a time.
    let compressed = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut tar = Builder::new(compressed);
    for (path, entry) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(u64::try_from(entry.bytes.len()).map_err(io::Error::other)?);
        header.set_mode(if entry.executable { 0o755 } else { 0o644 });
        header.set_mtime(seconds);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(
            &mut header,
            format!("{root}/{path}"),
            entry.bytes.as_slice(),
        )?;
    }
    let mut compressed = tar.into_inner()?;
    compressed.flush()?;
    compressed.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::{Entry, Files, pack};

    #[test]
    fn the_same_files_are_the_same_bytes_and_come_back_whole() {
        let files: Files = [
            ("segue".to_owned(), Entry::program(vec![7; 1000])),
            ("man/man1/segue.1".to_owned(), Entry::text("a page")),
        ]
        .into();
        let packed = pack("segue-1", &files, 1_790_000_000).unwrap();
        assert_eq!(packed, pack("segue-1", &files, 1_790_000_000).unwrap());

        let mut archive = tar::Archive::new(GzDecoder::new(packed.as_slice()));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!(header.mtime().unwrap(), 1_790_000_000);
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            let (path, mode) = (entry.path().unwrap().into_owned(), header.mode().unwrap());
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push((path.display().to_string(), mode, bytes.len()));
        }
        assert_eq!(
            found,
            [
                ("segue-1/man/man1/segue.1".to_owned(), 0o644, 6),
                ("segue-1/segue".to_owned(), 0o755, 1000),
            ]
        );
    }
}
