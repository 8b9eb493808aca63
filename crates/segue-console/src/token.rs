//! The token of forms: a page of another site cannot read it, so it cannot send it.

use std::sync::Arc;

use subtle::ConstantTimeEq;

/// A random text that is the same as long as the process runs.
#[derive(Clone)]
pub(crate) struct FormToken(Arc<str>);

impl FormToken {
    pub(crate) fn generate() -> Self {
        let mut bytes = [0; 16];
        // Without randomness nothing can be changed: a token that nobody knows is never shown.
        let text = match getrandom::fill(&mut bytes) {
            Ok(()) => hex::encode(bytes),
            Err(_) => String::new(),
        };
        Self(text.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is(&self, presented: &str) -> bool {
        !self.0.is_empty() && bool::from(self.0.as_bytes().ct_eq(presented.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_text_only() {
        let token = FormToken::generate();
        assert!(token.is(token.as_str()) && !token.is("") && !token.is("0"));
        assert_ne!(token.as_str(), FormToken::generate().as_str());
        assert!(!FormToken("".into()).is(""));
    }
}
