//! Where records go that cannot be used, and dead letters: a topic of the broker, or a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use conversions_input::{Input, Payload, Rejection};
use serde_json::json;

use crate::error::AppError;

/// Where rejected records of an input go.
#[derive(Clone, Debug)]
pub(super) enum Rejects {
    /// To a topic or subject of the broker.
    Topic(Arc<dyn Input>),
    /// To a file.
    File(Arc<RejectsFile>),
}

/// A file of rejected records, JSON lines: `position`, `reason`, and `payload`, which is null for a record without a value.
/// Bytes that are not UTF-8 are in `payload_hex` instead.
#[derive(Debug)]
pub(super) struct RejectsFile {
    path: PathBuf,
    file: Mutex<File>,
}

impl Rejects {
    /// Writes a record; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// A sentence that names the place. The call may be repeated.
    pub(super) async fn write(&self, rejection: Rejection) -> Result<(), String> {
        match self {
            Self::Topic(input) => {
                let written = input.reject(rejection).await;
                written.map_err(|error| error.to_string())
            }
            Self::File(file) => {
                let (file, to) = (Arc::clone(file), Arc::clone(file));
                let written = tokio::task::spawn_blocking(move || file.append(&rejection)).await;
                let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
                written.map_err(|error| {
                    format!(
                        "a rejected record cannot be written to {}: {error}",
                        to.path.display()
                    )
                })
            }
        }
    }
}

impl RejectsFile {
    /// Opens a file, or creates one that only its owner may read: records hold contact data.
    pub(super) fn open(path: &Path) -> Result<Arc<Self>, AppError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(path).map_err(|error| {
            AppError::System(format!(
                "`rejects_file` {} cannot be written: {error}",
                path.display()
            ))
        })?;
        Ok(Arc::new(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
        }))
    }

    fn append(&self, rejection: &Rejection) -> io::Result<()> {
        let mut line = line(rejection);
        line.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }
}

fn line(rejection: &Rejection) -> String {
    let mut line = json!({
        "position": rejection.position.to_string(),
        "reason": rejection.reason,
    });
    match &rejection.payload {
        Payload::Tombstone => line["payload"] = json!(null),
        Payload::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => line["payload"] = json!(text),
            Err(_) => line["payload_hex"] = json!(hex(bytes)),
        },
    }
    line.to_string()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

#[cfg(test)]
mod tests {
    use conversions_input::Partition;

    use super::*;

    fn rejection(payload: Payload) -> Rejection {
        Rejection {
            position: Partition::of_topic("t", 1).at(7),
            reason: "bad_request".to_owned(),
            payload,
        }
    }

    #[tokio::test]
    async fn every_payload_is_a_line_that_can_be_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rejects.ndjson");
        let rejects = Rejects::File(RejectsFile::open(&path).expect("a file"));
        for payload in [
            Payload::Bytes("{\"a\":\"\u{fc}\n".into()),
            Payload::Bytes(vec![0xff, 0x00].into()),
            Payload::Tombstone,
        ] {
            rejects.write(rejection(payload)).await.expect("written");
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines[0]["payload"], "{\"a\":\"\u{fc}\n");
        assert_eq!(lines[1]["payload_hex"], "ff00");
        assert!(lines[2]["payload"].is_null() && lines[2].get("payload").is_some());
        assert!(lines.iter().all(|line| line["position"] == "t/1 at 7"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).expect("a file").permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }
}
