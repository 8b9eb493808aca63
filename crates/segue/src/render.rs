//! What people see: tables and sentences, made from the data of the libraries.

pub(crate) mod announcement;
pub(crate) mod consumption;
pub(crate) mod dead_letters;
pub(crate) mod explanation;
pub(crate) mod history;
pub(crate) mod match_quality;
pub(crate) mod notice;
pub(crate) mod progress;
pub(crate) mod prose;
pub(crate) mod send_report;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod terminal;
pub(crate) mod time;
pub(crate) mod trace;
