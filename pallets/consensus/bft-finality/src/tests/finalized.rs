//! What headers hold final.

use crate::{mock::*, *};
use poca_primitives::{DigestError, FinalizedRef};
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::generic::Digest;

/// Checks the next block's header without executing the block.
fn check(finalized: FinalizedRef<H256>) -> Result<(), FinalizedError> {
	frame_support::storage::with_transaction(|| {
		let number = initialize(finalized);
		let result = BftFinality::check_header(number);
		sp_runtime::TransactionOutcome::Rollback(Ok::<_, sp_runtime::DispatchError>(result.map(|_| ())))
	})
	.expect("rolls back")
}

#[test]
fn the_lag_is_the_distance_to_what_is_held_final() {
	with_voters(4, || {
		assert_eq!(BftFinality::finality_lag(), 0);
		for (finalized, lag) in [(0, 1), (0, 2), (2, 1), (2, 2), (4, 1), (4, 2), (4, 3)] {
			execute(ancestor(finalized));
			assert_eq!(BftFinality::finality_lag(), lag);
			assert_eq!(Finalized::<Test>::get(), Some(ancestor(finalized)));
		}
	});
}

#[test]
fn it_never_goes_back() {
	with_voters(4, || {
		for finalized in [0, 1, 1, 3] {
			execute(ancestor(finalized));
		}
		assert_eq!(check(ancestor(2)), Err(FinalizedError::GoesBack));
		assert_eq!(check(ancestor(3)), Ok(()));
		assert_eq!(check(ancestor(4)), Ok(()));
	});
}

#[test]
fn only_what_is_below_the_block_can_be_final() {
	with_voters(4, || {
		execute(ancestor(0));
		execute(ancestor(0));
		assert_eq!(check(ancestor(3)), Err(FinalizedError::Ahead));
		assert_eq!(check(ancestor(u32::MAX)), Err(FinalizedError::Ahead));
		assert_eq!(check(ancestor(2)), Ok(()));
	});
}

#[test]
fn blocks_of_other_forks_are_refused() {
	with_voters(4, || {
		let foreign = |number| FinalizedRef {
			number,
			hash: H256::repeat_byte(0xff),
		};
		assert_eq!(check(foreign(0)), Err(FinalizedError::NoAncestor));
		for _ in 0..5 {
			execute(ancestor(0));
		}
		for number in 0..=5 {
			assert_eq!(check(foreign(number)), Err(FinalizedError::NoAncestor));
			assert_eq!(check(ancestor(number)), Ok(()));
		}
	});
}

#[test]
fn genesis_is_remembered_for_ever() {
	with_voters(4, || {
		for _ in 0..3 * REMEMBERED {
			execute(ancestor(0));
		}
		assert_eq!(BftFinality::finality_lag(), 3 * REMEMBERED);
		assert_eq!(
			check(FinalizedRef {
				number: 0,
				hash: H256::zero()
			}),
			Err(FinalizedError::NoAncestor)
		);
	});
}

#[test]
fn what_is_forgotten_is_left_to_the_node() {
	with_voters(4, || {
		for _ in 0..=3 * REMEMBERED {
			execute(ancestor(0));
		}
		let parent = 3 * REMEMBERED + 1;
		let oldest = parent + 1 - REMEMBERED;
		let foreign = |number| FinalizedRef {
			number,
			hash: H256::repeat_byte(0xff),
		};
		assert_eq!(check(foreign(oldest)), Err(FinalizedError::NoAncestor));
		assert_eq!(check(ancestor(oldest)), Ok(()));
		// Whether this is an ancestor the chain no longer knows.
		assert_eq!(check(foreign(oldest - 1)), Ok(()));
		// But it cannot be replaced at the same height.
		execute(ancestor(oldest - 1));
		assert_eq!(check(foreign(oldest - 1)), Err(FinalizedError::NoAncestor));
		assert_eq!(check(ancestor(oldest - 1)), Ok(()));
	});
}

#[test]
#[should_panic(expected = "invalid finality in the header: it is lower than what the parent held final")]
fn a_header_that_breaks_a_rule_makes_the_block_invalid() {
	with_voters(4, || {
		execute(ancestor(0));
		execute(ancestor(1));
		execute(ancestor(0));
	});
}

#[test]
fn a_header_without_pre_digest_is_refused() {
	genesis(4).execute_with(|| {
		System::initialize(&1, &hash(0), &Digest::default());
		assert_eq!(
			BftFinality::check_header(1),
			Err(FinalizedError::Digest(DigestError::Missing))
		);
	});
}

proptest! {
	/// Whatever authors say: what is stored only grows, is below the block, and is an ancestor.
	#[test]
	fn what_is_held_final_only_grows(claims in prop::collection::vec((0u32..40, any::<bool>()), 1..40)) {
		with_voters(4, || {
			let mut held: Option<FinalizedRef<H256>> = None;
			for (number, ours) in claims {
				let claim = if ours { ancestor(number) } else { FinalizedRef { number, hash: H256::zero() } };
				let next = System::block_number() + 1;
				let remembered = number == 0 || next.saturating_sub(number) <= REMEMBERED;
				let follows = held.is_none_or(|held| number > held.number || claim == held);
				let good = number < next && follows && (ours || !remembered);
				assert_eq!(check(claim).is_ok(), good);
				let holds = if good { claim } else { held.unwrap_or_else(|| ancestor(0)) };
				execute(holds);
				held = Some(holds);
				assert_eq!(BftFinality::finality_lag(), next - holds.number);
				BftFinality::do_try_state().expect("invariants hold");
			}
		});
	}
}
