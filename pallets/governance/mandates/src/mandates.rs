//! In whose name referenda act, and since when holders decide.

use crate::{Config, Event, HoldersDecideSince, Origin, Pallet, Scale};
use core::marker::PhantomData;
use frame_support::traits::{EnsureOrigin, Get, OriginTrait};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{One, Saturating};

/// The origin of a referendum with this mandate, and of nobody else.
pub struct Ensure<Mandate>(PhantomData<Mandate>);

impl<O, Mandate> EnsureOrigin<O> for Ensure<Mandate>
where
	O: OriginTrait + From<Origin>,
	Mandate: Get<Origin>,
	for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
{
	type Success = ();

	fn try_origin(origin: O) -> Result<(), O> {
		let expected = Mandate::get();
		let is_it = {
			let held: Result<&Origin, _> = origin.caller().try_into();
			held.is_ok_and(|held| *held == expected)
		};
		if is_it {
			Ok(())
		} else {
			Err(origin)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<O, ()> {
		Ok(Mandate::get().into())
	}
}

impl<T: Config> Pallet<T> {
	/// Whether holders have approved a referendum yet.
	pub fn holders_decide() -> bool {
		HoldersDecideSince::<T>::exists()
	}

	/// To be told when a referendum was approved. Only the first one changes anything.
	pub fn note_approval() {
		if !Self::holders_decide() {
			HoldersDecideSince::<T>::put(frame_system::Pallet::<T>::block_number());
			Self::deposit_event(Event::HoldersDecide);
		}
	}

	/// So many blocks of a chain that lasts, on this one: divided by [`Scale`], and at least one.
	pub fn scaled(blocks: BlockNumberFor<T>) -> BlockNumberFor<T> {
		let scale = BlockNumberFor::<T>::from(Scale::<T>::get().max(1));
		// The scale is no zero.
		(blocks / scale).max(One::one())
	}

	/// The block that comes so many blocks after this one.
	pub(crate) fn in_blocks(blocks: BlockNumberFor<T>) -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number().saturating_add(blocks)
	}
}
