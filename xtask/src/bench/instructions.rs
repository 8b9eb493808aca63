//! How many processor instructions mapping an event takes: a figure that other work on the machine does not change.
//!
//! valgrind's callgrind runs `bench/src/bin/count.rs` with and without rounds of mapping; the difference is mapping alone.
//! The figures are saved in `bench/instructions.toml`. They depend on compiler, valgrind and processor, so those of another
//! machine are not compared.

mod saved_counts;
mod valgrind;

use std::fmt::Write;

use self::saved_counts::{Counts, Machine, SavedCounts};
use self::valgrind::Valgrind;
use crate::problem::{Outcome, Problem};
use crate::{cargo, terminal};

/// Growth that is ignored: the layout of the code and the length of paths change counts by a few percent.
const TOLERATED_PERCENT: u64 = 5;

/// Counts, and compares with the saved counts; fails when one has grown.
pub(super) fn check() -> Outcome {
    let Some((machine, counts)) = count()? else {
        return Ok(());
    };
    let saved = SavedCounts::read()?;
    let Some(saved) = saved.filter(|saved| saved.machine == machine) else {
        print!("{}", table(&counts, None));
        println!(
            "Not compared: the figures of {} are for another compiler, valgrind or processor.",
            saved_counts::PATH
        );
        return Ok(());
    };
    print!("{}", table(&counts, Some(&saved.per_event)));
    let grown = grown(&counts, &saved.per_event);
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
            saved_counts::PATH
        ),
    ))
}

/// Counts, and saves the counts.
pub(super) fn save() -> Outcome {
    if let Some((machine, per_event)) = count()? {
        print!("{}", table(&per_event, None));
        SavedCounts { machine, per_event }.write()?;
        println!("{} written", saved_counts::PATH);
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

/// The names whose counts have grown by more than is tolerated.
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
    let _ = writeln!(table, "{}", terminal::faint("   instructions for an event"));
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
    fn growth_above_the_tolerance_is_reported() {
        let before = counts(1000, 1000);
        assert!(grown(&counts(1050, 10), &before).is_empty());
        assert_eq!(grown(&counts(1051, 1000), &before), ["shop"]);
    }

    #[test]
    fn a_new_name_has_not_grown() {
        assert!(grown(&counts(9000, 9000), &Counts::new()).is_empty());
    }
}
