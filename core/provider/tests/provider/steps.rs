//! One round at a time.

use crate::bench::{device, explained, find, head, job, open, plots, rates, state, Bench, SLOT_MS};
use proof_lottery_primitives::{OpenRound, Pulse, Resource, WhyNot, Wins};
use smartchain_provider::{
	announceable, expected, Action, Body, Ending, Event, Failure, Outcome, Rates, Refusal, Unit, Why, Winner,
	MAX_SUBMITS,
};
use std::collections::BTreeSet;

const SPACE: Resource = Resource::Space;
const COMPUTE: Resource = Resource::Compute;

fn pulse(round: u64) -> Pulse {
	Pulse {
		device: crate::bench::DEVICE,
		round,
		pre_output: [7; 32],
		proof: [8; 64],
	}
}

/// A round of space with a find that wins, up to its answer.
fn answered(bench: &mut Bench, challenge: u8) -> smartchain_provider::Answer {
	let actions = bench.head(101, vec![open(SPACE, 8, challenge, 101, 125)]);
	let Some(Action::Look { groups, .. }) = actions.last() else {
		panic!("{actions:?}")
	};
	assert_eq!(groups, &(0..8).collect::<Vec<_>>());
	let job_id = job(&actions).unwrap();
	let solve = bench.step(Event::Looked {
		job: job_id,
		finds: vec![find(3, 5)],
	});
	let keep = bench.step(Event::Solved {
		job: job(&solve).unwrap(),
		proof: vec![9; 288],
	});
	bench.keep(&keep)
}

#[test]
fn a_win_of_space_is_looked_for_solved_kept_submitted_and_explained() {
	let mut bench = Bench::new();
	let answer = answered(&mut bench, 1);
	assert_eq!(
		answer.key.unit,
		Unit::Find {
			group: 3,
			find: [5; 16]
		}
	);
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Pooled,
	});
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Included,
	});
	assert!(bench.pass(27).is_empty());
	let ended = explained(&bench.pass(2));
	assert_eq!(ended.len(), 1);
	assert_eq!((ended[0].ending, ended[0].answers), (Ending::Won(1), 1));
	let stats = bench.machine.status().stats.space;
	assert_eq!(
		(stats.seen, stats.worked, stats.answered, stats.won, stats.lost),
		(1, 1, 1, 1, 0)
	);
	// Eight units expect as many wins as they have tries, in a round 8.
	assert_eq!(stats.expected_thousandths(), 8_000);
}

#[test]
fn nothing_is_submitted_before_it_is_durable() {
	let mut bench = Bench::new();
	let look = bench.head(101, vec![open(SPACE, 8, 1, 101, 125)]);
	let finds = vec![find(3, 5)];
	let job_id = job(&look).unwrap();
	let solve = bench.step(Event::Looked { job: job_id, finds });
	let keep = bench.step(Event::Solved {
		job: job(&solve).unwrap(),
		proof: vec![9; 288],
	});
	let [Action::Keep(answer)] = &keep[..] else {
		panic!("{keep:?}")
	};
	assert!(bench.pass(1).is_empty());
	// What could not be kept is kept again as it is.
	assert!(bench.step(Event::NotKept(answer.key)).is_empty());
	assert_eq!(bench.pass(1), keep);
	assert_eq!(
		bench.step(Event::Kept(answer.key)),
		vec![Action::Submit(answer.clone())]
	);
}

#[test]
fn an_answer_that_was_never_kept_is_said_to_be_so() {
	let mut bench = Bench::new();
	let look = bench.head(101, vec![open(SPACE, 8, 1, 101, 125)]);
	let solve = bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: vec![find(3, 5)],
	});
	bench.step(Event::Solved {
		job: job(&solve).unwrap(),
		proof: vec![9; 288],
	});
	let ended = explained(&bench.pass(30));
	assert_eq!(ended[0].ending, Ending::NotWon(Why::NotKept));
}

#[test]
fn a_win_is_sent_again_only_if_it_was_lost() {
	let mut bench = Bench::new();
	let answer = answered(&mut bench, 1);
	let news = |outcome| Event::Submission {
		key: answer.key,
		outcome,
	};
	bench.step(news(Outcome::Pooled));
	assert!(bench.pass(1).is_empty());
	assert_eq!(bench.step(news(Outcome::Dropped)), vec![Action::Submit(answer.clone())]);
	bench.step(news(Outcome::Included));
	bench.step(news(Outcome::Pooled));
	assert!(bench.pass(1).is_empty());
	// A reorganisation takes it out: the pool has it again, and drops it.
	bench.step(news(Outcome::Retracted));
	assert_eq!(bench.step(news(Outcome::Dropped)), vec![Action::Submit(answer.clone())]);
	bench.pass(10);
	assert!(bench.step(news(Outcome::Refused(Refusal::BadProof))).is_empty());
	assert!(bench.pass(1).is_empty());
	let ended = explained(&bench.pass(20));
	assert_eq!(ended[0].ending, Ending::NotWon(Why::Refused(Refusal::BadProof)));
}

#[test]
fn full_blocks_are_waited_for_within_bounds() {
	let mut bench = Bench::new();
	let answer = answered(&mut bench, 1);
	let mut submits = 1;
	for _ in 0..40 {
		bench.step(Event::Submission {
			key: answer.key,
			outcome: Outcome::Refused(Refusal::Full),
		});
		submits += bench
			.pass(1)
			.iter()
			.filter(|action| matches!(action, Action::Submit(_)))
			.count();
	}
	assert!(submits as u32 <= MAX_SUBMITS && submits > 4, "{submits}");
}

#[test]
fn an_answer_that_the_pool_lets_go_each_time_is_told_as_dropped() {
	let mut bench = Bench::new();
	let answer = answered(&mut bench, 1);
	let mut seen = Vec::new();
	for _ in 0..40 {
		seen.extend(bench.step(Event::Submission {
			key: answer.key,
			outcome: Outcome::Dropped,
		}));
		seen.extend(bench.pass(1));
	}
	let ended = explained(&seen);
	assert_eq!(ended[0].ending, Ending::NotWon(Why::Refused(Refusal::Dropped)));
	assert!(Refusal::Dropped.to_string().contains("the node let it go"));
}

#[test]
fn what_was_sent_twice_and_is_there_counts_as_won() {
	let mut bench = Bench::new();
	let answer = answered(&mut bench, 1);
	bench.step(Event::NodeLost);
	bench.pass(1);
	assert_eq!(bench.step(Event::NodeBack), vec![Action::Submit(answer.clone())]);
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Refused(Refusal::Stale),
	});
	assert_eq!(explained(&bench.pass(30))[0].ending, Ending::Won(1));
}

#[test]
fn a_node_that_is_lost_is_the_reason() {
	let mut bench = Bench::new();
	let look = bench.head(101, vec![open(SPACE, 8, 1, 101, 125)]);
	bench.step(Event::NodeLost);
	// Work goes on meanwhile.
	let solve = bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: vec![find(3, 5)],
	});
	let keep = bench.step(Event::Solved {
		job: job(&solve).unwrap(),
		proof: vec![9; 288],
	});
	let Some(Action::Keep(answer)) = keep.first() else {
		panic!("{keep:?}")
	};
	assert!(bench.step(Event::Kept(answer.key)).is_empty());
	assert_eq!(explained(&bench.pass(30))[0].ending, Ending::NotWon(Why::NodeLost));
	bench.step(Event::NodeBack);
	// Rounds that nobody saw are counted.
	let actions = bench.head(140, vec![open(SPACE, 12, 2, 140, 160)]);
	assert!(actions.contains(&Action::Missed {
		resource: SPACE,
		rounds: 9..12,
		node_lost: true
	}));
	assert_eq!(bench.machine.status().stats.space.missed, 3);
}

#[test]
fn a_replaced_challenge_is_answered_anew_and_none_twice() {
	let mut bench = Bench::new();
	let first = answered(&mut bench, 1);
	let other = bench.head(102, vec![open(SPACE, 8, 2, 102, 126)]);
	let look = job(&other).unwrap();
	let solve = bench.step(Event::Looked {
		job: look,
		finds: vec![find(3, 6)],
	});
	let keep = bench.step(Event::Solved {
		job: job(&solve).unwrap(),
		proof: vec![1; 288],
	});
	let second = bench.keep(&keep);
	assert_ne!(first.key, second.key);
	// The first branch is back: its round has its answer already, and no work is begun.
	let back = bench.head(103, vec![open(SPACE, 8, 1, 101, 125)]);
	assert_eq!(job(&back), None, "{back:?}");
	let ended = explained(&bench.pass(40));
	let endings: Vec<_> = ended.iter().map(|explanation| explanation.ending).collect();
	assert_eq!(
		endings,
		[Ending::NotWon(Why::NotIncluded), Ending::NotWon(Why::Reorganised)]
	);
}

#[test]
fn work_for_a_branch_that_is_left_is_cancelled() {
	let mut bench = Bench::new();
	let look = bench.head(101, vec![open(SPACE, 8, 1, 101, 125)]);
	let old = job(&look).unwrap();
	let other = bench.head(102, vec![open(SPACE, 8, 2, 102, 126)]);
	assert_eq!(other, vec![Action::Cancel(old)]);
	let begun = bench.step(Event::Failed {
		job: old,
		failure: Failure::Cancelled,
	});
	assert!(
		matches!(begun[..], [Action::Look { challenge: [2, ..], .. }]),
		"{begun:?}"
	);
}

#[test]
fn what_cannot_be_ready_is_not_begun() {
	let mut bench = Bench::new();
	bench.step(Event::Rates(Rates {
		solve_ms: 4_000,
		..rates()
	}));
	// 16 slots and the present one less two of margin: 7.5 s are enough, 3.5 s are not.
	assert!(job(&bench.head(101, vec![open(SPACE, 8, 1, 101, 109)])).is_none());
	let ended = explained(&bench.pass(14));
	assert!(
		matches!(
			ended[0].ending,
			Ending::NotWon(Why::Late {
				// For one plot, which is the least that helps.
				needed: 4_002,
				left: 3_500
			})
		),
		"{ended:?}"
	);
	let look = bench.head(115, vec![open(SPACE, 9, 1, 115, 131)]);
	// A find whose proof would come too late is left.
	bench.now += 4_000;
	let late = bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: vec![find(3, 5)],
	});
	assert_eq!(job(&late), None);
	let ended = explained(&bench.pass(20));
	assert!(matches!(
		ended[0].ending,
		Ending::NotWon(Why::Late { needed: 4_000, .. })
	));
}

#[test]
fn the_round_that_ends_first_is_worked_on_first() {
	let mut bench = Bench::new();
	let window = open(COMPUTE, 3, 1, 101, 185);
	let run = bench.head(101, vec![window.clone()]);
	let Some(Action::Run { segments, .. }) = run.last() else {
		panic!("{run:?}")
	};
	// Two cores run 100 segments in half a second: all 40.
	assert_eq!(segments, &(0..40));
	let busy = bench.head(102, vec![window, open(SPACE, 8, 1, 102, 126)]);
	assert_eq!(job(&busy), None);
	let next = bench.step(Event::Ran {
		job: job(&run).unwrap(),
		winners: vec![Winner {
			segment: 4,
			result: [0; 32],
		}],
	});
	assert!(matches!(next[..], [Action::Look { .. }]), "{next:?}");
}

#[test]
fn a_segment_is_run_twice_before_it_is_announced() {
	let mut bench = Bench::new();
	let run = bench.head(101, vec![open(COMPUTE, 3, 1, 101, 185)]);
	let winner = Winner {
		segment: 4,
		result: [6; 32],
	};
	let err = Winner {
		segment: 5,
		result: [7; 32],
	};
	let again = bench.step(Event::Ran {
		job: job(&run).unwrap(),
		winners: vec![winner, err],
	});
	let Some(Action::Run { segments, .. }) = again.last() else {
		panic!("{again:?}")
	};
	assert_eq!(segments, &(4..5));
	let signs = bench.step(Event::Ran {
		job: job(&again).unwrap(),
		winners: vec![winner],
	});
	let [Action::Sign { key, win, .. }, Action::Run { .. }] = &signs[..] else {
		panic!("{signs:?}")
	};
	assert_eq!((win.segment, win.window), (4, 3));
	let end = bench.step(Event::Ran {
		job: job(&signs).unwrap(),
		winners: vec![Winner {
			segment: 5,
			result: [8; 32],
		}],
	});
	assert!(end.is_empty(), "{end:?}");
	let keep = bench.step(Event::Signed {
		key: *key,
		signature: [1; 64],
	});
	let answer = bench.keep(&keep);
	assert_eq!(answer.body, Body::Compute { signature: [1; 64] });
	// Nobody asked for a second signature.
	let second = bench.step(Event::Signed {
		key: *key,
		signature: [2; 64],
	});
	assert!(second.is_empty());
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Included,
	});
	let ended = explained(&bench.pass(100));
	assert_eq!(ended[0].ending, Ending::Won(1));
	assert_eq!(ended[0].besides, Some(Why::Unstable(err)));
}

#[test]
fn no_more_is_announced_than_the_chain_takes() {
	let window = OpenRound {
		wins: Wins::of(16),
		rounds: 96,
		..open(COMPUTE, 3, 1, 101, 185)
	};
	// A sixth of a win is expected: one more than a half, rounded up.
	assert_eq!(announceable(&window, 40), 2);
	assert_eq!(expected(&window, 40), (1 << 32) / 6);
	let mut bench = Bench::new();
	let run = bench.head(101, vec![window]);
	let winners = (0..5)
		.map(|segment| Winner {
			segment,
			result: [0; 32],
		})
		.collect();
	let mut actions = bench.step(Event::Ran {
		job: job(&run).unwrap(),
		winners,
	});
	let mut signed = 0;
	while let Some(Action::Run { job, segments, .. }) = actions.last().cloned() {
		actions = bench.step(Event::Ran {
			job,
			winners: vec![Winner {
				segment: segments.start,
				result: [0; 32],
			}],
		});
		signed += actions
			.iter()
			.filter(|action| matches!(action, Action::Sign { .. }))
			.count();
	}
	assert_eq!(signed, 2);
}

#[test]
fn what_is_claimed_is_all_that_counts() {
	let mut bench = Bench::new();
	bench.step(plots(0..10));
	let look = bench.head(101, vec![open(SPACE, 8, 1, 101, 125)]);
	let Some(Action::Look { groups, .. }) = look.iter().find(|action| matches!(action, Action::Look { .. })) else {
		panic!("{look:?}")
	};
	assert_eq!(groups.len(), 8);
	// A find of a group beyond the claim wins nothing.
	let none = bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: vec![find(9, 0)],
	});
	assert_eq!(job(&none), None);
}

#[test]
fn a_round_is_judged_by_the_claim_that_it_was_opened_under() {
	let mut bench = Bench::new();
	let mut change = device(105);
	change.lotteries[0] = smartchain_provider_state(8, 4, 120);
	bench.step(Event::Device(change.clone()));
	// The smaller claim counts now, and the round began before.
	change.at = 121;
	change.lotteries[0] = state(SPACE, 4, 120);
	bench.head(121, Vec::new());
	bench.step(Event::Device(change.clone()));
	let look = bench.head(121, vec![open(SPACE, 8, 1, 119, 140)]);
	assert!(
		matches!(&look.last(), Some(Action::Look { groups, .. }) if groups.len() == 8),
		"{look:?}"
	);
	// Who has not seen the change does not guess.
	let mut bench = Bench::new();
	bench.head(121, Vec::new());
	bench.step(Event::Device(change));
	let guess = bench.head(121, vec![open(SPACE, 8, 1, 119, 140)]);
	assert_eq!(job(&guess), None);
	let ended = explained(&bench.pass(30));
	assert_eq!(ended[0].ending, Ending::NotWon(Why::Unclear));
}

/// One that claims less from a slot on.
fn smartchain_provider_state(units: u32, claimed: u32, from: u64) -> proof_lottery_primitives::LotteryState {
	proof_lottery_primitives::LotteryState {
		claimed,
		..state(SPACE, units, from)
	}
}

#[test]
fn a_pulse_is_sent_if_it_wins() {
	let mut bench = Bench::new();
	let asked = bench.head(101, vec![open(Resource::Uptime, 9, 4, 101, 125)]);
	assert_eq!(
		asked,
		vec![Action::Pulse {
			round: 9,
			challenge: [4; 32]
		}]
	);
	let keep = bench.step(Event::Pulsed {
		challenge: [4; 32],
		pulse: pulse(9),
	});
	let answer = bench.keep(&keep);
	assert_eq!(answer.key.unit, Unit::Presence);
	bench.step(Event::Submission {
		key: answer.key,
		outcome: Outcome::Included,
	});
	let rare = OpenRound {
		wins: Wins(1),
		rounds: u32::MAX,
		..open(Resource::Uptime, 10, 5, 102, 126)
	};
	bench.head(102, vec![open(Resource::Uptime, 9, 4, 101, 125), rare]);
	let lost = bench.step(Event::Pulsed {
		challenge: [5; 32],
		pulse: pulse(10),
	});
	assert!(lost.is_empty());
	let ended = explained(&bench.pass(40));
	let of = |round| ended.iter().find(|explanation| explanation.round == round).unwrap();
	assert_eq!(
		(of(9).ending, of(9).besides),
		(Ending::Won(1), None),
		"and nothing is to be done better"
	);
	let why = of(10).ending;
	assert!(matches!(why, Ending::NotWon(Why::Lost { tried: 1, .. })), "{why:?}");
}

/// Each reason with what brings it about.
#[test]
fn each_round_ends_with_a_reason() {
	for (why_not, why) in [
		(WhyNot::NotRegistered, Why::NotRegistered),
		(WhyNot::Suspended, Why::Suspended),
		(WhyNot::Struck, Why::Struck),
	] {
		let mut bench = Bench::new();
		let mut told = device(100);
		told.why_not = vec![why_not];
		bench.step(Event::Device(told));
		assert!(bench.head(101, round()).is_empty());
		assert_eq!(reason(&mut bench), Ending::NotWon(why));
	}
	let mut bench = Bench::new();
	let mut told = device(100);
	told.lotteries.remove(0);
	bench.step(Event::Device(told.clone()));
	bench.head(101, round());
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::NoEntry));

	told.lotteries.push(state(SPACE, 0, 240));
	let mut bench = Bench::new();
	bench.step(Event::Device(told));
	bench.head(101, round());
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::NotYet));
}

fn round() -> Vec<OpenRound> {
	vec![open(SPACE, 8, 1, 101, 125)]
}

fn reason(bench: &mut Bench) -> Ending {
	match explained(&bench.pass(30))[..] {
		[explanation] => explanation.ending,
		ref other => panic!("{other:?}"),
	}
}

/// The same of work that does not win.
#[test]
fn work_that_does_not_win_has_a_reason() {
	let mut bench = Bench::new();
	bench.step(plots([]));
	bench.head(101, round());
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::NoPlots));

	let mut bench = Bench::new();
	let filtered = OpenRound {
		filter: 256,
		..open(SPACE, 8, 1, 101, 125)
	};
	assert!(bench.head(101, vec![filtered]).is_empty());
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::NoneUp));

	let mut bench = Bench::new();
	let look = bench.head(101, round());
	bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: Vec::new(),
	});
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::NoFind { plots: 8 }));

	let mut bench = Bench::new();
	let look = bench.head(101, round());
	bench.step(Event::Failed {
		job: job(&look).unwrap(),
		failure: Failure::Broken,
	});
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::Failed));

	let mut bench = Bench::new();
	bench.step(Event::Stop);
	assert!(bench.head(101, round()).is_empty());
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::Stopped));

	let mut bench = Bench::new();
	let slow = Rates {
		segment_us: 3_000_000,
		..rates()
	};
	bench.step(Event::Rates(slow));
	let mut run = bench.head(101, vec![open(COMPUTE, 3, 1, 101, 125)]);
	while let Some(job) = job(&run) {
		bench.now += 3_000;
		let winners = Vec::new();
		run = bench.step(Event::Ran { job, winners });
	}
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::Slow { ran: 3, of: 40 }));
}

/// Otherwise a machine with more plots than there is time for would never win, and never learn how fast it is.
#[test]
fn as_many_plots_are_looked_into_as_there_is_time_for() {
	let groups_of = |challenge: u8, look_us: u64| {
		let mut bench = Bench::new();
		bench.step(Event::Rates(Rates { look_us, ..rates() }));
		let look = bench.head(101, vec![open(SPACE, 8, challenge, 101, 125)]);
		let groups = look.iter().find_map(|action| match action {
			Action::Look { groups, .. } => Some(groups.clone()),
			_ => None,
		});
		(bench, look, groups)
	};
	let slow = 3_000_000;
	let (mut bench, look, groups) = groups_of(1, slow);
	let some = groups.unwrap();
	assert!((1..8).contains(&some.len()), "{some:?}");
	bench.step(Event::Looked {
		job: job(&look).unwrap(),
		finds: Vec::new(),
	});
	let plots = u32::try_from(some.len()).unwrap();
	assert_eq!(reason(&mut bench), Ending::NotWon(Why::Partly { plots, up: 8 }));
	// Each has its turn.
	let seen: BTreeSet<u32> = (0..64)
		.flat_map(|challenge| groups_of(challenge, slow).2.unwrap())
		.collect();
	assert_eq!(seen.len(), 8);
	// Not one fits.
	let (mut bench, _, groups) = groups_of(1, 60_000_000);
	assert_eq!(groups, None);
	assert!(matches!(reason(&mut bench), Ending::NotWon(Why::Late { .. })));
}

#[test]
fn time_is_not_turned_back_by_a_branch() {
	let mut bench = Bench::new();
	bench.head(200, Vec::new());
	bench.now += 4 * SLOT_MS;
	bench.head(150, Vec::new());
	assert_eq!(bench.machine.slot(), Some(204));
	assert_eq!(bench.machine.status().head, Some(head(150)));
}

#[test]
fn rounds_that_make_no_sense_are_not_listened_to() {
	let mut bench = Bench::new();
	let good = open(SPACE, 8, 1, 101, 125);
	for bad in [
		OpenRound {
			opened: 102,
			..good.clone()
		},
		OpenRound {
			until: 101,
			..good.clone()
		},
		OpenRound {
			until: u64::MAX,
			..good.clone()
		},
		OpenRound {
			filter: 3,
			..good.clone()
		},
		OpenRound {
			filter: 0,
			..good.clone()
		},
		OpenRound {
			filter: 512,
			..good.clone()
		},
		OpenRound {
			rounds: 0,
			..good.clone()
		},
		OpenRound {
			resource: COMPUTE,
			filter: 2,
			..good.clone()
		},
	] {
		assert!(bench.head(101, vec![bad]).is_empty());
	}
	assert!(job(&bench.head(101, vec![good])).is_some());
}

/// One head of a far future, with a round that is surely won; then an honest node.
#[test]
fn a_node_that_lied_about_time_is_forgotten_with_its_successor() {
	const FUTURE: u64 = 1_000_000_000_000;
	let mut bench = Bench::new();
	let mut lie = open(SPACE, FUTURE / 120, 9, FUTURE, FUTURE + 24);
	let look = bench.head(FUTURE, vec![lie.clone()]);
	// A round that is open for longer than any is none, whoever tells of it.
	lie.until = lie.opened + 241;
	lie.challenge = [10; 32];
	bench.head(FUTURE, vec![lie]);
	assert_eq!(bench.machine.status().rounds.len(), 1);
	bench.step(Event::NodeLost);
	let ended = bench.step(Event::Failed {
		job: job(&look).unwrap(),
		failure: Failure::Cancelled,
	});
	assert_eq!(job(&ended), None, "{ended:?}");
	bench.step(Event::NodeBack);
	let ended = bench.head(102, Vec::new());
	assert_eq!(explained(&ended).len(), 1, "{ended:?}");
	assert_eq!(bench.machine.slot(), Some(102));
	// Rounds are opened again.
	let actions = bench.head(103, vec![open(SPACE, 8, 1, 103, 127)]);
	assert!(matches!(actions[..], [Action::Look { .. }]), "{actions:?}");
}

#[test]
fn a_node_that_is_a_little_behind_does_not_turn_time_back() {
	let mut bench = Bench::new();
	bench.head(200, Vec::new());
	bench.step(Event::NodeLost);
	bench.step(Event::NodeBack);
	bench.head(150, Vec::new());
	assert_eq!(bench.machine.slot(), Some(200));
	// Nor does the same node by a branch with lower slots.
	bench.head(700, Vec::new());
	bench.head(201, Vec::new());
	assert_eq!(bench.machine.slot(), Some(700));
}
