//! `segue check`: whether the settings are right, what is in force, and how ready events are.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueHint};
use conversions_files::Origin;
use jiff::Timestamp;
use match_quality::Report;
use segue_app::destinations::{choose_destination, mapping_of};
use segue_app::serve::{check_build, send_test_alert};
use segue_app::{AppError, MatchMemory, check_syncing};
use segue_insight::event_check::{MemoryUse, check_events, judged_at};
use segue_settings::{Diagnostic, MemorySettings, Settings, schema};
use serde_json::{Value, json};

use crate::cli::args::{self, Format, SettingsArgs};
use crate::cli::input;
use crate::exit::Exit;
use crate::failure::{Failure, say, say_all};
use crate::render::prose::print_plain;
use crate::render::{match_quality as quality, settings as in_force};

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    settings: SettingsArgs,

    /// A file of events to check as well: which match keys they have, what is rejected and why
    ///
    /// Gzip too; `-` is standard input. docs/match-keys.md describes the report and its JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    events: Option<PathBuf>,

    /// The time to judge by, like 2026-11-23T12:00:00Z, instead of the newest time stamp of a file or the clock
    #[arg(long, value_name = "RFC3339", value_parser = args::parse_time, requires = "events")]
    now: Option<Timestamp>,

    /// Post a test alert to the webhook that `[alerts]` names as well
    #[arg(long, requires = "settings")]
    test_alert: bool,

    /// Print only a JSON schema of settings files, for editors
    #[arg(long, conflicts_with_all = ["settings", "events"])]
    schema: bool,

    /// A table for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl CheckArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        if self.schema {
            print_plain(&format!("{:#}\n", schema::schema()))?;
            return Ok(Exit::Done);
        }
        let settings = match &self.settings.settings {
            Some(path) => segue_settings::load(path, Timestamp::now()),
            None => Ok(Settings::default()),
        };
        let settings = match (settings, self.format) {
            (Ok(settings), _) => settings,
            (Err(diagnostics), Format::Table) => return Err(Failure::Settings(diagnostics)),
            (Err(diagnostics), Format::Json) => {
                let report = json!({ "ok": false, "diagnostics": to_json(&diagnostics) });
                print_plain(&format!("{report:#}\n"))?;
                return Ok(Exit::Unusable);
            }
        };
        check_build(&settings)?;
        check_syncing(&settings.log)?
            .iter()
            .for_each(|said| say(said));
        let events = self.check_events(&settings)?;
        if self.test_alert {
            test_alert(&settings)?;
        }
        match self.format {
            Format::Table => {
                say_all(&settings.warnings);
                print_plain(&self.text(&settings, events.as_ref()))?;
            }
            Format::Json => {
                let environment = |name: &str| std::env::var_os(name);
                let mut report = segue_settings::report::to_json(&settings, &environment);
                report["ok"] = json!(true);
                if let Some(events) = events {
                    report["events"] = events.to_json();
                }
                report["diagnostics"] = to_json(&settings.warnings);
                print_plain(&format!("{report:#}\n"))?;
            }
        }
        Ok(Exit::Done)
    }

    fn check_events(&self, settings: &Settings) -> Result<Option<Report>, Failure> {
        let Some(path) = &self.events else {
            return Ok(None);
        };
        let name = self.settings.destination.as_deref();
        let destination = choose_destination(settings.clone(), name)?;
        let inputs = Origin::from_arguments(std::slice::from_ref(path));
        input::check(&inputs)?;
        let origin = inputs.first().unwrap_or(&Origin::StandardInput);
        let judged_at = judged_at(self.now, origin).map_err(AppError::from)?;
        let is_on = settings.memory.enabled;
        let memory = MatchMemory::new(MemorySettings {
            enabled: true,
            ..settings.memory.clone()
        });
        // Without room for temporary files the report says nothing about the memory.
        let trial = memory.open_on_trial(judged_at.time);
        let mapping = mapping_of(&destination)?;
        let remembering = |mapping| memory.completing(mapping, "events");
        let (mapping, memory_use) = match (&trial, is_on) {
            (Ok(_), true) => (remembering(mapping), MemoryUse::On),
            (Ok(_), false) => {
                let what_if = Arc::new(remembering(mapping_of(&destination)?));
                (mapping, MemoryUse::WhatIf(what_if))
            }
            (Err(_), _) => (mapping, MemoryUse::Off),
        };
        Ok(Some(check_events(
            origin,
            destination.name,
            Arc::new(mapping),
            memory_use,
            judged_at,
        )?))
    }

    fn text(&self, settings: &Settings, events: Option<&Report>) -> String {
        let path = self.settings.settings.as_deref();
        // A check of events alone need not say that the defaults are in force.
        let settings = if path.is_some() || events.is_none() {
            in_force::render(settings, path)
        } else {
            String::new()
        };
        let events = events.map(quality::render).unwrap_or_default();
        let gap = if settings.is_empty() || events.is_empty() {
            ""
        } else {
            "\n"
        };
        format!("{settings}{gap}{events}")
    }
}

fn test_alert(settings: &Settings) -> Result<(), Failure> {
    let runtime = args::runtime(tokio::runtime::Builder::new_current_thread())?;
    Ok(runtime.block_on(send_test_alert(&settings.alerts))?)
}

fn to_json(diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().map(Diagnostic::to_json).collect()
}
