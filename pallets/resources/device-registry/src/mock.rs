//! A chain of nothing but devices, with machines and vendors that sign.

use crate as pallet_device_registry;
use crate::{AttestationProof, Balance, EnrolmentProof, HoldReason, KeyIndex};
use codec::Encode;
use device_primitives::{
	Attestation, DeviceId, DeviceKey, DeviceSignature, Endpoint, Endpoints, Enrolment, Host, Name, P256Pair,
	Registration, Transfer, Transport, VendorKeyClaim,
};
use frame_support::{
	derive_impl, ord_parameter_types, parameter_types,
	traits::{
		fungible::{hold::Inspect as _, Inspect},
		tokens::imbalance::ResolveTo,
		ConstU8,
	},
};
use frame_system::EnsureSignedBy;
use pallet_testkit::{configs, Eras, Told};
use pallet_traits::SlotOfBlock;
use poca_primitives::Slot;
use sp_core::{ed25519, sr25519, Pair, H256};
use sp_runtime::{traits::IdentityLookup, AccountId32, DispatchResult};

/// An account as on the chain: a key of a device can be the key of one.
pub type AccountId = AccountId32;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Registry: pallet_device_registry,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

pub const DEVICE_DEPOSIT: Balance = 700;
pub const KEY_PRICE: Balance = 50;
pub const VENDOR_DEPOSIT: Balance = 1_000;
pub const VENDOR_KEY_DEPOSIT: Balance = 100;
pub const MODEL_DEPOSIT: Balance = 10;

/// The account whose word is the admin's.
pub const ADMIN: AccountId = AccountId32::new([0xad; 32]);
/// What is paid for keys goes to this account.
pub const TREASURY: AccountId = AccountId32::new([0xee; 32]);

ord_parameter_types! {
	pub const Admin: AccountId = ADMIN;
}

parameter_types! {
	pub const Treasury: AccountId = TREASURY;
	// A test may set them: each thread has its own.
	pub static PerDevice: Balance = DEVICE_DEPOSIT;
	pub static PerKey: Balance = KEY_PRICE;
	pub static PerVendor: Balance = VENDOR_DEPOSIT;
	pub static PerVendorKey: Balance = VENDOR_KEY_DEPOSIT;
	pub static PerModel: Balance = MODEL_DEPOSIT;
}

/// Knows the slot of the current block alone: twelve for each block up to it.
pub struct Slots;

impl SlotOfBlock for Slots {
	fn slot_of_block(number: u32) -> Option<Slot> {
		(u64::from(number) == System::block_number()).then(|| slot().into())
	}
}

/// The slot of the current block.
pub fn slot() -> u64 {
	12 * System::block_number()
}

pub type Recorder = pallet_testkit::Recorder<Test>;

impl pallet_device_registry::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type EraClock = Eras;
	type Slots = Slots;
	type AdminOrigin = EnsureSignedBy<Admin, AccountId>;
	type DeviceHook = Recorder;
	type OnKeyPrice = ResolveTo<Treasury, Balances>;
	type DeviceDeposit = PerDevice;
	type KeyPrice = PerKey;
	type VendorDeposit = PerVendor;
	type VendorKeyDeposit = PerVendorKey;
	type ModelDeposit = PerModel;
	type MaxVendorKeys = ConstU8<4>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Accounts 1 to 9 have this much.
pub const RICH: Balance = 1_000_000;

pub fn account(number: u8) -> AccountId {
	AccountId32::new([number; 32])
}

pub fn genesis() -> sp_io::TestExternalities {
	genesis_with(Default::default())
}

pub fn genesis_with(registry: crate::GenesisConfig<Test>) -> sp_io::TestExternalities {
	let storage = pallet_testkit::genesis::<Test>(&[
		&pallet_balances::GenesisConfig::<Test> {
			balances: (1..10).map(|number| (account(number), RICH)).collect(),
			..Default::default()
		},
		&registry,
	]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	#[cfg(feature = "runtime-benchmarks")]
	externalities.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	externalities.execute_with(|| {
		System::set_block_number(1);
		Eras::set(10);
	});
	externalities
}

/// Runs `test` in era 10 of a chain, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	pallet_testkit::run(genesis(), test, Registry::do_try_state);
}

pub fn check() {
	Registry::do_try_state().expect("invariants hold");
}

pub fn origin(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

pub fn admin() -> RuntimeOrigin {
	origin(&ADMIN)
}

pub fn era(era: u32) {
	Eras::set(era);
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

pub fn told() -> Vec<Told<AccountId>> {
	Recorder::take()
}

pub fn free(who: &AccountId) -> Balance {
	Balances::balance(who)
}

/// What is held of an account for its devices.
pub fn held(who: &AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Device.into(), who)
}

/// What is held of an account as a vendor.
pub fn held_of_vendor(who: &AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Vendor.into(), who)
}

/// The hash that everything signed here names.
pub fn here() -> H256 {
	System::block_hash(0)
}

/// Another chain's.
pub fn elsewhere() -> H256 {
	H256::repeat_byte(0xe1)
}

/// A pair of keys of some kind.
pub enum Keys {
	Sr(sr25519::Pair),
	Ed(Box<ed25519::Pair>),
	Chip(P256Pair),
}

impl Keys {
	pub fn sr(seed: u8) -> Self {
		Self::Sr(sr25519::Pair::from_seed(&[seed; 32]))
	}

	pub fn ed(seed: u8) -> Self {
		Self::Ed(Box::new(ed25519::Pair::from_seed(&[seed; 32])))
	}

	pub fn chip(seed: u8) -> Self {
		Self::Chip(P256Pair::from_seed(&[seed; 32]).expect("in range"))
	}

	pub fn public(&self) -> DeviceKey {
		match self {
			Self::Sr(pair) => DeviceKey::Sr25519(pair.public()),
			Self::Ed(pair) => DeviceKey::Ed25519(pair.public()),
			Self::Chip(pair) => DeviceKey::P256(pair.public()),
		}
	}

	pub fn sign(&self, payload: &[u8]) -> DeviceSignature {
		match self {
			Self::Sr(pair) => DeviceSignature::Sr25519(pair.sign(payload)),
			Self::Ed(pair) => DeviceSignature::Ed25519(pair.sign(payload)),
			Self::Chip(pair) => DeviceSignature::P256(pair.sign(payload)),
		}
	}
}

/// A machine: its key, and its first lottery key if its own is not sr25519.
pub struct Machine {
	pub keys: Keys,
	pub enrolled: Option<sr25519::Pair>,
}

/// What a new owner shows: what the machine signed, and the lottery key that it enrols.
pub type Consent = (DeviceSignature, Option<EnrolmentProof>);

/// Accepts a device with what its machine signed.
pub fn accept(who: &AccountId, id: DeviceId, (consent, enrolment): Consent) -> DispatchResult {
	Registry::accept_transfer(origin(who), id, consent, enrolment)
}

impl Machine {
	/// Of each kind one third, by its number.
	pub fn new(number: u8) -> Self {
		match number % 3 {
			0 => Self {
				keys: Keys::sr(number + 1),
				enrolled: None,
			},
			1 => Self::enrolling(Keys::ed(number + 1), number),
			_ => Self::enrolling(Keys::chip(number + 1), number),
		}
	}

	fn enrolling(keys: Keys, number: u8) -> Self {
		Self {
			keys,
			enrolled: Some(sr25519::Pair::from_seed(&[200 - number; 32])),
		}
	}

	pub fn key(&self) -> DeviceKey {
		self.keys.public()
	}

	pub fn id(&self) -> DeviceId {
		self.key().device_id()
	}

	fn lottery_pair(&self) -> &sr25519::Pair {
		match (&self.keys, &self.enrolled) {
			(_, Some(pair)) | (Keys::Sr(pair), None) => pair,
			_ => panic!("it enrols none"),
		}
	}

	pub fn lottery(&self) -> sr25519::Public {
		self.lottery_pair().public()
	}

	pub fn possession(&self, owner: &AccountId) -> DeviceSignature {
		self.possession_on(owner, here())
	}

	pub fn possession_on(&self, owner: &AccountId, genesis: H256) -> DeviceSignature {
		let registration = Registration {
			device: self.key(),
			owner: owner.clone(),
			lottery: self.lottery(),
		};
		self.keys.sign(&registration.payload(&genesis))
	}

	pub fn enrolment(&self, owner: &AccountId) -> Option<EnrolmentProof> {
		self.enrolment_on(owner, here())
	}

	pub fn enrolment_on(&self, owner: &AccountId, genesis: H256) -> Option<EnrolmentProof> {
		Some(self.enrol(self.enrolled.as_ref()?, owner, genesis))
	}

	/// What a lottery key signs for this machine and owner.
	pub fn enrol(&self, pair: &sr25519::Pair, owner: &AccountId, genesis: H256) -> EnrolmentProof {
		let enrolment = Enrolment {
			device: self.id(),
			owner: owner.clone(),
			lottery: pair.public(),
		};
		EnrolmentProof {
			lottery: pair.public(),
			signature: pair.sign(&enrolment.payload(&genesis)),
		}
	}

	/// The lottery key that it enrols when it has been transferred so many times; none if its own is sr25519.
	pub fn lottery_after(&self, transfers: u32) -> Option<sr25519::Pair> {
		let first = self.enrolled.as_ref()?;
		let seed = (first.public(), transfers).using_encoded(sp_io::hashing::blake2_256);
		Some(sr25519::Pair::from_seed(&seed))
	}

	/// Registers with what its keys signed for this owner.
	pub fn register(&self, owner: &AccountId, attestation: Option<AttestationProof>) -> DispatchResult {
		Registry::register(
			origin(owner),
			self.key(),
			self.possession(owner),
			self.enrolment(owner),
			attestation,
			endpoints(),
		)
	}

	/// What it signs for a transfer, after so many before.
	pub fn consent(&self, from: &AccountId, to: &AccountId, transfers: u32) -> Consent {
		self.consent_on(from, to, transfers, here())
	}

	pub fn consent_on(&self, from: &AccountId, to: &AccountId, transfers: u32, genesis: H256) -> Consent {
		let next = self.lottery_after(transfers + 1);
		let transfer = Transfer {
			device: self.id(),
			from: from.clone(),
			to: to.clone(),
			transfers,
			lottery: next.as_ref().map_or_else(|| self.lottery(), |pair| pair.public()),
		};
		let enrolment = next.map(|pair| self.enrol(&pair, to, genesis));
		(self.keys.sign(&transfer.payload(&genesis)), enrolment)
	}

	pub fn stored(&self) -> Option<crate::Device<AccountId>> {
		crate::Devices::<Test>::get(self.id())
	}
}

/// A device that is registered, without attestation.
pub fn registered(number: u8, owner: &AccountId) -> Machine {
	let machine = Machine::new(number);
	machine.register(owner, None).expect("registers");
	machine
}

pub fn endpoint(host: Host) -> Endpoint {
	Endpoint {
		transport: Transport::Quic,
		host,
		port: 4_433,
	}
}

pub fn endpoints() -> Endpoints {
	Endpoints::truncate_from(vec![endpoint(Host::V4([192, 0, 2, 1]))])
}

pub fn name(text: &str) -> Name {
	text.as_bytes().to_vec().try_into().expect("is short enough")
}

/// The vendor of these tests: account 9.
pub fn vendor() -> AccountId {
	account(9)
}

pub fn claim(keys: &Keys, vendor: &AccountId) -> DeviceSignature {
	claim_on(keys, vendor, here())
}

pub fn claim_on(keys: &Keys, vendor: &AccountId, genesis: H256) -> DeviceSignature {
	let claim = VendorKeyClaim {
		vendor: vendor.clone(),
		key: keys.public(),
	};
	keys.sign(&claim.payload(&genesis))
}

/// The key of the vendor at this place.
pub fn vendor_keys(index: KeyIndex) -> Keys {
	Keys::chip(240 + index)
}

/// Makes account 9 a vendor with one key and one model, 0.
pub fn with_vendor() {
	let keys = vendor_keys(0);
	let claimed = claim(&keys, &vendor());
	Registry::register_vendor(origin(&vendor()), name("Sensors & Sons"), keys.public(), claimed).expect("registers");
	Registry::register_model(origin(&vendor()), name("Weather 3")).expect("registers");
}

/// Gives the vendor its next key.
pub fn add_key(index: KeyIndex) -> DispatchResult {
	let keys = vendor_keys(index);
	Registry::add_vendor_key(origin(&vendor()), keys.public(), claim(&keys, &vendor()))
}

/// What the vendor says of a machine, by its key at this place.
pub fn attestation(machine: &Machine, owner: &AccountId, index: KeyIndex) -> AttestationProof {
	attestation_on(machine, owner, index, here())
}

pub fn attestation_on(machine: &Machine, owner: &AccountId, index: KeyIndex, genesis: H256) -> AttestationProof {
	let attestation = Attestation {
		device: machine.key(),
		model: 0,
		owner: owner.clone(),
	};
	AttestationProof {
		model: 0,
		key: index,
		signature: vendor_keys(index).sign(&attestation.payload(&genesis)),
	}
}

/// A device that is registered with an attestation by the vendor's key at this place.
pub fn attested(number: u8, owner: &AccountId, index: KeyIndex) -> Machine {
	let machine = Machine::new(number);
	let shown = attestation(&machine, owner, index);
	machine.register(owner, Some(shown)).expect("registers");
	machine
}
