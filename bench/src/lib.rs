//! What speed is measured with: made-up traffic that is the same in every run, and a stick to measure against.
//!
//! Nothing of the product is in here, and no figure: `cargo xtask bench` runs the programs of this package and says what
//! they found. [`corpus`] is made of a seed alone, without clock, environment or the order of a hash table.
//!
//! Outside of the product: nothing may depend on it but what measures.

pub mod corpus;
pub mod stick;
