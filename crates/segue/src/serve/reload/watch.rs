//! Waits for a reason to reload: a signal, or a file that is not what it was.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are looked at. A change counts when a second look finds nothing new: whoever writes has finished.
const EVERY: Duration = Duration::from_secs(1);

/// Files, and how they looked last.
pub(super) struct Watch {
    files: Vec<PathBuf>,
    /// What is in force, or was refused.
    known: Vec<Look>,
    hangups: Hangups,
}

/// What tells one state of a file from another; nothing if it cannot be had.
type Look = Option<(Option<SystemTime>, u64, u64)>;

impl Watch {
    pub(super) fn of(files: Vec<PathBuf>, hangups: Hangups) -> Self {
        Self {
            known: looks(&files),
            files,
            hangups,
        }
    }

    /// Other files from now on.
    pub(super) fn look_at(&mut self, files: Vec<PathBuf>) {
        if files != self.files {
            self.known = looks(&files);
            self.files = files;
        }
    }

    /// Waits for a reason, and says it.
    pub(super) async fn reason(&mut self) -> &'static str {
        let mut last = self.known.clone();
        loop {
            tokio::select! {
                () = self.hangups.next() => {
                    self.known = looks(&self.files);
                    return "SIGHUP";
                }
                () = tokio::time::sleep(EVERY) => {}
            }
            let now = looks(&self.files);
            if now != self.known && now == last {
                self.known = now;
                return "a file has changed";
            }
            last = now;
        }
    }
}

fn looks(files: &[PathBuf]) -> Vec<Look> {
    files.iter().map(|path| look(path)).collect()
}

fn look(path: &Path) -> Look {
    let file = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&file);
    #[cfg(not(unix))]
    let number = 0;
    Some((file.modified().ok(), file.len(), number))
}

/// SIGHUP, where there is such a thing.
pub(crate) struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    /// Listens from now on; until then the signal ends the process. Must be called in a tokio runtime.
    pub(crate) fn listen() -> Self {
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
    async fn a_change_is_a_reason_once_it_has_settled() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("segue.toml");
        std::fs::write(&path, "a").expect("written");
        let mut watch = Watch::of(vec![path.clone()], Hangups::listen());
        let nothing = tokio::time::timeout(EVERY * 10, watch.reason()).await;
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
