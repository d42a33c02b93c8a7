//! Signed transactions, as a wallet would make them.

use crate::{seen::rpc::Rpc, wait, Error, Result};
use codec::{Decode, Encode};
use jsonrpsee::rpc_params;
use serde_json::Value;
use smartchain_runtime::{
	AccountId, Address, Balance, Nonce, Runtime, RuntimeCall, SessionKeys, SignedPayload, TxExtension,
	UncheckedExtrinsic, VERSION,
};
use sp_core::{sr25519, Bytes, Pair, H256};
use sp_runtime::{generic::Era, traits::TransactionExtension, MultiAddress, MultiSignature};
use std::time::Duration;

/// Who signs.
#[derive(Clone)]
pub struct Account {
	pair: sr25519::Pair,
	id: AccountId,
}

impl Account {
	/// The account of a derivation path of the development phrase, such as `//Alice`.
	///
	/// # Panics
	/// When the path is malformed.
	pub fn dev(path: &str) -> Self {
		let pair = sr25519::Pair::from_string(path, None).expect("a well-formed derivation path");
		let id = AccountId::from(pair.public().0);
		Self { pair, id }
	}

	/// A new account, and the phrase that it derives from.
	pub fn generate() -> (Self, String) {
		let (pair, phrase, _) = sr25519::Pair::generate_with_phrase(None);
		let id = AccountId::from(pair.public().0);
		(Self { pair, id }, phrase)
	}

	/// Its id.
	pub fn id(&self) -> &AccountId {
		&self.id
	}
}

/// What a signature is bound to besides the call: the chain and its versions.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
	genesis: H256,
	spec_version: u32,
	transaction_version: u32,
}

/// What is signed and not carried.
type Implicit = <TxExtension as TransactionExtension<RuntimeCall>>::Implicit;

/// For how many blocks a mortal transaction is valid.
const PERIOD: u64 = 64;

/// What a transaction is besides its call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
	/// What it pays beyond the fee.
	pub tip: Balance,
	/// The block from which on it is valid, for 64 blocks; for ever if there is none.
	pub birth: Option<(u32, H256)>,
}

impl Chain {
	/// The chain of a node.
	///
	/// # Errors
	/// When the node does not answer.
	pub async fn of(rpc: &Rpc) -> Result<Self> {
		let genesis = rpc
			.hash_at(0)
			.await?
			.ok_or_else(|| Error::new("the node has no genesis"))?;
		let version: Value = rpc.call("state_getRuntimeVersion", rpc_params![]).await?;
		let number = |name: &str| {
			let number = version[name].as_u64().and_then(|number| u32::try_from(number).ok());
			number.ok_or_else(|| Error::new(format!("no {name} in {version}")))
		};
		Ok(Self {
			genesis,
			spec_version: number("specVersion")?,
			transaction_version: number("transactionVersion")?,
		})
	}

	/// The chain of this genesis, with the runtime that this was built with.
	pub fn with_genesis(genesis: H256) -> Self {
		Self {
			genesis,
			spec_version: VERSION.spec_version,
			transaction_version: VERSION.transaction_version,
		}
	}

	/// A signed, immortal transaction without a tip, encoded.
	pub fn sign(&self, signer: &Account, nonce: Nonce, call: RuntimeCall) -> Vec<u8> {
		self.sign_on(signer, nonce, call, Terms::default())
	}

	/// The version of the runtime that this signs for.
	pub fn spec_version(&self) -> u32 {
		self.spec_version
	}

	/// A signed, immortal transaction without a tip, encoded, of a call that another runtime than this one has.
	pub fn sign_encoded(&self, signer: &Account, nonce: Nonce, call: &[u8]) -> Vec<u8> {
		let (extension, implicit) = self.extension(nonce, Terms::default());
		let payload = [call, &extension.encode(), &implicit.encode()].concat();
		let signature = if payload.len() > 256 {
			signer.pair.sign(&sp_crypto_hashing::blake2_256(&payload))
		} else {
			signer.pair.sign(&payload)
		};
		let address = Address::Id(signer.id.clone());
		let signature = MultiSignature::Sr25519(signature);
		// Version 4, signed.
		let body = [
			&[0x84][..],
			&address.encode(),
			&signature.encode(),
			&extension.encode(),
			call,
		]
		.concat();
		body.encode()
	}

	/// A signed transaction on these terms, encoded.
	pub fn sign_on(&self, signer: &Account, nonce: Nonce, call: RuntimeCall, terms: Terms) -> Vec<u8> {
		let (extension, implicit) = self.extension(nonce, terms);
		let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
		let signature = payload.using_encoded(|payload| signer.pair.sign(payload));
		let address = Address::Id(signer.id.clone());
		UncheckedExtrinsic::new_signed(call, address, MultiSignature::Sr25519(signature), extension).encode()
	}

	/// What a transaction carries besides its call, and what is signed without being carried.
	fn extension(&self, nonce: Nonce, terms: Terms) -> (TxExtension, Implicit) {
		// An immortal transaction names genesis as the block from which it is valid.
		let (era, birth) = terms.birth.map_or((Era::Immortal, self.genesis), |(number, hash)| {
			(Era::mortal(PERIOD, number.into()), hash)
		});
		let extension: TxExtension = (
			frame_system::AuthorizeCall::new(),
			frame_system::CheckNonZeroSender::new(),
			frame_system::CheckSpecVersion::new(),
			frame_system::CheckTxVersion::new(),
			frame_system::CheckGenesis::new(),
			frame_system::CheckMortality::from(era),
			frame_system::CheckNonce::from(nonce),
			frame_system::CheckWeight::new(),
			pallet_transaction_payment::ChargeTransactionPayment::from(terms.tip),
			frame_metadata_hash_extension::CheckMetadataHash::new(false),
			frame_system::WeightReclaim::new(),
		);
		let implicit = (
			(),
			(),
			self.spec_version,
			self.transaction_version,
			self.genesis,
			birth,
			(),
			(),
			(),
			None,
			(),
		);
		(extension, implicit)
	}
}

/// A transaction with the nonce that the account has at the best block, encoded.
///
/// # Errors
/// When the node does not answer.
pub async fn signed(rpc: &Rpc, signer: &Account, call: RuntimeCall) -> Result<Vec<u8>> {
	let chain = Chain::of(rpc).await?;
	let nonce = nonce(rpc, signer, None).await?;
	Ok(chain.sign(signer, nonce, call))
}

/// Sends a call, and waits until it is in the node's best block or below. Whether it did what it was to do is for the
/// caller to see.
///
/// # Errors
/// When the node's pool refuses it, or it is in no block after `limit`.
pub async fn carry_out(rpc: &Rpc, signer: &Account, call: RuntimeCall, limit: Duration) -> Result<()> {
	let before = nonce(rpc, signer, None).await?;
	rpc.offer(&Chain::of(rpc).await?.sign(signer, before, call)).await?;
	wait::until("the transaction to be in a block", limit, || async {
		Ok((nonce(rpc, signer, None).await? > before).then_some(()))
	})
	.await
}

/// Has a node make new session keys, and the account behind it set them on chain, through this or another node.
///
/// # Errors
/// When a node does not answer, or refuses the transaction.
pub async fn rotate_keys(holder: &Rpc, through: &Rpc, account: &Account) -> Result<()> {
	let (keys, proof) = holder.rotate_keys(account.id().as_ref()).await?;
	through
		.submit(&signed(through, account, set_keys(&keys, proof)?).await?)
		.await?;
	Ok(())
}

/// A transfer that leaves the sender's account alive.
pub fn transfer(to: &AccountId, value: Balance) -> RuntimeCall {
	RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
		dest: MultiAddress::Id(to.clone()),
		value,
	})
}

/// Bytes in a block, of no effect.
pub fn remark(bytes: Vec<u8>) -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: bytes })
}

/// Sets session keys, as `author_rotateKeysWithOwner` made them.
///
/// # Errors
/// When they are none.
pub fn set_keys(mut keys: &[u8], proof: Vec<u8>) -> Result<RuntimeCall> {
	Ok(RuntimeCall::Session(pallet_session::Call::set_keys {
		keys: SessionKeys::decode(&mut keys)?,
		proof,
	}))
}

/// Locks STCI on a candidate.
pub fn back(candidate: &AccountId, amount: Balance) -> RuntimeCall {
	RuntimeCall::Candidates(pallet_candidates::Call::back {
		candidate: candidate.clone(),
		amount,
	})
}

/// Several calls in one transaction, all of them or none.
pub fn all(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(pallet_utility::Call::batch_all { calls })
}

/// What the chain knows of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
	/// How many transactions it has sent.
	pub nonce: Nonce,
	/// What it can spend, and what it must keep.
	pub free: Balance,
}

/// Where the chain keeps an account.
pub fn account_key(account: &AccountId) -> Vec<u8> {
	frame_system::Account::<Runtime>::hashed_key_for(account)
}

fn decode(value: Option<&Bytes>) -> Result<AccountState> {
	let Some(value) = value else {
		return Ok(AccountState::default());
	};
	// Nonce, consumers, providers and sufficients, then the balance, whose first field is the free part.
	let (nonce, _, _, _, free) = <(Nonce, u32, u32, u32, Balance)>::decode(&mut &value[..])?;
	Ok(AccountState { nonce, free })
}

/// What the chain knows of accounts, in their order, at a block; the best one without a hash.
///
/// # Errors
/// When the node does not answer.
pub async fn states(rpc: &Rpc, accounts: &[Account], at: Option<H256>) -> Result<Vec<AccountState>> {
	let keys: Vec<Bytes> = accounts.iter().map(|account| Bytes(account_key(&account.id))).collect();
	let mut states = Vec::new();
	// A node limits how much it answers at once.
	for keys in keys.chunks(500) {
		let sets: Vec<Value> = rpc.call("state_queryStorageAt", rpc_params![keys, at]).await?;
		let changes: Vec<(Bytes, Option<Bytes>)> = match sets.first() {
			Some(set) => serde_json::from_value(set["changes"].clone())?,
			None => Vec::new(),
		};
		for key in keys {
			states.push(decode(
				changes
					.iter()
					.find(|(changed, _)| changed == key)
					.and_then(|(_, value)| value.as_ref()),
			)?);
		}
	}
	Ok(states)
}

/// An account's nonce at a block; at the best one without a hash.
///
/// # Errors
/// When the node does not answer.
pub async fn nonce(rpc: &Rpc, account: &Account, at: Option<H256>) -> Result<Nonce> {
	Ok(decode(rpc.storage(&account_key(&account.id), at).await?.as_ref())?.nonce)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::{generic::Preamble, traits::Verify};

	#[test]
	fn a_transaction_decodes_and_its_signature_is_true() {
		let chain = Chain {
			genesis: H256::repeat_byte(1),
			spec_version: 1,
			transaction_version: 1,
		};
		let (alice, bob) = (Account::dev("//Alice"), Account::dev("//Bob"));
		let call = transfer(bob.id(), 5);
		let long = remark(vec![0; 300]);
		for bytes in [
			chain.sign(&alice, 7, call.clone()),
			chain.sign_encoded(&alice, 7, &call.encode()),
			chain.sign_encoded(&alice, 7, &long.encode()),
		] {
			let extrinsic = UncheckedExtrinsic::decode(&mut &bytes[..]).unwrap();
			assert_eq!(extrinsic.encode(), bytes);
			let Preamble::Signed(MultiAddress::Id(signer), signature, extension) = extrinsic.preamble.clone() else {
				panic!("not signed by an account")
			};
			assert_eq!((&signer, extension.6 .0), (alice.id(), 7));
			let implicit = ((), (), 1, 1, chain.genesis, chain.genesis, (), (), (), None, ());
			let payload = SignedPayload::from_raw(extrinsic.function, extension, implicit);
			assert!(payload.using_encoded(|payload| signature.verify(payload, &signer)));
		}
	}
}
