//! Values and documentation as text.

use crate::types::shown;
use subxt::ext::scale_value::{Composite, Primitive, Value, ValueDef};

/// How many characters of a value are written.
const MOST_CHARACTERS: usize = 400;
/// From how many bytes on a list of small numbers is written in hexadecimal digits.
const BYTES_FROM: usize = 4;

/// A value of some type of the runtime.
pub(super) type Typed = Value<u32>;

/// What is held and why, in words.
pub(super) fn hold_in_words(pallet: &str, reason: &str) -> Option<&'static str> {
	Some(match (pallet, reason) {
		("DeviceRegistry", "Device") => "deposit for devices; it comes back when they are retired",
		("DeviceRegistry", "Vendor") => "deposit for a vendor with its keys and models, for good",
		("ResourceProofs", "Lottery") => "deposit for lotteries and links of devices; it comes back when they leave",
		("Candidates", "Bond") => "bond of a candidate; it comes back some days after it has left",
		("Candidates", "Backing") => "locked on candidates; take it back and wait until it is unlocked",
		("StorageMarket", "Deposit") => {
			"deposit for an offer of storage; it comes back when that is withdrawn and no slot is held"
		}
		("ComputeMarket", "Worker") => "deposit for an offer of computing; it comes back with the last of the stake",
		("PaymentChannels", "Deposit") => "deposit for reveals and endpoints of channels; it comes back when they go",
		("PaymentChannels", "Bond") => "bond of a tower of channels; it comes back when it has left",
		("Session", "Keys") => "deposit for session keys; it comes back when they are purged",
		_ => return None,
	})
}

/// Documentation as one sentence.
pub(super) fn sentence(docs: &[String]) -> String {
	let words: Vec<_> = docs.iter().flat_map(|line| line.split_whitespace()).collect();
	words
		.join(" ")
		.chars()
		.filter_map(shown)
		.take(MOST_CHARACTERS)
		.collect()
}

/// The items of a list, inside of however many structs of one field.
pub(super) fn items(value: &Typed) -> Vec<&Typed> {
	match &value.value {
		ValueDef::Composite(Composite::Unnamed(values)) => match &values[..] {
			// A list is a composite, and so is a struct around it.
			[only] if is_list(only) => items(only),
			values => values.iter().collect(),
		},
		_ => Vec::new(),
	}
}

fn is_list(value: &Typed) -> bool {
	matches!(&value.value, ValueDef::Composite(Composite::Unnamed(_)))
}

/// A field by its name.
pub(super) fn field<'a>(value: &'a Typed, name: &str) -> Option<&'a Typed> {
	match &value.value {
		ValueDef::Composite(Composite::Named(fields)) => {
			fields.iter().find(|(own, _)| own == name).map(|(_, value)| value)
		}
		_ => None,
	}
}

/// A number that is not negative.
pub(super) fn number(value: &Typed) -> Option<u128> {
	match &value.value {
		ValueDef::Primitive(Primitive::U128(number)) => Some(*number),
		_ => None,
	}
}

/// A value as people read it: bytes in hexadecimal digits, structs of one field without them.
pub(super) fn of(value: &Typed) -> String {
	let mut out = String::new();
	write(value, &mut out);
	let mut out: String = out.chars().filter_map(shown).collect();
	if out.chars().count() > MOST_CHARACTERS {
		out = out.chars().take(MOST_CHARACTERS).chain("...".chars()).collect();
	}
	out
}

fn write(value: &Typed, out: &mut String) {
	// What is cut off in the end needs not be written.
	if out.len() > MOST_CHARACTERS.saturating_mul(4) {
		return;
	}
	match &value.value {
		ValueDef::Primitive(primitive) => write_primitive(primitive, out),
		ValueDef::BitSequence(bits) => out.push_str(&format!("{} bits", bits.len())),
		ValueDef::Composite(composite) => write_composite(composite, out),
		ValueDef::Variant(variant) => {
			out.push_str(&variant.name);
			if variant.values.values().next().is_some() {
				out.push(' ');
				write_composite(&variant.values, out);
			}
		}
	}
}

fn write_composite(composite: &Composite<u32>, out: &mut String) {
	match composite {
		Composite::Named(fields) => {
			out.push('{');
			for (place, (name, value)) in fields.iter().enumerate() {
				out.push_str(if place == 0 { "" } else { ", " });
				out.push_str(name);
				out.push_str(": ");
				write(value, out);
			}
			out.push('}');
		}
		Composite::Unnamed(values) => match &values[..] {
			[] => out.push_str("()"),
			[only] => write(only, out),
			values => match bytes(values) {
				Some(bytes) => out.push_str(&sp_core::bytes::to_hex(&bytes, false)),
				None => {
					out.push('(');
					for (place, value) in values.iter().enumerate() {
						out.push_str(if place == 0 { "" } else { ", " });
						write(value, out);
					}
					out.push(')');
				}
			},
		},
	}
}

fn bytes(values: &[Typed]) -> Option<Vec<u8>> {
	if values.len() < BYTES_FROM {
		return None;
	}
	let byte = |value: &Typed| number(value).and_then(|number| u8::try_from(number).ok());
	values.iter().take(MOST_CHARACTERS).map(byte).collect()
}

fn write_primitive(primitive: &Primitive, out: &mut String) {
	match primitive {
		Primitive::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
		Primitive::Char(value) => out.extend(value.escape_default()),
		Primitive::String(value) => out.extend(value.chars().take(MOST_CHARACTERS).flat_map(char::escape_default)),
		Primitive::U128(value) => out.push_str(&value.to_string()),
		Primitive::I128(value) => out.push_str(&value.to_string()),
		Primitive::U256(value) | Primitive::I256(value) => out.push_str(&sp_core::bytes::to_hex(value, false)),
	}
}
