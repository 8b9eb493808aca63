//! Reading a reply of the Graph API: any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| e2e::laws::reply(bytes));
