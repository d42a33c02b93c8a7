//! Any bytes, as entries, index or footer, a key box, a volume or a journal: nothing panics, what decodes encodes back,
//! nothing comes back that is not there, and nothing is sealed but what is stored. The ordinary tests run the same
//! driver on bytes by chance; here coverage leads it further.
#![no_main]
#![allow(dead_code)]

#[path = "../../tests/slots/any.rs"]
mod any;
#[path = "../../tests/slots/kit.rs"]
mod kit;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| any::drive(bytes));
