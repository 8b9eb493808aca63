//! Where events come from: files and standard input, gzip too, as chunks of whole lines.

pub(crate) mod chunks;
mod origin;
pub(crate) mod pipeline;

pub(crate) use chunks::{Chunk, ChunkReader};
pub(crate) use origin::{InputError, Meter, Origin};

/// Says now what reading would say later.
pub(crate) fn check(inputs: &[Origin]) -> Result<(), InputError> {
    inputs.iter().try_for_each(Origin::check)
}
