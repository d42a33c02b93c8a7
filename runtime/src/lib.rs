//! # The SmartChain runtime
//!
//! Which pallets the chain is made of, with which parameters. This file composes; what is set where:
//!
//! - [`constants`]: currency and time.
//! - [`limits`]: how much a block may hold.
//! - [`configs`]: the parameters of each pallet, by theme.
//! - [`genesis`]: the presets that chain specs are made from.
//! - [`apis`]: what the node can ask.
//! - [`migrations`]: what an upgrade changes in the state.
//! - [`multiplier`]: how fees follow the fullness of blocks.
//! - [`signers`]: which calls no signature helps.
//! - `authorized`: transactions that no account signs.

#![cfg_attr(not(feature = "std"), no_std)]
// The composed runtime is one deep type.
#![recursion_limit = "512"]
// Macros compose this crate, and what they make public has no docs. The modules warn for themselves.
#![allow(missing_docs)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
mod authorized;
#[cfg(feature = "runtime-benchmarks")]
mod benches;
pub mod configs;
pub mod constants;
pub mod genesis;
pub mod limits;
pub mod migrations;
pub mod multiplier;
pub mod signers;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// The height of a block.
pub type BlockNumber = u32;
/// A signature under a transaction: ed25519, sr25519 or ECDSA.
pub type Signature = MultiSignature;
/// An account: the hash or the bytes of a public key.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An amount of STCI in planck.
pub type Balance = u128;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A hash of the chain: 32 bytes of BLAKE2b.
pub type Hash = sp_core::H256;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// An extrinsic as it comes out of a block or the pool.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a transaction's signature is made over.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What every transaction carries besides its call, and what is checked and charged for it.
///
/// The order is frozen: it is the layout of the signed payload. A change of it, or of the types, makes every wallet,
/// hardware signer and transaction prepared beforehand invalid, and raises `transaction_version`. It is the order of
/// the SDK's own node. Checks that cost little come before those that write; nonce before fees, so that fees find the
/// account in memory; `WeightReclaim` comes last, so that it runs after everything that tells the weight used.
/// `AuthorizeCall` and `WeightReclaim` add no bytes, so that wallets that do not know them sign right all the same.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// Executes blocks and transactions.
pub type Executive =
	frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
	/// The keys of a validator.
	pub struct SessionKeys {
		/// Seals blocks and evaluates the VRF: sr25519.
		pub poca: Poca,
		/// Votes: ed25519.
		pub pbft: BftFinality,
	}
}

macro_rules! version {
	($spec_version:tt) => {
		/// The version of this runtime.
		///
		/// `spec_version` rises with every runtime that behaves differently, `transaction_version` with every change of
		/// how a transaction is encoded: an index, an argument, the extensions.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: Cow::Borrowed("smartchain"),
			impl_name: Cow::Borrowed("smartchain"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 1,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 1,
		};
	};
}
#[cfg(not(feature = "other-slot-rule"))]
version!(7);
// What the test of an upgrade upgrades to: one more. The version has to be a literal.
#[cfg(feature = "other-slot-rule")]
version!(8);

/// The pallets. Indices are part of how calls are encoded and never change; hooks run in their order. Ranges are kept
/// for what is to come: 9 consensus, 15..=17 issuance and treasury, 24..=29 accounts, 37..=39 governance,
/// 42..=49 proofs of resources, 50..=59 markets, payment channels and relayed calls.
#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;

	// Before all that ask it who authored: it looks that up before directors change.
	#[runtime::pallet_index(2)]
	pub type Poca = pallet_poca;

	#[runtime::pallet_index(3)]
	pub type BftFinality = pallet_bft_finality;

	#[runtime::pallet_index(4)]
	pub type Authorship = pallet_authorship;

	#[runtime::pallet_index(5)]
	pub type Session = pallet_session;

	// Executive runs its steps after the inherents, wherever it stands here.
	#[runtime::pallet_index(6)]
	pub type MultiBlockMigrations = pallet_migrations;

	#[runtime::pallet_index(7)]
	pub type Upgrades = pallet_upgrades;

	// After those that tell it who is in office.
	#[runtime::pallet_index(8)]
	pub type Equivocation = pallet_equivocation;

	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;

	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;

	// Above Balances: genesis finds the money there. After Poca, which tells it of eras and blocks.
	#[runtime::pallet_index(12)]
	pub type StciIssuance = pallet_stci_issuance;
	// Above Balances: genesis gives its account what it takes to exist.
	#[runtime::pallet_index(13)]
	pub type Treasury = pallet_treasury;

	#[runtime::pallet_index(14)]
	pub type Bounties = pallet_bounties;

	// Above Poca, Session and Balances: genesis finds directors, keys and money there.
	#[runtime::pallet_index(18)]
	pub type CandidateList = pallet_bags_list;

	#[runtime::pallet_index(19)]
	pub type Candidates = pallet_candidates;

	#[runtime::pallet_index(20)]
	pub type Utility = pallet_utility;

	#[runtime::pallet_index(21)]
	pub type Multisig = pallet_multisig;

	#[runtime::pallet_index(22)]
	pub type Proxy = pallet_proxy;

	// Above Balances and Candidates: genesis locks what both have left free.
	#[runtime::pallet_index(23)]
	pub type Vesting = pallet_vesting;

	#[runtime::pallet_index(30)]
	pub type Motions = pallet_motions;

	#[runtime::pallet_index(31)]
	pub type Referenda = pallet_referenda;

	#[runtime::pallet_index(32)]
	pub type ConvictionVoting = pallet_conviction_voting;

	#[runtime::pallet_index(33)]
	pub type Mandates = pallet_mandates;

	#[runtime::pallet_index(34)]
	pub type Parameters = pallet_parameters;

	#[runtime::pallet_index(35)]
	pub type Preimage = pallet_preimage;

	#[runtime::pallet_index(36)]
	pub type Scheduler = pallet_scheduler;

	#[runtime::pallet_index(40)]
	pub type DeviceRegistry = pallet_device_registry;

	// After Poca, which keeps the accumulator: rounds are drawn from it as it is in the block that opens them.
	#[runtime::pallet_index(41)]
	pub type ResourceProofs = pallet_resource_proofs;

	// After Poca, whose clock it asks.
	#[runtime::pallet_index(50)]
	pub type PaymentChannels = pallet_payment_channels;

	#[runtime::pallet_index(51)]
	pub type Relay = pallet_relay;

	// After Poca: challenges are drawn from the accumulator as it is in the block that issues them.
	#[runtime::pallet_index(52)]
	pub type StorageMarket = pallet_storage_market;

	// After Poca, whose accumulator draws pools and what is run again. What it does takes what a block leaves over.
	#[runtime::pallet_index(53)]
	pub type ComputeMarket = pallet_compute_market;

	// Without a key but in the `dev` preset.
	#[runtime::pallet_index(99)]
	pub type Sudo = pallet_sudo;
}
