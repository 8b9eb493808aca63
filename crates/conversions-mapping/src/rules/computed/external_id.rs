//! `external_id`: the ids of the table's sources, or of the one field that a setting names.

use std::borrow::Cow;

use facebook_conversions::ServerEvent;

use crate::context::Cx;
use crate::note::{Effect, Path};
use crate::rules::row::{Change, Unusable};
use crate::rules::table;
use crate::transforms::external_ids;

pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut Cx<'_, 'a>) {
    let Some(path) = &cx.mapping.settings().external_id_prop else {
        table::apply_external_id(event, cx);
        return;
    };
    // The path is the settings' own; its keys are shown like keys of the sender's.
    let from = || Path::Under("", vec![Cow::Owned(path.clone())]);
    let value = cx.message.at_path(path).filter(|value| !value.is_blank());
    match value.map_or(Err(Unusable::Unreadable), |value| {
        external_ids(value, path, cx)
    }) {
        Ok((ids, change)) => {
            let effect = match change {
                Change::Hashed => Effect::Hashed,
                Change::Same => Effect::Copied,
                _ => Effect::Normalized,
            };
            event.user_data.external_id = ids;
            cx.notes.wrote("user_data.external_id", effect, from);
        }
        Err(_) => cx.notes.left_out(from),
    }
}
