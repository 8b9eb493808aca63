//! A file of rejected lines: line number and reason, never a value of the line.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use conversions_mapping::RejectReason;
use serde::Serialize;

use crate::origin::Origin;

/// A rejected line.
#[derive(Clone, Debug)]
pub struct Reject {
    /// Index of the input, from 0.
    pub input: usize,
    /// Line number in the input, from 1.
    pub line: u64,
    /// Why it was rejected.
    pub reason: RejectReason,
    /// The reason in more detail, without values.
    pub detail: Cow<'static, str>,
}

/// Why the rejects could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the rejects to {}: {}", .path.display(), reason(.source))]
pub struct RejectsError {
    path: PathBuf,
    source: io::Error,
}

/// A file of rejects, one JSON object a line: `line`, `reason`, `detail`, and where they are needed `file` and `destination`.
#[derive(Debug)]
pub struct RejectsFile {
    path: PathBuf,
    file: BufWriter<File>,
    length: u64,
    names_inputs: bool,
    names_destinations: bool,
}

#[derive(Serialize)]
struct Record<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<&'a str>,
    reason: &'static str,
    detail: &'a str,
}

impl RejectsFile {
    /// Opens the file, or creates it. `names_inputs` writes the input's name into every line, `names_destinations` the
    /// destination's. The file keeps its contents until [`RejectsFile::resume_at`] truncates it.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(
        path: &Path,
        names_inputs: bool,
        names_destinations: bool,
    ) -> Result<Self, RejectsError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = file.map_err(|source| RejectsError {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            length: 0,
            names_inputs,
            names_destinations,
        })
    }

    /// Truncates the file to this many bytes and appends from there: what an earlier run listed before that point stays.
    ///
    /// # Errors
    ///
    /// When the file cannot be flushed or truncated.
    pub fn resume_at(&mut self, length: u64) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        // A pipe or a terminal has no length.
        if file.metadata()?.is_file() {
            self.length = length.min(file.metadata()?.len());
            file.set_len(self.length)?;
            file.seek(SeekFrom::Start(self.length))?;
        }
        Ok(())
    }

    /// Bytes in the file.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends a line. `inputs` are the inputs of the run, which the reject refers to by index.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn write(
        &mut self,
        reject: &Reject,
        inputs: &[Origin],
        destination: &str,
    ) -> io::Result<()> {
        let input = inputs.get(reject.input).filter(|_| self.names_inputs);
        let record = Record {
            file: input.map(ToString::to_string),
            line: reject.line,
            destination: self.names_destinations.then_some(destination),
            reason: reject.reason.name(),
            detail: &reject.detail,
        };
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        self.length += line.len() as u64;
        self.file.write_all(&line)
    }

    /// Hands buffered lines to the operating system.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    /// The error to report when a write to this file has failed.
    #[must_use]
    pub fn error(&self, source: io::Error) -> RejectsError {
        RejectsError {
            path: self.path.clone(),
            source,
        }
    }
}

/// The common reasons in plain words, the others in the system's.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
