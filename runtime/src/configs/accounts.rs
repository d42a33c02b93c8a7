//! What makes accounts usable: batches, shared accounts, proxies, relayed calls.

use crate::{
	configs::governance::ToTreasury, constants::currency::deposit, limits::MAX_NORMAL_MILLIS, signers::Relayable,
	weights, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, Signature, System,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Verify};

parameter_types! {
	/// What is reserved for a pending multisig call: one item of 88 bytes.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	/// What is reserved for each approval: an account.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// What is reserved for having proxies: one item of 8 bytes.
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	/// What is reserved for each proxy: account, kind and delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// What is reserved for having announcements: one item of 16 bytes.
	pub const AnnouncementDepositBase: Balance = deposit(1, 16);
	/// What is reserved for each announcement: account, hash and height.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
}

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

/// What a proxy may do for the account that it stands for.
#[derive(
	Copy,
	Clone,
	Debug,
	Default,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// What moves no money and hands on no rights: remarks, and batches of them. No session keys, for a node with other
	/// keys can have the bond slashed; and nothing in shared accounts, for those belong to others as well.
	#[codec(index = 1)]
	NonTransfer,
	/// Rejecting what other proxies have announced.
	#[codec(index = 2)]
	CancelProxy,
	/// What a node in office does from day to day: latencies, motions. Neither its bond nor its candidacy.
	#[codec(index = 3)]
	Office,
	/// Session keys: what the account signs blocks and votes with. Whoever has it can have the bond slashed.
	#[codec(index = 4)]
	Keys,
	/// What a holder decides with: votes, delegation, referenda and their deposits. It locks STCI and reserves
	/// deposits, and moves nothing to anybody.
	#[codec(index = 5)]
	Governance,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			// A list of what is allowed, so that a pallet to come is not allowed by oversight. Calls within batches are
			// filtered too: the filter stays with the origin.
			Self::NonTransfer => matches!(call, RuntimeCall::System(..) | RuntimeCall::Utility(..)),
			Self::CancelProxy => matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })),
			Self::Office => matches!(
				call,
				RuntimeCall::Candidates(pallet_candidates::Call::report_latencies { .. }) | RuntimeCall::Motions(..)
			),
			Self::Keys => matches!(call, RuntimeCall::Session(..)),
			Self::Governance => matches!(
				call,
				RuntimeCall::ConvictionVoting(..)
					| RuntimeCall::Referenda(..)
					| RuntimeCall::Preimage(..)
					| RuntimeCall::Utility(..)
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(a, b) if a == b => true,
			(Self::Any, _) => true,
			_ => false,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}

parameter_types! {
	/// What the first call that is relayed for an account costs its relayer: the entry of its nonce, key included, is
	/// kept for good.
	pub const EntryPrice: Balance = deposit(0, 88);
	/// What a relayed call may weigh: a quarter of what ordinary extrinsics of a block may. Proof size is no limit.
	pub const MaxRelayedWeight: Weight =
		Weight::from_parts(MAX_NORMAL_MILLIS / 4 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX / 2);
}

impl pallet_relay::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type Signature = Signature;
	type Signer = <Signature as Verify>::Signer;
	type Relayable = Relayable;
	type OnEntryPrice = ToTreasury;
	type EntryPrice = EntryPrice;
	type MaxLength = ConstU32<16_384>;
	type MaxWeight = MaxRelayedWeight;
	type WeightInfo = weights::pallet_relay::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Machines;
}
