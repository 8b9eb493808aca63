//! Contact data: normalized, hashed, never in clear.

use super::{Statement, says};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    says("context-traits",          "traits in the context of a Track call are used"),
    says("hash-normalized",         "contact data is normalized, then hashed with SHA-256 in lower-case hex"),
    says("hash-already",            "values that are hashed already are recognised and never hashed twice, Meta's suffix kept byte for byte"),
    says("hash-unusable",           "a value that normalizes to nothing is left out; the hash of the empty string is never sent"),
    says("trait-spellings",         "snake-case and lower-case spellings of the traits are read too, `zip` for the postal code; the first present wins"),
    says("trait-list",              "`email` and `phone` may be lists; one value is sent as a string, several as a list, repetitions once"),
    says("trait-number",            "a phone, postal code or birthday that is a number is read as its digits"),
    says("traits-address-at-top",   "the parts of the address are read directly among the traits too, behind those of `address`"),
    says("phone-completed",         "a phone number without calling code gets that of the event's country; what is no number of it stays as its digits"),
    says("phone-default-country",   "`default_country` is the country of the phone numbers of events that have none"),
    says("phone-completed-off",     "without `complete_phone` a phone number gets no calling code"),
    says("trait-gender",            "`gender` is sent hashed as `ge`"),
    says("trait-country",           "`address.country` is sent hashed as `country`"),
    says("split-name",              "a `name` of exactly two words fills `fn` and `ln` where they are missing"),
    says("split-name-off",          "without `split_name` a `name` is not used"),
    says("personal-properties",     "properties named like contact data are cut out at any depth, noted as `dropped_personal`, and what stands around them is unchanged"),
    says("personal-email-value",    "a string that is wholly an e-mail address is cut out wherever it stands, `search_string` and `status` included"),
    says("personal-email-in-array", "an e-mail address in an array is removed, not nulled"),
    says("personal-product-names",  "`name`, `city`, `country`, `state`, `zip` and `gender` stay: they describe products or are Meta's own keys"),
    says("personal-drop",           "`pii_properties.drop` extends the names, without regard to case and `_`"),
    says("personal-hash",           "`pii_properties.hash` sends SHA-256 of the trimmed, lower-cased text instead; other types are dropped"),
    says("personal-allow",          "`pii_properties.allow` exempts a name and its e-mail value; `*` exempts all; allow precedes hash, hash precedes drop"),
    says("personal-names-in-notes", "a property key with `@` or seven digits in a row is not printed in notes"),
];
