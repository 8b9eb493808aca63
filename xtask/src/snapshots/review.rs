//! The review: one pending snapshot after the other, as a difference, with a question.

use std::io::BufRead;

use super::inline;
use super::pending::{Parts, Pending};
use crate::problem::Outcome;
use crate::{cargo, terminal};

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 4;

/// What the reviewer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
    Skip,
    AcceptRest,
    Quit,
}

/// How a review ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    rejected: usize,
    left: usize,
}

/// Shows each and does what `answers`, line by line, say. The end of the answers leaves the rest as it is.
pub(super) fn run(snapshots: &[Pending], answers: &mut impl BufRead) -> Outcome {
    let by_hand = inline::show_all()?;
    if snapshots.is_empty() && by_hand == 0 {
        println!("no snapshot is pending");
        return Ok(());
    }
    let tally = review(snapshots, answers)?;
    println!(
        "{} accepted, {} rejected, {} left",
        tally.accepted,
        tally.rejected,
        tally.left + by_hand
    );
    Ok(())
}

fn review(snapshots: &[Pending], answers: &mut impl BufRead) -> Outcome<Tally> {
    let mut tally = Tally::default();
    let mut standing = None;
    for (position, snapshot) in snapshots.iter().enumerate() {
        show(snapshot, position + 1, snapshots.len())?;
        let answer = standing.unwrap_or_else(|| ask(answers));
        if matches!(answer, Answer::AcceptRest | Answer::Quit) {
            standing = Some(answer);
        }
        match answer {
            Answer::Accept | Answer::AcceptRest => {
                snapshot.accept()?;
                tally.accepted += 1;
            }
            Answer::Reject => {
                snapshot.reject()?;
                tally.rejected += 1;
            }
            Answer::Skip | Answer::Quit => tally.left += 1,
        }
        if answer == Answer::Quit {
            tally.left += snapshots.len() - position - 1;
            break;
        }
    }
    Ok(tally)
}

fn show(snapshot: &Pending, number: usize, of: usize) -> Outcome {
    let (old, new) = (snapshot.old_text()?, snapshot.new_text()?);
    let contents = |text| Parts::of(text).map_or(text, |parts| parts.contents);
    cargo::heading(&format!(
        "{number} of {of}: {}",
        cargo::shown(&snapshot.target)
    ));
    let new_parts = Parts::of(&new);
    for member in ["description", "source", "input_file"] {
        if let Some(text) = new_parts.as_ref().and_then(|parts| parts.member(member)) {
            println!("   {}", terminal::faint(text));
        }
    }
    if old.is_empty() {
        println!("   {}", terminal::strong("a new snapshot"));
    }
    let difference = terminal::difference(contents(&old), contents(&new), CONTEXT);
    if difference.is_empty() {
        println!("   {}", terminal::faint("only the header differs"));
    }
    println!("{difference}");
    Ok(())
}

/// Asks until there is an answer; the end of the input is the answer “quit”.
fn ask(answers: &mut impl BufRead) -> Answer {
    loop {
        println!("   [a]ccept  [r]eject  [s]kip  accept a[l]l that are left  [q]uit");
        let mut line = String::new();
        if answers.read_line(&mut line).unwrap_or(0) == 0 {
            return Answer::Quit;
        }
        if let Some(answer) = read_answer(&line) {
            return answer;
        }
    }
}

fn read_answer(line: &str) -> Option<Answer> {
    match line.trim().to_ascii_lowercase().as_str() {
        "a" | "accept" => Some(Answer::Accept),
        "r" | "reject" => Some(Answer::Reject),
        "s" | "skip" | "" => Some(Answer::Skip),
        "l" | "all" => Some(Answer::AcceptRest),
        "q" | "quit" => Some(Answer::Quit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::pending;
    use super::{Tally, review};

    fn three_pending(folder: &Path) {
        for name in ["a", "b", "c"] {
            fs::write(
                folder.join(format!("{name}.snap.new")),
                "---\nsource: x\n---\nnew\n",
            )
            .unwrap();
        }
    }

    fn tally_of(answers: &str) -> (Tally, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        three_pending(folder.path());
        let snapshots = pending::below(folder.path()).unwrap();
        let tally = review(&snapshots, &mut answers.as_bytes()).unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        (tally, left)
    }

    #[test]
    fn each_answer_does_what_it_says() {
        let (tally, files) = tally_of("a\nwhat?\nr\ns\n");
        assert_eq!(
            tally,
            Tally {
                accepted: 1,
                rejected: 1,
                left: 1
            }
        );
        assert_eq!(files, ["a.snap", "c.snap.new"]);
    }

    #[test]
    fn accepting_all_asks_no_more() {
        let (tally, files) = tally_of("l\n");
        assert_eq!(
            tally,
            Tally {
                accepted: 3,
                rejected: 0,
                left: 0
            }
        );
        assert_eq!(files, ["a.snap", "b.snap", "c.snap"]);
    }

    #[test]
    fn the_end_of_the_answers_leaves_the_rest() {
        let (tally, files) = tally_of("a\n");
        assert_eq!(
            tally,
            Tally {
                accepted: 1,
                rejected: 0,
                left: 2
            }
        );
        assert_eq!(files, ["a.snap", "b.snap.new", "c.snap.new"]);
    }
}
