//! Every folder of `tests/cases/` is a test of its name.
fn main() {}
