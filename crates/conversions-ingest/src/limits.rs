//! What all requests share: memory, and the cores for large bodies.

pub(crate) mod budget;
pub(crate) mod heavy_work;
