//! What is charged for.

use crate::{mock::*, *};
use codec::Encode;
use frame_support::weights::Weight;

const M: u32 = 7;

fn heavy(weight: u64) -> RuntimeCall {
	deeds::Call::weigh { weight }.into()
}

fn bytes(call: &RuntimeCall) -> u32 {
	call.encoded_size() as u32
}

#[test]
fn a_proposal_takes_what_it_takes_to_open_one() {
	run(|| {
		let call = heavy(600_000);
		let length = bytes(&call);
		let (charged, outcome) = dispatch(1, Call::<Test>::propose { call: Box::new(call) });
		let most = Weights::propose(MOST, length) + Weights::carry(length) + Weight::from_parts(600_000, 0);
		assert_eq!(charged, most);
		assert_eq!(
			outcome.expect("a member").actual_weight,
			Some(Weights::propose(M, length))
		);
	});
}

#[test]
fn the_vote_that_carries_takes_what_the_call_takes() {
	run(|| {
		let call = heavy(600_000);
		let length = bytes(&call);
		let motion = propose(1, call).expect("a member");
		for member in 2..=5 {
			let (charged, outcome) = dispatch(member, Call::<Test>::vote { motion, aye: true });
			let most = Weights::vote(MOST) + Weights::carry(1_024) + MaxCallWeight::get();
			assert_eq!(charged, most);
			let took = outcome.expect("a member").actual_weight.expect("it says so");
			let call = Weights::carry(length) + Weight::from_parts(300_000, 0);
			let expected = if member == 5 {
				Weights::vote(M) + call
			} else {
				Weights::vote(M)
			};
			assert_eq!(took, expected, "of {member}");
			assert!(took.all_lte(charged));
		}
	});
}

#[test]
fn what_is_refused_gives_back_the_call() {
	run(|| {
		let motion = propose(1, deed()).expect("a member");
		for (who, aye) in [(8, true), (1, true)] {
			let (_, outcome) = dispatch(who, Call::<Test>::vote { motion, aye });
			let took = outcome.expect_err("refused").post_info.actual_weight;
			assert_eq!(took, Some(Weights::vote(M)));
		}
		let call = heavy(2_000_000_000_000);
		let length = bytes(&call);
		let (charged, outcome) = dispatch(1, Call::<Test>::propose { call: Box::new(call) });
		let most = Weights::propose(MOST, length) + Weights::carry(length) + MaxCallWeight::get();
		assert!(
			charged.all_lte(most),
			"a call that is never dispatched is not charged for"
		);
		let took = outcome.expect_err("too heavy").post_info.actual_weight;
		assert_eq!(took, Some(Weights::propose(M, length)));
	});
}

#[test]
fn a_call_that_fails_is_charged_for() {
	run(|| {
		Members::set(vec![1]);
		let call: RuntimeCall = deeds::Call::fail {}.into();
		let length = bytes(&call);
		let (_, outcome) = dispatch(1, Call::<Test>::propose { call: Box::new(call) });
		let expected = Weights::propose(1, length) + Weights::carry(length) + Weight::from_parts(1_000, 0);
		assert_eq!(outcome.expect("carried").actual_weight, Some(expected));
	});
}
