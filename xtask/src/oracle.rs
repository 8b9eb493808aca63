//! `cargo xtask oracle`: our normalization against Meta's own code, on inputs that nobody picked.
//!
//! Meta publishes two libraries that hash customer information: the parameter builder and the business SDK, both for
//! Node. They are installed into a folder of the system's temporary directory, get the same inputs as we, and are
//! asked for the same hashes. Where they and we differ, a rule must say so about that input, and why; a difference
//! that no rule covers is a defect on our side, and fails the command.

mod cases;
mod meta;
mod report;
mod rules;

use facebook_conversions::CountryCode;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};

use crate::problem::{Outcome, Problem};

use self::cases::Case;
use self::meta::{Answer, Meta, Missing};
use self::report::Report;

#[derive(clap::Args)]
#[command(
    after_help = "Installs the libraries with npm into the temporary directory. Ends with status 0 when a \
    rule covers every difference, and also, saying so in one sentence, when there is no Node or the libraries cannot \
    be installed; with status 1 when a difference is unexplained."
)]
pub(crate) struct Args {
    /// Inputs for each key.
    #[arg(long, default_value_t = 20_000)]
    cases: usize,
    /// What the inputs are made from; the same seed makes the same inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only these keys (`em`, `ph`, …); all of them if none is given.
    #[arg(long = "key", value_name = "KEY", value_parser = key)]
    keys: Vec<HashedKey>,
    /// The newest versions of the libraries instead of the ones that the rules were written for.
    #[arg(long)]
    latest: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut meta = match Meta::start(args.latest) {
        Ok(meta) => meta,
        Err(Missing(what)) => {
            println!("Not compared with Meta's code: {what}.");
            return Ok(());
        }
    };
    let keys = if args.keys.is_empty() {
        &HashedKey::ALL[..]
    } else {
        &args.keys
    };

    let mut report = Report::default();
    println!("{}\n", meta.describe());
    for key in keys {
        let cases = cases::of(*key, args.cases, args.seed, meta.year());
        let answers = meta.ask(&cases)?;
        for (case, answer) in cases.iter().zip(&answers) {
            report.add(case, ours(case).as_deref(), answer);
        }
    }
    print!("{report}");
    match report.unexplained() {
        0 => Ok(()),
        count => Err(Problem::new(
            format!("{count} differences are not covered by any rule"),
            "correct the normalization, or, if it is right, add a rule to xtask/src/oracle/rules",
        )),
    }
}

/// What we would send.
fn ours(case: &Case) -> Option<String> {
    let context =
        NormalizeContext::in_year(case.year).in_country(case.in_us.then_some(CountryCode::US));
    let hashed = case.key.hash(&case.raw, &context)?;
    Some(hashed.as_str().to_owned())
}

fn key(name: &str) -> Result<HashedKey, String> {
    HashedKey::ALL
        .into_iter()
        .find(|key| key.name() == name)
        .ok_or_else(|| {
            let names: Vec<&str> = HashedKey::ALL.into_iter().map(HashedKey::name).collect();
            format!("not one of {}", names.join(", "))
        })
}

#[cfg(test)]
mod tests {
    use facebook_conversions::normalize::HashedKey;

    use super::{Answer, Case, Report, key, ours};

    fn case(key: HashedKey, raw: &str) -> Case {
        Case {
            key,
            raw: raw.to_owned(),
            in_us: false,
            year: 2026,
        }
    }

    #[test]
    fn a_difference_without_a_rule_is_unexplained() {
        let case = case(HashedKey::Ct, "London");
        let ours = ours(&case);
        let mut report = Report::default();
        let same = Answer {
            builder: ours.clone(),
            sdk: ours.clone(),
        };
        report.add(&case, ours.as_deref(), &same);
        assert_eq!(report.unexplained(), 0);
        let other = Answer {
            builder: Some("6089854c".to_owned()),
            sdk: ours.clone(),
        };
        report.add(&case, ours.as_deref(), &other);
        assert_eq!(report.unexplained(), 1);
    }

    #[test]
    fn a_difference_under_a_rule_is_explained() {
        let case = case(HashedKey::St, "New South Wales");
        let nebraska = ours(&self::case(HashedKey::St, "ne"));
        let ours = ours(&case);
        let mut report = Report::default();
        report.add(
            &case,
            ours.as_deref(),
            &Answer {
                builder: nebraska,
                sdk: ours.clone(),
            },
        );
        assert_eq!(report.unexplained(), 0);
        assert!(report.to_string().contains("New South Wales"));
    }

    #[test]
    fn keys_go_by_their_wire_names() {
        assert_eq!(key("external_id"), Ok(HashedKey::ExternalId));
        assert!(key("email").is_err());
    }
}
