//! `cargo xtask console` and `cargo xtask screenshots`: the console of the real command in a real Chromium.
//!
//! puppeteer-core and axe-core are installed with npm into `target/clients`, in the versions that `tests/console/packages`
//! pins; the journeys are in `tests/console`. When a tool is missing or the registry does not answer, a sentence says so.

use std::path::PathBuf;
use std::process::Command;

use crate::cargo;
use crate::clients::{Missing, install, tools};
use crate::problem::{Outcome, Problem};
use crate::programs::Programs;
use crate::terminal;

/// Where the versions are pinned.
const PINNED: &str = "tests/console/packages";
/// Where the README's pictures are.
const PICTURES: &str = "docs/images";

#[derive(clap::Args)]
#[command(
    after_help = "Ends with status 0 when every journey passes, or when a tool is missing, which it says in one sentence; with \
    status 1 when a journey fails, or, with --all, when none can be run."
)]
pub(crate) struct Args {
    /// Run only journeys whose name contains this: `pages`, `search`, `keyboard`, `replay`, …
    filter: Option<String>,
    /// Install missing programs with apt-get, where there is one and we are root.
    #[arg(long)]
    install: bool,
    /// Fail when the journeys cannot be run.
    #[arg(long)]
    all: bool,
}

#[derive(clap::Args)]
pub(crate) struct ScreenshotArgs {}

pub(crate) fn run(args: &Args) -> Outcome {
    match find(args.install) {
        Ok(browser) => browser.run(
            &[("FILTER", args.filter.clone().unwrap_or_default().into())],
            "run one journey alone with `cargo xtask console NAME`, and read what it says",
        ),
        Err(Missing(what)) => {
            println!("{} {what}.", terminal::bad("not tested:"));
            if args.all {
                return Err(Problem::new(
                    "the console could not be looked at",
                    "install what is missing, or call `cargo xtask console --install`",
                ));
            }
            Ok(())
        }
    }
}

/// Writes the pictures of the README.
pub(crate) fn screenshots(_: &ScreenshotArgs) -> Outcome {
    let browser = find(false).map_err(|Missing(what)| {
        Problem::new(
            format!("no pictures without {what}"),
            "install what is missing, or call `cargo xtask console --install`",
        )
    })?;
    let folder = cargo::root().join(PICTURES);
    std::fs::create_dir_all(&folder).map_err(|error| {
        Problem::new(
            format!("{PICTURES} cannot be created: {error}"),
            "make room for it",
        )
    })?;
    browser.run(&[("SCREENSHOTS", folder)], "read what the browser says")
}

/// Runs all journeys, for continuous integration.
pub(crate) fn check(install: bool) -> Outcome {
    run(&Args {
        filter: None,
        install,
        all: false,
    })
}

/// What the journeys need.
struct Browser {
    chromium: PathBuf,
    modules: PathBuf,
}

fn find(install: bool) -> Result<Browser, Missing> {
    tools::node(install)?;
    Ok(Browser {
        chromium: tools::chromium(install)?,
        modules: install::node_modules(PINNED, "console")?,
    })
}

impl Browser {
    /// Builds the command, and runs the journeys with it.
    fn run(&self, variables: &[(&str, PathBuf)], next: &str) -> Outcome {
        let programs = Programs::build(&["segue", "fortnight"], &[], "")?;
        let failed = |why: String| Problem::new(why, next);
        let status = Command::new("node")
            .arg(cargo::root().join("tests/console/main.mjs"))
            .env("SEGUE", programs.path("segue")?)
            .env("FORTNIGHT", programs.path("fortnight")?)
            .env("CHROMIUM", which(&self.chromium))
            .env("MODULES", &self.modules)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .status()
            .map_err(|error| failed(format!("node cannot be run: {error}")))?;
        if status.success() {
            Ok(())
        } else {
            Err(failed("the console does not do what it should".to_owned()))
        }
    }
}

/// The path of a program of the search path: the browser is not started by a shell.
fn which(program: &std::path::Path) -> PathBuf {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| program.to_owned())
}
