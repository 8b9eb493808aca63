//! What a caller decides about an endpoint; everything else is in the settings.

use std::path::PathBuf;
use std::time::Duration;

/// What an endpoint does of the work, and where events come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Takes events and delivers them.
    #[default]
    All,
    /// Takes events, which others deliver over the same log. It needs no token.
    Ingest,
    /// Delivers what others have taken. It listens for operators only.
    Deliver,
    /// Reads the inputs of the settings, and delivers. It listens for operators only.
    Consume,
}

/// What a caller decides about an endpoint.
#[derive(Clone, Debug, Default)]
pub struct EndpointOptions {
    /// The settings file; it is watched, and read again when it changes.
    pub settings: Option<PathBuf>,
    /// What it does of the work. [`Ingest`](Role::Ingest) and
    /// [`Deliver`](Role::Deliver) take a log that several processes share.
    pub role: Role,
    /// The input to read, of several; all by default. Only for [`Role::Consume`].
    pub input: Option<String>,
    /// Send to a sandbox in this process.
    pub sandbox: bool,
    /// Write keys for settings without sources. Without any, one is generated.
    pub write_keys: Vec<String>,
    /// Where senders connect, instead of what the settings say.
    pub listen: Option<String>,
    /// Where operators look, instead of what the settings say.
    pub ops_listen: Option<String>,
    /// Where to keep undelivered events: `./segue-data` by default, with a sandbox a temporary folder.
    pub data_dir: Option<PathBuf>,
    /// When alerts are told.
    pub alert_times: AlertTimes,
}

/// When alerts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertTimes {
    /// How often it is looked for what is wrong.
    pub look_every: Duration,
    /// A destination that is held for longer is an alert.
    pub held_for: Duration,
}

impl Default for AlertTimes {
    /// Every ten seconds; held for a minute.
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(10),
            held_for: Duration::from_mins(1),
        }
    }
}
