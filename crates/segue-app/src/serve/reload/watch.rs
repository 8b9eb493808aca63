//! Waits for a reason to reload: SIGHUP, or a file that has changed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are checked. A change counts when the next check finds no further change: the writer has finished.
const INTERVAL: Duration = Duration::from_secs(1);

/// The files that are watched.
pub(super) struct FileWatch {
    files: Vec<PathBuf>,
    /// The files that were read last, whether they were accepted or refused.
    known: Vec<Fingerprint>,
    sighups: SighupStream,
}

/// Tells one state of a file from another: time of change, length, inode. `None` if it cannot be read.
type Fingerprint = Option<(Option<SystemTime>, u64, u64)>;

impl FileWatch {
    pub(super) fn new(files: Vec<PathBuf>, sighups: SighupStream) -> Self {
        Self {
            known: fingerprints(&files),
            files,
            sighups,
        }
    }

    /// Watches other files from now on.
    pub(super) fn watch_files(&mut self, files: Vec<PathBuf>) {
        if files != self.files {
            self.known = fingerprints(&files);
            self.files = files;
        }
    }

    /// Waits for a reason to reload, and returns it.
    pub(super) async fn reason(&mut self) -> &'static str {
        let mut last = self.known.clone();
        loop {
            tokio::select! {
                () = self.sighups.next() => {
                    self.known = fingerprints(&self.files);
                    return "SIGHUP";
                }
                () = tokio::time::sleep(INTERVAL) => {}
            }
            let now = fingerprints(&self.files);
            if now != self.known && now == last {
                self.known = now;
                return "a file has changed";
            }
            last = now;
        }
    }
}

fn fingerprints(files: &[PathBuf]) -> Vec<Fingerprint> {
    files.iter().map(|path| fingerprint(path)).collect()
}

fn fingerprint(path: &Path) -> Fingerprint {
    let file = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&file);
    #[cfg(not(unix))]
    let number = 0;
    Some((file.modified().ok(), file.len(), number))
}

/// SIGHUP, on systems that have it.
pub struct SighupStream {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl fmt::Debug for SighupStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SighupStream").finish_non_exhaustive()
    }
}

impl SighupStream {
    /// Listens from now on; without it the signal ends the process. Must be called in a tokio runtime.
    #[must_use]
    pub fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_change_counts_once_the_file_is_stable() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("segue.toml");
        std::fs::write(&path, "a").expect("written");
        let mut watch = FileWatch::new(vec![path.clone()], SighupStream::listen());
        let nothing = tokio::time::timeout(INTERVAL * 10, watch.reason()).await;
        assert!(nothing.is_err(), "nothing has changed");
        std::fs::write(&path, "ab").expect("written");
        assert_eq!(watch.reason().await, "a file has changed");
        // Another file under the same name, as config maps and editors do it.
        let other = folder.path().join("other");
        std::fs::write(&other, "ab").expect("written");
        std::fs::rename(&other, &path).expect("renamed");
        assert_eq!(watch.reason().await, "a file has changed");
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(watch.reason().await, "a file has changed");
    }
}
