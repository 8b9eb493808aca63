//! A case: a folder with an input, optional settings, and the snapshot of the outcome.

use std::fs;
use std::path::{Path, PathBuf};

use conversions_mapping::Settings;
use jiff::Timestamp;

use crate::json_text;

/// The clock of a case that names no time.
pub const NOW: &str = "2026-03-14T10:00:00Z";

/// A folder of `tests/cases/`, read.
#[derive(Debug)]
pub struct Case {
    /// The folder's name: a short sentence with hyphens.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// The contents of `case.toml`.
    pub about: About,
    /// The lines of the input, as bytes, without blank ones.
    pub lines: Vec<Vec<u8>>,
    /// The text of `settings.toml`, when there is one.
    pub settings: Option<String>,
}

/// The members of `case.toml`.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// One sentence: what happens here, and why.
    pub story: String,
    /// The ids of the [statements](crate::statements) that this case shows.
    pub covers: Vec<String>,
    /// The clock, RFC 3339; [`NOW`] when it does not matter.
    #[serde(default = "now")]
    pub now: String,
}

fn now() -> String {
    NOW.to_owned()
}

/// A folder that is not a valid case.
#[derive(Debug, thiserror::Error)]
#[error("tests/cases/{name}: {what}")]
pub struct CaseError {
    name: String,
    what: String,
}

/// The folder of all cases.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// All cases, in the order of their names.
///
/// # Errors
///
/// The first folder that is not a valid case, with the reason.
pub fn all() -> Result<Vec<Case>, CaseError> {
    let failed = |error: std::io::Error| CaseError {
        name: String::new(),
        what: error.to_string(),
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder()).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    folders.into_iter().map(Case::read).collect()
}

impl Case {
    /// The settings of `settings.toml`, or the defaults.
    ///
    /// # Errors
    ///
    /// The diagnostics, as `segue check` reports them.
    pub fn mapping_settings(&self) -> Result<Settings, String> {
        let text = self.settings.as_deref().unwrap_or_default();
        let path = self.folder.join("settings.toml");
        let settings = segue_settings::parse(&path, text, Timestamp::UNIX_EPOCH);
        let settings = settings.map_err(|diagnostics| {
            let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })?;
        let destination = settings.destinations.into_iter().next();
        Ok(destination.unwrap_or_default().mapping)
    }

    fn read(folder: PathBuf) -> Result<Self, CaseError> {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let failed = |what: String| CaseError {
            name: name.clone(),
            what,
        };
        let about = fs::read_to_string(folder.join("case.toml"))
            .map_err(|error| failed(format!("case.toml: {error}")))?;
        let about =
            toml::from_str(&about).map_err(|error| failed(format!("case.toml: {error}")))?;
        let lines = lines(&folder).map_err(failed)?;
        let settings = fs::read_to_string(folder.join("settings.toml")).ok();
        Ok(Self {
            name,
            folder,
            about,
            lines,
            settings,
        })
    }
}

/// One message that is laid out over lines (`input.json`), or a message a line (`input.ndjson`).
fn lines(folder: &Path) -> Result<Vec<Vec<u8>>, String> {
    match (
        fs::read_to_string(folder.join("input.json")),
        fs::read(folder.join("input.ndjson")),
    ) {
        (Ok(message), Err(_)) => Ok(vec![json_text::compact(&message).into_bytes()]),
        (Err(_), Ok(lines)) => {
            let lines = lines.split(|byte| *byte == b'\n');
            Ok(lines
                .filter(|line| !line.trim_ascii().is_empty())
                .map(<[u8]>::to_vec)
                .collect())
        }
        _ => Err(
            "put one message into input.json, or several, a line each, into input.ndjson"
                .to_owned(),
        ),
    }
}
