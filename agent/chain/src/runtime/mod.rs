//! The runtime as its metadata describes it: what it has, and whether that is encoded as this program does it.

mod encode;
mod events;
mod extrinsic;
mod general;
mod remedy;
mod shape;
mod text;

pub(crate) use encode::Encoded;
pub(crate) use events::Applied;
pub(crate) use extrinsic::Terms;

use crate::{
	types::{said, Hash, Held},
	ChainError, Result,
};
use codec::{Decode, DecodeAll, Encode};
use scale_info::TypeInfo;
use shape::{Shape, Way};
use sp_crypto_hashing::{blake2_128, blake2_256, twox_128, twox_256, twox_64};
use std::{
	collections::HashSet,
	sync::{Mutex, PoisonError},
};
use subxt::{
	ext::{frame_decode::storage::StorageHasher, scale_value::ValueDef},
	metadata::StorageEntryMetadata,
	ArcMetadata, Metadata,
};

/// The versions of metadata that are asked for, the best first: older ones do not describe runtime APIs.
pub(crate) const METADATA_VERSIONS: [u32; 2] = [16, 15];

/// What is sent to the runtime, by the names that it has there.
#[derive(Clone, Default)]
pub struct Args(Vec<Arg>);

#[derive(Clone)]
struct Arg {
	name: &'static str,
	/// What is compared; none of a call that was encoded elsewhere.
	shape: Option<fn() -> Shape>,
	bytes: Vec<u8>,
}

/// What tells two of them apart: names and bytes. Their types follow from the names.
impl PartialEq for Args {
	fn eq(&self, other: &Self) -> bool {
		let parts = |args: &Self| -> Vec<(&'static str, Vec<u8>)> {
			args.0.iter().map(|arg| (arg.name, arg.bytes.clone())).collect()
		};
		parts(self) == parts(other)
	}
}

impl Eq for Args {}

impl std::fmt::Debug for Args {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_list().entries(self.0.iter().map(|arg| arg.name)).finish()
	}
}

impl Args {
	/// Nothing.
	pub fn none() -> Self {
		Self::default()
	}

	/// And this.
	pub fn and<T: Encode + TypeInfo + 'static>(mut self, name: &'static str, value: &T) -> Self {
		self.0.push(Arg {
			name,
			shape: Some(Shape::of::<T>),
			bytes: value.encode(),
		});
		self
	}

	/// And a call that is encoded already, such as a stranger's. It is not looked into: the runtime decodes it, or does
	/// not take what it is a part of.
	pub fn and_call(mut self, name: &'static str, call: &[u8]) -> Self {
		self.0.push(Arg {
			name,
			shape: None,
			bytes: call.to_vec(),
		});
		self
	}

	fn bytes(&self) -> Vec<u8> {
		self.0.iter().flat_map(|arg| arg.bytes.iter().copied()).collect()
	}
}

/// A version of the runtime.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
	/// The runtime's name.
	pub spec_name: String,
	/// Rises with each runtime that behaves otherwise.
	pub spec_version: u32,
	/// Rises with each change of how transactions are encoded.
	pub transaction_version: u32,
}

/// A runtime.
pub(crate) struct Runtime {
	/// Which.
	pub version: Version,
	genesis: Hash,
	metadata: ArcMetadata,
	/// What was compared already, and is alike.
	alike: Mutex<HashSet<String>>,
}

impl Runtime {
	/// Reads a runtime's metadata.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn read(version: Version, genesis: Hash, metadata: &[u8]) -> Result<Self> {
		let unreadable = |why: String| ChainError::Undecodable {
			what: "the runtime's metadata".into(),
			why: said(&why),
		};
		// The bytes are a stranger's, and libraries take it for granted that types which are named are there.
		let read = std::panic::catch_unwind(|| Metadata::decode_from(metadata));
		let metadata = match read {
			Ok(Ok(metadata)) => metadata,
			Ok(Err(error)) => return Err(unreadable(error.to_string())),
			Err(_) => return Err(unreadable("it contradicts itself".into())),
		};
		// Events are decoded by their types alone, each within the one around it.
		if !shape::is_shallow(metadata.types(), metadata.outer_enums().event_enum_ty()) {
			return Err(unreadable("its events are nested without an end".into()));
		}
		Ok(Self {
			version,
			genesis,
			metadata: metadata.arc(),
			alike: Mutex::new(HashSet::new()),
		})
	}

	/// Compares once.
	fn once(&self, what: &str, compare: impl FnOnce() -> Result<(), String>) -> Result<()> {
		if self.alike.lock().unwrap_or_else(PoisonError::into_inner).contains(what) {
			return Ok(());
		}
		compare().map_err(|why| ChainError::OtherRuntime {
			what: what.into(),
			why: said(&why),
		})?;
		let mut alike = self.alike.lock().unwrap_or_else(PoisonError::into_inner);
		alike.insert(what.into());
		Ok(())
	}

	/// Whether an argument is what the runtime expects there.
	fn compare_arg(&self, arg: &Arg, id: u32) -> Result<(), String> {
		match arg.shape {
			Some(shape) => shape().compare(self.metadata.types(), id, Way::Sent),
			None if id == self.metadata.outer_enums().call_enum_ty() => Ok(()),
			None => Err("it is no call".into()),
		}
	}

	fn compare<T: TypeInfo + 'static>(&self, id: u32, way: Way) -> Result<(), String> {
		Shape::of::<T>().compare(self.metadata.types(), id, way)
	}

	/// A constant.
	///
	/// # Errors
	/// If there is none, or another one.
	pub fn constant<T: Decode + TypeInfo + 'static>(&self, pallet: &str, name: &str) -> Result<T> {
		let what = format!("{pallet}.{name}");
		let constant = self
			.metadata
			.pallet_by_name(pallet)
			.and_then(|pallet| pallet.constant_by_name(name))
			.ok_or_else(|| ChainError::Missing { what: what.clone() })?;
		self.once(&what, || self.compare::<T>(constant.ty(), Way::Read))?;
		decode(&what, constant.value())
	}

	/// The name and input of a runtime API's method, whose answer is an `Answer`.
	///
	/// # Errors
	/// If there is none, or another one.
	pub fn api<Answer: TypeInfo + 'static>(&self, api: &str, method: &str, args: &Args) -> Result<(String, Vec<u8>)> {
		let what = format!("{api}.{method}");
		let found = self
			.metadata
			.runtime_api_trait_by_name(api)
			.and_then(|api| api.method_by_name(method))
			.ok_or_else(|| ChainError::Missing { what: what.clone() })?;
		self.once(&what, || {
			let inputs: Vec<u32> = found.inputs().map(|input| input.id).collect();
			if inputs.len() != args.0.len() {
				return Err(format!("it takes {} inputs and not {}", inputs.len(), args.0.len()));
			}
			for (id, arg) in inputs.into_iter().zip(&args.0) {
				self.compare_arg(arg, id)
					.map_err(|why| format!("`{}`: {why}", arg.name))?;
			}
			self.compare::<Answer>(found.output_ty(), Way::Read)
				.map_err(|why| format!("its answer: {why}"))
		})?;
		Ok((format!("{api}_{method}"), args.bytes()))
	}

	/// The same of a method whose input is a transaction and its length.
	///
	/// # Errors
	/// As [`Self::api`].
	pub fn api_of_transaction<Answer: TypeInfo + 'static>(
		&self,
		api: &str,
		method: &str,
		transaction: &[u8],
	) -> Result<(String, Vec<u8>)> {
		// Of a transaction the metadata says no more than that it is a list of bytes; and encoded it is one.
		let length = u32::try_from(transaction.len()).unwrap_or(u32::MAX);
		let opaque: Vec<u8> = decode("a transaction of this program", transaction)?;
		self.api::<Answer>(api, method, &Args::none().and("uxt", &opaque).and("len", &length))
	}

	/// The key of a storage entry whose value is a `Value`.
	///
	/// # Errors
	/// If there is none, or another one.
	pub fn storage<Value: TypeInfo + 'static>(&self, pallet: &str, entry: &str, keys: &Args) -> Result<Vec<u8>> {
		let (prefix, found) = self.entry(pallet, entry)?;
		let what = format!("{pallet}.{entry}");
		let hashed: Vec<_> = found.keys().collect();
		self.once(&what, || {
			if hashed.len() != keys.0.len() {
				return Err(format!("it has {} keys and not {}", hashed.len(), keys.0.len()));
			}
			for (key, arg) in hashed.iter().zip(&keys.0) {
				self.compare_arg(arg, key.key_id)
					.map_err(|why| format!("its key: {why}"))?;
			}
			self.compare::<Value>(found.value_ty(), Way::Read)
		})?;
		let mut key = prefix;
		for (hashed, arg) in hashed.iter().zip(&keys.0) {
			key.extend(hash(hashed.hasher, &arg.bytes));
		}
		Ok(key)
	}

	/// The key of a block's events.
	///
	/// # Errors
	/// If there are none.
	pub fn events_key(&self) -> Result<Vec<u8>> {
		Ok(self.entry("System", "Events")?.0)
	}

	fn entry(&self, pallet: &str, entry: &str) -> Result<(Vec<u8>, &StorageEntryMetadata)> {
		let storage = self.metadata.pallet_by_name(pallet).and_then(|pallet| pallet.storage());
		let found = storage.and_then(|storage| Some((storage.prefix(), storage.entry_by_name(entry)?)));
		let (prefix, found) = found.ok_or_else(|| ChainError::Missing {
			what: format!("{pallet}.{entry}"),
		})?;
		let key = [twox_128(prefix.as_bytes()), twox_128(entry.as_bytes())].concat();
		Ok((key, found))
	}

	/// The key of `Balances.Holds` or `Balances.Freezes` of an account.
	///
	/// # Errors
	/// If there is none, or another one.
	pub fn amounts_key(&self, entry: &str, who: &crate::AccountId) -> Result<Vec<u8>> {
		let (mut key, found) = self.entry("Balances", entry)?;
		let what = format!("Balances.{entry}");
		let keys: Vec<_> = found.keys().collect();
		let [only] = keys[..] else {
			return Err(ChainError::OtherRuntime {
				what,
				why: format!("it has {} keys and not 1", keys.len()),
			});
		};
		self.once(&what, || {
			if !shape::is_shallow(self.metadata.types(), found.value_ty()) {
				return Err("it is nested without an end".into());
			}
			self.compare::<crate::AccountId>(only.key_id, Way::Sent)
		})?;
		key.extend(hash(only.hasher, &who.encode()));
		Ok(key)
	}

	/// What `Balances.Holds` or `Balances.Freezes` holds: amounts with reasons, which are of whatever pallets the
	/// runtime has.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn amounts(&self, entry: &str, bytes: &[u8]) -> Result<Vec<Held>> {
		let (_, found) = self.entry("Balances", entry)?;
		let unreadable = |why: &str| ChainError::Undecodable {
			what: format!("Balances.{entry}"),
			why: said(why),
		};
		let types = self.metadata.types();
		let value = subxt::ext::scale_value::scale::decode_as_type(&mut &bytes[..], found.value_ty(), types)
			.map_err(|error| unreadable(&error.to_string()))?;
		let mut held = Vec::new();
		for item in text::items(&value) {
			let (Some(id), Some(amount)) = (text::field(item, "id"), text::field(item, "amount")) else {
				return Err(unreadable("an amount has no reason"));
			};
			let amount = text::number(amount).ok_or_else(|| unreadable("an amount is no number"))?;
			let ValueDef::Variant(pallet) = &id.value else {
				return Err(unreadable("a reason names no pallet"));
			};
			let inner = pallet.values.values().next();
			let reason = match inner.map(|inner| (&inner.value, inner.context)) {
				Some((ValueDef::Variant(reason), id)) => (reason.name.clone(), self.docs_of(id, &reason.name)),
				_ => (String::new(), String::new()),
			};
			held.push(Held {
				words: text::hold_in_words(&pallet.name, &reason.0).map_or(reason.1, Into::into),
				pallet: said(&pallet.name),
				reason: said(&reason.0),
				amount,
			});
		}
		Ok(held)
	}

	/// What the metadata says of a variant.
	fn docs_of(&self, id: u32, variant: &str) -> String {
		let found = self.metadata.types().resolve(id);
		let docs = found.and_then(|found| match &found.type_def {
			scale_info::TypeDef::Variant(variants) => {
				let variant = variants.variants.iter().find(|other| other.name == variant)?;
				Some(text::sentence(&variant.docs))
			}
			_ => None,
		});
		docs.unwrap_or_default()
	}
}

/// The part of a key of the storage that a hasher makes.
fn hash(hasher: StorageHasher, bytes: &[u8]) -> Vec<u8> {
	match hasher {
		StorageHasher::Blake2_128 => blake2_128(bytes).to_vec(),
		StorageHasher::Blake2_256 => blake2_256(bytes).to_vec(),
		StorageHasher::Blake2_128Concat => [&blake2_128(bytes)[..], bytes].concat(),
		StorageHasher::Twox128 => twox_128(bytes).to_vec(),
		StorageHasher::Twox256 => twox_256(bytes).to_vec(),
		StorageHasher::Twox64Concat => [&twox_64(bytes)[..], bytes].concat(),
		StorageHasher::Identity => bytes.to_vec(),
	}
}

/// Decodes all of these bytes.
///
/// # Errors
/// If they are not exactly that.
pub(crate) fn decode<T: Decode>(what: &str, mut bytes: &[u8]) -> Result<T> {
	T::decode_all(&mut bytes).map_err(|error| ChainError::Undecodable {
		what: what.into(),
		why: said(&error.to_string()),
	})
}

#[cfg(test)]
mod tests;
