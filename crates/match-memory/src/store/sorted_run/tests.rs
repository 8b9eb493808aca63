//! A run returns the records that were written, and detects damage.

use std::fs;

use super::{Cursor, FileName, SortedRun, SortedRunError, SortedRunWriter};
use crate::fingerprint::Fingerprint;
use crate::store::folder::Folder;

const NAME: FileName = FileName::SortedRun {
    first: 1,
    last: 1,
    has_resets: false,
};

fn written(count: u128) -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::create(dir.path(), 0).expect("a folder");
    let mut writer = SortedRunWriter::begin(&folder, NAME, 1000).expect("a run");
    for (fingerprint, record) in contents(count) {
        writer.push(fingerprint, &record).expect("pushed");
    }
    writer.finish(&folder).expect("finished");
    (dir, folder)
}

fn contents(count: u128) -> impl Iterator<Item = (Fingerprint, Vec<u8>)> {
    // Many with the same upper half: blocks begin and end among them. Some take several pages.
    let length = |n: u128| if n % 50 == 40 { 5000 } else { n % 90 };
    (0..count).map(move |n| (Fingerprint((n / 50) << 64 | n), vec![7; length(n) as usize]))
}

#[test]
fn every_written_record_is_found_and_no_other() {
    for count in [0, 1, 3000] {
        let (_dir, folder) = written(count);
        let run = SortedRun::open(&folder, NAME).expect("a run");
        assert_eq!(u128::from(run.count), count);
        let mut cursor = Cursor::new(&run).expect("a place");
        for (fingerprint, record) in contents(count) {
            let mut pages = Vec::new();
            let found = run.get(fingerprint, &mut pages).expect("read");
            assert_eq!(found, Some(&*record));
            assert_eq!(cursor.current(), Some((fingerprint, record.as_slice())));
            cursor.advance().expect("advanced");
        }
        assert_eq!(cursor.current(), None);
        let absent = Fingerprint((1 << 64) + 9999);
        assert_eq!(run.get(absent, &mut Vec::new()).expect("read"), None);
    }
}

#[test]
fn flipped_bits_and_truncations_are_detected() {
    let (_dir, folder) = written(60);
    let path = folder.path_of(NAME);
    let whole = fs::read(&path).expect("a file");
    let read_all = || -> Result<Vec<u8>, SortedRunError> {
        let run = SortedRun::open(&folder, NAME)?;
        let mut all = Vec::new();
        for (fingerprint, _) in contents(60) {
            let mut pages = Vec::new();
            all.extend_from_slice(run.get(fingerprint, &mut pages)?.unwrap_or_default());
        }
        Ok(all)
    };
    let expected = read_all().expect("whole");
    for at in (0..whole.len()).step_by(61) {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, &damaged).expect("written");
        // A flipped bit in the padding may go unnoticed; the records must be right all the same.
        assert!(read_all().map_or(true, |all| all == expected), "{at}");
        fs::write(&path, &whole[..at]).expect("written");
        assert!(matches!(read_all(), Err(SortedRunError::Damaged)), "{at}");
    }
}
