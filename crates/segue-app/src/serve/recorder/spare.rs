//! Notes of requests that are done, for the requests to come.

use std::sync::Mutex;

use super::request::RequestNotes;

/// Notes that are kept.
const KEPT: usize = 64;

/// Notes that are empty. Nobody waits for them: while another thread is at it, new ones are made, or these are dropped.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "they move from here to a request and back")]
pub(super) struct SpareNotes(Mutex<Vec<Box<RequestNotes>>>);

impl SpareNotes {
    pub(super) fn take(&self) -> Box<RequestNotes> {
        let spare = self.0.try_lock().ok();
        spare.and_then(|mut spare| spare.pop()).unwrap_or_default()
    }

    /// Takes notes back; they must be empty.
    pub(super) fn put_back(&self, notes: Box<RequestNotes>) {
        if let Ok(mut spare) = self.0.try_lock()
            && spare.len() < KEPT
        {
            spare.push(notes);
        }
    }
}
