//! Every setting of `[console]`, one a row.

use crate::console::ConsoleSettings;
use crate::kinds::{Flag, Secret};
use crate::setting::{Setting, row_after_restart as row};
use crate::table::{Given, Table};

macro_rules! at {
    ($field:ident, $kind:expr) => {
        crate::setting::at!(ConsoleSettings, $field, $kind)
    };
}

impl Table for ConsoleSettings {
    #[rustfmt::skip]
    const SETTINGS: &'static [Setting<Self>] = &[
        row("enabled",  at!(enabled, Flag),    "shows the console at the operators' address"),
        row("password", at!(password, Secret), "what the console asks for, with any user name; without it, it is shown on this machine only")
            .example("{ env = \"SEGUE_CONSOLE_PASSWORD\" }"),
    ];

    fn given(&mut self) -> &mut Given {
        &mut self.given
    }
}
