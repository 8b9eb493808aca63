//! The settings in force.

use jiff::Timestamp;
use serde::Serialize;

/// The settings in force.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SettingsView {
    /// The file, if there is one.
    pub file: Option<String>,
    /// When it was put in force.
    pub loaded_at: Option<Timestamp>,
    /// Why a later version of it was refused.
    pub refused: Option<Refusal>,
    /// What is probably not intended, in sentences.
    pub warnings: Vec<String>,
    /// Each part of the file.
    pub sections: Vec<SettingsSection>,
}

/// A version of the settings that was refused. The former settings stay in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Each mistake, with its line.
    pub mistakes: Vec<String>,
}

/// A part of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SettingsSection {
    /// Its name, like `[serve]`.
    pub name: String,
    /// Each setting.
    pub rows: Vec<SettingRow>,
}

/// A setting. No secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SettingRow {
    /// Its name.
    pub name: String,
    /// Its value in force as plain text; empty when nothing is set.
    pub value: String,
    /// The line of the file that gives it; absent for a default.
    pub line: Option<usize>,
    /// What it is for.
    pub doc: String,
}
