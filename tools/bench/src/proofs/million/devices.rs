//! The devices: all alike, written when they win first.

use crate::proofs::chain::{old_claim, register};
use device_primitives::DeviceId;
use pallet_resource_proofs::{
	ComputeEntry, Entries, Entry, Link, NextWindow, PlotKind, Round, Rounds, SpaceEntry, SpaceScheme, UptimeEntry,
	Windows,
};
use proof_lottery_primitives::{Resource, Threshold, Wins};
use proof_of_space_primitives::{
	group_id,
	pos2::{proof_length, Pos2Proof},
	Hash, Plot, SpaceProof, META_GROUP,
};
use smartchain_rng::Rng;
use smartchain_runtime::{AccountId, Runtime, System};
use sp_core::sr25519;

/// Candidates that the devices are linked with, each with as many.
pub const CANDIDATES: u32 = 100;
/// The size of plots.
const SIZE: u8 = 28;
/// Their strength.
const STRENGTH: u8 = 2;

/// What their plots add up in.
pub fn kind() -> PlotKind {
	PlotKind {
		scheme: SpaceScheme::Pos2,
		k: SIZE,
	}
}

/// A candidate.
pub fn candidate(number: u32) -> AccountId {
	AccountId::new(bytes(0xca, number))
}

/// A device.
pub fn id(number: u32) -> DeviceId {
	DeviceId(bytes(0xd7, number))
}

fn bytes(fill: u8, number: u32) -> [u8; 32] {
	let mut bytes = [fill; 32];
	bytes[..4].copy_from_slice(&number.to_le_bytes());
	bytes
}

/// Its only plot.
pub fn plot(number: u32) -> Plot {
	Plot {
		group: group_id(&System::block_hash(0).0, &id(number).0, STRENGTH, SIZE, 0),
		index: 0,
		meta: META_GROUP,
		k: SIZE,
		strength: STRENGTH,
	}
}

/// The device is registered, in all lotteries, and linked; nothing if it is already.
pub fn write(number: u32) {
	let device = id(number);
	if Entries::<Runtime>::contains_key(device) {
		return;
	}
	let owner = AccountId::new(bytes(0x0e, number));
	register(device, &owner, sr25519::Public::from_raw(device.0));
	let mut entry = Entry::new(owner);
	entry.space = Some(SpaceEntry {
		kind: kind(),
		strength: STRENGTH,
		deposit: 0,
		kept: old_claim(1).into(),
		round: 0,
		found: Default::default(),
	});
	entry.compute = Some(ComputeEntry {
		deposit: 0,
		kept: old_claim(1).into(),
		window: 0,
		announced: Default::default(),
		pending: 0,
	});
	entry.uptime = Some(UptimeEntry {
		deposit: 0,
		kept: old_claim(1).into(),
		won: None,
	});
	entry.link = Some(Link {
		candidate: candidate(number % CANDIDATES),
		deposit: 0,
		from: Some(0),
		counted: Default::default(),
		counted_at: 0,
	});
	Entries::<Runtime>::insert(device, entry);
}

/// The latest round, or window.
pub fn round(resource: Resource) -> Option<Round<u32>> {
	match resource {
		Resource::Compute => {
			let last = NextWindow::<Runtime>::get().checked_sub(1)?;
			Some(Windows::<Runtime>::get(last)?.round)
		}
		Resource::Space | Resource::Uptime => Rounds::<Runtime>::get(resource),
	}
}

/// Bytes that are no proof, and whose quality wins.
pub fn proof_that_wins(rng: &mut Rng, plot: &Plot, challenge: &Hash, threshold: &Threshold) -> Vec<u8> {
	let mut proof = vec![0x5a; proof_length(SIZE)];
	loop {
		proof[..8].copy_from_slice(&rng.next_u64().to_le_bytes());
		let read = Pos2Proof::read(plot, challenge, &proof);
		if read.is_ok_and(|read| threshold.wins(&read.quality())) {
			return proof;
		}
	}
}

/// All segments of a window win, whatever they come to.
pub fn let_segments_win(window: u64) {
	Windows::<Runtime>::mutate(window, |window| {
		if let Some(window) = window {
			window.round.terms.lottery.rounds = 1;
			window.round.terms.wins = Wins::of(16);
		}
	});
}
