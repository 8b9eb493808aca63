//! What speed is measured with: made-up traffic that is the same in every run, and a baseline to compare with.
//!
//! `cargo xtask bench` runs the programs of this package and prints their figures. [`corpus`] depends on a seed alone, not on
//! clock, environment or the order of a hash table. Nothing of the product is in here, and no figure.
//!
//! Outside of the product: only programs that measure may depend on it.

pub mod baseline;
pub mod corpus;
