//! Any bytes, as a message of a partner, a store or a call, at any moment of a talk of two: nothing panics, what is
//! accepted was signed, and an honest close stays possible. The ordinary tests run the same driver on damaged messages;
//! here coverage leads it further.
#![no_main]
#![allow(dead_code)]

#[path = "../../channel/hostile.rs"]
mod hostile;
#[path = "../../channel/world/mod.rs"]
mod world;

use world::chain;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::drive(bytes));
