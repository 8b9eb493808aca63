//! Validating an event: any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| e2e::laws::validate(bytes));
