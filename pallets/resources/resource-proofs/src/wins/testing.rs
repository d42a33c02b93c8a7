//! For tests of runtimes, above all of their Wasm: known proofs win on a chain that is brought to where they do.

use crate::{pallet::RoundOf, Claimed, Config, Entries, Entry, Pallet, Parameters, Rounds, SpaceScheme};
use codec::DecodeAll;
use device_primitives::DeviceId;
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::Beacon;
use proof_lottery_primitives::{Claim, Lottery, Resource, Terms, Wins};
use proof_of_space_primitives::vectors::{DeviceVector, GENESIS};
use sp_runtime::traits::Zero;

/// Groups that devices of vectors claim: they prove the first two at most.
const GROUPS: u32 = 2;

/// Brings the chain to where this proof wins in the blocks after the current one, as long as they open no round: the
/// chain's genesis hash becomes [`GENESIS`], the device claims its plots, and a round with the vector's challenge is
/// open, in which every find wins. Returns the round's number, which `win_space` names beside the vector's device,
/// number and proof.
///
/// The registry has to know the device as active and as `owner`'s, and the owner to have the deposit of space. Call it
/// again for another vector.
pub fn let_win<T: Config>(owner: &T::AccountId, win: &DeviceVector) -> u64 {
	let genesis = T::Hash::decode_all(&mut &GENESIS[..]).expect("hashes have 32 bytes");
	frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::zero(), genesis);
	let device = DeviceId(win.device);
	let claimed = Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k: win.vector.plot.k,
		strength: win.vector.plot.strength,
		groups: GROUPS,
	};
	let mut entry = Entries::<T>::get(device).unwrap_or_else(|| Entry::new(owner.clone()));
	if entry.space.is_none() {
		let first = Claim { units: GROUPS, from: 0 };
		Pallet::<T>::enter(&mut entry, &claimed, first.into()).expect("the owner has the deposit");
		Entries::<T>::insert(device, entry);
	}
	let (slot, lottery) = (
		Pallet::<T>::slot(),
		Parameters::<T>::get().lottery(Resource::Space, T::Beacon::turn_length()),
	);
	let number = Rounds::<T>::get(Resource::Space).map_or(0, |round| round.number.saturating_add(1));
	let round = RoundOf::<T> {
		number,
		opened: slot,
		block: frame_system::Pallet::<T>::block_number(),
		until: slot.saturating_add(lottery.answer.into()),
		challenge: win.vector.challenge,
		terms: Terms {
			lottery: Lottery {
				rounds: 1,
				filter: 1,
				..lottery
			},
			wins: Wins::of(16),
		},
		devices: 1,
	};
	Rounds::<T>::insert(Resource::Space, round);
	number
}
