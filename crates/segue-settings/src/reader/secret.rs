//! Reads where a secret comes from.

use std::ops::Range;

use crate::diagnostic::{Mistake, quoted_or};
use crate::reader::Reader;
use crate::secret::{SecretSource, is_readable_by_all, looks_like_secret};
use crate::suggest::closest;
use crate::tree::{Entry, Node, Value};

impl Reader<'_> {
    /// Where a secret comes from. The secret itself is not read, and never gets into a message.
    pub(crate) fn secret(&mut self, key: &str, node: &Node) -> Option<SecretSource> {
        match &node.value {
            Value::Text(literal) => {
                self.literal(key, node);
                Some(SecretSource::Literal(literal.trim().into()))
            }
            Value::Map(entries) => self.secret_place(key, node, entries),
            _ => {
                self.expected(key, "{ env = \"NAME\" } or { file = \"path\" }", node);
                None
            }
        }
    }

    fn literal(&mut self, key: &str, node: &Node) {
        let name = key.to_ascii_uppercase();
        let mut mistake = Mistake::new(format!("`{key}` is written into the settings")).help(format!(
            "keep it out of the file: {key} = {{ env = \"{name}\" }} or {{ file = \"{key}.txt\" }}"
        ));
        if is_readable_by_all(&self.document.path) {
            mistake
                .message
                .push_str(", which every user of this machine can read");
        }
        self.warning(&node.span, mistake);
    }

    fn secret_place(&mut self, key: &str, node: &Node, entries: &[Entry]) -> Option<SecretSource> {
        let [entry] = entries else {
            let mistake = Mistake::new(format!("`{key}` must name one variable or file"));
            self.error(
                &node.span,
                mistake.help("write { env = \"NAME\" } or { file = \"path\" }"),
            );
            return None;
        };
        match entry.key.as_str() {
            "env" => {
                let name = self.text("env", &entry.node)?;
                if !is_variable(name) || looks_like_secret(name) {
                    self.misplaced(
                        &entry.node.span,
                        "`env` must be the name of an environment variable",
                        name,
                        "a name has letters, digits and `_` only, at most 64, and no digit in front",
                    );
                    return None;
                }
                Some(SecretSource::Environment(name.to_owned()))
            }
            "file" => {
                let path = self.text("file", &entry.node)?;
                if looks_like_secret(path) {
                    self.misplaced(
                        &entry.node.span,
                        "`file` must be the path of a file",
                        path,
                        "if it is the name of a file, write ./ before it",
                    );
                    return None;
                }
                let path = self.document.folder().join(path);
                if is_readable_by_all(&path) {
                    let mistake = Mistake::new(format!(
                        "every user of this machine can read the file of `{key}`"
                    ));
                    self.warning(
                        &entry.node.span,
                        mistake.help("restrict it: chmod 600 FILE"),
                    );
                }
                Some(SecretSource::File(path))
            }
            other => {
                let mistake = Mistake::new(format!(
                    "`{key}` cannot come from {}",
                    quoted_or(other, "there")
                ));
                let help = closest(other, ["env", "file"]).map_or_else(
                    || "write { env = \"NAME\" } or { file = \"path\" }".to_owned(),
                    |name| format!("did you mean `{name}`?"),
                );
                self.error(&entry.key_span, mistake.help(help));
                None
            }
        }
    }

    /// Reports text that is not the name of a variable or file. It may be the secret, so it is not shown.
    fn misplaced(&mut self, span: &Range<usize>, rule: &str, given: &str, help: &str) {
        let mut message = rule.to_owned();
        if looks_like_secret(given) {
            message.push_str("; this looks like the secret itself");
        }
        self.error(span, Mistake::new(message).help(help));
    }
}

/// Whether a text can be the name of an environment variable.
fn is_variable(name: &str) -> bool {
    name.len() <= 64
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
