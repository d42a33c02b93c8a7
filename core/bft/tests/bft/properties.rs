//! Properties over arbitrary input.

use crate::{
	driver::drive,
	workbench::{signed, SET},
};
use proptest::prelude::*;
use smartchain_bft::{
	quorum, Block, BlockRef, Certificate, Config, Core, Event, Now, Phase, Rank, SignedVote, Vote, VoterState,
};
use smartchain_rng::{seeds, Rng};
use std::collections::{BTreeMap, BTreeSet};

const ROOT: BlockRef<u64> = BlockRef {
	slot: 0,
	number: 0,
	hash: 0,
};
const VOTERS: u16 = 7;

fn observer() -> Core<u64, u8> {
	let state = VoterState::fresh(ROOT);
	Core::new(Config {
		set_id: SET,
		voters: VOTERS,
		me: None,
		root: ROOT,
		relaxed_quorum: None,
		relax_after_ms: 0,
		state,
		silent_until: None,
		listen_ms: 0,
	})
}

fn feed(core: &mut Core<u64, u8>, events: &[Event<u64, u8>]) {
	for event in events {
		core.step(Now { ms: 0, slot: 1000 }, event.clone());
	}
}

/// Blocks each on an earlier one, of one to three slots later.
fn tree() -> impl Strategy<Value = Vec<Block<u64>>> {
	let made = (any::<prop::sample::Index>(), 1..4u64, any::<bool>(), 1..u64::MAX / 64);
	prop::collection::vec(made, 1..30).prop_map(|made| {
		let mut blocks = vec![Block {
			block: ROOT,
			parent: 0,
			primary: true,
			ends_set: false,
		}];
		for (i, (parent, later, primary, hash)) in made.into_iter().enumerate() {
			let parent = blocks[parent.index(blocks.len())].block;
			// Random order among hashes, and no two alike.
			let block = BlockRef {
				slot: parent.slot + later,
				number: parent.number + 1,
				hash: hash * 64 + i as u64,
			};
			blocks.push(Block {
				block,
				parent: parent.hash,
				primary,
				ends_set: false,
			});
		}
		blocks.remove(0);
		blocks
	})
}

/// The same events in another order; blocks stay behind their parents.
fn shuffled(blocks: &[Block<u64>], others: &[Event<u64, u8>], seed: u64) -> Vec<Event<u64, u8>> {
	let mut rng = Rng::new(seed);
	let (mut blocks, mut others) = (blocks.to_vec(), others.to_vec());
	let mut known = BTreeSet::from([ROOT.hash]);
	let mut events = Vec::new();
	while !blocks.is_empty() || !others.is_empty() {
		let ready: Vec<_> = (0..blocks.len())
			.filter(|i| known.contains(&blocks[*i].parent))
			.collect();
		let choice = rng.below((ready.len() + others.len()) as u64) as usize;
		match ready.get(choice) {
			Some(i) => {
				let block = blocks.remove(*i);
				known.insert(block.block.hash);
				events.push(Event::Imported(block));
			}
			None => events.push(others.swap_remove(choice - ready.len())),
		}
	}
	events
}

/// The fork choice as the protocol's page has it, by a look at everything.
fn best(blocks: &[Block<u64>], certified: &BTreeSet<u64>) -> BlockRef<u64> {
	let by_hash: BTreeMap<_, _> = blocks.iter().map(|b| (b.block.hash, b)).collect();
	let rank = |block: &Block<u64>| {
		let mut highest = 0;
		let mut at = Some(block);
		while let Some(b) = at {
			if certified.contains(&b.block.hash) {
				highest = highest.max(b.block.slot);
			}
			at = by_hash.get(&b.parent).copied();
		}
		let BlockRef { slot, number, hash } = block.block;
		Rank {
			certified: highest,
			number,
			slot,
			primary: block.primary,
			hash,
		}
	};
	blocks.iter().max_by_key(|b| rank(b)).map_or(ROOT, |b| b.block)
}

/// At most one certificate a slot, as among honest voters.
fn certificates(blocks: &[Block<u64>], chosen: &[prop::sample::Index]) -> BTreeMap<u64, BlockRef<u64>> {
	chosen
		.iter()
		.map(|i| blocks[i.index(blocks.len())].block)
		.map(|b| (b.slot, b))
		.collect()
}

fn prevotes(block: BlockRef<u64>) -> Certificate<u64, u8> {
	let vote = Vote {
		set_id: SET,
		phase: Phase::Prevote,
		relaxed: false,
		block,
		end: None,
	};
	Certificate {
		vote,
		signatures: (0..quorum(usize::from(VOTERS)) as u16).map(|v| (v, v as u8)).collect(),
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(1000))]

	#[test]
	fn the_fork_choice_depends_on_what_is_known_only(
		blocks in tree(),
		chosen in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
		order in any::<u64>(),
	) {
		let certified = certificates(&blocks, &chosen);
		let events: Vec<_> = certified.values().map(|b| Event::Certificate(prevotes(*b))).collect();
		let mut core = observer();
		feed(&mut core, &shuffled(&blocks, &events, order));
		let hashes = certified.values().map(|b| b.hash).collect();
		prop_assert_eq!(core.head(), best(&blocks, &hashes));
	}

	#[test]
	fn ranks_are_a_total_order(blocks in tree()) {
		let ranks: BTreeSet<_> = blocks
			.iter()
			.map(|Block { block: BlockRef { slot, number, hash }, primary, .. }| Rank {
				certified: 0,
				number: *number,
				slot: *slot,
				primary: *primary,
				hash: *hash,
			})
			.collect();
		prop_assert_eq!(ranks.len(), blocks.len(), "no two blocks tie");
	}

	/// Two of seven vote twice; the others once a slot. Commits are on one chain, as the rules see to.
	#[test]
	fn tallies_depend_on_the_set_of_votes_only(
		blocks in tree(),
		votes in prop::collection::vec((0..VOTERS, any::<prop::sample::Index>(), any::<bool>()), 0..120),
		orders in any::<(u64, u64)>(),
	) {
		let mut chain = Vec::new();
		let mut at = blocks.last().copied();
		while let Some(block) = at {
			chain.push(block);
			at = blocks.iter().find(|b| b.block.hash == block.parent).copied();
		}
		let mut cast: BTreeMap<_, BTreeSet<BlockRef<u64>>> = BTreeMap::new();
		for (voter, index, commit) in votes {
			let (phase, of) = if commit { (Phase::Commit, &chain) } else { (Phase::Prevote, &blocks) };
			let block = of[index.index(of.len())].block;
			let named = cast.entry((voter, phase, block.slot)).or_default();
			if named.len() < if voter < 2 { 2 } else { 1 } {
				named.insert(block);
			}
		}
		let events: Vec<_> = cast
			.iter()
			.flat_map(|((voter, phase, _), blocks)| blocks.iter().map(|b| Event::Vote(signed(*voter, *phase, *b))))
			.collect();
		let twice = [events.clone(), events.clone()].concat();
		let (mut one, mut other) = (observer(), observer());
		feed(&mut one, &shuffled(&blocks, &events, orders.0));
		feed(&mut other, &shuffled(&blocks, &twice, orders.1));
		prop_assert_eq!(one.finalized(), other.finalized());
		prop_assert_eq!(one.head(), other.head());
		// These prevotes may contradict these Commits, as real ones do not: only what is above the final block is
		// alike.
		let highest = |core: &Core<u64, u8>| Some(core.highest_certified()).filter(|b| b.slot > core.finalized().slot);
		prop_assert_eq!(highest(&one), highest(&other));
		for block in blocks.iter().filter(|b| b.block.slot > one.finalized().slot) {
			let certified = |core: &Core<u64, u8>| core.certificate(&block.block.hash).is_some();
			prop_assert_eq!(certified(&one), certified(&other));
			let count = |core: &Core<u64, u8>| core.votes(Phase::Prevote, &block.block);
			// What left the tree is dropped with what it contradicts; what is in it counts alike.
			if one.knows(&block.block.hash) {
				prop_assert_eq!(count(&one), count(&other));
			}
		}
	}

	#[test]
	fn certificates_hold_a_quorum_of_different_voters(votes in prop::collection::vec((0..VOTERS + 2, 1..4u64), 0..60)) {
		let mut core = observer();
		for (voter, slot) in votes {
			let block = BlockRef { slot, number: 1, hash: slot };
			let vote = SignedVote { voter, ..signed(0, Phase::Prevote, block) };
			for action in core.step(Now { ms: 0, slot: 1000 }, Event::Vote(vote)) {
				if let smartchain_bft::Action::Certified(c) = action {
					prop_assert_eq!(c.signatures.len(), 5);
					prop_assert!(c.signatures.keys().all(|v| *v < VOTERS));
				}
			}
		}
	}

	#[test]
	fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
		drive(&bytes);
	}
}

/// Longer runs than proptest likes; what the fuzz target does without its guidance.
#[test]
fn long_random_runs_keep_the_invariants() {
	for seed in seeds(2000) {
		let mut rng = Rng::new(seed);
		let bytes: Vec<u8> = (0..6000).map(|_| rng.next_u64() as u8).collect();
		if let Err(panic) = std::panic::catch_unwind(|| drive(&bytes)) {
			println!("replay with SMARTCHAIN_SEED={seed}");
			std::panic::resume_unwind(panic);
		}
	}
}

/// Two quorums share more voters than may be Byzantine; and the honest alone are a quorum.
#[test]
fn quorums_intersect_in_an_honest_voter() {
	for voters in 1..=1024usize {
		let (q, byzantine) = (quorum(voters), (voters - 1) / 3);
		assert!(2 * q > voters + byzantine, "{voters}");
		assert!(voters - byzantine >= q, "{voters}");
		// q Commits hold an honest one, which saw the prevote certificate.
		assert!(q > byzantine);
	}
}
