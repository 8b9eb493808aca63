//! Which client library sent a message.

use segment_spec::Raw;

use super::names::{MAX_NAME_BYTES, shown};

/// The name and version of the client library. Nearly always it is that of the message before.
#[derive(Default)]
pub(super) struct LibraryName {
    /// `context.library` of the message before, as it was sent.
    sent: String,
    name: String,
}

impl LibraryName {
    pub(super) fn of(&mut self, library: Option<Raw<'_>>) -> &str {
        let sent = library.map_or("", Raw::text);
        if sent.is_empty() || self.sent != sent {
            self.sent.clear();
            self.name.clear();
            // Longer ones are read each time.
            if sent.len() <= 3 * MAX_NAME_BYTES {
                self.sent.push_str(sent);
            }
            if let Some(library) = library {
                put_library(&mut self.name, library);
            }
        }
        &self.name
    }
}

/// Writes name and version of `context.library`.
fn put_library(out: &mut String, library: Raw<'_>) {
    let [mut name, mut version] = [None; 2];
    for member in library.members().into_iter().flatten() {
        match &*member.key {
            "name" => name = Some(member.value),
            "version" => version = Some(member.value),
            _ => {}
        }
    }
    if let Some(name) = name.and_then(Raw::as_str) {
        out.push_str(shown(&name));
    }
    if let Some(version) = version
        .and_then(Raw::as_str)
        .filter(|text| !text.is_empty())
    {
        out.push('/');
        out.push_str(shown(&version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_the_name_of_its_own_library() {
        let long = format!(r#"{{"name":"long","more":"{}"}}"#, "x".repeat(400));
        let mut names = LibraryName::default();
        for (sent, name) in [
            (
                r#"{"name":"analytics.js","version":"2.1.0"}"#,
                "analytics.js/2.1.0",
            ),
            (
                r#"{"name":"analytics.js","version":"2.1.0"}"#,
                "analytics.js/2.1.0",
            ),
            (&long, "long"),
            ("", ""),
            (r#"{"version":"1"}"#, "/1"),
            (r#"{"name":"a@b.example"}"#, "(not shown)"),
            ("7", ""),
        ] {
            assert_eq!(names.of(Raw::read(sent)), name, "{sent}");
        }
    }
}
