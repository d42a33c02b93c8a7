//! Conditions, witnesses, locks, disputes and obligations of any bytes: nothing panics, what decodes encodes back, and
//! whatever a dispute says, its parts are all there is.
#![no_main]

use channel_primitives::{
	ChannelKey, ChannelSignature, Condition, Dispute, Facts, Hash, Locks, Obligations, Pending, PredicateId, Side,
	Stake, Tick, Watch, Witness,
};
use codec::{Decode, DecodeAll, Encode};
use core::fmt::Debug;

struct Nobody;

impl Facts for Nobody {
	fn genesis(&self) -> Hash {
		[0; 32]
	}

	fn tick(&self) -> Tick {
		7
	}

	fn signed(&self, _: &ChannelKey, _: &Hash, _: &ChannelSignature) -> bool {
		true
	}

	fn holds(&self, predicate: PredicateId, _: &[u8]) -> bool {
		predicate % 2 == 0
	}
}

/// What decodes encodes back: there is one encoding of a value.
fn one<T: Decode + Encode + Debug>(bytes: &[u8]) {
	if let Ok(value) = T::decode_all(&mut &bytes[..]) {
		assert_eq!(value.encode(), bytes, "{value:?}");
	}
}

fn settle(stake: &Stake, dispute: &Dispute, list: &Locks) {
	let after = dispute.deadline.saturating_add(1);
	let Ok(settlement) = dispute.settle(stake, 3, after) else {
		return;
	};
	assert_eq!(settlement.total(), stake.total());
	for side in Side::ALL {
		if let Some(pending) = dispute.pending(side, &settlement, after) {
			let _ = pending.unlock(list, u32::MAX, &|_: &Hash| None);
		}
	}
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	one::<Condition>(bytes);
	one::<Locks>(bytes);
	one::<Watch>(bytes);
	one::<Obligations>(bytes);
	one::<Pending>(bytes);
	if let Ok((condition, witness)) = <(Condition, Witness)>::decode(&mut &bytes[..]) {
		let _ = condition.met(&witness, &Nobody);
		let _ = condition.cost();
	}
	if let Ok((stake, mut dispute, list)) = <(Stake, Dispute, Locks)>::decode(&mut &bytes[..]) {
		settle(&stake, &dispute, &list);
		for side in Side::ALL {
			if let Some(half) = *dispute.halves.get(side) {
				let _ = dispute.clone().update(side.partner(), half, 0);
				let _ = dispute.prove(&half, Some(&list), None, &|_: &Hash| None);
			}
		}
		settle(&stake, &dispute, &list);
	}
});
