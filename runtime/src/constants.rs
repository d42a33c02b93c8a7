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
	/// The least that an account must hold to exist, in planck: what keeps state from filling with dust, and too little to
	/// keep anybody out.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;

	/// What is held for occupying state, in planck: so much for each item, so much for each byte.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		// Below 2^32 * 10^11 planck: nowhere near the end of u128.
		items as Balance * 100 * MILLI + bytes as Balance * MILLI
	}
}

/// Slots, turns and eras.
pub mod time {
	use crate::BlockNumber;

	/// Milliseconds of a slot, where genesis says nothing else.
	pub const SLOT_DURATION: u64 = 500;
	/// The fewest milliseconds of a slot that genesis may ask for. Genesis can only make slots longer, for a wide-area chain: limits and
	/// the times that wallets reckon with are made for these.
	pub const MIN_SLOT_DURATION: u64 = SLOT_DURATION;
	/// Slots of a turn.
	pub const TURN_LENGTH: u32 = 12;
	/// Slots of an era: ten minutes of slots of [`SLOT_DURATION`].
	pub const ERA_LENGTH: u32 = 1_200;
	/// For how many eras an offence can be reported.
	pub const OFFENCE_ERAS: u32 = 28;

	/// Blocks in a minute in which no slot is missed, of slots of [`SLOT_DURATION`].
	pub const MINUTES: BlockNumber = 120;
	/// Blocks in an hour in which no slot is missed, of slots of [`SLOT_DURATION`].
	pub const HOURS: BlockNumber = MINUTES * 60;
	/// Blocks in a day in which no slot is missed, of slots of [`SLOT_DURATION`].
	pub const DAYS: BlockNumber = HOURS * 24;
}
