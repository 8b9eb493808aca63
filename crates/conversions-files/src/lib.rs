//! Files of Segment messages, one JSON object a line: read as plain text or gzip, worked on by all cores, given back in
//! order.
//!
//! [`FileReader`] maps files to events for an event log; [`map_chunks`] below it does any other work on the [`Chunk`]s of an
//! [`Origin`]. Positions are line numbers, counted from 1 through all inputs, so that an interrupted run can go on at a line.
//! [`input_digest`] recognises an input when it comes again, and [`RejectsFile`] lists the lines that were rejected.
//!
//! Absent on purpose: delivery, settings, terminals, async runtimes. Threads are the standard library's, and memory stays
//! constant whatever the length of a file or of a line.
//!
//! Programs that read files depend on this crate: `segue-app`, `segue-insight`, and programs of others that backfill.
//!
//! ```
//! use conversions_files::{ByteCounter, NumberedChunk, Origin, available_workers, map_chunks};
//! use conversions_mapping::{Mapping, Settings};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("events.ndjson");
//! # std::fs::write(&path, "{\"type\":\"track\",\"event\":\"Lead\",\"userId\":\"u\",\"timestamp\":\"2026-11-20T10:00:00Z\"}\n[]\n")?;
//! let mapping = Mapping::new(Settings::default())?;
//! let now = "2026-11-20T12:00:00Z".parse()?;
//! let work = move |piece: &NumberedChunk, outcomes: &mut String| {
//!     outcomes.clear();
//!     let mut mapper = mapping.mapper();
//!     for (_, line) in piece.chunk.lines() {
//!         mapper.map_bytes(line, now, |outcome| outcome.write_json(outcomes));
//!         outcomes.push('\n');
//!     }
//! };
//! let mut output = String::new();
//! map_chunks(vec![Origin::File(path)], ByteCounter::default(), available_workers(), work, |outcomes| {
//!     output.push_str(outcomes);
//!     Ok(())
//! })?;
//! assert_eq!(output.matches("\"outcome\":\"accepted\"").count(), 1);
//! assert_eq!(output.matches("\"reason\":\"not_an_object\"").count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chunks;
mod file_reader;
mod input_digest;
mod line_positions;
mod newest;
mod origin;
mod pipeline;
mod rejects;

pub use chunks::{Chunk, ChunkReader};
pub use file_reader::{DestinationChunk, FileReader, MappedChunk};
pub use input_digest::input_digest;
pub use line_positions::LinePositions;
pub use newest::newest_time;
pub use origin::{ByteCounter, InputError, Origin};
pub use pipeline::{NumberedChunk, PipelineError, available_workers, map_chunks};
pub use rejects::{Reject, RejectsError, RejectsFile};
