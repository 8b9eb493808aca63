//! `event_name`: the standard event, else the name of the message.

use facebook_conversions::{ServerEvent, Text};

use crate::eligibility::{Call, EligibleMessage};
use crate::note::{Effect, Notes, Path};
use crate::outcome::MessageFault;

/// Meta's limit on the length of custom names, in characters.
const MAX_CUSTOM_NAME: usize = facebook_conversions::validation::MAX_EVENT_NAME;

/// Writes the name. A custom name that is too long is a fault, because Meta would refuse the event.
pub(crate) fn write<'a>(
    event: &mut ServerEvent<'a>,
    eligible: &EligibleMessage<'a>,
    standard: Option<&'static str>,
    notes: &mut Notes<'a>,
) -> Result<(), MessageFault> {
    let from = || {
        Path::Fixed(if eligible.call == Call::Track {
            "event"
        } else {
            "type"
        })
    };
    match standard {
        Some(standard) => {
            let same = eligible.call == Call::Track && eligible.name == standard;
            let effect = if same {
                Effect::Copied
            } else {
                Effect::Normalized
            };
            notes.wrote("event_name", effect, from);
            event.event_name = Text::plain(standard);
        }
        None if eligible.name.len() > MAX_CUSTOM_NAME
            && eligible.name.chars().count() > MAX_CUSTOM_NAME =>
        {
            return Err(MessageFault::EventNameTooLong);
        }
        None => {
            let effect = if eligible.call == Call::Track {
                Effect::Copied
            } else {
                Effect::Normalized
            };
            notes.wrote("event_name", effect, from);
            event.event_name = eligible.name.clone();
        }
    }
    Ok(())
}
