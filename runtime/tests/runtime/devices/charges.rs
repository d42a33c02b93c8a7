//! What wins are charged in whole blocks, once all that can be given back is given back.

use crate::{
	chain::Chain,
	devices::machines::{api, next, quick, Provider},
	money::limits::owed,
};
use frame_support::weights::Weight;
use frame_system::Phase;
use pallet_resource_proofs::{Call as Proofs, Candidates};
use proof_lottery_primitives::Resource;
use smartchain_runtime::{genesis, AccountId, Runtime, RuntimeEvent, System};
use sp_keyring::Sr25519Keyring as Key;

/// Whom the machine counts for.
const CANDIDATE: Key = Key::Alice;
/// Blocks of the chain: some eras of test chains.
const BLOCKS: u32 = 400;

/// What a transaction of the last block was charged, by its place in it: the timestamp has the first.
pub fn charged(chain: &mut Chain, place: u32) -> Weight {
	let weights = chain.query(|| {
		let of_it = System::events()
			.into_iter()
			.filter(|record| record.phase == Phase::ApplyExtrinsic(place));
		of_it
			.filter_map(|record| match record.event {
				RuntimeEvent::System(frame_system::Event::ExtrinsicSuccess { dispatch_info }) => {
					Some(dispatch_info.weight)
				}
				_ => None,
			})
			.collect::<Vec<_>>()
	});
	let [weight] = weights[..] else {
		panic!("the block has a transaction in place {place}, which has succeeded once: {weights:?}");
	};
	weight
}

/// The era in which somebody was told last of what this candidate has.
pub fn told(chain: &mut Chain, candidate: &AccountId) -> Option<u32> {
	chain.query(|| Candidates::<Runtime>::get(candidate).map(|sums| sums.told))
}

/// The pulse of a machine in the next block, if it has one.
fn pulse(chain: &mut Chain, machine: &Provider) -> Option<smartchain_runtime::UncheckedExtrinsic> {
	chain.query(|| {
		let open = api::open_rounds()
			.iter()
			.any(|round| round.resource == Resource::Uptime);
		machine.pulse().filter(|_| open).map(api::pulse)
	})
}

#[test]
fn a_pulse_is_charged_for_telling_once_an_era() {
	let (mut chain, machine) = (Chain::with_change(genesis::LOCAL, quick()), Provider::new(7, Key::Bob));
	chain.grow_well(Vec::new);
	let (device, candidate) = (machine.id(), CANDIDATE.to_account_id());
	let [_, _, uptime] = Provider::claims();
	for (who, call) in [
		(Key::Bob, machine.register(None)),
		(Key::Bob, machine.declare(uptime)),
		(
			Key::Bob,
			Proofs::offer_link {
				device,
				candidate: candidate.clone(),
			}
			.into(),
		),
		(CANDIDATE, Proofs::accept_link { device }.into()),
	] {
		let made = next(&mut chain, who, call);
		chain.grow_well(|| vec![made]);
	}
	let (mut telling, mut silent) = (0, 0);
	for _ in 0..BLOCKS {
		let Some(pulse) = pulse(&mut chain, &machine) else {
			chain.grow_well(Vec::new);
			continue;
		};
		let before = told(&mut chain, &candidate);
		chain.grow_well(|| vec![pulse]);
		let tells = told(&mut chain, &candidate) != before;
		assert_eq!(charged(&mut chain, 1), owed(Resource::Uptime, tells));
		if tells {
			telling += 1;
		} else {
			silent += 1;
		}
	}
	assert!(telling >= 2 && silent > telling, "{telling} of {}", telling + silent);
}
