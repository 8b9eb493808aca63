//! `--rejects FILE`: which lines were rejected, and why. Names and reasons, no values.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use conversions_mapping::RejectReason;
use serde::Serialize;

use crate::failure::Failure;
use crate::input::Origin;

/// A rejected line.
#[derive(Clone, Debug)]
pub(crate) struct Reject {
    /// Which of the inputs, from 0.
    pub(crate) input: usize,
    /// Its line, from 1.
    pub(crate) line: u64,
    pub(crate) reason: RejectReason,
    pub(crate) detail: Cow<'static, str>,
}

/// The file, one JSON object a line.
pub(crate) struct RejectsFile {
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
    /// Opens the file or makes one. With several inputs the file is named in every line, with several destinations the
    /// destination.
    pub(crate) fn open(
        path: &Path,
        names_inputs: bool,
        names_destinations: bool,
    ) -> Result<Self, Failure> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = file.map_err(|error| failed(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            length: 0,
            names_inputs,
            names_destinations,
        })
    }

    /// Goes on after so many bytes, and drops what is behind them; what an earlier run wrote before stays.
    pub(crate) fn go_on_at(&mut self, length: u64) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        // A pipe or terminal has no length.
        if file.metadata()?.is_file() {
            self.length = length.min(file.metadata()?.len());
            file.set_len(self.length)?;
            file.seek(SeekFrom::Start(self.length))?;
        }
        Ok(())
    }

    /// How many bytes are in it.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn write(
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

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    /// What is said when writing failed.
    pub(crate) fn failure(&self, error: &io::Error) -> Failure {
        failed(&self.path, error)
    }
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    Failure::sentence(format!(
        "cannot write the rejects to {}: {reason}",
        path.display()
    ))
}
