//! The folder `memory` of a data folder: its files, and who may read them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fingerprint::{KEY_BYTES, Key};

/// The folder, and the disk that it is on.
pub(crate) struct Folder {
    path: PathBuf,
    /// Bytes of the disk that are left to others.
    reserve: AtomicU64,
}

/// What a file of the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileName {
    /// A log, by its number.
    WriteAheadLog(u64),
    /// A run out of the logs of these numbers; whether it may make older records forgotten.
    SortedRun {
        first: u64,
        last: u64,
        has_resets: bool,
    },
}

impl FileName {
    pub(super) fn file_name(self) -> String {
        match self {
            Self::WriteAheadLog(number) => format!("{number:012}.log"),
            Self::SortedRun {
                first,
                last,
                has_resets,
            } => {
                let resets = if has_resets { "-resets" } else { "" };
                format!("{first:012}-{last:012}{resets}.run")
            }
        }
    }

    fn parse(name: &str) -> Option<Self> {
        if let Some(number) = name.strip_suffix(".log") {
            return Some(Self::WriteAheadLog(number.parse().ok()?));
        }
        let numbers = name.strip_suffix(".run")?;
        let (numbers, has_resets) = match numbers.strip_suffix("-resets") {
            Some(numbers) => (numbers, true),
            None => (numbers, false),
        };
        let (first, last) = numbers.split_once('-')?;
        Some(Self::SortedRun {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
            has_resets,
        })
    }
}

/// What the name of a file that was put aside ends with.
const DAMAGED: &str = ".damaged";
/// What the name of a file that is being written ends with.
const NEW: &str = ".new";
const KEY: &str = "key";
const SCOPES: &str = "scopes";
const LOCK: &str = "lock";

impl Folder {
    /// Makes the folder, if need be, for its owner only.
    pub(crate) fn create(data_dir: &Path, reserve: u64) -> io::Result<Self> {
        let path = data_dir.join("memory");
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self {
            path,
            reserve: reserve.into(),
        })
    }

    /// The folder of a data folder in which something was remembered.
    pub(crate) fn existing(data_dir: &Path) -> Option<Self> {
        let path = data_dir.join("memory");
        path.join(KEY).is_file().then_some(Self {
            path,
            reserve: 0.into(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn path_of(&self, name: FileName) -> PathBuf {
        self.path.join(name.file_name())
    }

    /// The lock of the process that has the memory open; `None` while another has it.
    pub(crate) fn lock(&self) -> io::Result<Option<File>> {
        let file = private().create(true).open(self.path.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// The key; `None` if there is none, or none of the right length.
    pub(crate) fn key(&self) -> io::Result<Option<Key>> {
        match fs::read(self.path.join(KEY)) {
            Ok(bytes) => Ok(<[u8; KEY_BYTES]>::try_from(bytes).ok().map(Key::new)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a key.
    pub(super) fn make_key(&self) -> io::Result<Key> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        self.replace(KEY, &bytes)?;
        Ok(Key::new(bytes))
    }

    /// The names of the scopes that something was learned in, each on a line of the file.
    pub(crate) fn scopes(&self) -> io::Result<Vec<String>> {
        match fs::read_to_string(self.path.join(SCOPES)) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Adds the name of a scope, unless it is there.
    pub(crate) fn add_scope(&self, name: &str) -> io::Result<()> {
        let mut scopes = self.scopes()?;
        if scopes.iter().any(|scope| scope == name) {
            return Ok(());
        }
        scopes.push(name.to_owned());
        self.replace(SCOPES, (scopes.join("\n") + "\n").as_bytes())
    }

    /// The logs and runs, in a folder that another process may use.
    pub(super) fn files_to_read(&self) -> io::Result<Vec<FileName>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().to_str().and_then(FileName::parse));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The logs and runs. What was being written when the process ended is removed.
    pub(super) fn files(&self) -> io::Result<Vec<FileName>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.strip_suffix(NEW).is_some() {
                // Begun when the process ended.
                fs::remove_file(self.path.join(name))?;
            }
            names.extend(FileName::parse(name));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Opens a new file, under a name that it loses in [`Folder::publish`].
    pub(super) fn create_new(&self, name: FileName) -> io::Result<File> {
        private()
            .create(true)
            .truncate(true)
            .open(self.path.join(name.file_name() + NEW))
    }

    /// Opens a file for what does not fit into memory while a file is written. It is gone when it is dropped, and after a crash at the
    /// next start.
    pub(super) fn spool_file(&self, name: FileName) -> io::Result<SpoolFile> {
        let path = self.path.join(name.file_name() + ".filter" + NEW);
        let file = private().create(true).truncate(true).open(&path)?;
        Ok(SpoolFile { file, path })
    }

    /// Makes a complete file take its name.
    pub(super) fn publish(&self, name: FileName) -> io::Result<()> {
        self.publish_without_sync(name)?;
        self.sync()
    }

    /// Makes a file take its name, for which nothing is lost if the power fails before the folder is synced.
    pub(super) fn publish_without_sync(&self, name: FileName) -> io::Result<()> {
        fs::rename(self.path.join(name.file_name() + NEW), self.path_of(name))
    }

    /// Writes a small file in one step.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.path.join(format!("{name}{NEW}"));
        let mut file = private().create(true).truncate(true).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(new, self.path.join(name))?;
        self.sync()
    }

    pub(super) fn remove(&self, name: FileName) -> io::Result<()> {
        match fs::remove_file(self.path_of(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts a damaged file aside.
    pub(super) fn put_aside(&self, name: FileName) -> io::Result<PathBuf> {
        let aside = self.path.join(name.file_name() + DAMAGED);
        fs::rename(self.path_of(name), &aside)?;
        Ok(aside)
    }

    /// Removes the files that were put aside: single people cannot be erased from a damaged file.
    pub(super) fn remove_damaged(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.to_str().is_some_and(|path| path.ends_with(DAMAGED)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Fails if writing `bytes` would leave less free space than the reserve.
    pub(super) fn check_room(&self, bytes: u64) -> io::Result<()> {
        let reserve = self.reserve.load(Ordering::Relaxed);
        let disk = rustix::fs::statvfs(&self.path)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < reserve.saturating_add(bytes) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn set_reserve(&self, bytes: u64) {
        self.reserve.store(bytes, Ordering::Relaxed);
    }

    fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }
}

/// A file that is removed when it is dropped.
pub(super) struct SpoolFile {
    file: File,
    path: PathBuf,
}

impl io::Write for SpoolFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl io::Read for SpoolFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl io::Seek for SpoolFile {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        // If it cannot be removed, the next start removes it.
        let _ = fs::remove_file(&self.path);
    }
}

/// A file that only its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Puts aside a file that is damaged or of another version, and says so.
pub(super) fn put_aside(folder: &Folder, name: FileName) {
    match folder.put_aside(name) {
        Ok(path) => tracing::warn!(
            path = %path.display(),
            "a file of the match memory is damaged or of another version: it is put aside, and what it held is learned anew"
        ),
        Err(error) => {
            tracing::warn!(%error, "a file of the match memory that is damaged or of another version cannot be put aside");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileName;

    #[test]
    fn names_are_read_as_they_are_written() {
        for has_resets in [true, false] {
            let name = FileName::SortedRun {
                first: 3,
                last: 17,
                has_resets,
            };
            assert_eq!(FileName::parse(&name.file_name()), Some(name));
        }
        let log = FileName::WriteAheadLog(4);
        assert_eq!(FileName::parse(&log.file_name()), Some(log));
        assert_eq!(FileName::parse("000000000004.log.damaged"), None);
        assert_eq!(FileName::parse("key"), None);
    }
}
