//! The input in memory.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use conversions_input::{Checkpoints, Input, Limits, MemoryInput, MemoryTopic, Payload};

use crate::fixture::{Fixture, Promises, Rejected};

struct Memory {
    topic: MemoryTopic,
}

#[expect(clippy::unused_async, reason = "other fixtures wait for a broker")]
async fn memory(case: &str) -> Option<Memory> {
    Some(Memory {
        topic: MemoryTopic::new(case, 1),
    })
}

#[async_trait]
impl Fixture for Memory {
    fn promises(&self) -> Promises {
        Promises {
            is_contiguous: true,
            checkpoints: true,
            partitions: 1,
            comes_again_within: Duration::ZERO,
            gone_within: Duration::ZERO,
            commits_within: Duration::ZERO,
        }
    }

    async fn open(&self, limits: Limits) -> Arc<dyn Input> {
        Arc::new(MemoryInput::open(&self.topic, limits))
    }

    async fn open_after(&self, checkpoints: Arc<dyn Checkpoints>) -> Arc<dyn Input> {
        let limits = Limits::default();
        Arc::new(MemoryInput::open_after(&self.topic, limits, &*checkpoints))
    }

    async fn produce(&self, partition: u32, payload: Payload) {
        let position = match payload {
            Payload::Bytes(bytes) => self.topic.push(partition, bytes),
            Payload::Tombstone => self.topic.push_tombstone(partition),
        };
        assert!(position.is_some(), "there is no partition {partition}");
    }

    async fn rejected(&self) -> Vec<Rejected> {
        let rejections = self
            .topic
            .rejections()
            .into_iter()
            .map(|rejection| Rejected {
                position: rejection.position.to_string(),
                reason: rejection.reason,
                left_out: None,
                payload: match rejection.payload {
                    Payload::Bytes(bytes) => bytes.to_vec(),
                    Payload::Tombstone => Vec::new(),
                },
            });
        rejections.collect()
    }
}

crate::suite::suite! { memory:
    records_of_a_partition_come_in_order
    what_was_not_settled_comes_again_after_a_restart
    what_a_killed_member_had_not_settled_comes_again
    what_was_settled_does_not_come_again_after_a_kill
    a_member_that_leaves_gives_back_what_it_did_not_settle
    a_rejected_record_is_kept_with_position_and_reason
    a_payload_that_is_too_large_is_rejected_without_it
    a_paused_member_gets_nothing_and_keeps_what_it_has
    garbage_large_and_empty_records_come_as_they_are
    no_more_is_handed_out_than_may_be_unsettled
    lag_falls_as_records_are_settled
    reading_begins_at_what_the_caller_has_stored
    what_is_stored_of_a_topic_that_was_made_anew_is_discarded
    a_member_that_has_left_does_nothing_more
}
