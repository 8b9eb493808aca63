//! The rules that fill a server event: tables of rows, and fields that depend on more than one source.

pub(crate) mod computed;
pub(crate) mod configured;
pub(crate) mod custom_property;
pub(crate) mod field;
pub(crate) mod known;
pub(crate) mod pass_through;
pub(crate) mod row;
pub(crate) mod source;
pub(crate) mod table;
