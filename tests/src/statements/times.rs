//! Time, identifiers, addresses.

use super::{Statement, says};

#[rustfmt::skip]
pub(super) const ALL: &[Statement] = &[
    says("time-floor",               "`event_time` is in whole Unix seconds, rounded down"),
    says("time-offset",              "any offset is understood; without a zone the time is UTC"),
    says("time-lenient",             "ISO 8601 is read leniently"),
    says("time-number",              "a number is Unix time, in milliseconds from 1e11 on"),
    says("time-digits-in-text",      "text of exactly 10 digits is Unix seconds, of exactly 13 milliseconds; any other number of digits is unreadable"),
    says("time-skew",                "without a readable `timestamp` the sender's clock is corrected: `receivedAt` minus the way from `originalTimestamp` to `sentAt`"),
    says("time-fallback",            "else `receivedAt`, then `originalTimestamp`, then `sentAt` is taken, with a note"),
    says("time-clock",               "a message without any time gets the clock's, with a note"),
    says("time-unreadable",          "times that are present and all unreadable reject the message as `invalid_timestamp`"),
    says("event-id-number",          "a numeric `messageId` becomes its decimal text"),
    says("external-id-anonymous",    "without a `userId`, `anonymousId` is the `external_id`"),
    says("external-id-form",         "an id keeps its case, is trimmed, and a number becomes its decimal text"),
    says("external-id-prop",         "with `external_id_prop` only that path is looked at; when it is absent there is no `external_id`, with a note"),
    says("external-id-list",         "an array gives a list without repetitions"),
    says("external-id-hashed",       "`hash_external_id` hashes the id after Meta's normalization"),
    says("external-id-email",        "an id that is an e-mail address is always hashed, with a note"),
    says("external-id-looks-hashed", "an id of 32 or 64 hex digits sent in clear draws the warning `external_id_looks_hashed`"),
    says("ip-forms",                 "IPv4 and IPv6 are sent; port, brackets and `::ffff:` are stripped, the spelling of IPv6 is kept"),
    says("ip-not-public",            "private, loopback, link-local, shared, multicast and unspecified addresses are left out"),
    says("ip-list",                  "of a list of addresses with commas the first usable one is sent"),
    says("ip-suffix",                "Meta's parameter-builder suffix of an address is kept"),
    says("url-http-only",            "only http and https addresses are sent"),
    says("url-as-is",                "an address is sent byte for byte"),
    says("url-email-query",          "a pair of the query or the fragment whose decoded key or value contains an e-mail address is removed with its separator"),
    says("url-email-path",           "a segment of the path that contains an e-mail address becomes `-`"),
    says("url-email-user",           "user information that contains an e-mail address is removed"),
    says("fbc-places",               "`fbc` and `fbp` come from properties, then our `integrations` entry, then the context"),
    says("fb-cookies",               "`_fbc` and `_fbp` among the properties are read behind `fbc` and `fbp`, and do not stay"),
    says("fbc-malformed",            "a malformed `fbc` or `fbp` is left out; a well-formed one is never altered"),
];
