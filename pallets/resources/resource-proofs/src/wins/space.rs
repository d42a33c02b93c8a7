//! Wins of space: a proof of a plot, verified at once.

use super::Won;
use crate::{
	pallet::{EntryOf, RoundOf},
	Config, Entries, Error, FindKey, Pallet, Parameters, SpaceScheme, WeightInfo,
};
use codec::Encode;
use device_primitives::DeviceId;
use frame_support::{ensure, pallet_prelude::TransactionValidityWithRefund, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::PlotHook;
use proof_lottery_primitives::{Credit, Resource, CREDIT_BITS};
use proof_of_space_primitives::{
	find_key, group_id, is_up,
	pos2::{aes_rounds, proof_length, MIN_STRENGTH},
	Plot, SpaceProof, SpaceProofError, META_GROUP,
};
use sp_runtime::{traits::Zero, DispatchError};

/// The place of a group's only plot. Groups of more plots cannot be proven by the plotters there are.
const ONLY_PLOT: u16 = 0;

/// A win of which all is checked but its proof's validity.
struct Checked<T: Config> {
	owner: T::AccountId,
	entry: EntryOf<T>,
	round: RoundOf<T>,
	proof: T::Pos2,
	find: FindKey,
}

impl<T> From<SpaceProofError> for Error<T> {
	fn from(error: SpaceProofError) -> Self {
		match error {
			SpaceProofError::Length { .. } => Self::BadLength,
			SpaceProofError::Loses => Self::NoWin,
			SpaceProofError::Size(_)
			| SpaceProofError::Strength(_)
			| SpaceProofError::Set(_)
			| SpaceProofError::Chain(_)
			| SpaceProofError::Match { .. }
			| SpaceProofError::Pair { .. } => Self::BadProof,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What a validation costs of plots of this strength: as many of the lowest as have as many AES rounds. What all
	/// validations of a block share is charged once.
	pub(crate) fn weight_of_validation(strength: u8) -> Weight {
		let times = aes_rounds(strength).div_ceil(aes_rounds(MIN_STRENGTH).max(1));
		T::WeightInfo::verify_space(u32::try_from(times).unwrap_or(u32::MAX))
			.saturating_sub(T::WeightInfo::verify_space(0))
	}

	/// Everything that is cheap, the cheapest first. The last, to read the proof and find its quality, costs a few
	/// microseconds.
	fn check_space(device: &DeviceId, round: u64, group: u32, proof: &[u8]) -> Result<Checked<T>, Error<T>> {
		let round = Self::open_round(Resource::Space, round)?;
		Self::check_room(Resource::Space)?;
		let entry = Self::entry(device)?;
		let space = entry.space.as_ref().ok_or(Error::NotDeclared)?;
		let SpaceScheme::Pos2 = space.kind.scheme;
		ensure!(proof.len() == proof_length(space.kind.k), Error::BadLength);
		// Plots that were taken when a block could pay for more.
		ensure!(space.strength <= T::MaxStrength::get(), Error::BadStrength);
		let units = space.kept.estimator().units_at(round.opened);
		ensure!(group < units, Error::NotClaimed);
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let plot = Plot {
			group: group_id(
				&genesis.using_encoded(as_hash),
				&device.0,
				space.strength,
				space.kind.k,
				group,
			),
			index: ONLY_PLOT,
			meta: META_GROUP,
			k: space.kind.k,
			strength: space.strength,
		};
		// The filter is a power of two, as parameters are checked.
		let filter_bits = round.terms.lottery.filter.trailing_zeros();
		let up = u8::try_from(filter_bits).is_ok_and(|bits| is_up(&round.challenge, &plot.group, bits));
		ensure!(up, Error::NotUp);
		let owner = Self::active_device(device)?.owner;
		let threshold = round.terms.threshold(units).ok_or(Error::NoWin)?;
		let proof = T::Pos2::read(&plot, &round.challenge, proof)?;
		let quality = proof.quality();
		ensure!(threshold.wins(&quality), Error::NoWin);
		let find = find_key(&quality);
		if space.round == round.number {
			ensure!(!space.found.contains(&find), Error::AlreadyWon);
			ensure!(!space.found.is_full(), Error::TooManyWins);
		}
		Ok(Checked {
			owner,
			entry,
			round,
			proof,
			find,
		})
	}

	/// Whether a proof wins, for the pool and the block.
	pub(crate) fn authorize_space(
		device: &DeviceId,
		round: u64,
		group: u32,
		proof: &[u8],
	) -> TransactionValidityWithRefund {
		let checked = Self::check_space(device, round, group, proof)?;
		checked.proof.verify().map_err(Error::<T>::from)?;
		// All proofs of one find have one quality.
		let tag = ("ProofOfSpace", checked.find).encode();
		// The highest strength was charged.
		let strength = checked
			.entry
			.space
			.as_ref()
			.map_or(T::MaxStrength::get(), |space| space.strength);
		let unspent =
			Self::weight_of_validation(T::MaxStrength::get()).saturating_sub(Self::weight_of_validation(strength));
		Self::valid(alloc::vec![tag], checked.round.until, unspent)
	}

	/// What a win by a plot is worth as a ticket: units of a GiB proven for an era, with 32 fractional bits. An era's
	/// tickets are expected to add up to the GiB that are proven, times uptime.
	fn ticket_of(entry: &EntryOf<T>, round: &RoundOf<T>) -> u128 {
		let Some(space) = entry.space.as_ref() else {
			return 0;
		};
		let units = space.kept.estimator().units_at(round.opened);
		let gib = space.kind.gib_of_sum(round.terms.credit(units).0.into());
		let present = Self::presence(entry, &Parameters::<T>::get());
		ticket(gib, round.terms.lottery.tau, T::EraLength::get(), present)
	}

	/// Credits a win whose proof has been verified. Returns whether somebody was told of it.
	pub(crate) fn do_win_space(device: &DeviceId, round: u64, group: u32, proof: &[u8]) -> Result<bool, DispatchError> {
		let Checked {
			owner,
			mut entry,
			round,
			find,
			..
		} = Self::check_space(device, round, group, proof)?;
		if let Some(space) = entry.space.as_mut() {
			if space.round != round.number {
				space.found.clear();
				space.round = round.number;
			}
			space.found.try_push(find).map_err(|_| Error::<T>::TooManyWins)?;
		}
		Self::count_win(Resource::Space);
		T::PlotHook::plot_proven(device, &owner, Self::ticket_of(&entry, &round));
		let won = Won {
			resource: Resource::Space,
			unit: group,
		};
		let told = Self::credit(device, &mut entry, won, &round, true);
		Entries::<T>::insert(device, entry);
		Ok(told)
	}
}

/// What a win of `gib` (with 32 fractional bits) is worth: wins come in tau as often as make up what is proven, and in
/// an era by so much less often.
pub(crate) fn ticket(gib: u128, tau: u32, era: u32, present: Credit) -> u128 {
	gib.saturating_mul(tau.into())
		.checked_div(era.into())
		.unwrap_or(0)
		.saturating_mul(present.0.into())
		>> CREDIT_BITS
}

/// The genesis as the scheme takes it.
pub(crate) fn as_hash(bytes: &[u8]) -> [u8; 32] {
	core::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0))
}
