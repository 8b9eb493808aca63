//! Text without a form of its own, paths of files, and choices among words.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::diagnostic::Mistake;
use crate::kinds::Kind;
use crate::reader::Reader;
use crate::show::without_secrets;
use crate::tree::Node;

/// Any text that is not blank.
pub(crate) struct Text;

impl Kind<String> for Text {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        reader.text(name, node).map(str::to_owned)
    }

    fn value(&self, value: &String) -> Value {
        without_secrets(json!(value))
    }

    fn schema(&self) -> Value {
        json!({ "type": "string" })
    }
}

impl Kind<Option<String>> for Text {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Option<String>> {
        reader.text(name, node).map(|text| Some(text.to_owned()))
    }

    fn value(&self, value: &Option<String>) -> Value {
        without_secrets(json!(value))
    }

    fn schema(&self) -> Value {
        Kind::<String>::schema(self)
    }
}

/// The path of a file, relative to the folder of the settings.
pub(crate) struct FilePath;

impl Kind<Option<PathBuf>> for FilePath {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Option<PathBuf>> {
        let path = reader.text(name, node)?;
        Some(Some(reader.document.folder().join(path)))
    }

    fn value(&self, value: &Option<PathBuf>) -> Value {
        json!(value.as_ref().map(|path| path.display().to_string()))
    }

    fn schema(&self) -> Value {
        json!({ "type": "string" })
    }
}

/// One of these words, each with what it means.
pub(crate) struct OneOf<T: 'static>(pub(crate) &'static [(&'static str, T)]);

impl<T: Copy + PartialEq + Sync> Kind<T> for OneOf<T> {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<T> {
        let text = reader.text(name, node)?;
        let found = self.0.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = self.0.iter().map(|(word, _)| *word).collect();
            let mistake = format!("`{name}` must be `{}`", words.join("` or `"));
            reader.error(&node.span, Mistake::new(mistake));
        }
        found.map(|(_, meaning)| *meaning)
    }

    fn value(&self, value: &T) -> Value {
        let found = self.0.iter().find(|(_, meaning)| meaning == value);
        json!(found.map(|(word, _)| word))
    }

    fn schema(&self) -> Value {
        let words: Vec<_> = self.0.iter().map(|(word, _)| word).collect();
        json!({ "enum": words })
    }
}
