//! What a caller decides about an endpoint; everything else is in the settings.

use std::path::PathBuf;

/// What a caller decides about an endpoint.
#[derive(Clone, Debug, Default)]
pub struct EndpointOptions {
    /// The settings file; it is watched, and read again when it changes.
    pub settings: Option<PathBuf>,
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
}
