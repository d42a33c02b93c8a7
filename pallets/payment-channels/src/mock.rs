//! A chain of nothing but payment channels, with a clock that a test turns, and people who sign.

use crate::{self as pallet_payment_channels, HoldReason, Signatures, Words, AHEAD};
use channel_primitives::{
	Accept, Balance, ChannelId, ChannelKey, ChannelSignature, Claim, Condition, Context, Half, Lock, LockId, Locks,
	Node, Payload, PerSide, Resync, Side, Signed, Submit, Terms, Tick, Witness, DAY, NO_CHANNEL, STCI,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{hold::Inspect as _, Inspect},
		ConstU128, ConstU32,
	},
	weights::Weight,
	BoundedVec, PalletId,
};
use frame_system::RawOrigin;
use pallet_testkit::configs;
use pallet_traits::{MarketClock, Predicates};
use sp_core::{ed25519, Pair};
use sp_runtime::{
	traits::{Convert, Dispatchable, IdentityLookup},
	transaction_validity::{TransactionSource, TransactionValidityError, UnknownTransaction},
	AccountId32, DispatchResult, MultiSignature, MultiSigner, Perbill,
};

/// An account as on the chain: it is the key that signs for it.
pub type AccountId = AccountId32;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		PaymentChannels: pallet_payment_channels,
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
	type ExistentialDeposit = ConstU128<LEAST>;
}

/// The least that an account holds.
pub const LEAST: Balance = 10;
/// What a transaction without an account costs at least, out of a channel's deposit.
pub const FEE: Balance = 5;
/// What is deposited for a channel,
pub const CHANNEL: Balance = 500;
/// for a reveal,
pub const REVEAL: Balance = 50;
/// for an endpoint,
pub const ENDPOINT: Balance = 60;
/// and of a tower at least.
pub const BOND: Balance = 1_000;
/// What the people of a test have.
pub const RICH: Balance = 1_000_000;
/// The tick at which tests begin.
pub const START: Tick = 1_000;
/// The window of channels here.
pub const WINDOW: Tick = 20;

parameter_types! {
	pub const Id: PalletId = PalletId(*b"sc/chnls");
	/// The markets' clock.
	pub static Now: Tick = START;
	/// What a recovery costs whose claim was too low.
	pub static Fine: Perbill = Perbill::from_percent(1);
	/// What a unit of time costs whoever pays fees; a byte costs nothing here.
	pub static Multiplier: Balance = 0;
}

/// Fees as a test has made them.
pub struct FullBlocks;

impl Convert<(Weight, u32), Balance> for FullBlocks {
	fn convert((weight, _): (Weight, u32)) -> Balance {
		Multiplier::get() * Balance::from(weight.ref_time())
	}
}

/// The clock as a test has turned it.
pub struct Ticks;

impl MarketClock for Ticks {
	fn tick() -> Tick {
		Now::get()
	}
}

/// Predicate 0 holds of "yes".
pub struct Oracle;

impl Predicates for Oracle {
	fn holds(predicate: u16, args: &[u8]) -> bool {
		predicate == 0 && args == b"yes"
	}
}

impl pallet_payment_channels::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Signature = MultiSignature;
	type Signer = MultiSigner;
	type PalletId = Id;
	type Clock = Ticks;
	type Predicates = Oracle;
	type Fine = Fine;
	type MinWindow = ConstU32<WINDOW>;
	type MaxWindow = ConstU32<{ 60 * DAY }>;
	type RecoveryWindow = ConstU32<{ 14 * DAY }>;
	type RevealTicks = ConstU32<{ 120 * DAY }>;
	type TowerTicks = ConstU32<{ 7 * DAY }>;
	type UnbondTicks = ConstU32<{ 67 * DAY }>;
	type MinBond = ConstU128<BOND>;
	type ChannelDeposit = ConstU128<CHANNEL>;
	type AnswerFee = ConstU128<FEE>;
	type FeeNow = FullBlocks;
	type RevealDeposit = ConstU128<REVEAL>;
	type EndpointDeposit = ConstU128<ENDPOINT>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Set;
}

/// What benchmarks need to be set up.
#[cfg(feature = "runtime-benchmarks")]
pub struct Set;

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId, MultiSignature> for Set {
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, MultiSignature) {
		crate::benchmarking::wallet(payload)
	}

	fn set_tick(tick: Tick) {
		Now::set(tick);
	}

	fn predicate(number: u32) -> (u16, Vec<u8>) {
		(0, vec![number as u8; 32])
	}
}

/// Somebody, by a number: those from 1 to 9 are rich.
pub type Who = u8;

/// Opens channels, as a rule.
pub const ALICE: Who = 1;
/// Is on the other side.
pub const BOB: Who = 2;
/// Forwards payments, or watches.
pub const CAROL: Who = 3;
/// Has no account.
pub const NOBODY: Who = 77;

fn owner(who: Who) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[who; 32])
}

pub fn account(who: Who) -> AccountId {
	AccountId32::new(owner(who).public().0)
}

fn hot(who: Who, generation: u8) -> ed25519::Pair {
	let mut seed = [who; 32];
	seed[0] = 0xc0;
	seed[1] = generation;
	ed25519::Pair::from_seed(&seed)
}

/// The key of somebody in channels, after so many others.
pub fn key(who: Who, generation: u8) -> ChannelKey {
	ChannelKey(hot(who, generation).public().0)
}

pub fn genesis() -> sp_io::TestExternalities {
	let storage = pallet_testkit::genesis::<Test>(&[&pallet_balances::GenesisConfig::<Test> {
		balances: (1..10).map(|who| (account(who), RICH)).collect(),
		..Default::default()
	}]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	#[cfg(feature = "runtime-benchmarks")]
	externalities.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	externalities.execute_with(|| System::set_block_number(1));
	Now::set(START);
	Fine::set(Perbill::from_percent(1));
	Multiplier::set(0);
	externalities
}

/// Runs `test`, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	pallet_testkit::run(genesis(), test, PaymentChannels::do_try_state);
}

/// So many ticks pass.
pub fn pass(ticks: Tick) {
	Now::set(Now::get() + ticks);
}

pub fn check() {
	PaymentChannels::do_try_state().expect("invariants hold");
}

pub fn origin(who: Who) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(who))
}

pub fn free(who: Who) -> Balance {
	Balances::balance(&account(who))
}

/// What the pot holds.
pub fn in_pot(reason: HoldReason) -> Balance {
	Balances::balance_on_hold(&reason.into(), &PaymentChannels::pot())
}

/// What is held of somebody.
pub fn held(who: Who, reason: HoldReason) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(who))
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

fn genesis_hash() -> [u8; 32] {
	System::block_hash(0).0
}

pub fn of_chain() -> Context {
	Context::of_chain(genesis_hash())
}

/// What a key signs.
fn sign<B: Payload>(pair: &ed25519::Pair, context: &Context, body: B) -> Signed<B> {
	let signature = ChannelSignature(pair.sign(&body.payload(context)).0);
	Signed { body, signature }
}

/// What somebody's first key signs that is of no channel.
pub fn statement<B: Payload>(who: Who, body: B) -> ChannelSignature {
	sign(&hot(who, 0), &of_chain(), body).signature
}

/// What somebody's first key signs in a context of others.
pub fn sign_as<B: Payload>(who: Who, context: &Context, body: B) -> Signed<B> {
	sign(&hot(who, 0), context, body)
}

/// A channel between two, as those who sign in it see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
	/// Its number.
	pub id: ChannelId,
	/// Who opened it.
	pub opener: Who,
	/// The other one.
	pub partner: Who,
}

/// The terms of a channel between two.
pub fn terms(one: Who, other: Who, window: Tick) -> Terms {
	let keys = PerSide::from_fn(|side| {
		let of_one = Side::of(&account(one), &account(other)) == Some(side);
		key(if of_one { one } else { other }, 0)
	});
	Terms { keys, window }
}

/// What the account of a partner signs.
pub fn accept(opener: Who, partner: Who, terms: Terms, expiry: Tick) -> MultiSignature {
	MultiSignature::Ed25519(owner(partner).sign(&accept_payload(opener, partner, terms, expiry)))
}

/// The same as a wallet does it for a page.
pub fn accept_wrapped(opener: Who, partner: Who, terms: Terms, expiry: Tick) -> MultiSignature {
	let payload = accept_payload(opener, partner, terms, expiry);
	MultiSignature::Ed25519(owner(partner).sign(&[&b"<Bytes>"[..], &payload[..], &b"</Bytes>"[..]].concat()))
}

fn accept_payload(opener: Who, partner: Who, terms: Terms, expiry: Tick) -> [u8; 32] {
	let body = Accept {
		terms,
		opener: account(opener).into(),
		expiry,
	};
	let context = Context {
		genesis: genesis_hash(),
		channel: NO_CHANNEL,
		asset: STCI,
		side: Side::of(&account(partner), &account(opener)).expect("two accounts"),
	};
	body.payload(&context)
}

/// Opens a channel in which the opener puts `amount`, and the other one as much as `of_partner`.
pub fn open_with(opener: Who, partner: Who, amount: Balance, of_partner: Balance, window: Tick) -> Line {
	let (terms, expiry) = (terms(opener, partner, window), Now::get());
	let signature = accept(opener, partner, terms, expiry);
	PaymentChannels::open(origin(opener), account(partner), terms, amount, expiry, signature).expect("opens");
	let line = Line {
		id: crate::LastId::<Test>::get(),
		opener,
		partner,
	};
	if of_partner > 0 {
		PaymentChannels::deposit(origin(partner), line.id, of_partner).expect("deposits");
	}
	line
}

pub fn open(opener: Who, partner: Who, amount: Balance, of_partner: Balance) -> Line {
	open_with(opener, partner, amount, of_partner, WINDOW)
}

/// No locks.
pub fn none() -> Locks {
	Locks::default()
}

impl Line {
	/// The other one.
	pub fn other(&self, who: Who) -> Who {
		if who == self.opener {
			self.partner
		} else {
			self.opener
		}
	}

	pub fn side(&self, who: Who) -> Side {
		Side::of(&account(who), &account(self.other(who))).expect("two accounts")
	}

	pub fn context(&self, who: Who) -> Context {
		Context {
			genesis: genesis_hash(),
			channel: self.id,
			asset: STCI,
			side: self.side(who),
		}
	}

	/// What somebody's first key signs in this channel.
	pub fn sign<B: Payload>(&self, who: Who, body: B) -> Signed<B> {
		sign(&hot(who, 0), &self.context(who), body)
	}

	/// What both sign.
	pub fn both<B: Payload + Copy>(&self, body: B) -> Signatures {
		let [one, other] = [self.opener, self.partner].map(|who| (self.side(who), self.sign(who, body).signature));
		PerSide::from_fn(|side| if side == one.0 { one.1 } else { other.1 })
	}

	/// A value for each side.
	pub fn each<V: Copy>(&self, of_opener: V, of_partner: V) -> PerSide<V> {
		PerSide::from_fn(|side| {
			if side == self.side(self.opener) {
				of_opener
			} else {
				of_partner
			}
		})
	}

	pub fn half(&self, payer: Who, nonce: u64, ack: u64, transferred: Balance, locks: &Locks) -> Signed<Half> {
		let half = Half {
			nonce,
			ack,
			transferred,
			locked: locks.total(),
			locks: locks.root(),
			memo: [0; 32],
		};
		self.sign(payer, half)
	}

	/// The word of who is paid by a half, or had lost the data that a word is about.
	pub fn submit<B: Payload>(
		&self,
		what: &Signed<B>,
		payee: Who,
		tower: Option<Who>,
		reward: Balance,
	) -> Signed<Submit> {
		let body = Submit {
			half: what.body.payload(&self.context(self.other(payee))),
			tower: tower.map(|tower| account(tower).into()),
			reward,
		};
		self.sign(payee, body)
	}

	pub fn close(&self, who: Who, owes: Balance, locks: &Locks, brought: Option<Signed<Half>>) -> DispatchResult {
		self.close_with(who, owes, locks, brought, &[])
	}

	pub fn close_with(
		&self,
		who: Who,
		owes: Balance,
		locks: &Locks,
		brought: Option<Signed<Half>>,
		words: &[Resync],
	) -> DispatchResult {
		let claim = self.sign(who, Claim::new(owes, locks));
		let words = self.words(who, words);
		PaymentChannels::close(origin(who), self.id, claim, locks.clone(), brought, words)
	}

	/// What the partner of `who` has signed of lost data.
	pub fn words(&self, who: Who, words: &[Resync]) -> Words {
		BoundedVec::truncate_from(words.iter().map(|word| self.sign(self.other(who), *word)).collect())
	}

	/// Anybody lets in a half for whom it pays.
	pub fn update(&self, sender: Who, half: Signed<Half>, payee: Who) -> DispatchResult {
		let submit = self.submit(&half, payee, None, 0);
		PaymentChannels::update(origin(sender), self.id, self.side(self.other(payee)), half, submit)
	}

	pub fn prove(&self, half: Signed<Half>, lists: (Option<Locks>, Option<Locks>)) -> DispatchResult {
		PaymentChannels::prove_fraud(origin(9), self.id, half, lists.0, lists.1, None)
	}

	pub fn settle(&self) -> DispatchResult {
		PaymentChannels::settle(origin(9), self.id)
	}

	pub fn unlock(&self, payer: Who, locks: &Locks) -> DispatchResult {
		PaymentChannels::unlock(origin(9), self.id, self.side(payer), Some(locks.clone()))
	}

	/// The deadline passes, and it is settled.
	pub fn settle_in_time(&self) {
		pass(WINDOW + 1);
		self.settle().expect("the deadline has passed");
	}

	/// Whether nothing is known of it.
	pub fn is_gone(&self) -> bool {
		PaymentChannels::channel(self.id).is_none()
	}
}

/// The preimage of a lock here.
pub fn preimage(number: u8) -> [u8; 32] {
	[number; 32]
}

/// Who knows [`preimage`] meets it.
pub fn hash_lock(number: u8) -> Condition {
	let hash = sp_io::hashing::sha2_256(&preimage(number));
	Condition::new(vec![Node::Preimage { hash }]).expect("a condition")
}

/// A lock with that condition, for a day.
pub fn lock(id: LockId, number: u8, amount: Balance) -> Lock {
	Lock {
		id,
		amount,
		expiry: Now::get() + DAY,
		condition: hash_lock(number).hash(),
	}
}

pub fn locks(of: &[Lock]) -> Locks {
	Locks::new(of.to_vec()).expect("a list")
}

/// Somebody shows a preimage.
pub fn reveal(who: Who, number: u8) -> DispatchResult {
	let shown = channel_primitives::LeafWitness::Preimage(preimage(number));
	PaymentChannels::resolve(
		origin(who),
		hash_lock(number),
		Witness(BoundedVec::truncate_from(vec![shown])),
	)
}

/// A transaction without an account, as a block treats it.
pub fn apply(call: crate::Call<Test>) -> Result<(), TransactionValidityError> {
	let call = RuntimeCall::from(call);
	pallet_testkit::validity(&call, TransactionSource::External)?;
	call.dispatch(RawOrigin::<AccountId>::Authorized.into())
		.expect("what was authorized succeeds");
	Ok(())
}

/// What the pool says of what may be valid later.
pub fn ahead() -> TransactionValidityError {
	UnknownTransaction::Custom(AHEAD).into()
}
