//! `segue check`: are the settings right, what is in force, and are the events ready?

mod settings_report;

use std::io::Write;

use jiff::Timestamp;
use segue_settings::{Diagnostic, Settings, schema};
use serde_json::json;

use crate::cli::{CheckArgs, Format};
use crate::exit::Exit;
use crate::failure::{Failure, say_all};
use crate::match_keys;

/// Runs the command.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    if args.schema {
        return print(&format!("{:#}\n", schema::schema()));
    }
    let settings = match &args.settings.settings {
        Some(path) => segue_settings::load(path, Timestamp::now()),
        None => Ok(Settings::default()),
    };
    let settings = match (settings, args.format) {
        (Ok(settings), _) => settings,
        (Err(diagnostics), Format::Table) => return Err(Failure::Settings(diagnostics)),
        (Err(diagnostics), Format::Json) => {
            print(&format!(
                "{:#}\n",
                json!({ "ok": false, "diagnostics": to_json(&diagnostics) })
            ))?;
            return Ok(Exit::Unusable);
        }
    };
    let events = match_keys::Report::make(args, &settings)?;
    match args.format {
        Format::Table => {
            say_all(&settings.warnings);
            let path = args.settings.settings.as_deref();
            let mut text = String::new();
            // Who asks about events alone knows that the defaults hold.
            if path.is_some() || events.is_none() {
                text = settings_report::for_people(&settings, path);
            }
            if let Some(events) = events {
                let gap = if text.is_empty() { "" } else { "\n" };
                text = format!("{text}{gap}{}", events.for_people());
            }
            print(&text)
        }
        Format::Json => {
            let mut report =
                segue_settings::report::to_json(&settings, &|name| std::env::var_os(name));
            report["ok"] = json!(true);
            if let Some(events) = events {
                report["events"] = events.for_programs();
            }
            report["diagnostics"] = to_json(&settings.warnings);
            print(&format!("{report:#}\n"))
        }
    }
}

fn print(text: &str) -> Result<Exit, Failure> {
    let written = anstream::stdout().lock().write_all(text.as_bytes());
    written
        .map(|()| Exit::Done)
        .map_err(|error| Failure::output(&error))
}

fn to_json(diagnostics: &[Diagnostic]) -> serde_json::Value {
    diagnostics.iter().map(Diagnostic::to_json).collect()
}
