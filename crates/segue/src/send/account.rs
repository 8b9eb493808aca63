//! What was read so far, line by line, and what became of it.

use std::io;

use conversions_delivery::{AppendOutcome, Appended};
use conversions_mapping::SkipReason;

use crate::data_folder::quoted;
use crate::failure::Failure;
use crate::send::feed::{MappedChunk, Routed};
use conversions_files::Origin;
use conversions_files::RejectsFile;
use conversions_mapping::OutcomeCounts;

/// The books of a run.
pub(crate) struct Account {
    /// Per destination, in the order of the routes.
    pub(crate) tallies: Vec<(String, OutcomeCounts)>,
    /// The first line that is not accounted for, counted through all inputs.
    pub(crate) next_line: u64,
    /// For each input that was begun, how many lines the inputs before it have.
    starts: Vec<u64>,
    inputs: Vec<Origin>,
    rejects: Option<RejectsFile>,
    /// Why the rejects could not be written.
    pub(crate) rejects_failure: Option<Failure>,
}

impl Account {
    pub(crate) fn new(
        names: impl Iterator<Item = String>,
        inputs: Vec<Origin>,
        from_line: u64,
        rejects: Option<RejectsFile>,
    ) -> Self {
        Self {
            tallies: names.map(|name| (name, OutcomeCounts::default())).collect(),
            next_line: from_line,
            starts: vec![0],
            inputs,
            rejects,
            rejects_failure: None,
        }
    }

    /// Lists the rejects of a chunk. Says how long the list is now.
    pub(crate) fn list_rejects(&mut self, chunk: &MappedChunk) -> u64 {
        let (inputs, tallies) = (&self.inputs, &self.tallies);
        let Some(file) = &mut self.rejects else {
            return 0;
        };
        let mut all = chunk
            .routed
            .iter()
            .zip(tallies)
            .flat_map(|(routed, (name, _))| {
                routed.rejects.iter().map(move |reject| (reject, name))
            });
        let listed = all.try_for_each(|(reject, name)| file.write(reject, inputs, name));
        let listed = listed.and_then(|()| file.flush());
        let length = file.length();
        self.note(listed);
        length
    }

    /// Takes the list of rejects back to a length that it had.
    pub(crate) fn cut_rejects(&mut self, length: u64) {
        let cut = self
            .rejects
            .as_mut()
            .map_or(Ok(()), |file| file.resume_at(length));
        self.note(cut);
    }

    /// How long the list of rejects is, in bytes.
    pub(crate) fn rejects_length(&self) -> u64 {
        self.rejects.as_ref().map_or(0, RejectsFile::length)
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written
            && let Some(file) = self.rejects.take()
        {
            self.rejects_failure = Some(file.error(error).into());
        }
    }

    /// Enters a chunk whose events are with delivery now; those that are duplicates are skipped.
    pub(crate) fn enter(&mut self, chunk: MappedChunk, appended: &[Appended]) {
        if chunk.input >= self.starts.len() {
            self.starts.resize(chunk.input + 1, chunk.lines_before);
        }
        self.next_line = self.next_line.max(chunk.last_line + 1);
        let tallies = self.tallies.iter_mut().zip(chunk.routed);
        for (
            at,
            (
                (_, tally),
                Routed {
                    tally: mut fresh, ..
                },
            ),
        ) in tallies.enumerate()
        {
            let outcomes = appended
                .get(at)
                .map_or(&[][..], |appended| &appended.outcomes);
            for outcome in outcomes {
                if *outcome == AppendOutcome::Duplicate {
                    fresh.move_to_skipped(SkipReason::Duplicate);
                }
            }
            tally.merge(&mut fresh);
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

    /// Whether the inputs can be recognised when they come again.
    pub(crate) fn can_come_again(&self) -> bool {
        let mut inputs = self.inputs.iter();
        inputs.all(|origin| origin.regular_size().is_some())
    }

    /// The options and files with which the run goes on at a line.
    pub(crate) fn resume_at(&self, line: u64) -> String {
        let (input, line) = self.place(line);
        if self.inputs.len() == 1 {
            return format!("--from-line {line}");
        }
        let rest = self.inputs.get(input..).unwrap_or_default();
        let files = rest.iter().map(|origin| match origin {
            Origin::StandardInput => "-".to_owned(),
            Origin::File(path) => quoted(&path.display().to_string()).into_owned(),
        });
        format!("--from-line {line} {}", files.collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_their_files() {
        let inputs = ["a", "b", "c"]
            .map(|name| Origin::File(name.into()))
            .to_vec();
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
