//! What clients read alike: the types in calls, events, errors, storage, constants, runtime APIs and view functions.
//!
//! Client libraries differ in how they read some types that SCALE can say. A chain that uses them has calls that one
//! wallet signs otherwise than another, and values that are one thing here and another there. So none of them is used,
//! but where the SDK does:
//!
//! | type | what goes wrong |
//! |---|---|
//! | an option in an option | some without a value becomes none |
//! | a map or set that is sorted | some clients do not sort what they encode, one cannot encode it |
//! | a pair or array of two bytes | one client makes hexadecimal text of it |
//! | bits in the order Msb0, or in a store other than u8 | they are misread |

use codec::Decode;
use frame_metadata::{
	v16::{FunctionParamMetadata, RuntimeMetadataV16, StorageEntryType},
	RuntimeMetadata, RuntimeMetadataPrefixed,
};
use scale_info::{form::PortableForm, PortableRegistry, Type, TypeDef, TypeDefPrimitive};
use smartchain_runtime::Runtime;
use std::collections::BTreeSet;

/// What the SDK has of them: where it begins, and why that harms nobody.
const OF_THE_SDK: &[(&str, &str)] = &[(
	"runtime API BlockBuilder.inherent_extrinsics(inherent) > InherentData.data: a BTreeMap",
	"only the node that authors a block calls it",
)];

/// The metadata in the newest version.
pub fn metadata() -> RuntimeMetadataV16 {
	// V16 has values of constants, some of which are read from state.
	let mut state = crate::chain::state_of(smartchain_runtime::genesis::DEV, serde_json::json!({}));
	let bytes = state.execute_with(|| Runtime::metadata_at_version(16).expect("it is supported"));
	match RuntimeMetadataPrefixed::decode(&mut &bytes[..]).expect("decodes").1 {
		RuntimeMetadata::V16(metadata) => metadata,
		_ => panic!("not the version that was asked for"),
	}
}

/// A walk through types, which remembers where it was.
struct Walk<'a> {
	types: &'a PortableRegistry,
	seen: BTreeSet<u32>,
	faults: Vec<String>,
}

impl<'a> Walk<'a> {
	fn new(types: &'a PortableRegistry) -> Self {
		Self {
			types,
			seen: BTreeSet::new(),
			faults: Vec::new(),
		}
	}

	fn of(&self, id: u32) -> &'a Type<PortableForm> {
		self.types.resolve(id).expect("the registry is whole")
	}

	/// Looks at a type and at what it is made of. A type is told of once, by the first way that leads to it.
	fn visit(&mut self, path: &str, id: u32) {
		if !self.seen.insert(id) {
			return;
		}
		let ty = self.of(id);
		if let Some(fault) = self.fault(ty) {
			self.faults.push(format!("{path}: {fault}"));
		}
		let name = ty.path.ident().unwrap_or_default();
		match &ty.type_def {
			TypeDef::Composite(composite) => self.fields(path, &name, &composite.fields),
			TypeDef::Variant(variants) => {
				for variant in &variants.variants {
					self.fields(path, &format!("{name}::{}", variant.name), &variant.fields);
				}
			}
			TypeDef::Sequence(sequence) => self.visit(&format!("{path}[]"), sequence.type_param.id),
			TypeDef::Array(array) => self.visit(&format!("{path}[{}]", array.len), array.type_param.id),
			TypeDef::Tuple(tuple) => {
				for (index, field) in tuple.fields.iter().enumerate() {
					self.visit(&format!("{path}.{index}"), field.id);
				}
			}
			TypeDef::Compact(compact) => self.visit(path, compact.type_param.id),
			TypeDef::Primitive(_) | TypeDef::BitSequence(_) => {}
		}
	}

	fn fields(&mut self, path: &str, of: &str, fields: &[scale_info::Field<PortableForm>]) {
		for (index, field) in fields.iter().enumerate() {
			let name = field.name.clone().unwrap_or_else(|| index.to_string());
			self.visit(&format!("{path} > {of}.{name}"), field.ty.id);
		}
	}

	fn is_option(&self, ty: &Type<PortableForm>) -> bool {
		ty.path.segments == ["Option"]
	}

	fn is_byte(&self, id: u32) -> bool {
		matches!(self.of(id).type_def, TypeDef::Primitive(TypeDefPrimitive::U8))
	}

	fn fault(&self, ty: &Type<PortableForm>) -> Option<String> {
		let of_option = self.is_option(ty).then(|| ty.type_params.first()?.ty).flatten();
		if of_option.is_some_and(|inner| self.is_option(self.of(inner.id))) {
			return Some("an option in an option: give it an enum of its own".into());
		}
		match ty.path.ident().as_deref() {
			Some(name @ ("BTreeMap" | "BTreeSet" | "BoundedBTreeMap" | "BoundedBTreeSet")) => {
				return Some(format!("a {name}: take a sorted bounded vector, and check its order"));
			}
			_ => {}
		}
		match &ty.type_def {
			TypeDef::Tuple(tuple) if tuple.fields.len() == 2 && tuple.fields.iter().all(|f| self.is_byte(f.id)) => {
				Some("a pair of bytes: give it a struct with names".into())
			}
			TypeDef::Array(array) if array.len == 2 && self.is_byte(array.type_param.id) => {
				Some("an array of two bytes: take a u16".into())
			}
			TypeDef::BitSequence(bits) => {
				let order = self.of(bits.bit_order_type.id).path.ident();
				let right = order.as_deref() == Some("Lsb0") && self.is_byte(bits.bit_store_type.id);
				(!right).then(|| "bits that are not in u8 and Lsb0".into())
			}
			_ => None,
		}
	}
}

fn visit_function(
	walk: &mut Walk,
	name: &str,
	inputs: &[FunctionParamMetadata<PortableForm>],
	output: &<PortableForm as scale_info::form::Form>::Type,
) {
	for input in inputs {
		walk.visit(&format!("{name}({})", input.name), input.ty.id);
	}
	walk.visit(&format!("{name} ->"), output.id);
}

fn faults(metadata: &RuntimeMetadataV16) -> Vec<String> {
	let mut walk = Walk::new(&metadata.types);
	for pallet in &metadata.pallets {
		let name = &pallet.name;
		if let Some(calls) = &pallet.calls {
			walk.visit(&format!("calls of {name}"), calls.ty.id);
		}
		if let Some(event) = &pallet.event {
			walk.visit(&format!("events of {name}"), event.ty.id);
		}
		if let Some(error) = &pallet.error {
			walk.visit(&format!("errors of {name}"), error.ty.id);
		}
		for entry in pallet.storage.iter().flat_map(|storage| &storage.entries) {
			let path = format!("storage {name}.{}", entry.name);
			match &entry.ty {
				StorageEntryType::Plain(value) => walk.visit(&path, value.id),
				StorageEntryType::Map { key, value, .. } => {
					walk.visit(&format!("{path} key"), key.id);
					walk.visit(&path, value.id);
				}
			}
		}
		for constant in &pallet.constants {
			walk.visit(&format!("constant {name}.{}", constant.name), constant.ty.id);
		}
		for function in &pallet.view_functions {
			let path = format!("view function {name}.{}", function.name);
			visit_function(&mut walk, &path, &function.inputs, &function.output);
		}
	}
	for api in &metadata.apis {
		for method in &api.methods {
			let path = format!("runtime API {}.{}", api.name, method.name);
			visit_function(&mut walk, &path, &method.inputs, &method.output);
		}
	}
	for extension in &metadata.extrinsic.transaction_extensions {
		walk.visit(&format!("extension {}", extension.identifier), extension.ty.id);
		walk.visit(
			&format!("extension {}, implied", extension.identifier),
			extension.implicit.id,
		);
	}
	walk.faults
}

#[test]
fn every_client_reads_our_types_alike() {
	let faults = faults(&metadata());
	let excused = |fault: &&String| OF_THE_SDK.iter().any(|(begin, _)| fault.starts_with(begin));
	let (excused, ours): (Vec<_>, Vec<_>) = faults.iter().partition(excused);
	assert!(ours.is_empty(), "types that clients read differently:\n{ours:#?}");
	for (begin, _) in OF_THE_SDK {
		assert!(
			excused.iter().any(|fault| fault.starts_with(begin)),
			"{begin} is there no more: take it from the list"
		);
	}
}

/// The walk finds what it is there for.
mod found {
	use super::*;
	use scale_info::{MetaType, Path, Registry, TypeDefBitSequence, TypeInfo};
	use std::{
		collections::{BTreeMap, BTreeSet},
		marker::PhantomData,
	};

	/// What the walk says of a type.
	fn said_of<T: TypeInfo + 'static>() -> Vec<String> {
		let mut registry = Registry::new();
		let id = registry.register_type(&MetaType::new::<T>()).id;
		let types = PortableRegistry::from(registry);
		let mut walk = Walk::new(&types);
		walk.visit("it", id);
		walk.faults
	}

	#[derive(TypeInfo)]
	struct Within<T> {
		#[allow(dead_code)]
		field: Vec<(u32, T)>,
	}

	fn is_found<T: TypeInfo + 'static>() {
		assert_eq!(said_of::<T>().len(), 1, "{}", core::any::type_name::<T>());
		let within = said_of::<Within<T>>();
		assert_eq!(within.len(), 1, "{}", core::any::type_name::<T>());
		assert!(within[0].starts_with("it > Within.field[].1: "), "{within:?}");
	}

	/// As the orders of bits are called.
	#[derive(TypeInfo)]
	struct Lsb0;
	#[derive(TypeInfo)]
	struct Msb0;

	/// Bits, as the crate for them tells of its own.
	struct BitVec<Store, Order>(PhantomData<(Store, Order)>);

	impl<Store: TypeInfo + 'static, Order: TypeInfo + 'static> TypeInfo for BitVec<Store, Order> {
		type Identity = Self;

		fn type_info() -> Type {
			Type::new(
				Path::new("BitVec", module_path!()),
				vec![],
				TypeDefBitSequence::new::<Store, Order>(),
				vec![],
			)
		}
	}

	#[test]
	fn what_clients_read_differently_is_found_wherever_it_is() {
		is_found::<Option<Option<u8>>>();
		is_found::<BTreeMap<u8, u32>>();
		is_found::<BTreeSet<u32>>();
		is_found::<(u8, u8)>();
		is_found::<[u8; 2]>();
		is_found::<BitVec<u8, Msb0>>();
		is_found::<BitVec<u16, Lsb0>>();
	}

	#[test]
	fn what_clients_read_alike_is_not() {
		assert!(said_of::<Within<Option<Vec<Option<u8>>>>>().is_empty());
		assert!(said_of::<Within<(u8, u8, u8)>>().is_empty());
		assert!(said_of::<Within<[u8; 3]>>().is_empty());
		assert!(said_of::<Within<(u8, u16)>>().is_empty());
		assert!(said_of::<Within<BitVec<u8, Lsb0>>>().is_empty());
	}
}
