//! Transactions that accounts sign.

use super::{Encoded, Runtime};
use crate::{
	send::MORTAL_BLOCKS,
	types::{said, AccountId, Balance, BlockNumber, Hash, Nonce},
	ChainError, Result,
};
use codec::{Decode, Encode};
use sp_runtime::MultiSignature;
use subxt::{
	config::{
		substrate::{BlakeTwo256, SubstrateHeader, H256},
		Config, DefaultExtrinsicParamsBuilder, DefaultTransactionExtensions,
	},
	ext::{
		scale_encode::{EncodeAsFields, Error as EncodeError},
		scale_type_resolver::{FieldIter, TypeResolver},
	},
	tx::Payload,
	utils, ArcMetadata, OfflineClient, OfflineClientAtBlock,
};

/// The chain as the library is told of it. Of transaction extensions it makes those that it knows, and those without
/// bytes; any other is an error there, not a wrong transaction.
#[derive(Clone, Debug)]
pub(super) struct Chain {
	genesis: H256,
	versions: (u32, u32),
	metadata: ArcMetadata,
}

impl Config for Chain {
	type AccountId = utils::AccountId32;
	type Address = utils::MultiAddress<Self::AccountId, ()>;
	type Signature = utils::MultiSignature;
	type Header = SubstrateHeader<H256>;
	type TransactionExtensions = DefaultTransactionExtensions<Self>;
	type AssetId = u32;
	type Hasher = BlakeTwo256;

	fn genesis_hash(&self) -> Option<H256> {
		Some(self.genesis)
	}

	fn spec_and_transaction_version_for_block_number(&self, _: u64) -> Option<(u32, u32)> {
		Some(self.versions)
	}

	fn metadata_for_spec_version(&self, _: u32) -> Option<ArcMetadata> {
		Some(self.metadata.clone())
	}
}

/// Arguments that are encoded, and were compared with what the metadata says.
struct Bytes(Vec<u8>);

impl EncodeAsFields for Bytes {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), EncodeError> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

struct EncodedCall {
	names: (&'static str, &'static str),
	args: Bytes,
}

impl Payload for EncodedCall {
	type CallData = Bytes;

	fn pallet_name(&self) -> &str {
		self.names.0
	}

	fn call_name(&self) -> &str {
		self.names.1
	}

	fn call_data(&self) -> &Bytes {
		&self.args
	}
}

/// What a signature is over besides the call.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
	/// The account's nonce.
	pub nonce: Nonce,
	/// The block after which the transaction is good for [`MORTAL_BLOCKS`].
	pub birth: (BlockNumber, Hash),
	/// What is paid besides the fee, in planck: of two with one nonce the pool keeps the one with more.
	pub tip: Balance,
}

impl Runtime {
	pub(super) fn client(&self) -> Result<OfflineClientAtBlock<Chain>> {
		let chain = Chain {
			genesis: H256(self.genesis.0),
			versions: (self.version.spec_version, self.version.transaction_version),
			metadata: self.metadata.clone(),
		};
		OfflineClient::new_with_config(chain)
			.at_block(0u64)
			.map_err(|error| other_transactions(&error.to_string()))
	}

	/// The bytes of a call as they are in a transaction.
	///
	/// # Errors
	/// If the runtime's transactions are others.
	pub fn call_data(&self, call: Encoded) -> Result<Vec<u8>> {
		let call = EncodedCall {
			names: (call.pallet, call.call),
			args: Bytes(call.args),
		};
		self.client()?
			.tx()
			.call_data(&call)
			.map_err(|error| other_transactions(&error.to_string()))
	}

	/// The bytes of a transaction, as they are submitted.
	///
	/// # Errors
	/// If the runtime's transactions are others, or the key does not sign.
	pub fn transaction(
		&self,
		call: Encoded,
		who: &AccountId,
		terms: Terms,
		sign: impl FnOnce(&[u8]) -> Result<MultiSignature>,
	) -> Result<Vec<u8>> {
		let call = EncodedCall {
			names: (call.pallet, call.call),
			args: Bytes(call.args),
		};
		let (number, hash) = terms.birth;
		let params = DefaultExtrinsicParamsBuilder::<Chain>::new()
			.nonce(terms.nonce.into())
			.mortal_from_unchecked(MORTAL_BLOCKS, number.into(), H256(hash.0))
			.tip(terms.tip)
			.build();
		let client = self.client()?;
		let mut signable = client
			.tx()
			.create_signable_offline(&call, params)
			.map_err(|error| other_transactions(&error.to_string()))?;
		let payload = signable
			.signer_payload()
			.map_err(|error| other_transactions(&error.to_string()))?;
		let signature = sign(&payload)?;
		let signature = utils::MultiSignature::decode(&mut &signature.encode()[..])
			.map_err(|_| ChainError::Signer("its signature is of a kind that the chain does not know".into()))?;
		let account = utils::AccountId32(*<AccountId as AsRef<[u8; 32]>>::as_ref(who));
		let signed = signable
			.sign_with_account_and_signature(&account, &signature)
			.map_err(|error| other_transactions(&error.to_string()))?;
		Ok(signed.encoded().to_vec())
	}
}

pub(super) fn other_transactions(why: &str) -> ChainError {
	ChainError::OtherRuntime {
		what: "transactions".into(),
		why: said(why),
	}
}
