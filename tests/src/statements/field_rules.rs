//! Rows of the settings.

use super::{Statement, says};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    says("field-rules",                "`fields` says where a field comes from; the first present and usable source wins, and if none is, the built-in row applies"),
    says("field-rules-move",           "a property that was used, or that its field could not use, does not stay in `custom_data`"),
    says("field-rules-keep",           "with `keep` the property stays"),
    says("field-rules-constant",       "a source may be a constant, noted as `defaulted`"),
    says("field-rules-of-one-event",   "`event_fields` holds the rows of one event, which win over `fields`; names are folded like those of events"),
    says("field-rules-nested",         "of an object whose member was used the rest stays"),
    says("field-rules-typed",          "a value is read by the type of its field: hashed keys are normalized and hashed, money, integers, times and lists are read as ever"),
    says("field-rules-contact-data",   "contact data never gets into `custom_data` or another field in clear, noted as `dropped_personal`"),
    says("field-rules-original-event", "`original_event_data` names the event that a late value adds to"),
    says("match-properties",           "with `match_properties` e-mail address, phone and names among the properties fill `em`, `ph`, `fn` and `ln` where the traits do not"),
];
