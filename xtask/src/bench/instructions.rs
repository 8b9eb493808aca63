//! How many processor instructions it takes to map an event: a figure that a busy machine does not change.
//!
//! valgrind's callgrind runs `bench/src/bin/count.rs` with and without rounds of mapping; the difference is mapping alone.
//! The figures lie in `bench/instructions.toml`. Another compiler, valgrind or processor counts otherwise, so figures of
//! another machine are not compared.

mod baseline;
mod valgrind;

use std::fmt::Write;

use self::baseline::{Baseline, Counts, Machine};
use self::valgrind::Valgrind;
use crate::problem::{Outcome, Problem};
use crate::{cargo, terminal};

/// Growth that is taken for chance: where code lies, how long a path is.
const TOLERATED_PERCENT: u64 = 5;

/// Counts, and says how that compares; fails when something has grown.
pub(super) fn check() -> Outcome {
    let Some((machine, counts)) = count()? else {
        return Ok(());
    };
    let baseline = Baseline::read()?;
    let Some(baseline) = baseline.filter(|baseline| baseline.machine == machine) else {
        print!("{}", table(&counts, None));
        println!(
            "Not compared: the figures of {} are for another compiler, valgrind or processor.",
            baseline::PATH
        );
        return Ok(());
    };
    print!("{}", table(&counts, Some(&baseline.per_event)));
    let grown = grown(&counts, &baseline.per_event);
    if grown.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        format!(
            "mapping costs over {TOLERATED_PERCENT} % more instructions: {}",
            grown.join(", ")
        ),
        format!(
            "make it cheaper; if it is worth its price, run `cargo xtask bench --instructions --save` and commit {} \
             together with the change",
            baseline::PATH
        ),
    ))
}

/// Counts, and keeps the figures.
pub(super) fn save() -> Outcome {
    if let Some((machine, per_event)) = count()? {
        print!("{}", table(&per_event, None));
        Baseline { machine, per_event }.write()?;
        println!("{} written", baseline::PATH);
    }
    Ok(())
}

/// The counts on this machine; `None`, with a sentence, without valgrind.
fn count() -> Outcome<Option<(Machine, Counts)>> {
    let Some(valgrind) = Valgrind::found() else {
        println!("Instructions are not counted: there is no valgrind.");
        return Ok(None);
    };
    let [program] = super::build::programs("bench", &["count"], &[])?;
    valgrind.count(&program).map(Some)
}

/// What has grown more than chance explains.
fn grown(counts: &Counts, before: &Counts) -> Vec<String> {
    let grown = counts.iter().filter(|(name, count)| {
        before
            .get(*name)
            .is_some_and(|before| **count * 100 > before * (100 + TOLERATED_PERCENT))
    });
    grown.map(|(name, _)| name.clone()).collect()
}

fn table(counts: &Counts, before: Option<&Counts>) -> String {
    let mut table = String::new();
    let _ = writeln!(table, "{}", terminal::faint("   instructions an event"));
    for (name, count) in counts {
        let _ = write!(table, "   {name:<24} {count:>9}");
        if let Some(before) = before.and_then(|before| before.get(name)) {
            let _ = write!(table, "   {}", cargo::change(*before, *count));
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{Counts, grown};

    fn counts(shop: u64, tiny: u64) -> Counts {
        [("shop".to_owned(), shop), ("tiny".to_owned(), tiny)].into()
    }

    #[test]
    fn only_what_grows_beyond_chance_is_refused() {
        let before = counts(1000, 1000);
        assert!(grown(&counts(1050, 10), &before).is_empty());
        assert_eq!(grown(&counts(1051, 1000), &before), ["shop"]);
    }

    #[test]
    fn what_was_not_there_before_has_not_grown() {
        assert!(grown(&counts(9000, 9000), &Counts::new()).is_empty());
    }
}
