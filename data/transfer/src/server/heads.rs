//! Headers of requests and answers.

use crate::{
	desk::Held,
	wire::{to_hex, DURABLE, LENGTH, ROOT, WRITTEN},
};
use hyper::{
	header::{HeaderName, HeaderValue},
	HeaderMap,
};

/// Says how much there is.
pub(super) fn set_held(headers: &mut HeaderMap, held: &Held) {
	set(headers, LENGTH, &held.length.to_string());
	set(headers, WRITTEN, &held.written.to_string());
	set(headers, DURABLE, &held.durable.to_string());
	if let Some(root) = held.root {
		set(headers, ROOT, &to_hex(&root));
	}
}

/// Sets a header, if its value can be one.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
	if let Ok(value) = HeaderValue::from_str(value) {
		headers.insert(HeaderName::from_static(name), value);
	}
}

/// A header's value, if it has one and it is text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
	headers.get(name).and_then(|value| value.to_str().ok())
}
