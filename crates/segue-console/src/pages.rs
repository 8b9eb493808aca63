//! The pages, a file each.

pub(crate) mod confirm;
pub(crate) mod dead_letter;
pub(crate) mod dead_letters;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod first_steps;
pub(crate) mod match_quality;
pub(crate) mod off;
pub(crate) mod overview;
pub(crate) mod settings;
pub(crate) mod tester;
