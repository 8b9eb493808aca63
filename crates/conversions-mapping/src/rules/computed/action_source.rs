//! `action_source`: where the event happened.

use facebook_conversions::ActionSource;

use crate::context::RuleContext;
use crate::note::Effect;
use crate::outcome::MessageFault;
use crate::rules::known::Known;
use crate::rules::source::{Source, property};

/// Reads `properties.action_source`, else `properties.actionSource`, else defaults to `website`. A value that Meta does
/// not document is a fault, because guessing would misattribute the event.
pub(crate) fn read(cx: &mut RuleContext<'_, '_>) -> Result<ActionSource, MessageFault> {
    const SOURCES: [Source; 2] = [
        property(Known::ActionSource),
        property(Known::ActionSourceCamel),
    ];
    let mut found = None;
    for source in SOURCES {
        let Some(raw) = source.get(cx) else {
            continue;
        };
        let path = source.path.note_path(cx);
        if found.is_some() {
            cx.notes.left_out(|| path);
            continue;
        }
        let name = raw.as_str().map(|name| name.trim().to_ascii_lowercase());
        found = Some(
            name.as_deref()
                .and_then(ActionSource::from_name)
                .ok_or(MessageFault::InvalidActionSource)?,
        );
        cx.notes.wrote("action_source", Effect::Moved, || path);
    }
    Ok(found.unwrap_or_else(|| {
        cx.notes.defaulted("action_source");
        ActionSource::Website
    }))
}
