//! The end of a voter set, one step after the other.

use crate::workbench::{beyond, block, cast, certificate, config, Bench, ROOT, SET};
use smartchain_bft::{
	Action, BlockRef, Config, Event,
	Phase::{Commit, Prevote},
	Reason, Refused, VoterState,
};

/// The core: what the set's votes beyond its end make final, and that it is done then.
#[test]
fn commits_beyond_the_end_make_the_end_final() {
	let mut bench = Bench::new(4);
	let (a, h, d, e) = (block(11, 1, 0), block(12, 2, 0), block(13, 3, 0), block(14, 4, 0));
	bench.import(a, ROOT);
	assert_eq!(cast(&bench.import_end(h, a)), [(Prevote, h)]);
	assert_eq!(bench.core.pending_end(), Some(h));
	assert_eq!(cast(&bench.import(d, h)), [(Prevote, d)], "the set goes on voting");
	bench.certificate(4, Prevote, d);
	assert_eq!(
		bench.core.refusals().count(Refused::Malformed),
		1,
		"it does not say that it lies beyond the end"
	);
	bench.step(Event::Certificate(beyond(h, certificate(4, Prevote, d))));
	assert_eq!(bench.core.state().lock, d);
	// Of a block that is not here yet, and is still further beyond.
	let actions = bench.step(Event::Certificate(beyond(h, certificate(4, Commit, e))));
	assert!(
		matches!(&actions[0], Action::Finalize { block, certificate: c } if *block == h && c.vote.block == e),
		"{actions:?}"
	);
	assert_eq!((bench.core.finalized(), bench.core.has_ended()), (h, true));
	assert_eq!(bench.core.why_not_voting(), Some(Reason::SetEnded));
	assert_eq!(bench.core.pending_end(), None);
	// Nothing this set does counts from here on.
	assert_eq!(bench.certificate(4, Commit, d), []);
	assert_eq!(bench.import(block(15, 5, 0), e), []);
	assert_eq!(bench.tick(5_000), []);
	assert_eq!(bench.core.finalized(), h);
}

#[test]
fn the_end_itself_can_be_certified() {
	let mut bench = Bench::new(4);
	let h = block(11, 1, 0);
	bench.import_end(h, ROOT);
	let actions = bench.certificate(4, Commit, h);
	assert!(matches!(actions.last(), Some(Action::Finalize { block, .. }) if *block == h));
	assert!(bench.core.has_ended());
}

/// A second change before the first is final changes nothing: the set ends with the first.
#[test]
fn a_set_ends_once() {
	let mut bench = Bench::new(4);
	let (h, h2) = (block(11, 1, 0), block(12, 2, 0));
	bench.import_end(h, ROOT);
	bench.import_end(h2, h);
	bench.step(Event::Certificate(beyond(h, certificate(4, Commit, h2))));
	assert_eq!((bench.core.finalized(), bench.core.has_ended()), (h, true));
}

/// A proof names an end that is not here yet: that is what is missing, not the block that was voted on.
#[test]
fn an_end_that_is_missing_is_fetched() {
	let mut bench = Bench::new(4);
	let (h, far) = (block(11, 1, 0), block(40, 30, 0));
	let proof = beyond(h, certificate(4, Commit, far));
	assert_eq!(bench.step(Event::Certificate(proof)), [Action::Fetch(h)]);
	bench.import_end(h, ROOT);
	assert_eq!((bench.core.finalized(), bench.core.has_ended()), (h, true));
}

/// What a vote says of the end has to be true, and below its block.
#[test]
fn votes_that_lie_about_the_end_are_dropped() {
	let mut bench = Bench::new(4);
	let (a, h, d) = (block(11, 1, 0), block(12, 2, 0), block(13, 3, 0));
	bench.import(a, ROOT);
	bench.import_end(h, a);
	bench.import(d, h);
	let lies = [
		(a, Some(ROOT)),
		(h, Some(h)),
		(h, Some(a)),
		(d, None),
		(d, Some(a)),
		(block(14, 4, 0), Some(block(15, 3, 0))),
		(block(14, 4, 0), Some(BlockRef { number: 1, ..h })),
	];
	for (number, (block, end)) in (1..).zip(lies) {
		let mut lie = certificate(4, Commit, block);
		lie.vote.end = end;
		assert_eq!(bench.step(Event::Certificate(lie)), []);
		assert_eq!(
			bench.core.refusals().count(Refused::Malformed),
			number,
			"{block:?} with {end:?}"
		);
	}
}

/// What the old set certifies beyond its end is nothing to the next one.
#[test]
fn the_next_set_starts_at_the_end() {
	let h = block(12, 2, 0);
	let mut bench = Bench::of(Config {
		set_id: SET + 1,
		root: h,
		..config(4, VoterState::fresh(h))
	});
	let next = block(14, 3, 0);
	assert_eq!(cast(&bench.import(next, h)), [(Prevote, next)]);
	assert_eq!(
		bench.step(Event::Certificate(beyond(h, certificate(4, Prevote, next)))),
		[]
	);
	assert_eq!(bench.core.refusals().count(Refused::OtherSet), 1);
}
