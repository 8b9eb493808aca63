//! `external_id`: by the rows of the table, or from the one field that the setting `external_id_prop` names.

use std::borrow::Cow;

use facebook_conversions::ServerEvent;

use crate::context::RuleContext;
use crate::note::{Effect, Path};
use crate::rules::source::SourcePath;
use crate::rules::table;
use crate::transforms::ids::external_ids;
use crate::transforms::input::Input;
use crate::transforms::transformed::{Change, Unusable};

pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    if !event.user_data.external_id.is_empty() {
        return table::apply_external_id(event, cx);
    }
    let Some(path) = &cx.compiled.settings.external_id_prop else {
        table::apply_external_id(event, cx);
        return;
    };
    // The path comes from the settings, so notes show it only if it cannot be personal.
    let from = || Path::Under("", vec![Cow::Owned(path.clone())]);
    let value = cx.message.at_path(path).filter(|value| !value.is_blank());
    match value.map_or(Err(Unusable::Unreadable), |value| {
        let input = Input {
            raw: value,
            from: &SourcePath::Configured(path),
            message: Some(cx.message),
        };
        external_ids(input, cx)
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
