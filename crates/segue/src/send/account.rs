//! What was read so far, line by line, and what became of it.

use std::io;

use conversions_delivery::{AppendOutcome, Appended};
use conversions_mapping::SkipReason;

use crate::input::Origin;
use crate::send::feed::{MappedChunk, Routed};
use crate::send::rejects::RejectsFile;
use crate::tally::Tally;

/// The books of a run.
pub(crate) struct Account {
    /// Per destination, in the order of the routes.
    pub(crate) tallies: Vec<(String, Tally)>,
    /// The first line that is not accounted for, counted through all inputs.
    pub(crate) next_line: u64,
    /// For each input that was begun, how many lines the inputs before it have.
    starts: Vec<u64>,
    inputs: Vec<Origin>,
    rejects: Option<RejectsFile>,
    /// Why the rejects could not be written.
    pub(crate) rejects_failure: Option<crate::failure::Failure>,
}

impl Account {
    pub(crate) fn new(
        names: impl Iterator<Item = String>,
        inputs: Vec<Origin>,
        from_line: u64,
        rejects: Option<RejectsFile>,
    ) -> Self {
        Self {
            tallies: names.map(|name| (name, Tally::default())).collect(),
            next_line: from_line,
            starts: vec![0],
            inputs,
            rejects,
            rejects_failure: None,
        }
    }

    /// Enters a chunk whose events are with delivery now; those that are duplicates are skipped.
    pub(crate) fn enter(&mut self, chunk: MappedChunk, appended: &[Appended]) {
        if chunk.input >= self.starts.len() {
            self.starts.resize(chunk.input + 1, chunk.lines_before);
        }
        self.next_line = self.next_line.max(chunk.last_line + 1);
        for (at, mut routed) in chunk.routed.into_iter().enumerate() {
            if let Some(appended) = appended.get(at) {
                let is_duplicate = |outcome: &&AppendOutcome| **outcome == AppendOutcome::Duplicate;
                for _ in appended.outcomes.iter().filter(is_duplicate) {
                    routed.tally.take_back(SkipReason::Duplicate);
                }
            }
            self.enter_routed(at, routed);
        }
    }

    fn enter_routed(&mut self, at: usize, mut routed: Routed) {
        let Some((name, tally)) = self.tallies.get_mut(at) else {
            return;
        };
        tally.take(&mut routed.tally);
        let Some(file) = &mut self.rejects else {
            return;
        };
        let written: io::Result<()> = routed
            .rejects
            .iter()
            .try_for_each(|reject| file.write(reject, &self.inputs, name));
        if let Err(error) = written {
            self.rejects_failure = Some(file.failure(&error));
            self.rejects = None;
        }
    }

    /// Ends the list of rejects.
    pub(crate) fn close(&mut self) {
        if let Some(mut file) = self.rejects.take()
            && let Err(error) = file.flush()
        {
            self.rejects_failure = Some(file.failure(&error));
        }
    }

    /// Which input a line is in, and which line of it that is.
    pub(crate) fn place(&self, line: u64) -> (usize, u64) {
        let input = self
            .starts
            .iter()
            .rposition(|before| *before < line)
            .unwrap_or(0);
        (input, line - self.starts.get(input).copied().unwrap_or(0))
    }

    /// The options and files with which the run goes on at a line.
    pub(crate) fn resume_at(&self, line: u64) -> String {
        let (input, line) = self.place(line);
        let rest = self.inputs.get(input..).unwrap_or_default();
        if self.inputs.len() == 1 {
            return format!("--from-line {line}");
        }
        let files: Vec<_> = rest
            .iter()
            .map(|origin| match origin {
                Origin::StandardInput => "-".to_owned(),
                Origin::File(path) => path.display().to_string(),
            })
            .collect();
        format!("--from-line {line} {}", files.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_their_files() {
        let inputs = vec![
            Origin::File("a".into()),
            Origin::File("b".into()),
            Origin::File("c".into()),
        ];
        let mut account = Account::new(std::iter::once("shop".to_owned()), inputs, 1, None);
        for (input, lines_before, last_line) in [(0, 0, 10), (2, 10, 15)] {
            let chunk = MappedChunk {
                input,
                lines_before,
                last_line,
                ..MappedChunk::default()
            };
            account.enter(chunk, &[]);
        }
        assert_eq!(account.next_line, 16);
        assert_eq!(account.place(10), (0, 10));
        assert_eq!(account.place(11), (2, 1), "the file between them is empty");
        assert_eq!(account.resume_at(10), "--from-line 10 a b c");
        assert_eq!(account.resume_at(16), "--from-line 6 c");
    }
}
