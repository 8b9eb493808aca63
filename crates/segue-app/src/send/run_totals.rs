//! The totals of a run: which lines were read, and what became of them.

use std::io;

use conversions_delivery::Appended;
use conversions_files::{LinePositions, MappedChunk, Origin, RejectsError, RejectsFile};
use conversions_mapping::{OutcomeCounts, SkipReason};

/// What was read so far, and what became of it.
#[derive(Debug)]
pub struct RunTotals {
    /// Name and counts of each destination, in the order of the settings.
    pub counts: Vec<(String, OutcomeCounts)>,
    /// The first line that is not accounted for, counted through all inputs.
    pub next_line: u64,
    positions: LinePositions,
    inputs: Vec<Origin>,
    rejects: Option<RejectsFile>,
    /// Why the rejects could not be written. The run goes on without them.
    pub(super) rejects_error: Option<RejectsError>,
}

impl RunTotals {
    pub(super) fn new(
        names: impl Iterator<Item = String>,
        inputs: Vec<Origin>,
        from_line: u64,
        rejects: Option<RejectsFile>,
    ) -> Self {
        Self {
            counts: names.map(|name| (name, OutcomeCounts::default())).collect(),
            next_line: from_line,
            positions: LinePositions::default(),
            inputs,
            rejects,
            rejects_error: None,
        }
    }

    /// Lists the rejects of a chunk.
    pub(super) fn list_rejects(&mut self, chunk: &MappedChunk) {
        let (inputs, counts) = (&self.inputs, &self.counts);
        let Some(file) = &mut self.rejects else {
            return;
        };
        let mut all = chunk
            .destinations
            .iter()
            .zip(counts)
            .flat_map(|(one, (name, _))| one.rejects.iter().map(move |reject| (reject, name)));
        let listed = all.try_for_each(|(reject, name)| file.write(reject, inputs, name));
        let listed = listed.and_then(|()| file.flush());
        self.check_rejects(listed);
    }

    /// Truncates the list of rejects to a length that it had.
    pub(super) fn truncate_rejects(&mut self, length: u64) {
        let truncated = self
            .rejects
            .as_mut()
            .map_or(Ok(()), |file| file.resume_at(length));
        self.check_rejects(truncated);
    }

    /// Length of the list of rejects in bytes.
    pub(super) fn rejects_length(&self) -> u64 {
        self.rejects.as_ref().map_or(0, RejectsFile::length)
    }

    fn check_rejects(&mut self, written: io::Result<()>) {
        if let Err(error) = written
            && let Some(file) = self.rejects.take()
        {
            self.rejects_error = Some(file.error(error));
        }
    }

    /// Counts a chunk whose events the log has taken. Duplicates among them count as skipped.
    pub(super) fn add(&mut self, chunk: MappedChunk, appended: &[Appended]) {
        self.positions.begin_input(chunk.input, chunk.lines_before);
        self.next_line = self.next_line.max(chunk.last_line + 1);
        let nothing = Appended::default();
        let appended = appended.iter().chain(std::iter::repeat(&nothing));
        for (((_, counts), mut one), appended) in
            self.counts.iter_mut().zip(chunk.destinations).zip(appended)
        {
            for _ in 0..appended.duplicates() {
                one.counts.move_to_skipped(SkipReason::Duplicate);
            }
            counts.merge(&mut one.counts);
        }
    }

    /// The index of the input that has this line, and the line's number in it.
    #[must_use]
    pub fn locate(&self, line: u64) -> (usize, u64) {
        self.positions.locate(line)
    }

    /// The inputs of the run.
    #[must_use]
    pub fn inputs(&self) -> &[Origin] {
        &self.inputs
    }

    /// Whether the inputs can be recognised when they come again: pipes cannot.
    #[must_use]
    pub fn can_be_recognised(&self) -> bool {
        let mut inputs = self.inputs.iter();
        inputs.all(|origin| origin.regular_size().is_some())
    }

    /// Where reading goes on at a line: the line's number in its input, and the inputs from there on if there are several.
    #[must_use]
    pub fn resume_at(&self, line: u64) -> (u64, &[Origin]) {
        let (input, line) = self.locate(line);
        let rest = match self.inputs.len() {
            1 => &[],
            _ => self.inputs.get(input..).unwrap_or_default(),
        };
        (line, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_resumes_at_the_input_that_has_the_line() {
        let inputs = ["a", "b", "c"].map(|name| Origin::File(name.into()));
        let mut totals =
            RunTotals::new(std::iter::once("shop".to_owned()), inputs.to_vec(), 1, None);
        for (input, lines_before, last_line) in [(0, 0, 10), (2, 10, 15)] {
            let chunk = MappedChunk {
                input,
                lines_before,
                last_line,
                ..MappedChunk::default()
            };
            totals.add(chunk, &[]);
        }
        assert_eq!(totals.next_line, 16);
        assert_eq!(totals.resume_at(10), (10, &inputs[..]));
        assert_eq!(totals.locate(11), (2, 1), "the file between them is empty");
        assert_eq!(totals.resume_at(16), (6, &inputs[2..]));
    }
}
