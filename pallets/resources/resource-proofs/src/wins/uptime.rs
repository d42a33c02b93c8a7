//! Wins of uptime: a VRF output of the device's lottery key.

use super::Won;
use crate::{pallet::EntryOf, pallet::RoundOf, Config, Entries, Error, Pallet};
use codec::Encode;
use device_primitives::DeviceId;
use frame_support::{ensure, pallet_prelude::TransactionValidityWithRefund, weights::Weight};
use proof_lottery_primitives::{BadPulse, Pulse, Resource, Threshold};
use sp_runtime::DispatchError;

impl<T> From<BadPulse> for Error<T> {
	fn from(error: BadPulse) -> Self {
		match error {
			BadPulse::NoWin => Self::NoWin,
			BadPulse::Undecodable | BadPulse::NotProven => Self::BadPulse,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Everything but the output's proof, the cheapest first.
	fn check_pulse(pulse: &Pulse) -> Result<(EntryOf<T>, RoundOf<T>, Threshold), Error<T>> {
		let round = Self::open_round(Resource::Uptime, pulse.round)?;
		Self::check_room(Resource::Uptime)?;
		let entry = Self::entry(&DeviceId(pulse.device))?;
		let uptime = entry.uptime.as_ref().ok_or(Error::NotDeclared)?;
		ensure!(uptime.won != Some(round.number), Error::AlreadyWon);
		let units = uptime.kept.estimator().units_at(round.opened);
		ensure!(units > 0, Error::NotClaimed);
		let threshold = round.terms.threshold(units).ok_or(Error::NoWin)?;
		ensure!(threshold.wins(&pulse.hash()), Error::NoWin);
		Ok((entry, round, threshold))
	}

	/// Whether a device's output wins, for the pool and the block.
	pub(crate) fn authorize_pulse(pulse: &Pulse) -> TransactionValidityWithRefund {
		let (_, round, threshold) = Self::check_pulse(pulse)?;
		let key = Self::key_in(&DeviceId(pulse.device), Resource::Uptime, &round)?;
		pulse
			.verify(&key, &round.challenge, &threshold)
			.map_err(Error::<T>::from)?;
		let tag = ("Pulse", pulse.device, round.number).encode();
		Self::valid(alloc::vec![tag], round.until, Weight::zero())
	}

	/// Credits a win whose output has been verified. Returns whether somebody was told of it.
	pub(crate) fn do_pulse(pulse: &Pulse) -> Result<bool, DispatchError> {
		let (mut entry, round, _) = Self::check_pulse(pulse)?;
		if let Some(uptime) = entry.uptime.as_mut() {
			uptime.won = Some(round.number);
		}
		let device = DeviceId(pulse.device);
		Self::count_win(Resource::Uptime);
		let won = Won {
			resource: Resource::Uptime,
			unit: 0,
		};
		let told = Self::credit(&device, &mut entry, won, &round, true);
		Entries::<T>::insert(device, entry);
		Ok(told)
	}
}
