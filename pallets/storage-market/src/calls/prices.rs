//! What devices are paid with, and which of them ask near that: of these alone the chain orders plots.

use crate::{Config, MeanPrice, Offering, Pallet, Plots};
use device_primitives::DeviceId;
use frame_support::traits::Get;
use pallet_traits::MarketClock;
use sp_runtime::Perbill;
use storage_market_primitives::{PaidAsks, Price};

impl<T: Config> Pallet<T> {
	/// So many units that count were proven at this ask.
	pub(crate) fn note_paid(ask: Price, units: u128) {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let mut paid = MeanPrice::<T>::get().unwrap_or_else(|| PaidAsks::unknown(&terms, now));
		paid.note(ask, units, now, terms.era);
		MeanPrice::<T>::put(paid);
	}

	/// The most that a device may ask and have its plots ordered.
	pub fn dear_beyond() -> Price {
		let paid = MeanPrice::<T>::get().unwrap_or_else(|| PaidAsks::unknown(&T::Terms::get(), T::Clock::tick()));
		paid.dear_beyond(T::DearBeyond::get())
	}

	/// The part of a device's plots that the chain orders, where it has proven so many bytes of them: those for which
	/// it offers its space. Nothing if no customer would take its space: else whoever wants none has all orders, and
	/// its tickets spoil others' draws. None as well.
	pub(crate) fn ordered_part(offer: &Offering<T::AccountId>, proven: u64) -> Option<Perbill> {
		let drawable = offer.capacity > 0 && offer.score >= T::LeastScore::get();
		if !drawable || offer.ask > Self::dear_beyond() {
			return None;
		}
		// Of nothing there is no part.
		Some(Perbill::from_rational(offer.offered().min(proven), proven.max(1)))
	}

	/// An offer takes the place of one of so many bytes. Whoever asks beyond what is paid has no order any more, and
	/// whoever offers less a smaller one: it is for what was offered all the time.
	pub(crate) fn review_order(device: &DeviceId, before: u64, offer: &Offering<T::AccountId>) {
		let offers = offer.offered();
		if offer.ask > Self::dear_beyond() {
			Plots::<T>::remove(device);
		} else if offers < before {
			Plots::<T>::mutate_extant(device, |order| *order = order.cut(offers, before));
		}
	}
}
