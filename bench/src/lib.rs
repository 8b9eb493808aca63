//! Made-up traffic that is the same in every run, and a baseline to compare with, for measuring speed.
//!
//! `cargo xtask bench` runs the programs of this package and prints their figures. [`corpus`] depends on a seed alone, not on
//! clock, environment or the order of a hash table. It contains no code of the product and no measured figures.
//!
//! Only programs that measure may depend on it.

pub mod baseline;
pub mod corpus;
pub mod fortnight;
