//! What the chain itself orders while usage is low: plots, of devices that offer their space to customers.

use crate::{Config, Event, Offers, Pallet, Plots};
use device_primitives::DeviceId;
use frame_support::traits::Get;
use pallet_traits::{Earnings, MarketClock};
use storage_market_primitives::PlotOrder;

impl<T: Config> Pallet<T> {
	/// A device has won the lottery of space by a plot, worth so many units: it was drawn by ticket. It has proven so
	/// many bytes of plots. The chain orders its plots for an era, as many as it offers space; the first win after
	/// that shows that they are there still, and fulfils the order. A device that offers nothing to customers, or at
	/// no price that is paid, has no order. Reads and writes one small value, and reads the offer and the mean price.
	pub fn plot_proven(device: &DeviceId, owner: &T::AccountId, units: u128, proven: u64) {
		let part = Offers::<T>::get(device).and_then(|offer| Self::ordered_part(&offer, proven));
		let Some(part) = part else {
			Plots::<T>::remove(device);
			return;
		};
		let (now, era) = (T::Clock::tick(), T::Terms::get().era);
		let (kept, order) = PlotOrder::won(Plots::<T>::get(device), part.mul_floor(units), now, era);
		Plots::<T>::insert(device, order);
		if kept > 0 {
			T::Earnings::plots_proven(owner, kept);
			Self::deposit_event(Event::PlotsKept(*device, kept));
		}
	}
}
