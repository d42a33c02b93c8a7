//! Any bytes as frames, of parent and child: nothing panics, and what is understood is written back as it was. The
//! ordinary tests run the same driver on bytes by chance; here coverage leads it further.
#![no_main]

#[path = "../../tests/sandbox/any.rs"]
mod any;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any::drive(bytes));
