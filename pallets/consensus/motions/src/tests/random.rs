//! Whatever members do, the state stays sound, and nothing is carried that two thirds, and more than half of all
//! seats, did not say aye to.

use crate::{mock::*, *};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
	Propose(AccountId, bool),
	Vote(AccountId, MotionId, bool),
	Close(MotionId),
	Members(Vec<AccountId>, usize),
	Block(u32),
}

fn step() -> impl Strategy<Value = Step> {
	let who = || 1..=12u64;
	let motion = || 0..20u32;
	prop_oneof![
		3 => (who(), any::<bool>()).prop_map(|(who, elimination)| Step::Propose(who, elimination)),
		8 => (who(), motion(), prop::bool::weighted(0.8)).prop_map(|(who, motion, aye)| Step::Vote(who, motion, aye)),
		2 => motion().prop_map(Step::Close),
		1 => (prop::collection::btree_set(who(), 0..=9), 0..4usize)
			.prop_map(|(members, others)| Step::Members(members.into_iter().collect(), others)),
		1 => (1..40u32).prop_map(Step::Block),
	]
}

/// What each said last, by motion, as far as it was accepted.
type Said = BTreeMap<MotionId, BTreeMap<AccountId, bool>>;

fn expect_carried_rightly(before: usize, said: &Said) {
	for event in events().into_iter().skip(before) {
		if let Event::Carried { motion, .. } = event {
			let members = Members::get();
			let ayes = said[&motion]
				.iter()
				.filter(|(who, aye)| **aye && members.contains(who))
				.count();
			assert!(ayes * 3 >= members.len() * 2, "{motion} of {}", members.len());
			let seats = members.len() + OtherSeats::get();
			assert!(ayes * 2 > seats, "{motion} of {seats} seats");
		}
	}
}

proptest! {
	#[test]
	fn the_state_stays_sound(steps in prop::collection::vec(step(), 1..120)) {
		run(|| {
			let mut said = Said::new();
			for step in steps {
				let before = events().len();
				match step {
					Step::Propose(who, elimination) => {
						// Takes out nobody, so that the members are those of the test.
						let eliminate = deeds::Call::eliminate { who: 99 }.into();
						let call = if elimination { eliminate } else { deed() };
						let id = NextMotion::<Test>::get();
						said.entry(id).or_default().insert(who, true);
						if propose(who, call).is_err() {
							said.remove(&id);
						}
					}
					Step::Vote(who, motion, aye) => {
						let old = said.entry(motion).or_default().insert(who, aye);
						if vote(who, motion, aye).is_err() {
							match old {
								Some(old) => said.entry(motion).or_default().insert(who, old),
								None => said.entry(motion).or_default().remove(&who),
							};
						}
					}
					Step::Close(motion) => drop(close(100, motion)),
					Step::Members(members, others) => {
						Members::set(members);
						OtherSeats::set(others);
					}
					Step::Block(blocks) => {
						block(System::block_number() + blocks);
						System::reset_events();
						check();
						continue;
					}
				}
				expect_carried_rightly(before, &said);
				check();
			}
		});
	}
}
