//! Any bytes, as headers, answers, a stream or what was kept of devices, and as the head of an answer: nothing panics,
//! what decodes encodes back, nobody asks who has not signed, and no group comes through that is not the slot's. The
//! ordinary tests run the same driver on bytes by chance; here coverage leads it further.
#![no_main]
#![allow(dead_code)]

#[path = "../../tests/transfer/any.rs"]
mod any;
#[path = "../../src/client/http.rs"]
mod http;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	any::drive(bytes);
	if let Ok(Some((_, used))) = http::parse(bytes) {
		assert!(used <= bytes.len());
	}
});
