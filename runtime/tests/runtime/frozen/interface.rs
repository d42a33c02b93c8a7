//! The runtime's face as text: indices and names of pallets, calls, events, errors, holds and view functions.
//!
//! Others have these built in: wallets, hardware signers, indexers, transactions prepared beforehand. `interface.txt`
//! is what they are. A change of it is either a mistake, or one that others have to be told of: then
//! `SMARTCHAIN_WRITE_INTERFACE=1 cargo test -p smartchain-runtime-tests interface` writes it anew, and `spec_version`
//! rises; `transaction_version` too if calls or extensions have changed.

use crate::frozen::metadata::metadata;
use frame_metadata::v16::RuntimeMetadataV16;
use scale_info::{form::PortableForm, Field, TypeDef};
use std::fmt::Write;

/// Where the text lies.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/frozen/interface.txt");
/// What is written of types that are no calls, events or errors: by the last two parts of their paths.
const TYPES: &[&str] = &[
	"smartchain_runtime::RuntimeHoldReason",
	"pallet_candidates::pallet::HoldReason",
	"pallet_session::pallet::HoldReason",
	"pallet_device_registry::pallet::HoldReason",
	"pallet_resource_proofs::pallet::HoldReason",
	"pallet_payment_channels::pallet::HoldReason",
	"pallet_storage_market::pallet::HoldReason",
	"pallet_compute_market::pallet::HoldReason",
	"smartchain_runtime::configs::accounts::ProxyType",
	"pallet_motions::pallet::Origin",
	"pallet_motions::types::Motion",
	"pallet_motions::types::Open",
	"pallet_motions::types::Reason",
	"smartchain_runtime::OriginCaller",
];

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

/// The variants or fields of a type, one a line.
fn list(text: &mut String, metadata: &RuntimeMetadataV16, what: &str, id: u32) {
	let ty = metadata.types.resolve(id).expect("the registry is whole");
	match &ty.type_def {
		TypeDef::Variant(variants) => {
			let mut variants: Vec<_> = variants.variants.iter().collect();
			variants.sort_by_key(|variant| variant.index);
			for variant in variants {
				let fields = fields(&variant.fields);
				writeln!(text, "  {what} {} {}({fields})", variant.index, variant.name).expect("to a string");
			}
		}
		TypeDef::Composite(composite) => {
			writeln!(text, "  {what} {{ {} }}", fields(&composite.fields)).expect("to a string");
		}
		_ => panic!("{what} of {} is neither an enum nor a struct", ty.path),
	}
}

fn interface(metadata: &RuntimeMetadataV16) -> String {
	let mut text = String::new();
	for pallet in &metadata.pallets {
		writeln!(text, "pallet {} {}", pallet.index, pallet.name).expect("to a string");
		for (what, ty) in [
			("call", pallet.calls.as_ref().map(|calls| calls.ty.id)),
			("event", pallet.event.as_ref().map(|event| event.ty.id)),
			("error", pallet.error.as_ref().map(|error| error.ty.id)),
		] {
			if let Some(ty) = ty {
				list(&mut text, metadata, what, ty);
			}
		}
		for entry in pallet.storage.iter().flat_map(|storage| &storage.entries) {
			writeln!(text, "  storage {}", entry.name).expect("to a string");
		}
		for function in &pallet.view_functions {
			let inputs: Vec<_> = function.inputs.iter().map(|input| input.name.as_str()).collect();
			writeln!(text, "  view {}({})", function.name, inputs.join(", ")).expect("to a string");
		}
	}
	for name in TYPES {
		let found = metadata
			.types
			.types
			.iter()
			.find(|ty| ty.ty.path.segments.join("::") == *name)
			.unwrap_or_else(|| panic!("there is no type {name}"));
		writeln!(text, "type {name}").expect("to a string");
		list(&mut text, metadata, "is", found.id);
	}
	for extension in &metadata.extrinsic.transaction_extensions {
		writeln!(text, "extension {}", extension.identifier).expect("to a string");
	}
	for api in &metadata.apis {
		writeln!(text, "api {} {}", api.name, api.version.0).expect("to a string");
		for method in &api.methods {
			let inputs: Vec<_> = method.inputs.iter().map(|input| input.name.as_str()).collect();
			writeln!(text, "  method {}({})", method.name, inputs.join(", ")).expect("to a string");
		}
	}
	text
}

#[test]
fn what_others_have_built_in_does_not_change_by_accident() {
	let now = interface(&metadata());
	if std::env::var_os("SMARTCHAIN_WRITE_INTERFACE").is_some() {
		std::fs::write(FILE, &now).expect("the file can be written");
	}
	let before = std::fs::read_to_string(FILE).unwrap_or_default();
	let lost: Vec<_> = before
		.lines()
		.filter(|line| !now.lines().any(|new| new == *line))
		.collect();
	let new: Vec<_> = now
		.lines()
		.filter(|line| !before.lines().any(|old| old == *line))
		.collect();
	assert!(
		now == before,
		"the runtime's interface is another than tests/runtime/frozen/interface.txt says\nno more: \
			 {lost:#?}\nnew: {new:#?}\n\
		 If that is meant, tell others of it, and write the file anew as the head of this test says."
	);
}
