//! Meta's click id and browser id: sent unchanged if well-formed, otherwise left out.

use facebook_conversions::{Text, is_fbc, is_fbp};
use segment_spec::Raw;

use crate::context::RuleContext;
use crate::transforms::input::Input;
use crate::transforms::plain_text::text_of;
use crate::transforms::transformed::{Change, Transformed, Unusable};

pub(super) fn fbc<'v>(input: Input<'v, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<Text<'v>> {
    well_formed(input.raw, is_fbc)
}

pub(super) fn fbp<'v>(input: Input<'v, '_>, _: &mut RuleContext<'_, '_>) -> Transformed<Text<'v>> {
    well_formed(input.raw, is_fbp)
}

fn well_formed(raw: Raw<'_>, has_form: fn(&str) -> bool) -> Transformed<Text<'_>> {
    let id = text_of(raw)
        .filter(|text| has_form(text))
        .ok_or(Unusable::Unreadable)?;
    Ok((id, Change::Same))
}
