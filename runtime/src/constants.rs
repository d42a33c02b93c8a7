//! Currency and time, in one place.

#![warn(missing_docs)]

/// The currency: STCI has 12 decimals, its base unit is the planck.
pub mod currency {
	use crate::Balance;

	/// Decimals of STCI.
	pub const DECIMALS: u8 = 12;
	/// The symbol of the currency.
	pub const SYMBOL: &str = "STCI";
	/// One STCI, in planck.
	pub const UNITS: Balance = 1_000_000_000_000;
	/// A thousandth of an STCI, in planck.
	pub const MILLI: Balance = UNITS / 1_000;
	/// A millionth of an STCI, in planck.
	pub const MICRO: Balance = MILLI / 1_000;
	/// All STCI that can ever exist, genesis allocations among them, in planck.
	pub const MAX_SUPPLY: Balance = 210_000_000 * UNITS;
	/// The least that an account must hold to exist, in planck: what keeps state from filling with dust, and too little
	/// to keep anybody out.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;

	/// The least bond of a candidate, and what each director and standby signer of a preset is bonded with, in planck.
	pub const BOND: Balance = 1_000 * UNITS;

	/// What is held for occupying state, in planck: so much for each item, so much for each byte.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		// Below 2^32 * 10^11 planck: nowhere near the end of u128.
		items as Balance * 100 * MILLI + bytes as Balance * MILLI
	}
}

/// Slots, turns and eras.
pub mod time {
	use crate::BlockNumber;

	/// Milliseconds of a slot, if genesis says nothing else.
	pub const SLOT_DURATION: u64 = 500;
	/// The fewest milliseconds of a slot that genesis may ask for. Genesis can only make slots longer, for a wide-area
	/// chain: limits and the times that wallets reckon with are made for these.
	pub const MIN_SLOT_DURATION: u64 = SLOT_DURATION;
	/// Whether this is the runtime that a network of the other one is upgraded to, which only tests do.
	const OTHER_SLOT_RULE: bool = cfg!(feature = "other-slot-rule");
	/// Slots of a turn. The eras of a chain have to be a multiple of it.
	pub const TURN_LENGTH: u32 = if OTHER_SLOT_RULE { 8 } else { 12 };
	/// How many slots in a row whoever holds a turn may miss until the next in line may take it over.
	pub const MISSED_SLOTS: u32 = if OTHER_SLOT_RULE { 3 } else { 2 };
	/// How many stand by for the director of a turn: its standby signer, if there is one, and directors of the next
	/// turns.
	pub const STANDBY_LINE: u32 = 3;
	/// Slots of an era: ten minutes of slots of [`SLOT_DURATION`].
	pub const ERA_LENGTH: u32 = 1_200;
	/// Slots of an era of a chain with test values: a minute.
	pub const TEST_ERA_LENGTH: u32 = 120;
	/// For how many eras an offence can be reported: a week of eras that began, however long the chain stood still
	/// between them.
	pub const OFFENCE_ERAS: u32 = 1_008;
	/// For how many eras a bond stays held once its account has left: eight days, so that whatever is reported in time
	/// finds it.
	pub const UNBONDING_ERAS: u32 = 1_152;
	/// For how many eras what backers take back stays locked. Nothing is ever slashed of it; it is what an election has
	/// counted on.
	pub const BACKING_ERAS: u32 = 28;
	/// For how many eras after its end what an era created can be claimed: thirty days of eras of ten minutes.
	pub const EXPIRY_ERAS: u32 = 4_320;
	/// For how many blocks a motion of the directors is open: a week in which no slot is missed.
	pub const MOTION_TERM: BlockNumber = 7 * DAYS;
	/// For how many blocks a new runtime waits until it is in force: a minute in which no slot is missed, several times
	/// what a slow machine takes to compile it.
	pub const UPGRADE_DELAY: BlockNumber = MINUTES;

	/// Blocks in a minute in which no slot is missed, of slots of [`SLOT_DURATION`].
	pub const MINUTES: BlockNumber = 120;
	/// Blocks in an hour in which no slot is missed, of slots of [`SLOT_DURATION`].
	pub const HOURS: BlockNumber = MINUTES * 60;
	/// Blocks in a day in which no slot is missed, of slots of [`SLOT_DURATION`].
	pub const DAYS: BlockNumber = HOURS * 24;
}

/// What transactions cost, and who gets it.
pub mod fees {
	use crate::{
		constants::currency::{MICRO, MILLI},
		Balance,
	};
	use sp_runtime::{FixedU128, Perbill, Perquintill};

	/// The fee for the time of an empty extrinsic, in planck, until holders decide otherwise; other times in
	/// proportion. The multiplier of the block comes on top.
	pub const BASE_FEE: Balance = MILLI / 10;
	/// The fee for a byte of a transaction, in planck, until holders decide otherwise. The multiplier of the block
	/// comes on top.
	pub const BYTE_FEE: Balance = MICRO;
	/// What the author of a block gets of its fees, until holders decide otherwise. Tips are all its own. It is little,
	/// so that nobody fills its own blocks for free.
	pub const AUTHOR_SHARE: Perbill = Perbill::from_percent(20);
	/// What ceases to exist of fees, until holders decide otherwise. What is left, 60 %, is the treasury's.
	pub const BURNED_SHARE: Perbill = Perbill::from_percent(20);

	/// Blocks that are as full as this leave fees as they are.
	pub const TARGET_FULLNESS: Perquintill = Perquintill::from_percent(50);
	/// How fast fees follow fullness. A day is 172,800 blocks: if all of them are full, fees rise 2.4-fold in it.
	pub const ADJUSTMENT: FixedU128 = FixedU128::from_rational(1, 100_000);
	/// A quiet chain does not become cheap to flood.
	pub const MIN_MULTIPLIER: FixedU128 = FixedU128::from_u32(1);
	/// A full chain does not become unusable.
	pub const MAX_MULTIPLIER: FixedU128 = FixedU128::from_u32(1_000);
}

/// The storage market.
pub mod storage {
	/// What times of deals are divided by on chains with test values: twelve hours become twelve minutes.
	pub const TEST_SCALE: u32 = 60;
}

/// The compute market.
pub mod compute {
	use crate::{constants::currency::UNITS, Balance};

	/// Fuel of programs that take as long as a segment of the kernel that compute is proven with, in Mfuel: a core runs
	/// some thousand segments a second, and burns some two Gfuel.
	pub const MFUEL_PER_SEGMENT: u128 = 2;
	/// Mfuel a tick that a device burns at least which has claimed anything in the lottery of compute, on chains with
	/// test values: what a core does. What is due by that is not waited for long.
	pub const TEST_RATE: u32 = 1_000;
	/// To have a unit run again takes one part of so many of what the chain has for that at most.
	pub const CHECK_PART: Balance = 20;
	/// The most that lies ready for that, in planck: what is beyond stays with the treasury.
	pub const MOST_FOR_CHECKS: Balance = 1_000 * UNITS;
}

/// What holders decide together, and the treasury. Times are divided by the scale of the chain's genesis.
pub mod governance {
	use crate::{
		constants::{currency::UNITS, time::DAYS},
		Balance, BlockNumber,
	};

	/// What times are divided by on chains with test values: a day becomes half a minute.
	pub const TEST_SCALE: u32 = 2_880;
	/// What is reserved for a referendum until it is over. It comes back if holders approve it, or it is cancelled.
	pub const SUBMISSION_DEPOSIT: Balance = 10 * UNITS;
	/// Within how many blocks somebody has to place the deposit for the decision.
	pub const UNDECIDING_TIMEOUT: BlockNumber = 14 * DAYS;
	/// For how many blocks the STCI of those that carried a referendum stays locked, times their conviction. No
	/// enactment takes longer.
	pub const VOTE_LOCKING: BlockNumber = 7 * DAYS;
	/// For how many blocks directors vouch for a call in an emergency: longer than its referendum takes.
	pub const SPONSOR_TERM: BlockNumber = 3 * DAYS;
	/// How often the treasury pays for bounties that were approved.
	pub const SPEND_PERIOD: BlockNumber = DAYS;
	/// For how many blocks what the treasury owes can be collected.
	pub const PAYOUT_PERIOD: BlockNumber = 30 * DAYS;
	/// How long whoever gets a bounty waits for it: time to look at the work, and for a referendum that takes it back
	/// from a dishonest curator, which takes two days and two hours at least.
	pub const BOUNTY_DELAY: BlockNumber = 7 * DAYS;
	/// Within how many blocks the curator of a bounty says that work goes on.
	pub const BOUNTY_UPDATE: BlockNumber = 90 * DAYS;
	/// Within how many blocks of the last one the treasury's steward reports, until holders decide otherwise.
	pub const REPORT_PERIOD: BlockNumber = 30 * DAYS;
	/// The most that a referendum of the smaller kind spends of the treasury, in planck, until holders decide
	/// otherwise.
	pub const SMALL_SPEND: Balance = 1_000 * UNITS;
}
