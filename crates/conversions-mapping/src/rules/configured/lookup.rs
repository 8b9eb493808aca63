//! Finds the value of a path in a message.

use segment_spec::{Message, Raw};

use crate::context::RuleContext;

/// What the paths of properties begin with.
pub(super) const PROPERTIES: &str = "properties.";

const TRAITS: &str = "context.traits.";

pub(super) fn find<'a>(path: &str, cx: &RuleContext<'_, 'a>) -> Option<Raw<'a>> {
    let message = cx.message;
    match path {
        // Members that may have been filled in after the message was read.
        "context.ip" => message.context.ip,
        "context.userAgent" => message.context.user_agent,
        "context.page.url" => message.context.page.url,
        "userId" => message.user_id,
        "anonymousId" => message.anonymous_id,
        _ => match path.strip_prefix(PROPERTIES) {
            Some(keys) => find_property(keys, message),
            None => message.at_path(path).or_else(|| {
                // In an Identify call the traits are at the top of the message.
                let below = path.strip_prefix(TRAITS).filter(|_| cx.traits_at_top)?;
                message.at_path(&format!("traits.{below}"))
            }),
        },
    }
}

/// Properties are sorted by key already, so only objects inside of them are searched. A key that itself has dots wins.
fn find_property<'a>(keys: &str, message: &Message<'a>) -> Option<Raw<'a>> {
    let properties = &message.properties;
    if let Some(value) = properties.get(keys) {
        return Some(value);
    }
    let mut keys = keys.split('.');
    let first = properties.get(keys.next()?)?;
    keys.try_fold(first, Raw::get)
}
