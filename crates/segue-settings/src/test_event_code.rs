//! Test event codes: the short word under which Events Manager shows events while they are tried out.

use crate::diagnostic::Mistake;
use crate::secret::looks_like_secret;

/// Checks a code, for an option of a command line.
///
/// ```
/// use segue_settings::test_event_code::parse;
///
/// assert_eq!(parse("TEST12345").as_deref(), Ok("TEST12345"));
/// assert!(parse("TEST 12345").is_err());
/// ```
///
/// # Errors
///
/// What is wrong, in words that do not show the text: it is empty, has blanks, or looks like a secret.
pub fn parse(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("the code is empty".to_owned());
    }
    check(text).map_err(|mistake| match mistake.help {
        Some(help) => format!("{}: {help}", mistake.message),
        None => mistake.message,
    })?;
    Ok(text.to_owned())
}

pub(crate) fn check(text: &str) -> Result<(), Mistake> {
    if text.contains(char::is_whitespace) {
        return Err(Mistake::new("`test_event_code` must be one word")
            .help("copy it from the tab Test Events in Events Manager"));
    }
    if looks_like_secret(text) {
        return Err(Mistake::new("`test_event_code` looks like a secret")
            .help("it is the short code of the tab Test Events in Events Manager"));
    }
    Ok(())
}
