//! Fields that depend on more than one source, or on the settings. Each has a file of its own.

pub(crate) mod action_source;
pub(crate) mod app_data;
pub(crate) mod data_processing;
pub(crate) mod derive;
pub(crate) mod event_name;
pub(crate) mod event_time;
pub(crate) mod external_id;
pub(crate) mod match_properties;
pub(crate) mod value;
