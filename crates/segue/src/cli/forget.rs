//! `segue forget`: forgets what the match memory knows of a person, whether or not a process uses it.

use clap::{ArgGroup, Args};
use segue_app::ForgetTarget;
use serde_json::json;

use crate::cli::args::Format;
use crate::cli::data_folder::DataFolderArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::prose::print;
use crate::render::terminal::counted;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("target").required(true)))]
pub(crate) struct ForgetArgs {
    #[command(flatten)]
    folder: DataFolderArgs,

    /// Forget the person with this user id, and the browsers and devices that only this person has used
    #[arg(long, value_name = "ID", group = "target")]
    user_id: Option<String>,

    /// Forget the browser or device of this anonymous id
    #[arg(long, value_name = "ID", group = "target")]
    anonymous_id: Option<String>,

    /// Forget everybody
    #[arg(long, group = "target")]
    all: bool,

    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl ForgetArgs {
    pub(super) fn run(&self) -> Result<Exit, Failure> {
        let target = match (&self.user_id, &self.anonymous_id) {
            (Some(id), _) => ForgetTarget::User(id),
            (None, Some(id)) => ForgetTarget::Anonymous(id),
            (None, None) => ForgetTarget::All,
        };
        let forgotten = self.folder.folder().forget(&target)?;
        print(&match self.format {
            Format::Json => format!("{}\n", json!({ "forgotten": forgotten })),
            Format::Table => sentence(forgotten),
        })?;
        Ok(Exit::Done)
    }
}

/// User ids and anonymous ids are counted each.
fn sentence(forgotten: u64) -> String {
    match forgotten {
        0 => "Nothing was known: nothing is forgotten.\n".to_owned(),
        1 => "Forgotten: what was known of 1 id.\n".to_owned(),
        _ => format!(
            "Forgotten: what was known of {}, user ids and anonymous ids together.\n",
            counted(forgotten, "id", "ids")
        ),
    }
}
