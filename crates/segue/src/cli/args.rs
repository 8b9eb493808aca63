//! Options that several commands have.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use conversions_mapping::Mapping;
use jiff::{SignedDuration, Timestamp};
use segue_app::AppError;
use segue_app::destinations::{choose_destination, mapping_of};
use segue_settings::Settings;
use tokio::runtime::{Builder, Runtime};

use crate::failure::{Failure, say_all, say_wrapped};

/// Which settings are used.
#[derive(Clone, Debug, Args)]
pub(crate) struct SettingsArgs {
    /// Settings, in TOML or JSON by the file's extension; without a file, the defaults
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,

    /// Which destination, if the settings have several
    #[arg(long, value_name = "NAME", requires = "settings")]
    pub(crate) destination: Option<String>,
}

impl SettingsArgs {
    /// Reads the settings and prints their warnings.
    pub(crate) fn load(&self) -> Result<Settings, Failure> {
        let Some(path) = &self.settings else {
            return Ok(Settings::default());
        };
        let settings = segue_settings::load(path, Timestamp::now()).map_err(Failure::Settings)?;
        say_all(&settings.warnings);
        Ok(settings)
    }

    /// Says so when a settings file of the usual name is there and not used.
    pub(crate) fn hint_at_unused_file(&self) {
        hint_at_unused_settings(self.settings.as_deref());
    }

    /// The settings with the destinations to send to: the named one, or all.
    pub(crate) fn load_for_sending(&self) -> Result<Settings, Failure> {
        let mut settings = self.load()?;
        if let Some(name) = &self.destination {
            settings.destinations = vec![choose_destination(settings.clone(), Some(name))?];
        }
        Ok(settings)
    }

    /// The mapping of the named destination, or of the only one.
    pub(crate) fn mapping(&self) -> Result<Mapping, Failure> {
        let destination = choose_destination(self.load()?, self.destination.as_deref())?;
        mapping_of(&destination).map_err(|error: AppError| error.into())
    }
}

/// Says so when no settings are named and `segue init` has written some here.
pub(super) fn hint_at_unused_settings(named: Option<&Path>) {
    if named.is_none() && Path::new(USUAL_FILE).is_file() {
        say_wrapped(&format!(
            "{USUAL_FILE} is here and is not used: add --settings {USUAL_FILE}"
        ));
    }
}

/// What `segue init` calls the file that it writes.
const USUAL_FILE: &str = "segue.toml";

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

/// A runtime with I/O and time.
pub(super) fn runtime(mut builder: Builder) -> Result<Runtime, Failure> {
    let built = builder.enable_all().build();
    built.map_err(|error| Failure::sentence(format!("cannot start: {error}")))
}

pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "expected a time with its zone, like 2026-11-23T12:00:00Z".to_owned())
}

pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<SignedDuration, _> = text.parse();
    let positive = parsed.ok().and_then(|time| Duration::try_from(time).ok());
    positive
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "expected a time, like 90s, 10m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_times_a_zone() {
        assert_eq!(parse_duration("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        for wrong in ["0s", "10", "-1s"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
        assert!(parse_time("2026-11-23T12:00:00Z").is_ok() && parse_time("2026-11-23").is_err());
    }
}
