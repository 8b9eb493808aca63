//! Secrets: named in the settings, read when they are needed, never shown.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

/// Where a secret comes from.
#[derive(Clone, Debug)]
pub(crate) enum SecretSource {
    /// `{ env = "NAME" }`
    Environment(String),
    /// `{ file = "path" }`, relative to the settings file
    File(PathBuf),
    /// Written into the settings file itself
    Literal(SecretString),
}

/// Why a secret could not be had. Names the place, never the value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    #[error("the environment variable {0} is empty")]
    EmptyVariable(String),
    #[error("the environment variable {0} is not UTF-8")]
    NotUtf8(String),
    #[error("the file {} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("the file {} is empty", .0.display())]
    EmptyFile(PathBuf),
}

impl SecretSource {
    /// Reads the secret; blanks and line ends around it do not belong to it.
    pub(crate) fn resolve(
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
                let text = text.map_err(|error| SecretError::Unreadable(path.clone(), error))?;
                trimmed(&text).ok_or_else(|| SecretError::EmptyFile(path.clone()))
            }
        }
    }
}

/// What people may see of it.
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

/// Whether everybody on this machine can read the file. On systems without such modes: no.
pub(crate) fn is_readable_by_all(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Whether two secrets are the same, for tests and for reloading.
impl PartialEq for SecretSource {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Environment(left), Self::Environment(right)) => left == right,
            (Self::File(left), Self::File(right)) => left == right,
            (Self::Literal(left), Self::Literal(right)) => {
                left.expose_secret() == right.expose_secret()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
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
        std::fs::write(&path, "from a file\n").unwrap();
        assert_eq!(
            resolve(&SecretSource::File(path)),
            Ok("from a file".to_owned())
        );
    }

    #[test]
    fn a_literal_is_shown_nowhere() {
        let literal = SecretSource::Literal(SecretString::from("sekrit"));
        let shown = format!("{literal} {literal:?}");
        assert!(!shown.contains("sekrit"), "{shown}");
    }
}
