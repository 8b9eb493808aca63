//! Reads values out of a settings tree. A mistake becomes a diagnostic, and reading continues.

mod secret;

use std::collections::HashSet;
use std::ops::Range;

use jiff::Timestamp;

use crate::diagnostic::{Diagnostic, Mistake, Severity, quoted};
use crate::document::{Document, Position};
use crate::tree::{Entry, Node, Value};

/// The file that is read, and the mistakes that were found in it.
pub(crate) struct Reader<'s> {
    pub(crate) document: &'s Document,
    /// The time by which versions of the Graph API have ended or not.
    pub(crate) now: Timestamp,
    /// Whether a key is a setting of a destination.
    is_setting: fn(&str) -> bool,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(
        document: &'s Document,
        now: Timestamp,
        is_setting: fn(&str) -> bool,
    ) -> Self {
        Self {
            document,
            now,
            is_setting,
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn error(&mut self, span: &Range<usize>, mistake: Mistake) {
        self.note(Severity::Error, span, mistake);
    }

    pub(crate) fn error_at(&mut self, at: Position, mistake: Mistake) {
        self.diagnose(Severity::Error, Some(at), mistake);
    }

    pub(crate) fn warning(&mut self, span: &Range<usize>, mistake: Mistake) {
        self.note(Severity::Warning, span, mistake);
    }

    fn note(&mut self, severity: Severity, span: &Range<usize>, mistake: Mistake) {
        let at = self.document.start_of(span);
        self.diagnose(severity, Some(at), mistake);
    }

    pub(crate) fn diagnose(&mut self, severity: Severity, at: Option<Position>, mistake: Mistake) {
        self.diagnostics.push(Diagnostic {
            severity,
            file: self.document.path.clone(),
            at,
            message: mistake.message,
            help: mistake.help,
        });
    }

    fn expected(&mut self, key: &str, wanted: &str, node: &Node) {
        let mistake = Mistake::new(format!(
            "{} must be {wanted}, not {}",
            quoted(key),
            node.kind()
        ));
        self.error(&node.span, mistake);
    }

    pub(crate) fn flag(&mut self, key: &str, node: &Node) -> Option<bool> {
        if let Value::Flag(flag) = node.value {
            return Some(flag);
        }
        self.expected(key, "true or false", node);
        None
    }

    /// A whole number from the first limit to the second.
    pub(crate) fn count(&mut self, key: &str, node: &Node, limits: (u64, u64)) -> Option<u64> {
        let (least, most) = limits;
        let wanted = format!("a whole number from {least} to {most}");
        let Value::Number(number) = &node.value else {
            self.expected(key, &wanted, node);
            return None;
        };
        let number = number
            .parse()
            .ok()
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.error(
                &node.span,
                Mistake::new(format!("{} must be {wanted}", quoted(key))),
            );
        }
        number
    }

    /// Text that is not blank; blanks around it are dropped.
    pub(crate) fn text<'n>(&mut self, key: &str, node: &'n Node) -> Option<&'n str> {
        let Value::Text(text) = &node.value else {
            self.expected(key, "text in quotes", node);
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            let mistake = Mistake::new(format!("{} is blank", quoted(key)));
            self.error(
                &node.span,
                mistake.help("leave it out, or write an empty string, when it is not to be set"),
            );
            return None;
        }
        Some(text)
    }

    /// A list of names, exactly as they are written; empty ones are left out.
    pub(crate) fn names(&mut self, key: &str, node: &Node) -> Option<Vec<String>> {
        let Value::List(items) = &node.value else {
            self.expected(key, "a list of texts, like [\"one\", \"two\"]", node);
            return None;
        };
        let mut names = Vec::with_capacity(items.len());
        for item in items.iter().filter(|item| !item.is_unset()) {
            match &item.value {
                Value::Text(text) => names.push(text.clone()),
                _ => self.expected(&format!("an entry of {key}"), "text in quotes", item),
            }
        }
        Some(names)
    }

    /// The entries of a table whose keys are free. Repeated keys are mistakes. So are names of settings: in TOML, a
    /// setting that is added below the header of a table becomes part of that table.
    pub(crate) fn entries<'n>(
        &mut self,
        key: &str,
        node: &'n Node,
        example: &str,
    ) -> Option<Vec<&'n Entry>> {
        let Value::Map(entries) = &node.value else {
            self.expected(key, &format!("a table, like {example}"), node);
            return None;
        };
        self.repeated(entries);
        let (slipped, own): (Vec<_>, Vec<_>) = entries
            .iter()
            .partition(|entry| (self.is_setting)(&entry.key));
        for entry in slipped {
            let mistake = format!("{} is not part of `{key}`", quoted(&entry.key));
            let help =
                "it is a setting of its own: in TOML, move it above the first line in [brackets]";
            self.error(&entry.key_span, Mistake::new(mistake).help(help));
        }
        Some(own)
    }

    /// The entries of an item of a list of tables.
    pub(crate) fn members<'n>(
        &mut self,
        key: &str,
        node: &'n Node,
        example: &str,
    ) -> Option<&'n [Entry]> {
        let Value::Map(entries) = &node.value else {
            self.expected(key, &format!("a table, like {example}"), node);
            return None;
        };
        self.repeated(entries);
        Some(entries)
    }

    /// Reports every key that a table has twice.
    pub(crate) fn repeated(&mut self, entries: &[Entry]) {
        let mut keys = HashSet::with_capacity(entries.len());
        for entry in entries {
            if !keys.insert(entry.key.as_str()) {
                let mistake = Mistake::new(format!("{} is given twice", quoted(&entry.key)));
                self.error(&entry.key_span, mistake.help("keep one of the two"));
            }
        }
    }

    /// Text to text.
    pub(crate) fn text_map(&mut self, key: &str, node: &Node) -> Option<Vec<(String, String)>> {
        let entries = self.entries(key, node, "{ \"name\" = \"value\" }")?;
        let mut pairs = Vec::with_capacity(entries.len());
        for entry in entries.into_iter().filter(|entry| !entry.node.is_unset()) {
            if let Some(text) = self.text(&entry.key, &entry.node) {
                pairs.push((entry.key.clone(), text.to_owned()));
            }
        }
        Some(pairs)
    }
}
