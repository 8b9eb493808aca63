//! What the product promises about an event, one short sentence each.
//!
//! Every sentence is shown by a case of `tests/cases/` that names it, or, where no case can show it, by a test that is
//! named here. `tests/tests/coverage.rs` fails when one is not.

mod beyond_mapping;
mod commerce;
mod contact;
mod events;
mod field_rules;
mod policy;
mod rows;
mod times;
mod values;

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The name that cases use in their `covers`.
    pub id: &'static str,
    /// What is promised.
    pub says: &'static str,
    /// Where it is shown, when no case shows it.
    pub elsewhere: Option<Test>,
}

/// A test outside of `tests/cases/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test {
    /// Its file, relative to the workspace.
    pub file: &'static str,
    /// Its function.
    pub function: &'static str,
}

const fn says(id: &'static str, says: &'static str) -> Statement {
    Statement {
        id,
        says,
        elsewhere: None,
    }
}

const fn proved_by(
    id: &'static str,
    says: &'static str,
    file: &'static str,
    function: &'static str,
) -> Statement {
    Statement {
        id,
        says,
        elsewhere: Some(Test { file, function }),
    }
}

/// All promises, in the order in which a reader would ask.
pub fn all() -> impl Iterator<Item = &'static Statement> {
    let groups: [&'static [Statement]; 9] = [
        rows::ALL,
        field_rules::ALL,
        events::ALL,
        values::ALL,
        times::ALL,
        contact::ALL,
        commerce::ALL,
        policy::ALL,
        beyond_mapping::ALL,
    ];
    groups.into_iter().flatten()
}
