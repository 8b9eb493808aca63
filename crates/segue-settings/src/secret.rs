//! Secrets: named in the settings, read when they are needed, never shown.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// Where a secret comes from.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// `{ env = "NAME" }`
    Environment(String),
    /// `{ file = "path" }`, relative to the settings file
    File(PathBuf),
    /// Written into the settings file itself
    Literal(SecretString),
}

/// Why a secret could not be read. Names the variable or file, never the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is no such environment variable.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// It holds nothing but white space.
    #[error("the environment variable {0} is empty")]
    EmptyVariable(String),
    /// Its bytes are not UTF-8.
    #[error("the environment variable {0} is not UTF-8")]
    NotUtf8(String),
    /// There is no such file.
    #[error("the file {} does not exist", .0.display())]
    NoFile(PathBuf),
    /// The path leads to a folder.
    #[error("{} is a folder, not a file", .0.display())]
    Folder(PathBuf),
    /// The file is not UTF-8.
    #[error("the file {} is not text", .0.display())]
    NotText(PathBuf),
    /// The operating system refuses to read the file.
    #[error("the file {} cannot be read: {_1}", .0.display())]
    Unreadable(PathBuf, io::ErrorKind),
    /// The file holds nothing but white space.
    #[error("the file {} is empty", .0.display())]
    EmptyFile(PathBuf),
}

impl SecretSource {
    /// Reads the secret, from `environment`, which looks up a variable, from its file, or from the settings. White space
    /// around it is not part of it.
    ///
    /// # Errors
    ///
    /// The variable or file does not exist, cannot be read, or is empty.
    pub fn resolve(
        &self,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<SecretString, SecretError> {
        match self {
            Self::Literal(secret) => Ok(secret.clone()),
            Self::Environment(name) => {
                let value = environment(name).ok_or_else(|| SecretError::NotSet(name.clone()))?;
                let value = value.into_string();
                let value = value.map_err(|_| SecretError::NotUtf8(name.clone()))?;
                trimmed(&value).ok_or_else(|| SecretError::EmptyVariable(name.clone()))
            }
            Self::File(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|error| unreadable(path, error.kind()))?;
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                trimmed(text).ok_or_else(|| SecretError::EmptyFile(path.clone()))
            }
        }
    }
}

/// Where the secret comes from, without the secret.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "from the environment variable {name}"),
            Self::File(path) => write!(f, "from the file {}", path.display()),
            Self::Literal(_) => f.write_str("written in the settings, not shown"),
        }
    }
}

fn trimmed(value: &str) -> Option<SecretString> {
    let secret = value.trim();
    (!secret.is_empty()).then(|| SecretString::from(secret))
}

fn unreadable(path: &Path, kind: io::ErrorKind) -> SecretError {
    let path = path.to_owned();
    match kind {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => SecretError::NoFile(path),
        io::ErrorKind::IsADirectory => SecretError::Folder(path),
        io::ErrorKind::InvalidData => SecretError::NotText(path),
        kind => SecretError::Unreadable(path, kind),
    }
}

/// Whether a text that should be a name may be an access token, an app token, or an app secret instead.
///
/// Meta's access tokens begin with `EAA`; app tokens are an id and a secret with `|` between them; app secrets, and
/// most keys of other services, are long words of letters and digits without a separator.
pub(crate) fn looks_like_secret(text: &str) -> bool {
    let text = text.trim();
    let divided = text.contains(['_', '/', '.', '-']);
    let word = !text.contains(char::is_whitespace);
    let has = |kind: fn(&char) -> bool| text.chars().any(|letter| kind(&letter));
    let key = text.chars().nth(19).is_some()
        && has(char::is_ascii_alphabetic)
        && has(char::is_ascii_digit)
        && !divided;
    word && (text.starts_with("EAA") || text.contains('|') || key)
}

/// Whether every user of this machine can read the file. False for folders and devices, and on systems without Unix
/// permissions.
pub(crate) fn is_readable_by_all(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path)
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn environment(name: &str) -> Option<OsString> {
        match name {
            "TOKEN" => Some(" token \n".into()),
            "EMPTY" => Some("\n".into()),
            _ => None,
        }
    }

    fn resolve(source: &SecretSource) -> Result<String, String> {
        source
            .resolve(&environment)
            .map(|secret| secret.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn blanks_around_a_secret_do_not_belong_to_it() {
        let named = |name: &str| resolve(&SecretSource::Environment(name.to_owned()));
        assert_eq!(named("TOKEN"), Ok("token".to_owned()));
        assert_eq!(
            named("EMPTY"),
            Err("the environment variable EMPTY is empty".to_owned())
        );
        assert_eq!(
            named("OTHER"),
            Err("the environment variable OTHER is not set".to_owned())
        );

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "\u{feff}from a file\r\n").unwrap();
        assert_eq!(
            resolve(&SecretSource::File(path)),
            Ok("from a file".to_owned())
        );
    }

    #[test]
    fn a_file_that_cannot_be_had_is_said_to_be_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("binary");
        std::fs::write(&binary, [0xff, 0xfe, 0]).unwrap();
        for (path, why) in [
            (folder.path().join("none"), "does not exist"),
            (folder.path().to_owned(), "is a folder, not a file"),
            (binary, "is not text"),
        ] {
            let said = resolve(&SecretSource::File(path)).unwrap_err();
            assert!(said.ends_with(why), "{said}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn only_files_are_readable_by_all() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "t").unwrap();
        for (path, mode, open) in [
            (path.as_path(), 0o644, true),
            (path.as_path(), 0o600, false),
            (folder.path(), 0o755, false),
        ] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_readable_by_all(path), open, "{mode:o}");
        }
        assert!(!is_readable_by_all(Path::new("/dev/null")));
    }

    #[test]
    fn secrets_are_told_from_names() {
        for secret in [
            "EAABsbCS1iHgBO",
            " EAAG_short ",
            "123|abc",
            "0123456789abcdef0123456789abcdef",
            "a1b2c3d4e5f6g7h8i9j0",
        ] {
            assert!(looks_like_secret(secret), "{secret}");
        }
        for name in [
            "META_ACCESS_TOKEN_2",
            "production-access-token-2.txt",
            "/run/secrets/meta2tokenmeta2token",
            "Completed Checkout Step 2",
            "Viewed | Clicked",
            "a1b2c3d4e5f6g7h8i9j",
            "extendedStandardEvents",
            "eaa",
        ] {
            assert!(!looks_like_secret(name), "{name}");
        }
    }

    #[test]
    fn a_literal_is_shown_nowhere() {
        let literal = SecretSource::Literal(SecretString::from("sekrit"));
        let shown = format!("{literal} {literal:?}");
        assert!(!shown.contains("sekrit"), "{shown}");
    }
}
