//! Validation against the sandbox, which has a table of faults of its own, written from Meta's documentation.
#![expect(
    clippy::expect_used,
    reason = "a test says what went wrong by panicking"
)]

use conversions_mapping::{Mapping, Outcome, Settings};
use e2e::arbitrary;
use facebook_conversions::ServerEvent;
use facebook_conversions::validation::validate;
use graph_sandbox::first_fault;
use jiff::Timestamp;
use proptest::prelude::*;

const NOW: i64 = 1_790_000_000;

fn fault(event: &ServerEvent<'_>) -> Option<&'static str> {
    let event = serde_json::from_str(&event.to_json()).expect("an event is JSON");
    first_fault(&event, NOW).map(|fault| fault.name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_validation_lets_pass_the_sandbox_takes(event in arbitrary::event(NOW)) {
        if let Some(fault) = fault(&event) {
            let violations = validate(&event, NOW).violations;
            prop_assert!(!violations.is_empty(), "refused for {}: {}", fault, event.to_json());
        }
    }
}

proptest! {
    #[test]
    fn what_the_mapping_accepts_the_sandbox_takes(message in arbitrary::message(), ldu in any::<bool>()) {
        let settings = Settings { limited_data_use: ldu, send_identify: true, ..Settings::default() };
        let mapping = Mapping::new(settings).expect("settings");
        let now = Timestamp::from_second(NOW).expect("a time");
        mapping.mapper().map_bytes(message.to_string().as_bytes(), now, |outcome| {
            if let Outcome::Accepted(mapped) = outcome {
                prop_assert_eq!(fault(&mapped.event), None, "{}", mapped.event.to_json());
            }
            Ok(())
        })?;
    }
}
