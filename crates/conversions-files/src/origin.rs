//! Where lines come from: files and standard input, gzip or plain text.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// The first bytes of gzip data. No line of JSON begins with them.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Buffer for the compressed bytes below the decoder.
const RAW_BUFFER: usize = 64 * 1024;

/// One place to read events from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Standard input, which can be read once.
    StandardInput,
    /// A file, or a pipe with a name.
    File(PathBuf),
}

/// Why an input cannot be read. The message names the input.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {origin}: {}", reason(.source))]
pub struct InputError {
    /// The input.
    pub origin: Origin,
    /// What the operating system or the decoder said.
    pub source: io::Error,
}

/// Counts the bytes read so far, for showing progress. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct ByteCounter(Arc<AtomicU64>);

impl ByteCounter {
    /// Bytes read so far, as they are stored: compressed, if the input is.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    input: R,
    counter: ByteCounter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room)?;
        self.counter.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Origin {
    /// The inputs named on a command line: `-`, or no name at all, is standard input.
    #[must_use]
    pub fn from_arguments(files: &[PathBuf]) -> Vec<Self> {
        if files.is_empty() {
            return vec![Self::StandardInput];
        }
        let origin = |path: &PathBuf| match path.as_os_str() {
            dash if dash == "-" => Self::StandardInput,
            _ => Self::File(path.clone()),
        };
        files.iter().map(origin).collect()
    }

    /// Finds out whether a file can be opened, so that a misspelt name is reported before any work is done.
    ///
    /// # Errors
    ///
    /// When the file is missing, is a folder, or may not be read.
    pub fn check(&self) -> Result<(), InputError> {
        let Self::File(path) = self else {
            return Ok(());
        };
        let check = std::fs::metadata(path).and_then(|found| {
            if found.is_dir() {
                Err(io::Error::from(io::ErrorKind::IsADirectory))
            } else if found.is_file() {
                File::open(path).map(drop)
            } else {
                // Opening and closing a pipe would cost its writer, and what was written.
                Ok(())
            }
        });
        check.map_err(|error| self.failed(error))
    }

    /// Size in bytes of a regular file, which can be read twice; `None` for pipes and standard input.
    #[must_use]
    pub fn regular_size(&self) -> Option<u64> {
        let Self::File(path) = self else {
            return None;
        };
        let found = std::fs::metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file);
        found.map(|file| file.len())
    }

    /// Opens the input as it is stored, without decompressing.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open_as_stored(&self) -> Result<Box<dyn Read + Send>, InputError> {
        Ok(match self {
            Self::StandardInput => Box::new(io::stdin()),
            Self::File(path) => Box::new(File::open(path).map_err(|error| self.failed(error))?),
        })
    }

    /// Opens a file as it is stored.
    pub(crate) fn open_file(&self) -> io::Result<File> {
        match self {
            Self::StandardInput => Err(io::ErrorKind::Unsupported.into()),
            Self::File(path) => File::open(path),
        }
    }

    /// Opens the input and decompresses it. Gzip is recognised by its first bytes, not by the file's name.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or its first bytes cannot be read.
    pub fn open(&self, counter: &ByteCounter) -> Result<Box<dyn Read + Send>, InputError> {
        let metered = Counted {
            input: self.open_as_stored()?,
            counter: counter.clone(),
        };
        let mut raw = BufReader::with_capacity(RAW_BUFFER, metered);
        let start = raw.fill_buf().map_err(|error| self.failed(error))?;
        if start.starts_with(&GZIP) {
            Ok(Box::new(MultiGzDecoder::new(raw)))
        } else {
            Ok(Box::new(raw))
        }
    }

    /// Names this input in an error of reading it.
    #[must_use]
    pub fn failed(&self, source: io::Error) -> InputError {
        InputError {
            origin: self.clone(),
            source,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardInput => f.write_str("standard input"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The common reasons in plain words, the others in the system's.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::UnexpectedEof => "the gzip data ends too early".to_owned(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            "the gzip data is damaged".to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_dash_or_nothing_is_standard_input() {
        assert_eq!(Origin::from_arguments(&[]), [Origin::StandardInput]);
        assert_eq!(
            Origin::from_arguments(&["a".into(), "-".into()]),
            [Origin::File("a".into()), Origin::StandardInput]
        );
    }

    #[test]
    fn a_missing_file_and_a_folder_are_reported_in_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Origin::File(folder.path().join("evnets.ndjson"));
        let said = missing.check().unwrap_err().to_string();
        assert!(
            said.ends_with("evnets.ndjson: there is no such file"),
            "{said}"
        );
        let said = Origin::File(folder.path().into()).check().unwrap_err();
        assert!(said.to_string().ends_with("it is a folder, not a file"));
    }

    #[test]
    fn gzip_is_recognised_by_content_and_may_have_several_members() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let mut bytes = Vec::new();
        for part in ["{}\n", "[]\n"] {
            let mut encoder =
                flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            encoder.write_all(part.as_bytes()).unwrap();
            encoder.finish().unwrap();
        }
        std::fs::write(&path, &bytes).unwrap();
        let mut text = String::new();
        let origin = Origin::File(path.clone());
        origin
            .open(&ByteCounter::default())
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "{}\n[]\n");

        std::fs::write(&path, &bytes[..bytes.len() - 4]).unwrap();
        let error = origin
            .open(&ByteCounter::default())
            .unwrap()
            .read_to_end(&mut Vec::new());
        let said = origin.failed(error.unwrap_err()).to_string();
        assert!(said.ends_with("the gzip data ends too early"), "{said}");
    }
}
