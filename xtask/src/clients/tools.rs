//! Programs that client tests need: finds them, and installs missing ones.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Missing;

/// A program, and the Debian packages that contain it.
struct Tool {
    /// What runs on it.
    clients: &'static str,
    /// Commands that all must run.
    probes: &'static [&'static [&'static str]],
    packages: &'static [&'static str],
}

const NODE: Tool = Tool {
    clients: "the clients for Node and for browsers",
    probes: &[&["node", "--version"], &["npm", "--version"]],
    packages: &["nodejs", "npm"],
};

const PYTHON: Tool = Tool {
    clients: "the client for Python",
    probes: &[
        &["python3", "--version"],
        &["python3", "-m", "pip", "--version"],
    ],
    packages: &["python3", "python3-pip"],
};

const LIBRDKAFKA: Tool = Tool {
    clients: "Kafka, whose client librdkafka is built from source",
    probes: &[
        &["make", "--version"],
        &["g++", "--version"],
        &["python3", "--version"],
        &["pkg-config", "--exists", "openssl"],
    ],
    packages: &["make", "g++", "python3", "pkg-config", "libssl-dev"],
};

/// The names of the browser; the first that runs is used.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const CHROMIUM: Tool = Tool {
    clients: "analytics.js in a browser",
    probes: &[&["chromium", "--version"]],
    packages: &["chromium"],
};

/// Node and npm.
pub(crate) fn node(install: bool) -> Result<(), Missing> {
    NODE.there(install)
}

/// Python and pip.
pub(crate) fn python(install: bool) -> Result<(), Missing> {
    PYTHON.there(install)
}

/// What the client of Kafka is built with.
pub(crate) fn librdkafka(install: bool) -> Result<(), Missing> {
    LIBRDKAFKA.there(install)
}

/// The browser.
pub(crate) fn chromium(install: bool) -> Result<PathBuf, Missing> {
    let is_there = |name: &&&str| answers(&[**name, "--version"]);
    if let Some(name) = BROWSERS.iter().find(is_there) {
        return Ok(PathBuf::from(name));
    }
    CHROMIUM.there(install)?;
    Ok(PathBuf::from(BROWSERS[0]))
}

impl Tool {
    /// Makes sure that it runs.
    fn there(&self, install: bool) -> Result<(), Missing> {
        let Some(probe) = self.silent() else {
            return Ok(());
        };
        if install && can_install() {
            println!("installing {}", self.packages.join(", "));
            apt_get(self.packages);
            if self.silent().is_none() {
                return Ok(());
            }
        }
        Err(Missing(format!(
            "{} ({}), because `{}` does not answer; install it with `apt-get install {}` or as your system does",
            self.clients,
            self.packages.join(", "),
            probe.join(" "),
            self.packages.join(" "),
        )))
    }

    /// The first command that does not run.
    fn silent(&self) -> Option<&'static [&'static str]> {
        self.probes.iter().copied().find(|probe| !answers(probe))
    }
}

fn answers(command: &[&str]) -> bool {
    let [program, arguments @ ..] = command else {
        return false;
    };
    let status = quiet(Command::new(program).args(arguments)).status();
    status.is_ok_and(|status| status.success())
}

/// Whether apt-get exists and we may use it.
fn can_install() -> bool {
    let root = Command::new("id").arg("-u").output();
    root.is_ok_and(|id| id.stdout.starts_with(b"0\n")) && answers(&["apt-get", "--version"])
}

/// Installs packages; the caller checks the result.
fn apt_get(packages: &[&str]) {
    // A registry that hangs must not hang us: each connection has a minute.
    let options = [
        "-q",
        "-y",
        "-o",
        "Acquire::http::Timeout=60",
        "-o",
        "Acquire::Retries=2",
    ];
    let run = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(options)
            .args(arguments);
        let _ = quiet(&mut command).status();
    };
    run(&["update"]);
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(packages);
    run(&install);
}

fn quiet(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
}

#[cfg(test)]
mod tests {
    use super::{Tool, answers};

    #[test]
    fn missing_tools_are_reported_with_their_remedy() {
        let tool = Tool {
            clients: "the client for Fortran",
            probes: &[&["no-such-program-here", "--version"]],
            packages: &["gfortran"],
        };
        let missing = tool.there(false).unwrap_err();
        assert_eq!(
            missing.0,
            "the client for Fortran (gfortran), because `no-such-program-here --version` does not answer; install it \
             with `apt-get install gfortran` or as your system does"
        );
    }

    #[test]
    fn a_program_that_is_there_answers() {
        assert!(answers(&["cargo", "--version"]));
        assert!(!answers(&["cargo", "--no-such-option"]));
    }
}
