#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod calls;
mod errors;
mod money;
mod queries;
mod signatures;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{wallet, BenchmarkHelper};
pub use pallet::*;
pub use types::{
	Aftermath, Announced, Answer, Case, Channel, Endpoint, Paid, Phase, Places, Revealed, Reward, Signatures, Tower,
	Words, MAX_FREE, MAX_LOOKED_AT, MAX_TOWERS, MAX_URL, MOST_FREE,
};
pub use weights::WeightInfo;

// What it expands to names it without a path.
use frame_support::pallet_macros::import_section;

/// Of the pool's word that a transaction may be valid later.
pub const AHEAD: u8 = 1;

#[import_section(errors::refusals)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use channel_primitives::{
		Account, Balance, ChannelId, ChannelKey, ChannelState, Claim, Condition, Half, Hash, Locks, PerSide, Receipt,
		Resync, Reveal, Settlement, Side, Signed, Submit, Terms, Tick, Unlocked, Witness,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{hold, Inspect},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{MarketClock, Predicates};
	use sp_runtime::{
		traits::{Convert, IdentifyAccount, Verify},
		Perbill,
	};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	pub(crate) type ChannelOf<T> = Channel<<T as frame_system::Config>::AccountId>;
	pub(crate) type CaseOf<T> = Case<<T as frame_system::Config>::AccountId>;
	pub(crate) type AftermathOf<T> = Aftermath<<T as frame_system::Config>::AccountId>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is money of channels, and what was deposited for their state.
		Stake,
		/// It is a deposit for other state: of reveals and endpoints.
		Deposit,
		/// It is the bond of a tower.
		Bond,
	}

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: From<Account> + Into<Account>>
	{
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;
		/// How an account signs that it takes part in a channel.
		type Signature: Verify<Signer = Self::Signer> + Parameter;
		/// Whose signature that is.
		type Signer: IdentifyAccount<AccountId = Self::AccountId>;
		/// What the account derives from at which money and bonds are on hold.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The markets' clock.
		type Clock: MarketClock;
		/// What conditions may ask of this chain.
		type Predicates: Predicates;
		/// What whoever closes by a recovery pays its partner if its claim was too low, as a part of all that is in the
		/// channel (governed).
		type Fine: Get<Perbill>;

		/// For how many ticks answers to a close count at least. A chain for tests may have less than others,
		type MinWindow: Get<Tick>;
		/// but none more than this, after a recovery too.
		#[pallet::constant]
		type MaxWindow: Get<Tick>;
		/// For how many ticks answers to a recovery count at least. It is eight windows, if that is more.
		type RecoveryWindow: Get<Tick>;
		/// For how many ticks a reveal is kept at least.
		#[pallet::constant]
		type RevealTicks: Get<Tick>;
		/// For how many ticks after a settlement towers can be made to pay at least.
		type TowerTicks: Get<Tick>;
		/// For how many ticks a bond stays held after its tower has said that it leaves.
		#[pallet::constant]
		type UnbondTicks: Get<Tick>;
		/// The least bond of a tower, in planck.
		#[pallet::constant]
		type MinBond: Get<Balance>;
		/// What the opener puts into the pot while anything is kept of a channel, in planck.
		#[pallet::constant]
		type ChannelDeposit: Get<Balance>;
		/// What a transaction without an account costs at least, in planck, out of the deposit of its channel. There
		/// are [`MOST_FREE`] of a channel.
		#[pallet::constant]
		type AnswerFee: Get<Balance>;
		/// What a transaction of so much time and so many bytes costs now, in planck. So much one without an account
		/// costs, if that is more than [`Config::AnswerFee`] and the deposit has as much left.
		type FeeNow: Convert<(Weight, u32), Balance>;
		/// What is held while a reveal is kept, in planck.
		#[pallet::constant]
		type RevealDeposit: Get<Balance>;
		/// What is held while an endpoint is announced, in planck.
		#[pallet::constant]
		type EndpointDeposit: Get<Balance>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId, Self::Signature>;
	}

	/// The channels, by their numbers from 1 on.
	#[pallet::storage]
	pub type Channels<T: Config> = StorageMap<_, Twox64Concat, ChannelId, ChannelOf<T>>;

	/// Those that one side closes alone.
	#[pallet::storage]
	pub type Cases<T: Config> = StorageMap<_, Twox64Concat, ChannelId, CaseOf<T>>;

	/// Those that are settled.
	#[pallet::storage]
	pub type Aftermaths<T: Config> = StorageMap<_, Twox64Concat, ChannelId, AftermathOf<T>>;

	/// What transactions without an account have cost above [`Config::AnswerFee`] each, of channels that close or are
	/// settled, in planck; no entry if there were none.
	#[pallet::storage]
	pub type Surcharges<T: Config> = StorageMap<_, Twox64Concat, ChannelId, Balance, ValueQuery>;

	/// The number of the newest channel.
	#[pallet::storage]
	pub type LastId<T: Config> = StorageValue<_, ChannelId, ValueQuery>;

	/// Conditions that were met, by their hashes.
	#[pallet::storage]
	pub type Reveals<T: Config> = StorageMap<_, Identity, Hash, Revealed<T::AccountId>>;

	/// What belongs to an account and could not be paid, in planck: one that does not exist takes no less than the
	/// existential deposit.
	#[pallet::storage]
	pub type Unpaid<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// The towers with a bond.
	#[pallet::storage]
	pub type Towers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Tower>;

	/// Where nodes that forward payments are reached.
	#[pallet::storage]
	pub type Endpoints<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Announced>;

	/// How far the chain has come in looking for what is to be kept no more.
	#[pallet::storage]
	pub type LookedAt<T: Config> = StorageValue<_, Places, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A channel was opened: its number, whose it is, by which side, on which terms, with how much of that side.
		Opened(ChannelId, PerSide<T::AccountId>, Side, Terms, Balance),
		/// A side has put in so much more.
		Deposited(ChannelId, Side, Balance),
		/// A side has taken out so much more, with its partner's consent.
		Withdrawn(ChannelId, Side, Balance),
		/// A side has another key.
		Rekeyed(ChannelId, Side, ChannelKey),
		/// Both sides have closed a channel: what each was paid. It is gone.
		ClosedTogether(ChannelId, PerSide<Balance>),
		/// A side closes a channel alone. Whoever watches for its partner answers now.
		CloseStarted {
			/// The channel.
			channel: ChannelId,
			/// Who closes.
			closer: Side,
			/// The last tick at which answers count.
			deadline: Tick,
			/// What it says that it owes.
			claim: Claim,
			/// The locks of the claim.
			locks: Locks,
			/// The half of its partner that it brought.
			brought: Option<Half>,
			/// Whether it says that it has lost its data.
			recovery: bool,
		},
		/// A half of this side was let in for its partner.
		HalfSubmitted(ChannelId, Side, Half),
		/// What its partner had signed was shown for this side, which has lost its data.
		Resynced(ChannelId, Side, Resync),
		/// The claim of this side was too low: all that was in the channel, so much, is its partner's. It is gone.
		Forfeited(ChannelId, Side, Balance),
		/// The claim of this side, which had lost its data, was too low: it will pay a fine.
		Corrected(ChannelId, Side),
		/// A channel was settled. What is kept back for locks is split when they are decided.
		Settled(ChannelId, Settlement),
		/// What was kept back for the locks of this side was split.
		Unlocked(ChannelId, Side, Unlocked),
		/// Nothing is kept of a settled channel any more.
		Cleared(ChannelId),
		/// A condition was met, by its hash, with what showed it: whoever waits for a preimage reads it here.
		Met(Hash, Reveal, Witness),
		/// A reveal is kept no more.
		RevealPurged(Hash),
		/// So much belongs to an account and could not be paid.
		NotPaid(T::AccountId, Balance),
		/// What could not be paid to an account was.
		PaidLater(T::AccountId, Balance),
		/// An account runs a tower, with this key and bond.
		TowerRegistered(T::AccountId, ChannelKey, Balance),
		/// A tower leaves: the last tick at which its bond is held for sure.
		TowerLeaves(T::AccountId, Tick),
		/// A tower has left, with so much of its bond.
		TowerLeft(T::AccountId, Balance),
		/// A tower had not answered for a side of a channel as it had signed, and has paid so much.
		TowerPaid(T::AccountId, ChannelId, Side, Balance),
		/// A node that forwards payments is reached there, or, without an endpoint, no more.
		EndpointSet(T::AccountId, Option<Endpoint>),
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			Self::clear_within(left)
		}

		fn integrity_test() {
			Self::check_constants();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Opens a channel with another account, by what that account signed. The caller pays the deposit, which it
		/// gets back when nothing is kept of the channel any more, less what transactions without an account cost.
		///
		/// - `partner`: the other account. It need not exist.
		/// - `terms`: key of each side, the lower account's first, and window.
		/// - `amount`: what the caller puts in at once, in planck; 0 if only its partner does.
		/// - `expiry`, `signature`: the partner's `channel_primitives::Accept`, signed by its account's key as it is or
		///   within `<Bytes>` and `</Bytes>`, as wallets do.
		///
		/// # Errors
		/// `SelfChannel`, `BadWindow`, `BadKey`, `SameKey`, `Expired`, `BadAccept`, `Overflow`; the currency's.
		///
		/// # Events
		/// `Opened`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::open())]
		pub fn open(
			origin: OriginFor<T>,
			partner: T::AccountId,
			terms: Terms,
			amount: Balance,
			expiry: Tick,
			signature: T::Signature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_open(who, partner, terms, amount, expiry, &signature)
		}

		/// Puts more of the caller's money into an open channel of its own: `amount` planck.
		///
		/// # Errors
		/// `UnknownChannel`, `NotOpen`, `NotASide`, `Nothing`, `Overflow`; the currency's.
		///
		/// # Events
		/// `Deposited`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(origin: OriginFor<T>, channel: ChannelId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deposit(&who, channel, amount)
		}

		/// Takes money of a side out of an open channel. Anybody may send it.
		///
		/// - `side`: whose.
		/// - `total`: what it has taken out with this in all, in planck.
		/// - `expiry`: the last tick at which this counts.
		/// - `signatures`: both sides', under `channel_primitives::Withdraw`.
		///
		/// # Errors
		/// `UnknownChannel`, `NotOpen`, `Expired`, `NotMonotone`, `Exceeds`, `BadSignature`.
		///
		/// # Events
		/// `Withdrawn`; `NotPaid`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(
			origin: OriginFor<T>,
			channel: ChannelId,
			side: Side,
			total: Balance,
			expiry: Tick,
			signatures: Signatures,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw(channel, side, total, expiry, &signatures)
		}

		/// Closes a channel, open or closing, at once as both sides have signed. Anybody may send it. It is charged
		/// as if the channel were closing; of an open one the difference is given back.
		///
		/// - `pay`: what each side is paid, in planck: together all that is in the channel.
		/// - `expiry`: the last tick at which this counts.
		/// - `signatures`: both sides', under `channel_primitives::CloseTogether`.
		///
		/// # Errors
		/// `UnknownChannel`, `NotOpen` if it is settled, `Expired`, `NotConserved`, `BadSignature`.
		///
		/// # Events
		/// `ClosedTogether`; `NotPaid`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::close_disputed_together())]
		pub fn close_together(
			origin: OriginFor<T>,
			channel: ChannelId,
			pay: PerSide<Balance>,
			expiry: Tick,
			signatures: Signatures,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let was_open = Self::do_close_together(channel, pay, expiry, &signatures)?;
			Ok(was_open.then(T::WeightInfo::close_together).into())
		}

		/// Begins to close an open channel of the caller, who says what it owes. If any half of its own is worth more,
		/// it forfeits all that is in the channel. Only the account of the side may send it, for whoever else saw it
		/// could send it without the half that it brings.
		///
		/// - `claim`: what the caller owes, signed by its key of the channel.
		/// - `locks`: the list of the claim's locks.
		/// - `brought`: the newest half of its partner; none if it has none.
		/// - `words`: what its partner has signed each time that the caller had lost its data.
		///
		/// # Errors
		/// `UnknownChannel`, `NotASide`, `NotOpen`, `BadSignature`, `TooManyResyncs`, `BadLocks`, `OverCapacity`.
		///
		/// # Events
		/// `CloseStarted`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::close(Pallet::<T>::count(locks), Pallet::<T>::count_words(words)))]
		pub fn close(
			origin: OriginFor<T>,
			channel: ChannelId,
			claim: Signed<Claim>,
			locks: Locks,
			brought: Option<Signed<Half>>,
			words: Words,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(&who, channel, claim, &locks, brought, &words)
		}

		/// Begins to close an open channel of the caller, who has lost its data, and perhaps its key: the account alone
		/// says what it owes. If that is too little, it pays a fine and no more. Answers count for longer.
		///
		/// - `claim`, `locks`, `brought`, `words`: as in `close`, as far as the caller knows; its key signs nothing.
		///
		/// # Errors
		/// As of `close`.
		///
		/// # Events
		/// `CloseStarted`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::close(Pallet::<T>::count(locks), Pallet::<T>::count_words(words)))]
		pub fn close_recovery(
			origin: OriginFor<T>,
			channel: ChannelId,
			claim: Claim,
			locks: Locks,
			brought: Option<Signed<Half>>,
			words: Words,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close_recovery(&who, channel, claim, &locks, brought, &words)
		}

		/// Lets in the half of a side for its partner, while the channel is closing. Anybody may send it, from an
		/// account (in [`Pallet::answer`]) or as a transaction without one, which pays no fee: a side has [`MAX_FREE`]
		/// of those, words about lost data counted.
		///
		/// - `side`: whose half it is.
		/// - `half`: the half, signed by the key of that side.
		/// - `submit`: its partner's word for this half, with what it gives to whoever sends it.
		///
		/// # Errors
		/// `UnknownChannel`, `NotClosing`, `BadSignature`, `OtherHalf`, `TooLate`, `Superseded`, `Stale`,
		/// `NoFreeAnswer`.
		///
		/// # Events
		/// `HalfSubmitted`.
		#[pallet::call_index(6)]
		#[pallet::weight((T::WeightInfo::update(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::update())]
		#[pallet::authorize(|_, channel, side, half, submit| Self::authorize_update(*channel, *side, half, submit))]
		pub fn update(
			origin: OriginFor<T>,
			channel: ChannelId,
			side: Side,
			half: Signed<Half>,
			submit: Signed<Submit>,
		) -> DispatchResult {
			let who = Self::sender(origin)?;
			Ok(Self::do_update(who.as_ref(), channel, side, &half, &submit)?)
		}

		/// Shows what the partner of a side has signed when that side had lost its data, while the channel is closing:
		/// halves that were lost count no more. The account of that side sends it, or anybody with its word that it is
		/// to be, from an account (in [`Pallet::answer`]) or as a transaction without one, which counts as an answer of
		/// the side. Its partner could else use up the places for words.
		///
		/// - `side`: who had lost its data.
		/// - `word`: what its partner has signed.
		/// - `submit`: the side's word for this word; no reward is paid for it.
		///
		/// # Errors
		/// `UnknownChannel`, `NotClosing`, `Stale`, `TooLate`, `TooManyResyncs`, `NoFreeAnswer`, `NoSubmit`,
		/// `OtherHalf`, `BadSignature`.
		///
		/// # Events
		/// `Resynced`.
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::resync(), Pallet::<T>::class_of_word(submit)))]
		#[pallet::weight_of_authorize(T::WeightInfo::resync())]
		#[pallet::authorize(|_, channel, side, word, submit| Self::authorize_resync(*channel, *side, word, submit))]
		pub fn resync(
			origin: OriginFor<T>,
			channel: ChannelId,
			side: Side,
			word: Signed<Resync>,
			submit: Option<Signed<Submit>>,
		) -> DispatchResult {
			let who = Self::sender(origin)?;
			Ok(Self::do_resync(who.as_ref(), channel, side, &word, submit.as_ref())?)
		}

		/// Shows a half of the closer that is worth more than its claim: all that is in the channel is its partner's,
		/// or if the closer had lost its data it pays a fine. At any time until the channel is settled. Anybody may
		/// send it, from an account (in [`Pallet::answer`]) or, once, as a transaction without one.
		///
		/// - `half`: the half, signed by the closer's key.
		/// - `half_locks`: the list of its locks; without it they count for nothing.
		/// - `claim_locks`: the list of the claim's locks; without it all of them count.
		/// - `submit`: the partner's word for this half: what it gives to whoever sends it. Needed after a recovery:
		///   the half takes the place of the claim then, with all of its locks.
		///
		/// # Errors
		/// `UnknownChannel`, `NotClosing`, `NoSubmit`, `BadSignature`, `OtherHalf`, `BadLocks`, `Superseded`,
		/// `NotAFraud`, `NoFreeAnswer`.
		///
		/// # Events
		/// `Forfeited` or `Corrected`; `NotPaid`.
		#[pallet::call_index(8)]
		#[pallet::weight((Pallet::<T>::weight_of_proof(half_locks, claim_locks), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(Pallet::<T>::weight_of_proof(half_locks, claim_locks))]
		#[pallet::authorize(|_, channel, half, of_half, of_claim, submit| {
			Self::authorize_proof(*channel, half, of_half, of_claim, submit)
		})]
		pub fn prove_fraud(
			origin: OriginFor<T>,
			channel: ChannelId,
			half: Signed<Half>,
			half_locks: Option<Locks>,
			claim_locks: Option<Locks>,
			submit: Option<Signed<Submit>>,
		) -> DispatchResult {
			let who = Self::sender(origin)?;
			let lists = [half_locks.as_ref(), claim_locks.as_ref()];
			Ok(Self::do_prove(who.as_ref(), channel, &half, lists, submit.as_ref())?)
		}

		/// Settles a channel after the deadline of its close. Anybody may send it, from an account (in
		/// [`Pallet::answer`]) or as a transaction without one.
		///
		/// # Errors
		/// `UnknownChannel`, `NotClosing`, `TooEarly`.
		///
		/// # Events
		/// `Settled`; `NotPaid`.
		#[pallet::call_index(9)]
		#[pallet::weight((T::WeightInfo::settle(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::settle())]
		#[pallet::authorize(|_, channel| Self::authorize_settling(*channel))]
		pub fn settle(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			let who = Self::sender(origin)?;
			Ok(Self::do_settle(who.as_ref(), channel)?)
		}

		/// Splits what was kept back for the locks of a side, once all of them are decided. Anybody may send it, from
		/// an account (in [`Pallet::answer`]) or as a transaction without one.
		///
		/// - `side`: who gave the locks.
		/// - `locks`: their list. Without it all goes back to who gave them, 30 days after the settlement.
		///
		/// # Errors
		/// `UnknownChannel`, `NotSettled`, `NothingPending`, `BadLocks`, `Undecided`.
		///
		/// # Events
		/// `Unlocked`; `NotPaid`.
		#[pallet::call_index(10)]
		#[pallet::weight((Pallet::<T>::weight_of_split(locks), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(Pallet::<T>::weight_of_split(locks))]
		#[pallet::authorize(|_, channel, side, locks| Self::authorize_unlocking(*channel, *side, locks))]
		pub fn unlock(origin: OriginFor<T>, channel: ChannelId, side: Side, locks: Option<Locks>) -> DispatchResult {
			let who = Self::sender(origin)?;
			Ok(Self::do_unlock(who.as_ref(), channel, side, locks.as_ref())?)
		}

		/// Forgets a settled channel without locks, when towers need not pay for it any more, and pays the opener's
		/// deposit back. Anybody may send it; the chain does it itself, a while later.
		///
		/// # Errors
		/// `UnknownChannel`, `NotSettled`, `StillPending`, `TooEarly`.
		///
		/// # Events
		/// `Cleared`; `NotPaid`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::clear())]
		pub fn clear(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(Self::do_clear(channel)?)
		}

		/// Gives a side of an open channel another key: halves under the old one count no more. Anybody may send it.
		///
		/// - `side`: whose key.
		/// - `key`: the new one, which that side has never had in this channel.
		/// - `signatures`: both sides', under `channel_primitives::Rekey`, by the old keys.
		///
		/// # Errors
		/// `UnknownChannel`, `NotOpen`, `BadKey`, `SameKey`, `BadSignature`.
		///
		/// # Events
		/// `Rekeyed`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::rekey())]
		pub fn rekey(
			origin: OriginFor<T>,
			channel: ChannelId,
			side: Side,
			key: ChannelKey,
			signatures: Signatures,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(Self::do_rekey(channel, side, key, &signatures)?)
		}

		/// Shows that a condition is met, for every lock with it. First wins. A deposit is held of the caller while
		/// this is kept.
		///
		/// - `condition`: the condition.
		/// - `witness`: what is shown for each of its leaves.
		///
		/// # Errors
		/// `AlreadyMet`, `BadCondition`, `WrongWitness`, `NotMet`; the currency's.
		///
		/// # Events
		/// `Met`.
		#[pallet::call_index(13)]
		#[pallet::weight(Pallet::<T>::weight_of_condition(condition))]
		pub fn resolve(origin: OriginFor<T>, condition: Condition, witness: Witness) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resolve(who, &condition, witness)
		}

		/// Forgets a reveal that has been kept for long enough, and releases its deposit. Anybody may send it; the
		/// chain does it itself, a while later.
		///
		/// # Errors
		/// `UnknownReveal`, `TooEarly`.
		///
		/// # Events
		/// `RevealPurged`.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::purge_reveal())]
		pub fn purge_reveal(origin: OriginFor<T>, condition: Hash) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(Self::do_purge_reveal(condition)?)
		}

		/// Pays an account what it could not be paid. Anybody may send it.
		///
		/// # Errors
		/// `Nothing`; the currency's if it still can not be paid.
		///
		/// # Events
		/// `PaidLater`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::pay())]
		pub fn pay(origin: OriginFor<T>, payee: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_pay(&payee)
		}

		/// Makes the caller a tower: what it signs in receipts is covered by `bond` planck, which are held. Its `key`
		/// is for receipts alone, and stays.
		///
		/// # Errors
		/// `AlreadyTower`, `BadKey`, `BondTooSmall`; the currency's.
		///
		/// # Events
		/// `TowerRegistered`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::register_tower())]
		pub fn register_tower(origin: OriginFor<T>, key: ChannelKey, bond: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_tower(who, key, bond)
		}

		/// Says that the caller, a tower, leaves: its bond stays held for [`Config::UnbondTicks`] more. A second call,
		/// after that, releases what is left of it.
		///
		/// # Errors
		/// `NotTower`, `TooEarly`.
		///
		/// # Events
		/// `TowerLeaves`, then `TowerLeft`.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::leave_tower())]
		pub fn leave_tower(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_leave_tower(who)
		}

		/// Makes a tower pay that has not answered: what the half says beyond what counted in the settlement, as far as
		/// receipt and bond cover it. Anybody may send it.
		///
		/// - `tower`: the account of the tower.
		/// - `receipt`: what the tower has signed.
		/// - `half`: the half with that nonce, signed by the partner of the side that it watched for.
		///
		/// # Errors
		/// `UnknownChannel`, `NotSettled`, `NotTower`, `BadSignature`, `OtherHalf`, `ReceiptOver`, `Superseded`,
		/// `AlreadyPaid`, `NoLoss`; the currency's.
		///
		/// # Events
		/// `TowerPaid`.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::claim_tower_failure())]
		pub fn claim_tower_failure(
			origin: OriginFor<T>,
			channel: ChannelId,
			tower: T::AccountId,
			receipt: Signed<Receipt>,
			half: Signed<Half>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_tower_failure(channel, tower, &receipt, &half)
		}

		/// Says where the caller's node that forwards payments is reached, or that it is no more. A deposit is held
		/// meanwhile.
		///
		/// # Errors
		/// `NoEndpoint`; the currency's.
		///
		/// # Events
		/// `EndpointSet`.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::announce())]
		pub fn announce(origin: OriginFor<T>, endpoint: Option<Endpoint>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_announce(who, endpoint)
		}

		/// Answers a close, or ends it, from an account, which pays for it. What these calls do when no account sends
		/// them has a part of each block for itself, and nobody who signs gets into that.
		///
		/// - `answer`: which of the calls it is, with what it takes besides the channel.
		///
		/// # Errors
		/// Those of the call; never `NoFreeAnswer`.
		///
		/// # Events
		/// Those of the call.
		#[pallet::call_index(20)]
		#[pallet::weight(Pallet::<T>::weight_of_answer(answer))]
		pub fn answer(origin: OriginFor<T>, channel: ChannelId, answer: Answer) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Ok(Self::do_answer(&who, channel, &answer)?)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A channel as the chain has it; none if it is not open yet, or gone.
		pub fn channel(id: ChannelId) -> Option<ChannelState> {
			Self::state_of(id)
		}

		/// What is known of a condition, by its hash; none if nobody has met it.
		pub fn reveal(condition: Hash) -> Option<Reveal> {
			Self::revealed(&condition)
		}

		/// The tick of the markets' clock.
		pub fn tick() -> Tick {
			T::Clock::tick()
		}
	}
}
