//! Meta's click id and browser id: well-formed and untouched, or not at all.

use facebook_conversions::{Text, is_fbc, is_fbp};
use segment_spec::Raw;

use super::text::text_of;
use crate::context::Cx;
use crate::rules::row::{Change, Transformed, Unusable};
use crate::rules::source::Source;

pub(super) fn fbc<'a>(raw: Raw<'a>, _: &Source, _: &mut Cx<'_, 'a>) -> Transformed<Text<'a>> {
    well_formed(raw, is_fbc)
}

pub(super) fn fbp<'a>(raw: Raw<'a>, _: &Source, _: &mut Cx<'_, 'a>) -> Transformed<Text<'a>> {
    well_formed(raw, is_fbp)
}

fn well_formed(raw: Raw<'_>, has_form: fn(&str) -> bool) -> Transformed<Text<'_>> {
    let id = text_of(raw)
        .filter(|text| has_form(text))
        .ok_or(Unusable::Unreadable)?;
    Ok((id, Change::Same))
}
