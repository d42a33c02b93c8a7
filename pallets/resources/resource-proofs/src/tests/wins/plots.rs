//! Real plots: all that three of them find in forty rounds.

use crate::mock::*;
use proof_lottery_primitives::challenge;
use proof_of_space_primitives::{group_id, vectors::of_devices, Hash, SPACE_TAG};
use std::collections::BTreeMap;

/// The first round of which there are proofs: the second after the one of the first block.
pub const FIRST: u64 = START / TURN + 2;

/// The first after them.
pub const END: u64 = FIRST + 40;

/// Which plots there are: device and group.
pub const PLOTS: [(u32, u32); 3] = [(1, 0), (1, 1), (2, 0)];

/// The group that a device plots.
pub fn group(device: u32, number: u32) -> Hash {
	group_id(&System::block_hash(0).0, &id(device).0, 2, 18, number)
}

/// What a round is about, which its turn decides.
pub fn challenge_of(round: u64) -> Hash {
	challenge(SPACE_TAG, &accumulator(round), round)
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The proofs of a plot in a round.
pub struct Found(BTreeMap<(Hash, Hash), Vec<Vec<u8>>>);

impl Found {
	pub fn read() -> Self {
		let mut found = BTreeMap::<_, Vec<_>>::new();
		for win in of_devices() {
			let place = (win.vector.plot.group, win.vector.challenge);
			found.entry(place).or_default().push(win.vector.proof);
		}
		Self(found)
	}

	pub fn of(&self, device: u32, number: u32, round: u64) -> Vec<Vec<u8>> {
		let place = (group(device, number), challenge_of(round));
		self.0.get(&place).cloned().unwrap_or_default()
	}
}

/// The next round, opened in its first slot, of which the plot has a proof; and that proof.
pub fn next_found(found: &Found, device: u32, number: u32) -> (u64, Vec<u8>) {
	let after = (slot() / TURN + 1).max(FIRST);
	let round = (after..END)
		.find(|round| !found.of(device, number, *round).is_empty())
		.expect("forty rounds are many");
	turns_to(round * TURN);
	assert_eq!(slot(), round * TURN);
	block(slot() + 1);
	(round, found.of(device, number, round)[0].clone())
}

/// Run with `--ignored --nocapture` and pipe the lines into the generator.
#[test]
#[ignore = "prints what the generator is asked"]
fn what_the_generator_is_asked() {
	run(|| {
		for (device, number) in PLOTS {
			for round in FIRST..END {
				println!("18 2 {} {}", hex(&group(device, number)), hex(&challenge_of(round)));
			}
		}
	});
}
