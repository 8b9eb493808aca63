//! Meta's error codes and subcodes.

use super::Disposition::{
    self, Expired, Hold, Retry, RetryFew, RetrySlow, Split, Throttled, TooLarge,
};
use super::HoldReason::{Authentication, Configuration, Permission};
use super::Meaning;

/// One code, or a range of codes, with or without a subcode, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// The first `code` of the range.
    pub first: i64,
    /// The last `code` of the range; the first again for a single code.
    pub last: i64,
    /// The `error_subcode`; `None` stands for every subcode that has no row of its own, and for none.
    pub subcode: Option<i64>,
    /// What to do with the events.
    pub disposition: Disposition,
    /// For people: what it means and what to do.
    pub sentence: &'static str,
}

/// Every subcode without a row of its own, and none.
const ANY: Option<i64> = None;

/// The table of [error codes](https://developers.facebook.com/docs/graph-api/guides/error-handling). A row with the
/// subcode wins over one without; a single code wins over a range.
#[rustfmt::skip]
pub const CODES: &[CodeRow] = &[
    // Meta's own trouble
    //  first  last   subcode          do                    in words
    row(1,     1,     ANY,             RetryFew,             "An unknown error on Meta's side, possibly because it is down."),
    row(1,     1,     Some(99),        RetryFew,             "An unknown error on Meta's side; this one has been seen for requests that Meta could not read."),
    row(2,     2,     ANY,             Retry,                "The service is down for a moment on Meta's side."),
    row(5000,  5000,  ANY,             Retry,                "An error on Meta's side that passes by itself."),
    row(21009, 21009, ANY,             Retry,                "The data set is not ready to take events for the moment."),

    // limits
    row(4,     4,     ANY,             Throttled,            "The app has made too many calls. Sending slows down for as long as Meta asks."),
    row(4,     4,     Some(1_504_022), Throttled,            "The app has made too many calls in a short time. Sending slows down for as long as Meta asks."),
    row(4,     4,     Some(1_504_039), Throttled,            "The app has made too many calls in a short time. Sending slows down for as long as Meta asks."),
    row(17,    17,    ANY,             Throttled,            "The token's user has made too many calls. Sending slows down for as long as Meta asks."),
    row(17,    17,    Some(2_446_079), Throttled,            "The ad account has had too many calls. Sending slows down for as long as Meta asks."),
    row(32,    32,    ANY,             Throttled,            "The page has had too many calls. Sending slows down for as long as Meta asks."),
    row(341,   341,   ANY,             Throttled,            "The app has reached a limit of Meta's. Sending slows down for as long as Meta asks."),
    row(368,   368,   ANY,             RetrySlow,            "Meta has blocked the account for a while because of its policies. See the account's notices at Meta."),
    row(613,   613,   ANY,             Throttled,            "Too many calls of this kind. Sending slows down for as long as Meta asks."),
    row(613,   613,   Some(1_487_742), Throttled,            "The ad account has had too many calls. Sending slows down for as long as Meta asks."),
    row(613,   613,   Some(5_044_001), Throttled,            "Too many calls of this kind. Sending slows down for as long as Meta asks."),
    row(80000, 80006, ANY,             Throttled,            "The business has made too many calls of one use case. Sending slows down for as long as Meta asks."),
    row(80008, 80009, ANY,             Throttled,            "The business has made too many calls of one use case. Sending slows down for as long as Meta asks."),
    row(80014, 80014, ANY,             Throttled,            "The business has made too many calls of one use case. Sending slows down for as long as Meta asks."),

    // who may
    row(10,    10,    ANY,             Hold(Permission),     "The access token lacks a permission, or it was taken away. Give the system user access to the pixel in Business Manager."),
    row(200,   299,   ANY,             Hold(Permission),     "The access token lacks a permission, or it was taken away. Give the system user access to the pixel in Business Manager."),
    row(294,   294,   ANY,             Hold(Permission),     "The access token lacks the permission ads_management. Make a token that has it."),
    row(102,   102,   ANY,             Hold(Authentication), "The session of the access token is not valid any more. Create a new access token."),
    row(104,   104,   ANY,             Hold(Authentication), "The appsecret_proof is wrong or missing. Check that the app secret belongs to the app of the access token."),
    row(190,   190,   ANY,             Hold(Authentication), "The access token is not accepted. Check that it is complete, or make a new one in Events Manager."),
    row(190,   190,   Some(458),       Hold(Authentication), "The app of the access token is not installed any more. Create a new access token."),
    row(190,   190,   Some(459),       Hold(Authentication), "The user of the access token has to log in at Facebook and answer its questions."),
    row(190,   190,   Some(460),       Hold(Authentication), "The password of the access token's user has changed. Create a new access token."),
    row(190,   190,   Some(463),       Hold(Authentication), "The access token has expired. Create a new one; a system user's token need not expire."),
    row(190,   190,   Some(464),       Hold(Authentication), "The user of the access token is not confirmed. They have to log in at Facebook."),
    row(190,   190,   Some(467),       Hold(Authentication), "The access token is not valid any more. Create a new one."),
    row(190,   190,   Some(492),       Hold(Authentication), "The user of the access token has no role on the page. Give them one, or make a token of another user."),

    // where to
    row(3,     3,     ANY,             Hold(Configuration),  "The app of the access token may not use this part of the API. Check pixel id and API version."),
    row(100,   100,   Some(33),        Hold(Configuration),  "The pixel does not exist, or the access token has no access to it. Check the pixel id, and who may use it."),
    row(803,   803,   ANY,             Hold(Configuration),  "The pixel id is not known to Meta. Check it."),
    row(2500,  2500,  ANY,             Hold(Configuration),  "The address of the request is unknown to Graph. Check pixel id, API version and base address."),
    row(2635,  2635,  ANY,             Hold(Configuration),  "The API version is not served any more. Set a newer one."),

    // what an event lacks
    row(100,   100,   ANY,             Split,                "A parameter of an event is invalid. If it happens to every event, the access token may lack access to the pixel."),
    row(100,   100,   Some(34),        Split,                "A parameter of an event is invalid."),
    row(100,   100,   Some(38),        Split,                "A parameter of an event is invalid."),
    row(100,   100,   Some(2_804_001), Split,                "Meta refuses an event for good; it does not document why. An empty click id in fbc has been seen to cause it."),
    row(100,   100,   Some(2_804_003), Expired,              "An event is older than Meta takes: seven days."),
    row(100,   100,   Some(2_804_004), Expired,              "The time of an event is out of the range that Meta takes."),
    row(100,   100,   Some(2_804_007), Split,                "Meta refuses an event for good; it does not document why."),
    row(100,   100,   Some(2_804_008), Split,                "The content_ids of an event are not as Meta wants them."),
    row(100,   100,   Some(2_804_009), Split,                "A Purchase has no value."),
    row(100,   100,   Some(2_804_010), Split,                "A Purchase has no currency or no value."),
    row(100,   100,   Some(2_804_011), Split,                "The currency of a Purchase is not accepted."),
    row(100,   100,   Some(2_804_016), Split,                "Meta refuses an event for good; it does not document why."),
    row(100,   100,   Some(2_804_017), Split,                "Meta refuses an event for good; it does not document why."),
    row(100,   100,   Some(2_804_019), Split,                "Meta refuses an event for good; it does not document why."),
    row(100,   100,   Some(2_804_023), Split,                "An event has a value but no currency."),
    row(100,   100,   Some(2_804_030), Split,                "Meta wants a choice about Limited Data Use for this event."),
    row(100,   100,   Some(2_804_036), Split,                "The lead_id of an event is invalid, or the lead was deleted."),
    row(100,   100,   Some(2_804_043), Split,                "The extinfo of an app event is incomplete: the version of the operating system must not be empty."),
    row(100,   100,   Some(2_804_048), Split,                "Meta refuses an event for good; it does not document why."),
    row(100,   100,   Some(2_804_050), Split,                "An event has too little customer information to be matched, or a combination that is too broad. Send an email address, a phone number or an external_id with it."),
    row(100,   100,   Some(2_804_066), Split,                "This event name is not allowed with the action source business_messaging."),
    row(100,   100,   Some(2_804_072), Split,                "The page_id of an event does not own its ctwa_clid."),
    row(100,   100,   Some(2_804_087), Split,                "The ctwa_clid of an event is invalid."),

    // too much
    row(105,   105,   ANY,             TooLarge,             "The request has too many parameters. It is split."),
];

/// The meaning of a code and subcode, if the table has it.
pub(super) fn find(code: i64, subcode: Option<i64>) -> Option<Meaning> {
    let holds = |row: &&CodeRow| {
        (row.first..=row.last).contains(&code) && (row.subcode == subcode || row.subcode.is_none())
    };
    let precision = |row: &&CodeRow| (row.subcode.is_none(), row.last - row.first);
    let row = CODES.iter().filter(holds).min_by_key(precision)?;
    Some(Meaning {
        disposition: row.disposition,
        sentence: row.sentence,
    })
}

const fn row(
    first: i64,
    last: i64,
    subcode: Option<i64>,
    disposition: Disposition,
    sentence: &'static str,
) -> CodeRow {
    CodeRow {
        first,
        last,
        subcode,
        disposition,
        sentence,
    }
}
