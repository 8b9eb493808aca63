//! `segue init`: writes a settings file to start with, in which every setting is explained, and generates its write key. With
//! `--from`, the file does what the configuration of another system did.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use segue_settings::{move_in, template, write_key};
use tempfile::NamedTempFile;

use crate::cli::data_folder::quoted;
use crate::exit::Exit;
use crate::failure::{Failure, say_all};
use crate::render::prose::print;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The file to write
    #[arg(default_value = "segue.toml", value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Write it even if there is a file of that name, which is lost then, with its write keys
    #[arg(long)]
    force: bool,

    /// Move in: write settings that do what this configuration does, a JSON export of Segment's or RudderStack's destination
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from: Option<PathBuf>,
}

impl InitArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let path = &self.file;
        if path.extension().is_none_or(|extension| extension != "toml") {
            return Err(Failure::sentence(
                "settings are written as TOML: the file's name must end in .toml",
            ));
        }
        let moved = self.from.as_deref().map(move_in::load).transpose();
        let moved = moved.map_err(Failure::Settings)?;
        let write_key = write_key::make();
        let text = match &moved {
            Some(moved) => moved.settings_file(&write_key),
            None => template::text(&write_key),
        };
        write(path, &text, self.force).map_err(|error| failure(path, &error))?;
        let has_pixel = moved
            .as_ref()
            .is_some_and(|moved| moved.destination.graph.pixel_id.is_some());
        let to_do = if has_pixel {
            "set the environment variable META_ACCESS_TOKEN, then"
        } else {
            "put `pixel_id` and the token's place into it, then"
        };
        let does = moved.map_or_else(String::new, |moved| {
            say_all(&moved.remarks);
            let but = if moved.remarks.is_empty() {
                "."
            } else {
                ", apart from the remarks above, which are at its end too."
            };
            format!(
                " It does what the configuration of {} did{but}",
                moved.system
            )
        });
        let file = path.display().to_string();
        let file = quoted(&file);
        print(&format!(
            "{} is written, with a write key of its own; only you can read it.{does}\n\n\
         Try it:      segue serve --sandbox --settings {file}\n\
         For Meta:    {to_do}\n\
         \x20            segue check --settings {file}\n\
         \x20            segue serve --settings {file}\n",
            path.display(),
        ))?;
        Ok(Exit::Done)
    }
}

/// All of it or nothing, and readable by its owner only: it holds write keys.
fn write(path: &Path, text: &str, force: bool) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    let kept = if force {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    kept.map(drop).map_err(|error| error.error)
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::sentence(match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{path} is there already: name another file, or replace it with --force")
        }
        io::ErrorKind::NotFound => {
            format!("{path} cannot be written: there is no such folder; make it first")
        }
        kind => format!("{path} cannot be written: {kind}"),
    })
}
