//! What came out: agreement by key, then the rules that cover the rest.

use std::collections::BTreeMap;
use std::fmt;

use crate::terminal;

use super::Answer;
use super::cases::Case;
use super::rules::{Rule, Side};

/// How many unexplained differences of a side are written out.
const SHOWN: usize = 10;

/// The tally of a run.
#[derive(Default)]
pub(super) struct Report {
    builder: Tally,
    sdk: Tally,
}

/// The tally of one library.
#[derive(Default)]
struct Tally {
    keys: BTreeMap<&'static str, Count>,
    rules: BTreeMap<usize, Use>,
    unexplained: Vec<String>,
}

#[derive(Default)]
struct Count {
    inputs: usize,
    equal: usize,
    explained: usize,
    /// Both sides had something to send, and it was the same.
    equal_hashes: usize,
}

/// A rule at work.
#[derive(Default)]
struct Use {
    applied: usize,
    differed: usize,
    /// The shortest input of those that differed.
    example: Option<String>,
}

impl Report {
    /// Compares what we would send with what Meta's libraries would.
    pub(super) fn add(&mut self, case: &Case, ours: Option<&str>, theirs: &Answer) {
        for (side, answer) in [(Side::Builder, &theirs.builder), (Side::Sdk, &theirs.sdk)] {
            self.tally(side)
                .add(side.rules(), case, ours, answer.as_deref());
        }
    }

    /// How many differences no rule covers.
    pub(super) fn unexplained(&self) -> usize {
        self.builder.unexplained.len() + self.sdk.unexplained.len()
    }

    const fn tally(&mut self, side: Side) -> &mut Tally {
        match side {
            Side::Builder => &mut self.builder,
            Side::Sdk => &mut self.sdk,
        }
    }
}

impl Tally {
    fn add(&mut self, rules: &[Rule], case: &Case, ours: Option<&str>, theirs: Option<&str>) {
        let count = self.keys.entry(case.key.name()).or_default();
        count.inputs += 1;
        let equal = ours == theirs;
        let mut covered = false;
        for (index, _) in rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.covers(case))
        {
            let used = self.rules.entry(index).or_default();
            used.applied += 1;
            if !equal && !covered {
                covered = true;
                used.differed += 1;
                let shown = format!("{:?}", case.raw);
                if used
                    .example
                    .as_ref()
                    .is_none_or(|example| shown.len() < example.len())
                {
                    used.example = Some(shown);
                }
            }
        }
        if equal {
            count.equal += 1;
            count.equal_hashes += usize::from(ours.is_some());
        } else if covered {
            count.explained += 1;
        } else {
            self.unexplained.push(format!(
                "{} {:?}: we {}, they {}",
                case.key,
                case.raw,
                sent(ours),
                sent(theirs)
            ));
        }
    }

    fn write(&self, side: Side, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", terminal::strong(side.name()))?;
        writeln!(
            f,
            "  {:<12} {:>8} {:>8} {:>8} {:>9} {:>11}",
            "key", "inputs", "equal", "(hashes)", "by a rule", "unexplained"
        )?;
        for (key, count) in &self.keys {
            let unexplained = count.inputs - count.equal - count.explained;
            writeln!(
                f,
                "  {key:<12} {:>8} {:>8} {:>8} {:>9} {unexplained:>11}",
                count.inputs, count.equal, count.equal_hashes, count.explained
            )?;
        }
        writeln!(f)?;
        for (index, rule) in side.rules().iter().enumerate() {
            let Some(Use {
                applied,
                differed,
                example,
            }) = self.rules.get(&index)
            else {
                continue;
            };
            let keys: Vec<&str> = rule.keys.iter().map(|key| key.name()).collect();
            let keys = if keys.len() > 4 {
                "hashed keys".to_owned()
            } else {
                keys.join(", ")
            };
            let example = example.as_deref().unwrap_or("–");
            writeln!(
                f,
                "  {differed:>6} of {applied:>6}  {keys}: {}, such as {example}",
                rule.name
            )?;
            writeln!(f, "                    {}", terminal::faint(rule.why))?;
        }
        for difference in self.unexplained.iter().take(SHOWN) {
            writeln!(f, "  {} {difference}", terminal::bad("unexplained:"))?;
        }
        writeln!(f)
    }
}

/// The whole report, for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.builder.write(Side::Builder, f)?;
        self.sdk.write(Side::Sdk, f)
    }
}

fn sent(hash: Option<&str>) -> String {
    hash.map_or("send nothing".to_owned(), |hash| {
        format!("send {hash:.12}…")
    })
}
