//! What somebody who starts the endpoint wants to know.

use serde_json::{Value, json};

use crate::data_folder::DataFolder;
use crate::logging::LogFormat;
use crate::prose::print;
use crate::serve::listening::Ready;
use crate::terminal::{Grid, Look, Stream};

/// Everything that is said once it answers.
pub(crate) struct Announcement<'a> {
    pub(crate) ready: &'a Ready,
    /// The key that was made for this run, if it is in use.
    pub(crate) made_key: Option<&'a String>,
    pub(crate) folder: &'a DataFolder,
    pub(crate) is_temporary: bool,
}

impl Announcement<'_> {
    /// Says it on standard output. If nobody listens there, that is no reason not to serve.
    pub(crate) fn print(&self, for_whom: LogFormat) {
        let _ = print(&match for_whom {
            LogFormat::Text => self.text(),
            LogFormat::Json => format!("{}\n", self.object()),
        });
    }

    fn object(&self) -> Value {
        let mut object = self.ready.object();
        object["data"] = json!(self.folder.path.display().to_string());
        if let Some(key) = self.made_key {
            object["write_key"] = json!(key);
        }
        object
    }

    fn text(&self) -> String {
        let mut grid = Grid::new(Stream::Out, &[]);
        let mut row = |what: &str, where_: &str, more: &str| {
            grid.row(&[
                (what, Look::Plain),
                (where_, Look::Strong),
                (more, Look::Faint),
            ]);
        };
        row(
            "Senders",
            &self.ready.ingest,
            "the `host` of a Segment library",
        );
        if let Some(key) = self.made_key {
            row(
                "Write key",
                key,
                "made for this run; --write-key takes one of yours",
            );
        }
        row("Operators", &self.ready.ops, "/metrics, /readyz");
        if let Some(sandbox) = &self.ready.sandbox {
            row(
                "Sandbox",
                sandbox,
                "a page of what has arrived; nothing leaves this machine",
            );
        }
        let folder = self.folder.path.display().to_string();
        let kept = if self.is_temporary {
            "temporary: removed at the end, unless --data-dir names a folder"
        } else {
            "what is not delivered yet"
        };
        row("Data", &folder, kept);
        grid.keep_whole(0);
        grid.keep_whole(1);
        format!("{grid}\n")
    }
}
