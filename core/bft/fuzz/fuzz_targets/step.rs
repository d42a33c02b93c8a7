//! Any bytes, as events of any kind: the core neither panics nor breaks an invariant. The ordinary tests run the same
//! driver on random bytes; here coverage leads it further.
#![no_main]

#[path = "../../tests/bft/driver.rs"]
mod driver;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driver::drive(bytes));
