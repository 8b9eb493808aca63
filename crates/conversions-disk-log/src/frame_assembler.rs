//! Puts records together to frames: those whose keys follow each other and that were accepted together.

use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use conversions_delivery::{EventKey, LeasedFrame, UnixMillis};
use conversions_transport::{Frame, FrameEntry, FrameHeader};

use crate::record::Record;

/// Frames that are being put together. Their texts share one allocation.
#[derive(Debug, Default)]
pub(crate) struct FrameAssembler {
    /// The texts of all frames, joined by commas.
    texts: Vec<u8>,
    events: usize,
    open: Vec<OpenFrame>,
}

#[derive(Debug)]
struct OpenFrame {
    first_key: EventKey,
    accepted_at: UnixMillis,
    test_event_code: Option<Arc<str>>,
    /// Where its texts start among those of all frames.
    start: usize,
    entries: Vec<FrameEntry>,
}

impl FrameAssembler {
    pub(crate) fn events(&self) -> usize {
        self.events
    }

    pub(crate) fn bytes(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn add(&mut self, key: EventKey, record: &Record<'_>) {
        if !self.texts.is_empty() {
            self.texts.push(b',');
        }
        let start = self.texts.len();
        self.texts.extend_from_slice(record.event);
        self.events += 1;
        let last = self.open.pop();
        let mut frame = match last {
            Some(last) if last.continues_with(key, record) => last,
            last => {
                let test_event_code = last
                    .as_ref()
                    .and_then(|last| last.test_event_code.clone())
                    .filter(|code| record.test_event_code == Some(&**code))
                    .or_else(|| record.test_event_code.map(Arc::from));
                self.open.extend(last);
                OpenFrame {
                    first_key: key,
                    accepted_at: record.accepted_at,
                    test_event_code,
                    start,
                    entries: Vec::new(),
                }
            }
        };
        let end = self.texts.len() - frame.start;
        frame.entries.push(FrameEntry {
            end: u32::try_from(end).unwrap_or(u32::MAX),
            max_age: u32::try_from(record.max_age.as_secs()).unwrap_or(u32::MAX),
            event_time: record.event_time,
            line: record.line.and_then(NonZeroU64::new),
            dedup_key: None,
        });
        self.open.push(frame);
    }

    /// The frames, in order.
    pub(crate) fn finish(self, destination: &str) -> Vec<LeasedFrame> {
        let texts = Bytes::from(self.texts);
        let destination: Arc<str> = Arc::from(destination);
        let frames = self.open.into_iter().filter_map(|open| {
            let header = FrameHeader {
                test_event_code: open.test_event_code,
                ..FrameHeader::new(Arc::clone(&destination))
            };
            let json = texts.slice(open.start..);
            Some(LeasedFrame {
                first_key: open.first_key,
                accepted_at: open.accepted_at,
                // The ends of texts are counted here and ascend, so that the parts always fit.
                frame: Frame::from_parts(Arc::new(header), json, open.entries).ok()?,
            })
        });
        frames.collect()
    }
}

impl OpenFrame {
    fn continues_with(&self, key: EventKey, record: &Record<'_>) -> bool {
        let count = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        self.first_key.0.checked_add(count) == Some(key.0)
            && self.entries.len() < Frame::MAX_EVENTS
            && self.accepted_at == record.accepted_at
            && self.test_event_code.as_deref() == record.test_event_code
    }
}
