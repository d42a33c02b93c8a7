//! What is earned, for the pallet that issues STCI for it.

use device_primitives::DeviceId;

/// What customers have devices do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
	/// Bytes kept.
	Storage,
	/// Instructions run.
	Compute,
}

/// Told of what is earned. What this costs is part of what the calls cost that tell it. Units are units of work (of
/// space one GiB for an era) with 32 fractional bits.
pub trait Earnings<AccountId> {
	/// The chain's order for plots of `owner` was fulfilled: so many units were kept, as tickets have said.
	fn plots_proven(owner: &AccountId, units: u128);

	/// `provider` did work that customers paid for: so many units, for so many planck.
	fn work_done(provider: &AccountId, kind: WorkKind, units: u128, paid: u128);

	/// `provider` carried bytes for others: so many units.
	fn bytes_carried(provider: &AccountId, units: u128);

	/// A device answered a probe. Counts for its owner, if it is active.
	fn probe_answered(device: &DeviceId);
}

/// Told of wins by plots, for the pallet that buys plots. What this costs is part of what the calls cost that tell it.
pub trait PlotHook<AccountId> {
	/// A device of `owner` won by a plot: a ticket worth so many units. Those of an era are expected to be the GiB that
	/// are proven, however they are spread over devices and owners.
	fn plot_proven(device: &DeviceId, owner: &AccountId, units: u128);
}

/// How much of what is proven customers use. Both are asked once an era, when it ends.
pub trait UsageOfMarkets {
	/// Bytes in customers' deals and bytes proven in the era that ends, in one unit.
	fn storage() -> (u128, u128);

	/// Work that was paid for and work proven in the era that ends, in one unit.
	fn compute() -> (u128, u128);
}

/// Nobody is told.
impl<AccountId> Earnings<AccountId> for () {
	fn plots_proven(_: &AccountId, _: u128) {}

	fn work_done(_: &AccountId, _: WorkKind, _: u128, _: u128) {}

	fn bytes_carried(_: &AccountId, _: u128) {}

	fn probe_answered(_: &DeviceId) {}
}

/// Nobody buys plots.
impl<AccountId> PlotHook<AccountId> for () {
	fn plot_proven(_: &DeviceId, _: &AccountId, _: u128) {}
}

/// There are no markets.
impl UsageOfMarkets for () {
	fn storage() -> (u128, u128) {
		(0, 0)
	}

	fn compute() -> (u128, u128) {
		(0, 0)
	}
}
