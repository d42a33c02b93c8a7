//! What is accepted, when more are asked, and what ends without a result.

use proptest::{collection::vec, prelude::*};
use quorum_primitives::{is_dissent, Return, Rule, Verdict, EXHAUSTED, JURY, MOST, QUORUM, SINGLE, STRICT};

const RULES: [Rule; 4] = [SINGLE, QUORUM, STRICT, JURY];

fn some_return() -> impl Strategy<Value = Return<u8>> {
	prop_oneof![
		4 => (0_u8..3).prop_map(Return::Digest),
		1 => Just(Return::Fault),
		1 => Just(Return::Nothing),
	]
}

fn alike(count: usize, digest: u8) -> Vec<Return<u8>> {
	vec![Return::Digest(digest); count]
}

/// So many returns for one digest, and so many others, each for one of its own.
fn against(count: usize, others: u8) -> Vec<Return<u8>> {
	let others = (1..=others).map(Return::Digest);
	alike(count, 0).into_iter().chain(others).collect()
}

proptest! {
	#[test]
	fn what_is_accepted_enough_returned(returns in vec(some_return(), 0..=MOST), left in 0..=MOST) {
		for rule in RULES {
			if let Verdict::Accepted(digest) = rule.judge(&returns, left) {
				let count = returns.iter().filter(|one| **one == Return::Digest(digest)).count();
				prop_assert!(count * 2 > returns.len());
				let step = rule.0.iter().find(|step| step.asked == returns.len());
				let enough = step.is_some_and(|step| count >= step.agree);
				let of_all = left == 0 && returns.len() >= EXHAUSTED && count * 3 >= returns.len() * 2;
				prop_assert!(enough || of_all, "{count} of {returns:?}");
			}
		}
	}

	#[test]
	fn their_order_changes_nothing(
		(one, other) in vec(some_return(), 0..=MOST).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
		left in 0..=MOST,
	) {
		for rule in RULES {
			prop_assert_eq!(rule.judge(&one, left), rule.judge(&other, left));
		}
	}

	/// Whatever they return and however many there are, a unit ends, and nobody is asked who is not there.
	#[test]
	fn every_unit_ends(returns in vec(some_return(), MOST + 4), there in 0..MOST + 4) {
		for rule in RULES {
			let mut asked = 0;
			while let Verdict::Ask(more) = rule.judge(&returns[..asked], there - asked) {
				prop_assert!(more > 0 && asked + more <= there.min(MOST));
				asked += more;
			}
		}
	}
}

#[test]
fn each_step_asks_more_and_wants_more_than_half() {
	for rule in RULES {
		let mut before = 0;
		for step in rule.0 {
			assert!(step.asked > before && step.asked <= MOST);
			assert!(step.agree * 2 > step.asked && step.agree <= step.asked);
			before = step.asked;
		}
	}
}

#[test]
fn a_quorum_asks_more_after_each_dissent() {
	assert_eq!(QUORUM.first(), 3);
	assert_eq!(QUORUM.judge::<u8>(&[], 21), Verdict::Ask(3));
	assert_eq!(
		QUORUM.judge(&alike(2, 0), 19),
		Verdict::Ask(1),
		"two of three are not judged"
	);
	assert_eq!(QUORUM.judge(&alike(3, 0), 18), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(2, 1), 18), Verdict::Ask(4));
	assert_eq!(QUORUM.judge(&against(6, 1), 14), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(5, 2), 14), Verdict::Ask(6));
	assert_eq!(QUORUM.judge(&against(9, 4), 8), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(8, 5), 8), Verdict::Ask(8));
	assert_eq!(QUORUM.judge(&against(14, 7), 0), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(13, 8), 0), Verdict::Undecided);
}

/// Nine workers, of whom two lie: all of them are asked, and seven suffice.
#[test]
fn a_small_pool_decides_by_two_thirds_of_six_or_more() {
	assert_eq!(QUORUM.judge(&against(2, 1), 6), Verdict::Ask(4));
	assert_eq!(QUORUM.judge(&against(5, 2), 2), Verdict::Ask(2), "there are two more");
	assert_eq!(QUORUM.judge(&against(7, 2), 0), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(6, 3), 0), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(5, 4), 0), Verdict::Undecided);
	assert_eq!(QUORUM.judge(&against(4, 2), 0), Verdict::Accepted(0));
	assert_eq!(QUORUM.judge(&against(4, 1), 0), Verdict::Undecided, "five are too few");
	assert_eq!(STRICT.judge(&alike(4, 0), 0), Verdict::Undecided);
	assert_eq!(STRICT.judge(&alike(4, 0), 1), Verdict::Ask(1));
	assert_eq!(
		QUORUM.judge(&against(2, 1), 2),
		Verdict::Undecided,
		"two more would be too few"
	);
	assert_eq!(JURY.judge::<u8>(&[], 8), Verdict::Ask(8));
}

#[test]
fn faults_are_no_result() {
	use Return::{Digest, Fault, Nothing};
	assert_eq!(QUORUM.judge(&[Fault, Fault, Digest(0)], 18), Verdict::Faulted);
	assert_eq!(QUORUM.judge(&[Fault, Digest(0), Digest(0)], 18), Verdict::Ask(4));
	assert_eq!(SINGLE.judge::<u8>(&[Fault], 5), Verdict::Faulted);
	assert_eq!(SINGLE.judge::<u8>(&[Nothing], 5), Verdict::Undecided);
	assert_eq!(QUORUM.judge::<u8>(&[Nothing; 3], 18), Verdict::Ask(4));
}

#[test]
fn who_said_something_else_or_nothing_was_wrong() {
	assert!(!is_dissent(&Return::Digest(0), &0) && is_dissent(&Return::Digest(1), &0));
	assert!(is_dissent(&Return::Nothing, &0) && !is_dissent(&Return::Fault, &0));
}
