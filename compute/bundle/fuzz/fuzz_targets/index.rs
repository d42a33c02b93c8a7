//! Any bytes as the head of a bundle: nothing panics, what is understood is written back as it was, and no range leads
//! out of the bundle. The ordinary tests run the same driver on bytes by chance; here coverage leads it further.
#![no_main]

#[path = "../../tests/bundle/any.rs"]
mod any;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any::drive(bytes));
