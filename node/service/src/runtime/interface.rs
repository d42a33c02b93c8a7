//! What others have built in of a runtime, as lines; and how those of two differ.

use super::code::{Code, CodeError};
use codec::{Decode, Encode};
use frame_metadata::{v16::RuntimeMetadataV16, RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::{form::PortableForm, Field, TypeDef};
use sp_state_machine::BasicExternalities;
use std::collections::BTreeSet;

/// The runtime's method that answers with its metadata,
pub const METHOD: &str = "Metadata_metadata_at_version";
/// and the version that is asked for.
const VERSION: u32 = 16;

/// What to ask [`METHOD`] with.
pub fn question() -> Vec<u8> {
	VERSION.encode()
}

/// What is new in a runtime, and what is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
	/// Lines that only the new one has.
	pub new: Vec<String>,
	/// Lines that only the old one has.
	pub gone: Vec<String>,
}

/// The lines of a runtime in a file.
///
/// # Errors
/// Where it has no metadata of that version.
pub fn of_code(code: &Code) -> Result<BTreeSet<String>, CodeError> {
	let answer = code.call(&mut BasicExternalities::default(), METHOD, &question())?;
	of_answer(&answer)
}

/// The lines of a runtime that answered [`question`] so.
///
/// # Errors
/// Where it has no metadata of that version.
pub fn of_answer(answer: &[u8]) -> Result<BTreeSet<String>, CodeError> {
	let opaque = Option::<Vec<u8>>::decode(&mut &answer[..]).ok().flatten();
	let metadata = opaque.and_then(|bytes| RuntimeMetadataPrefixed::decode(&mut &bytes[..]).ok());
	match metadata.map(|prefixed| prefixed.1) {
		Some(RuntimeMetadata::V16(metadata)) => Ok(lines(&metadata)),
		_ => Err(CodeError::Answer(METHOD)),
	}
}

/// How a new runtime differs from an old one.
pub fn difference(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Difference {
	Difference {
		new: new.difference(old).cloned().collect(),
		gone: old.difference(new).cloned().collect(),
	}
}

fn fields(fields: &[Field<PortableForm>]) -> String {
	let fields: Vec<_> = fields
		.iter()
		.map(|field| {
			let ty = field.type_name.as_deref().unwrap_or("?");
			match &field.name {
				Some(name) => format!("{name}: {ty}"),
				None => ty.to_owned(),
			}
		})
		.collect();
	fields.join(", ")
}

/// Indices and names of pallets, calls, events, errors, storage, constants with their values, extensions, APIs.
fn lines(metadata: &RuntimeMetadataV16) -> BTreeSet<String> {
	let mut lines = BTreeSet::new();
	for pallet in &metadata.pallets {
		let name = &pallet.name;
		lines.insert(format!("pallet {} {name}", pallet.index));
		for (what, ty) in [
			("call", pallet.calls.as_ref().map(|calls| calls.ty.id)),
			("event", pallet.event.as_ref().map(|event| event.ty.id)),
			("error", pallet.error.as_ref().map(|error| error.ty.id)),
		] {
			let Some(ty) = ty.and_then(|id| metadata.types.resolve(id)) else {
				continue;
			};
			if let TypeDef::Variant(variants) = &ty.type_def {
				for variant in &variants.variants {
					let fields = fields(&variant.fields);
					lines.insert(format!("{what} {name}.{} {}({fields})", variant.index, variant.name));
				}
			}
		}
		for entry in pallet.storage.iter().flat_map(|storage| &storage.entries) {
			lines.insert(format!("storage {name}.{}", entry.name));
		}
		for constant in &pallet.constants {
			let value = sp_core::hexdisplay::HexDisplay::from(&constant.value);
			lines.insert(format!("constant {name}.{} = 0x{value}", constant.name));
		}
	}
	for (place, extension) in metadata.extrinsic.transaction_extensions.iter().enumerate() {
		lines.insert(format!("extension {place} {}", extension.identifier));
	}
	for api in &metadata.apis {
		for method in &api.methods {
			lines.insert(format!("api {} {}.{}", api.name, api.version.0, method.name));
		}
	}
	lines
}
