//! The runtime that a network of the present one is upgraded to, for the test of an upgrade: the same code with another
//! slot rule, its feature `other-slot-rule`, and the next `spec_version`.
//!
//! A crate of its own, because the builder of Wasm runtimes works crate by crate. [`WASM_BINARY`] is all that there is
//! to it. It is none if `SKIP_WASM_BUILD` was set.

#![cfg_attr(not(feature = "std"), no_std)]
// What the builder writes has no docs.
#![allow(missing_docs)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

#[cfg(feature = "in-wasm")]
pub use smartchain_runtime_in_wasm::*;
