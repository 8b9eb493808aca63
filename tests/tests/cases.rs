//! Every folder of `tests/cases/` is a test of its name: what the mapping makes of its input is its snapshot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use e2e::case::{self, Case, CaseError};
use e2e::mapped;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> Result<ExitCode, CaseError> {
    let arguments = Arguments::from_args();
    let cases = case::all()?;
    let trials = cases
        .into_iter()
        .map(|case| Trial::test(case.name.clone(), move || check(&case)));
    Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code())
}

fn check(case: &Case) -> Result<(), Failed> {
    let text = mapped::snapshot(case)?;
    let mut insta = insta::Settings::new();
    insta.set_snapshot_path(&case.folder);
    insta.set_prepend_module_to_snapshot(false);
    insta.set_omit_expression(true);
    insta.set_description(&case.about.story);
    // A difference panics with a remark on cargo-insta, which nobody needs here.
    catch_unwind(AssertUnwindSafe(|| {
        insta.bind(|| insta::assert_snapshot!("outcome", text));
    }))
    .map_err(|_| Failed::from("the outcome differs: `cargo xtask snapshots review`"))
}
