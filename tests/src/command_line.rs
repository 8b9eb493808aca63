//! Command lines as pages show them, without a shell: words, quotes, comments, and lines that go on.

/// The commands of a block, each as its words. Blanks part words, quotes of either kind keep them together, also over
/// lines; `#` begins a comment; a backslash at the end of a line joins it with the next.
///
/// ```
/// let commands = e2e::command_line::commands("a -d 'b c'  # d\n\nexport E=\"f\" \\\n  g\n");
/// assert_eq!(commands, [vec!["a", "-d", "b c"], vec!["export", "E=f", "g"]]);
/// ```
#[must_use]
pub fn commands(block: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut letters = block.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                let quoted: String = letters
                    .by_ref()
                    .take_while(|other| *other != letter)
                    .collect();
                word.get_or_insert_default().push_str(&quoted);
            }
            '\\' if letters.peek() == Some(&'\n') => {
                letters.next();
            }
            '#' if word.is_none() => {
                while letters.peek().is_some_and(|other| *other != '\n') {
                    letters.next();
                }
            }
            letter if letter.is_whitespace() => {
                if let (Some(word), Some(command)) = (word.take(), commands.last_mut()) {
                    command.push(word);
                }
                if letter == '\n' {
                    commands.push(Vec::new());
                }
            }
            letter => word.get_or_insert_default().push(letter),
        }
    }
    if let (Some(word), Some(command)) = (word, commands.last_mut()) {
        command.push(word);
    }
    commands.retain(|command| !command.is_empty());
    commands
}
