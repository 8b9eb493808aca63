//! Where a line that is counted through all inputs is.

/// Maps lines that are counted through all inputs to lines of one input.
///
/// ```
/// use conversions_files::LinePositions;
///
/// let mut positions = LinePositions::default();
/// positions.begin_input(0, 0);
/// positions.begin_input(2, 10); // input 1 has no lines
/// assert_eq!(positions.locate(10), (0, 10));
/// assert_eq!(positions.locate(11), (2, 1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct LinePositions {
    /// For each input that was begun, the lines in all inputs before it.
    lines_before: Vec<u64>,
}

impl LinePositions {
    /// Notes that reading has reached the input of this index; `lines_before` counts the lines of all inputs before it.
    pub fn begin_input(&mut self, input: usize, lines_before: u64) {
        if input >= self.lines_before.len() {
            self.lines_before.resize(input + 1, lines_before);
        }
    }

    /// The index of the input that has this line, and the line's number in it.
    #[must_use]
    pub fn locate(&self, line: u64) -> (usize, u64) {
        let before = &self.lines_before;
        let input = before.iter().rposition(|lines| *lines < line).unwrap_or(0);
        (input, line - before.get(input).copied().unwrap_or(0))
    }
}
