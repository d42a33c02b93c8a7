//! Room for blocks: nothing is refused because something else came first.

use crate::workbench::{block, cast, Act, Bench, ROOT};
use smartchain_bft::{
	Action, Block, BlockRef,
	Phase::{Commit, Prevote},
	Reason, Refused,
};

const A_SLOT: u64 = 64;
const IN_ALL: u64 = 8192;

/// A sibling of slot 50, named by a number.
fn sibling(name: u64) -> BlockRef<u64> {
	BlockRef {
		slot: 50,
		number: 1,
		hash: 1_000_000 + name,
	}
}

fn bench() -> Bench {
	let mut bench = Bench::new(4);
	bench.core.stop_voting(Reason::Told);
	bench
}

fn sound(bench: &Bench) {
	assert_eq!(bench.core.check(), Ok(()));
}

#[test]
fn a_block_of_a_full_slot_takes_the_place_of_one_that_nobody_builds_on() {
	let mut bench = bench();
	for name in 0..A_SLOT {
		bench.import(sibling(name), ROOT);
	}
	// Even one that ranks lowest: it may be the one on which others build.
	let late = BlockRef { hash: 7, ..sibling(0) };
	assert_eq!(bench.import(late, ROOT), [], "and the head stays");
	assert!(bench.core.knows(&late.hash) && !bench.core.knows(&sibling(0).hash));
	assert_eq!(bench.core.refusals().count(Refused::TooMany), 1);
	let next = block(51, 2, 0);
	assert_eq!(bench.import(next, late), [Action::Head(next)]);
	// What is built on stays, however many come.
	for name in 0..1_000 {
		bench.import(sibling(name), ROOT);
	}
	assert!(bench.core.knows(&late.hash) && bench.core.head() == next);
	assert_eq!(bench.core.tree_len() as u64, 1 + A_SLOT + 1);
	sound(&bench);
}

#[test]
fn the_head_the_last_votes_and_what_is_certified_stay() {
	let mut bench = Bench::new(4);
	// The first is prevoted, the second certified and committed, the third and highest is the head.
	let (voted, certified, asked) = (sibling(0), block(49, 1, 0), sibling(1));
	assert_eq!(cast(&bench.import(voted, ROOT)), [(Prevote, voted)]);
	bench.import(certified, ROOT);
	assert_eq!(cast(&bench.certificate(4, Prevote, asked)), []);
	for name in 2..300 {
		bench.import(sibling(name), ROOT);
	}
	// A certificate named it before it came: it comes, and stays.
	bench.import(asked, ROOT);
	assert_eq!(bench.core.head(), asked);
	for name in 300..600 {
		bench.import(sibling(name), ROOT);
	}
	for kept in [voted, certified, asked] {
		assert!(bench.core.knows(&kept.hash), "{kept:?}");
	}
	let actions = bench.certificate(4, Commit, asked);
	assert!(
		actions.iter().any(|a| matches!(a, Action::Finalize { .. })),
		"{actions:?}"
	);
	sound(&bench);
}

/// A certified block stays even if the head lies elsewhere, and all there is ranks higher: a later certificate may be
/// on what descends from it.
#[test]
fn what_was_certified_first_stays() {
	let mut bench = bench();
	bench.now.slot = 100_000;
	let (first, second) = (sibling(0), block(60, 1, 0));
	for certified in [first, second] {
		bench.import(certified, ROOT);
		bench.certificate(4, Prevote, certified);
	}
	for slot in 0..IN_ALL + 10 {
		bench.import(block(61 + slot, 2, 0), second);
	}
	assert!(bench.core.knows(&first.hash));
	assert_eq!(bench.core.tree_len() as u64, IN_ALL);
	sound(&bench);
}

/// An author who builds on each of its siblings, so that none is without a child.
#[test]
fn of_a_slot_full_of_branches_a_whole_one_goes() {
	let mut bench = bench();
	for name in 0..A_SLOT {
		bench.import(sibling(name), ROOT);
		bench.import(block(60, 2, name), sibling(name));
	}
	let late = sibling(5_000);
	bench.import(late, ROOT);
	assert!(bench.core.knows(&late.hash));
	assert_eq!(
		bench.core.refusals().count(Refused::TooMany),
		2,
		"a block and its child"
	);
	assert_eq!(bench.core.tree_len() as u64, 1 + 2 * A_SLOT - 1);
	sound(&bench);
}

#[test]
fn blocks_of_slots_to_come_go_first() {
	let mut bench = bench();
	bench.now.slot = 20;
	for slot in 0..IN_ALL {
		let far = BlockRef {
			slot: 1_000 + slot,
			number: 1,
			hash: 1_000_000 + slot,
		};
		bench.import(far, ROOT);
	}
	let (a, b, c, d) = (block(11, 1, 0), block(12, 2, 0), block(11, 1, 1), block(13, 3, 0));
	for (block, parent) in [(a, ROOT), (b, a), (c, ROOT), (d, b)] {
		bench.import(block, parent);
	}
	assert_eq!(bench.core.head(), d);
	assert!(bench.core.knows(&c.hash), "of a lower slot, and of this time");
	assert_eq!(bench.core.tree_len() as u64, IN_ALL);
	sound(&bench);
}

#[test]
fn a_long_chain_is_kept_and_what_lies_beside_it_is_not() {
	let mut bench = bench();
	bench.now.slot = 100_000;
	let mut parent = ROOT;
	for i in 1..=IN_ALL + 100 {
		let next = block(10 + i, i, 0);
		bench.import(block(10 + i, i, 1), parent);
		bench.import(next, parent);
		parent = next;
	}
	// As many beside it as there was room for, and in the end none.
	assert_eq!(bench.core.tree_len() as u64, 1 + IN_ALL + 100 + 1);
	assert!((1..=IN_ALL + 100).all(|i| bench.core.knows(&block(10 + i, i, 0).hash)));
	sound(&bench);
}

/// What was let go comes again with a child or a certificate.
#[test]
fn what_is_missing_is_asked_for() {
	let mut bench = bench();
	let of = |block, parent: BlockRef<u64>| Block {
		block,
		parent: parent.hash,
		primary: true,
		ends_set: false,
	};
	let (a, b, c) = (block(11, 1, 0), block(12, 2, 0), block(13, 3, 0));
	assert!(!bench.core.lacks_parent(&of(a, ROOT)));
	assert!(bench.core.lacks_parent(&of(c, b)));
	assert_eq!(bench.import(c, b), [] as [Act; 0]);
	assert_eq!(bench.core.refusals().count(Refused::UnknownParent), 1);
	for (block, parent) in [(a, ROOT), (b, a), (c, b)] {
		bench.import(block, parent);
	}
	assert_eq!(bench.core.head(), c);
	assert!(!bench.core.lacks_parent(&of(c, b)), "known");
	bench.certificate(4, Commit, b);
	assert!(!bench.core.lacks_parent(&of(a, ROOT)), "final");
	assert!(!bench.core.lacks_parent(&of(block(12, 2, 5), block(11, 1, 5))), "stale");
}
