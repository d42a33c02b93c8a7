//! Any events in any order, most of them nonsense: no second answer, none that nobody kept, bounds.

use crate::bench::{config, device, find, head, open, plots, state};
use proof_lottery_primitives::{Pulse, Resource, WhyNot};
use proptest::prelude::*;
use smartchain_provider::{Action, Answer, Event, Failure, Key, Memory, Outcome, Provider, Rates, Refusal, Winner};
use std::collections::{BTreeMap, BTreeSet};

/// What a test does next. There are twelve rounds, as many as are followed: of more some would leave before their end.
/// Numbers say which of what the machine asked for.
#[derive(Clone, Debug)]
enum Move {
	Head(u64, Vec<(u8, u64, u8)>),
	Device(u64, u32, u8),
	Plots(u32),
	Rates(u64, u64, u64),
	Node(bool),
	Looked(u64, Vec<(u32, u8)>),
	Solved(u64, u8),
	Ran(u64, Vec<(u32, u8)>),
	Failed(u64, bool),
	Pulsed(u64, u8, u8),
	Signed(usize, u8),
	Kept(usize, bool),
	News(usize, u8),
	Declared(bool),
	Pass(u64),
	Restart,
}

fn moves() -> impl Strategy<Value = Move> {
	prop_oneof![
		6 => (95..140u64, prop::collection::vec((0..3u8, 0..2u64, 0..2u8), 0..4))
			.prop_map(|(slot, rounds)| Move::Head(slot, rounds)),
		1 => (95..140u64, 0..12u32, any::<u8>()).prop_map(|(at, units, why)| Move::Device(at, units, why)),
		1 => (0..12u32).prop_map(Move::Plots),
		1 => (0..5_000u64, 0..5_000u64, 0..5_000u64).prop_map(|(look, solve, run)| Move::Rates(look, solve, run)),
		1 => any::<bool>().prop_map(Move::Node),
		5 => (0..3u64, prop::collection::vec((0..10u32, 0..4u8), 0..5))
			.prop_map(|(back, finds)| Move::Looked(back, finds)),
		5 => (0..3u64, any::<u8>()).prop_map(|(back, byte)| Move::Solved(back, byte)),
		5 => (0..3u64, prop::collection::vec((0..50u32, 0..3u8), 0..5)).prop_map(|(back, won)| Move::Ran(back, won)),
		1 => (0..3u64, any::<bool>()).prop_map(|(back, cancelled)| Move::Failed(back, cancelled)),
		3 => (0..2u64, 0..2u8, any::<u8>()).prop_map(|(round, challenge, byte)| Move::Pulsed(round, challenge, byte)),
		3 => (0..5usize, any::<u8>()).prop_map(|(at, byte)| Move::Signed(at, byte)),
		6 => (0..5usize, prop::bool::weighted(0.8)).prop_map(|(at, kept)| Move::Kept(at, kept)),
		3 => (0..5usize, 0..8u8).prop_map(|(at, news)| Move::News(at, news)),
		1 => any::<bool>().prop_map(Move::Declared),
		4 => (0..2_000u64).prop_map(Move::Pass),
		1 => Just(Move::Restart),
	]
}

#[derive(Default)]
struct Seen {
	keeping: Vec<Answer>,
	kept: BTreeMap<Key, Answer>,
	submitted: Vec<Answer>,
	signing: Vec<Key>,
	job: u64,
	explained: BTreeSet<(u64, [u8; 32], Resource)>,
}

impl Seen {
	fn event(&self, next: Move, now: &mut u64) -> Event {
		let all = [Resource::Space, Resource::Compute, Resource::Uptime];
		let job = |back: u64| self.job.saturating_sub(back);
		match next {
			Move::Head(slot, rounds) => Event::Head {
				head: head(slot),
				rounds: rounds
					.into_iter()
					.map(|(kind, round, challenge)| {
						let opened = 96 + 20 * round;
						open(all[usize::from(kind)], round, challenge, opened, opened + 14)
					})
					.collect(),
			},
			Move::Device(at, units, why) => {
				let mut told = device(at);
				told.lotteries[0] = state(Resource::Space, units, at / 2 * 2);
				if why == 0 {
					told.why_not.push(WhyNot::Suspended);
				}
				Event::Device(told)
			}
			Move::Plots(count) => plots(0..count),
			Move::Rates(look_us, solve_ms, segment_us) => Event::Rates(Rates {
				look_us,
				solve_ms,
				segment_us,
			}),
			Move::Node(true) => Event::NodeBack,
			Move::Node(false) => Event::NodeLost,
			Move::Looked(back, finds) => Event::Looked {
				job: job(back),
				finds: finds.into_iter().map(|(group, quality)| find(group, quality)).collect(),
			},
			Move::Solved(back, byte) => Event::Solved {
				job: job(back),
				proof: vec![byte; 288],
			},
			Move::Ran(back, winners) => Event::Ran {
				job: job(back),
				winners: winners
					.into_iter()
					.map(|(segment, byte)| Winner {
						segment,
						result: [byte; 32],
					})
					.collect(),
			},
			other => self.news(other, now),
		}
	}

	/// What became of something.
	fn news(&self, next: Move, now: &mut u64) -> Event {
		let job = |back: u64| self.job.saturating_sub(back);
		let key_at = |at: usize| self.keeping.iter().rev().nth(at).map(|answer| answer.key);
		match next {
			Move::Failed(back, cancelled) => Event::Failed {
				job: job(back),
				failure: match cancelled {
					true => Failure::Cancelled,
					false => Failure::Broken,
				},
			},
			Move::Pulsed(round, challenge, byte) => Event::Pulsed {
				challenge: [challenge; 32],
				pulse: Pulse {
					device: [2; 32],
					round,
					pre_output: [1; 32],
					proof: [byte; 64],
				},
			},
			Move::Signed(at, byte) => match self.signing.iter().rev().nth(at) {
				Some(key) => Event::Signed {
					key: *key,
					signature: [byte; 64],
				},
				None => Event::Tick,
			},
			Move::Kept(at, kept) => match (key_at(at), kept) {
				(Some(key), true) => Event::Kept(key),
				(Some(key), false) => Event::NotKept(key),
				(None, _) => Event::Tick,
			},
			Move::News(at, news) => match key_at(at) {
				Some(key) => Event::Submission {
					key,
					outcome: [
						Outcome::Pooled,
						Outcome::Included,
						Outcome::Retracted,
						Outcome::Dropped,
						Outcome::Refused(Refusal::Full),
						Outcome::Refused(Refusal::Stale),
						Outcome::Refused(Refusal::Other),
						Outcome::Refused(Refusal::Unreachable),
					][usize::from(news)],
				},
				None => Event::Tick,
			},
			Move::Declared(taken) => Event::Declared {
				resource: Resource::Space,
				taken,
			},
			Move::Pass(ms) => {
				*now += ms;
				Event::Tick
			}
			_ => Event::Tick,
		}
	}

	fn see(&mut self, actions: Vec<Action>) -> Result<(), TestCaseError> {
		for action in actions {
			match action {
				Action::Look { job, .. } | Action::Solve { job, .. } | Action::Run { job, .. } => self.job = job,
				Action::Sign { key, .. } => self.signing.push(key),
				Action::Keep(answer) => self.keeping.push(answer),
				Action::Submit(answer) => {
					prop_assert_eq!(self.kept.get(&answer.key), Some(&answer), "submitted and not kept");
					self.submitted.push(answer);
				}
				Action::Explain(explanation) => {
					let key = (explanation.round, explanation.challenge, explanation.resource);
					prop_assert!(self.explained.insert(key), "explained twice");
				}
				_ => (),
			}
		}
		Ok(())
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

	#[test]
	fn no_order_of_events_makes_it_answer_twice_or_unkept(moves in prop::collection::vec(moves(), 1..120)) {
		let mut machine = Provider::new(config(), Memory::default());
		let (mut seen, mut now) = (Seen::default(), 0);
		for next in moves {
			if matches!(next, Move::Restart) {
				// What was durable is all that is left.
				let records = seen.kept.values().cloned().map(smartchain_provider::Record::Kept);
				machine = Provider::new(config(), Memory::replay(records));
				seen.keeping.clear();
				seen.signing.clear();
				seen.explained.clear();
				continue;
			}
			let event = seen.event(next, &mut now);
			if let Event::Kept(key) = &event {
				let answer = seen.keeping.iter().rev().find(|answer| answer.key == *key).cloned();
				if let Some(answer) = answer {
					// The first that was durable is the one.
					let first = seen.kept.entry(*key).or_insert_with(|| answer.clone());
					prop_assert_eq!(&*first, &answer, "two answers were kept for one unit");
				}
			}
			let actions = machine.step(now, event);
			prop_assert_eq!(machine.check_bounds(), Ok(()));
			seen.see(actions)?;
		}
		for (at, answer) in seen.submitted.iter().enumerate() {
			let other = seen.submitted[..at].iter().find(|other| other.key == answer.key);
			prop_assert!(other.is_none_or(|other| other == answer), "two answers for one unit");
		}
	}
}
