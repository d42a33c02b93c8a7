//! Who cheats, and what it brings.

use crate::workbench::{offer, quote, ran, spec, Device, LIMIT, PRICE};
use bounded_collections::BoundedVec;
use codec::Encode;
use compute_market_primitives::{
	draw, jitter, pool, recheck, Assignment, Assurance, Candidate, Commit, Commitment, Decline, Digest, JobError, Kind,
	Outcome, OutputReport, Pay, Penalty, PoolMember, Price, Reliability, Return, Reveal, Said, Terms, UnitCommitment,
	UnitReveal, Verdict, Wants, WorkOffer,
};
use quorum_primitives::{is_dissent, MOST};
use rounds_primitives::{pick_several, Member};
use std::collections::BTreeSet;

const COPIER: Device = [66; 32];
const HONEST: Device = [1; 32];

/// A unit's result, and a lie that all liars tell alike.
fn truth() -> Digest {
	ran(1, 1_000).digest()
}

fn lie() -> Digest {
	ran(2, 1_000).digest()
}

/// Workers of a job, of which some lie.
struct Workshop {
	rounds: Vec<Member>,
	reliability: Vec<Reliability>,
	lies: Vec<bool>,
	out: Vec<bool>,
}

impl Workshop {
	fn new(workers: usize, liars: usize) -> Self {
		Self {
			rounds: vec![Member::new(1_000); workers],
			reliability: vec![Reliability::default(); workers],
			lies: (0..workers).map(|at| at < liars).collect(),
			out: vec![false; workers],
		}
	}

	/// Runs a unit to its end. Who dissents pays, and leaves if that takes its stake. Returns the verdict, and whom it
	/// was asked of.
	fn unit(&mut self, beacon: u64, unit: u32, fuel: &mut usize) -> (Verdict<Digest>, Vec<usize>) {
		let mut stream = jitter(&seed(beacon), unit);
		let (mut asked, mut returns) = (Vec::<usize>::new(), Vec::new());
		let rule = Assurance::Quorum.rule();
		let verdict = loop {
			let left = (0..self.out.len())
				.filter(|at| !self.out[*at] && !asked.contains(at))
				.count();
			match rule.judge(&returns, left.min(MOST - returns.len())) {
				Verdict::Ask(more) => {
					let may = |at: usize| !self.out[at] && !asked.contains(&at);
					let picked = pick_several(&mut self.rounds, more, may, &mut stream);
					*fuel += picked.len();
					returns.extend(
						picked
							.iter()
							.map(|at| Return::Digest(if self.lies[*at] { lie() } else { truth() })),
					);
					asked.extend(picked);
				}
				end => break end,
			}
		};
		if let Verdict::Accepted(digest) = verdict {
			for (at, said) in asked.iter().zip(&returns) {
				if !is_dissent(said, &digest) {
					self.reliability[*at].was_right(true);
					self.rounds[*at].succeeded();
				} else if self.reliability[*at].was_wrong() == Penalty::Stake {
					self.out[*at] = true;
				} else {
					self.rounds[*at].failed();
				}
			}
		}
		(verdict, asked)
	}
}

fn seed(beacon: u64) -> [u8; 32] {
	let mut seed = [0; 32];
	seed[..8].copy_from_slice(&beacon.to_le_bytes());
	seed
}

/// Two of nine lie alike: each unit is right, both have lost their stakes after two dissents, and the work that they
/// have cost is some units' more.
#[test]
fn two_liars_of_nine_change_nothing_and_lose_their_stakes() {
	for beacon in 0..40 {
		let (mut shop, mut runs) = (Workshop::new(9, 2), 0);
		for unit in 0..64 {
			let (verdict, _) = shop.unit(beacon, unit, &mut runs);
			assert_eq!(verdict, Verdict::Accepted(truth()), "unit {unit} of beacon {beacon}");
		}
		assert!(shop.out[..2].iter().all(|out| *out), "{:?}", shop.reliability);
		assert!(!shop.out[2..].iter().any(|out| *out));
		// Four dissents at most, of which each has nine asked instead of three.
		assert!(runs <= 64 * 3 + 4 * 6, "{runs}");
	}
}

/// Three of twelve lie where they are among themselves alone, so that nobody dissents. What is run again by others
/// finds them out: on average it costs them more than they gain.
#[test]
fn colluding_triple_loses_more_than_it_gains() {
	const STAKE: usize = 200;
	const UNITS: u32 = 60_000;
	let (terms, mut gained, mut lost, mut caught) = (Terms::real(), 0, 0, 0);
	for beacon in 0..4 {
		let mut shop = Workshop::new(12, 0);
		for unit in 0..UNITS {
			let mut stream = jitter(&seed(beacon), unit);
			let mut three = pick_several(&mut shop.rounds, 3, |_| true, &mut stream);
			three.sort_unstable();
			if three != [0, 1, 2] {
				continue;
			}
			gained += 3;
			let draw = recheck(&seed(beacon + 1_000), 1, unit);
			if draw.hits(terms.share_run_again(Assurance::Quorum)) {
				let fresh = [Return::Digest(truth()); 3];
				let verdict = Assurance::Quorum.recheck_rule().judge(&fresh, 6);
				assert_eq!(verdict, Verdict::Accepted(truth()));
				// Whoever is caught begins again with another stake, in this test.
				lost += 3 * STAKE;
				caught += 1;
			}
		}
	}
	assert!(caught >= 5, "{caught}");
	assert!(lost > 2 * gained, "{lost} lost, {gained} gained");
}

/// It sends what somebody else has sent, and reveals what that one reveals.
#[test]
fn copier_cannot_open_what_it_has_copied() {
	let (outcome, salt) = (ran(1, 1_000), [7; 16]);
	let copied = Commitment::of(&outcome.digest(), &salt, &HONEST);
	let opened = copied.open(&outcome, &salt, &COPIER, LIMIT);
	assert_eq!(opened, Err(JobError::CommitmentMismatch));
	assert_eq!(copied.open(&outcome, &salt, &HONEST, LIMIT), Ok(outcome.digest()));
}

/// It says after it has seen the others that it has nothing to say.
#[test]
fn non_revealer_is_wrong() {
	let returns = [Return::Digest(truth()), Return::Digest(truth()), Return::Nothing];
	assert_eq!(Assurance::Quorum.rule().judge(&returns, 6), Verdict::Ask(4));
	assert!(is_dissent(&Return::Nothing, &truth()));
	assert!(!is_dissent(&Return::<Digest>::Fault, &truth()), "a machine may fail");
	let mut known = Reliability::default();
	assert_eq!([known.was_wrong(), known.was_wrong()], [Penalty::Small, Penalty::Stake]);
}

/// It says that it has burned more than it has.
#[test]
fn fuel_inflator_dissents_and_never_gets_more_than_the_limit() {
	let (honest, inflated) = (ran(1, 1_000), ran(1, 1_001));
	assert!(is_dissent(&Return::Digest(inflated.digest()), &honest.digest()));
	assert_eq!(ran(1, LIMIT + 1).check(LIMIT), Err(JobError::BadOutcome));
	let all = Pay::agreed(LIMIT, PRICE, &Terms::real()).expect("within a balance");
	assert!(all.total() <= quote(Assurance::Quorum).unit);
}

/// It is right a thousand times, and lies then.
#[test]
fn sleeper_is_no_better_off_than_a_beginner() {
	let mut sleeper = Reliability::default();
	(0..1_000).for_each(|_| sleeper.was_right(true));
	assert!(sleeper.may_work_alone());
	assert_eq!(sleeper.was_wrong(), Penalty::Small);
	assert!(!sleeper.may_work_alone());
	(0..1_000).for_each(|_| sleeper.was_right(true));
	assert_eq!(sleeper.was_wrong(), Penalty::Stake);
}

/// It keeps its output to itself.
#[test]
fn output_hoarder_loses_a_fifth() {
	let pay = Pay::of(10_000, &Terms::real());
	assert_eq!(pay.now * 5, (pay.now + pay.later) * 4);
}

/// It takes units, and says nothing.
#[test]
fn staller_has_three_units_and_no_more() {
	let (mut rounds, mut staller) = (vec![Member::new(1_000); 9], PoolMember::new(HONEST, PRICE, 1_000, 1));
	let mut stalled = 0;
	for unit in 0..300 {
		let mut stream = jitter(&seed(1), unit);
		let may = |at: usize| at != 0 || staller.may_take();
		let picked = pick_several(&mut rounds, 3, may, &mut stream);
		assert_eq!(picked.len(), 3);
		if picked.contains(&0) {
			stalled += 1;
			staller.take();
			staller.was_late();
			rounds[0] = staller.rounds;
		}
	}
	assert_eq!(stalled, 3);
}

/// It tries numbers of jobs until one has its own workers in the pool: what they are drawn from comes later.
#[test]
fn pool_grinder_gains_by_no_number_of_a_job() {
	let (good, known) = (offer(), Reliability::default());
	let wants = Wants::of(&spec(), PRICE, Assurance::Quorum, quote(Assurance::Quorum).stake);
	let look = |ticket: u32| {
		let candidate = Candidate {
			owner: ticket,
			group: Some(ticket),
			offer: &good,
			stake: wants.stake,
			reliability: &known,
		};
		Some((ticket, candidate))
	};
	for job in [1, 2, 77, 1 << 40] {
		let beacons = 0..600;
		let hits = beacons.filter(|beacon| {
			let numbers = pool(&seed(*beacon), job, 0);
			draw(&numbers, 30, 300, 10, &wants, look).workers.contains(&0)
		});
		let hits = hits.count();
		// A third of 600, with a deviation of 11.5.
		assert!((154..=246).contains(&hits), "{hits} for job {job}");
	}
}

/// It asks for nearly nothing, so as to have nearly nothing to lose.
#[test]
fn cheap_one_stakes_as_much_as_others() {
	let cheap = WorkOffer {
		ask: Price(1),
		..offer()
	};
	let known = Reliability::default();
	let stake = quote(Assurance::Quorum).stake;
	let wants = Wants::of(&spec(), PRICE, Assurance::Quorum, stake);
	let candidate = |stake| Candidate {
		owner: 1,
		group: None::<u8>,
		offer: &cheap,
		stake,
		reliability: &known,
	};
	assert!(!wants.judge(&candidate(stake - 1), &[]).met());
	assert!(wants.judge(&candidate(stake), &[]).met());
}

/// It sends again what a worker has signed: for a later time, another job, another chain or another purpose.
#[test]
fn replayer_has_nothing_that_is_worth_something_twice() {
	let (at, outcome) = (Assignment { unit: 3, since: 1_000 }, ran(1, 1_000));
	let commitment = Commitment::of(&outcome.digest(), &[7; 16], &HONEST);
	let (mut payloads, mut all) = (BTreeSet::new(), 0);
	for genesis in [[1_u8; 32], [2; 32]] {
		for job in [7, 8] {
			for at in [at, Assignment { since: 1_001, ..at }, Assignment { unit: 4, ..at }] {
				let said = Said::Committed(commitment);
				let commits = [said, Said::Fault].map(|said| Commit {
					device: HONEST,
					job,
					units: BoundedVec::truncate_from(vec![UnitCommitment { at, said }]),
				});
				let decline = Decline {
					device: HONEST,
					job,
					units: BoundedVec::truncate_from(vec![at]),
				};
				let report = OutputReport {
					prober: HONEST,
					job,
					unit: at.unit,
					disputed: at.since,
					served: Some(COPIER),
				};
				payloads.extend(commits.map(|commit| commit.payload(&genesis)));
				payloads.insert(decline.payload(&genesis));
				payloads.insert(report.payload(&genesis));
				all += 4;
			}
		}
	}
	assert_eq!(payloads.len(), all);
	let domains = [
		Commit::<Device>::DOMAIN,
		Decline::<Device>::DOMAIN,
		OutputReport::<Device>::DOMAIN,
	];
	for (one, first) in domains.iter().enumerate() {
		for (other, second) in domains.iter().enumerate() {
			assert!(one == other || !second.starts_with(first), "{one} {other}");
		}
	}
}

/// Whether each of what is revealed opens this.
fn opens(reveal: &Reveal, sealed: &Commitment) -> bool {
	let mut shown = reveal.units.iter();
	shown.all(|shown| sealed.open(&shown.outcome, &shown.salt, &HONEST, LIMIT).is_ok())
}

/// Nobody signs what is revealed: it is worth nothing for what the worker has not sealed, whoever brings it.
#[test]
fn what_is_revealed_opens_its_own_seal_alone() {
	let (outcome, salt) = (ran(1, 1_000), [7; 16]);
	let shown = |outcome, salt| Reveal {
		job: 7,
		place: 1,
		units: BoundedVec::truncate_from(vec![UnitReveal {
			at: Assignment { unit: 3, since: 1_000 },
			outcome,
			salt,
		}]),
	};
	let sealed = Commitment::of(&outcome.digest(), &salt, &HONEST);
	assert!(opens(&shown(outcome, salt), &sealed));
	assert!(!opens(&shown(ran(2, 1_000), salt), &sealed) && !opens(&shown(ran(1, 1_001), salt), &sealed));
	assert!(!opens(&shown(outcome, [8; 16]), &sealed));
	let of_another = Commitment::of(&outcome.digest(), &salt, &COPIER);
	assert!(!opens(&shown(outcome, salt), &of_another));
}

/// What one worker says of one unit, in bytes, as most do: of job 5,000, unit 100, in the first weeks of a chain.
#[test]
fn what_is_said_of_a_unit_is_short() {
	let at = Assignment {
		unit: 100,
		since: 5_000_000,
	};
	let commit = Commit {
		device: HONEST,
		job: 5_000,
		units: BoundedVec::truncate_from(vec![UnitCommitment {
			at,
			said: Said::Committed(Commitment([0; 32])),
		}]),
	};
	let reveal = Reveal {
		job: 5_000,
		place: 63,
		units: BoundedVec::truncate_from(vec![UnitReveal {
			at,
			outcome: ran(1, 1_900_000_000),
			salt: [7; 16],
		}]),
	};
	// Transactions have a length, a version, four bytes of extensions and the call's two; the first a signature.
	let (envelope, signature) = (2 + 2 + 4 + 2, 64);
	let said = envelope + commit.encoded_size() + signature;
	let shown = envelope + reveal.encoded_size();
	assert_eq!((said, shown), (148, 77));
	assert!(3 * (said + shown) <= 700);
}

/// It has an output of a unit that did not run through.
#[test]
fn engine_skewer_has_no_output_of_what_was_trapped() {
	let skewed = Outcome {
		kind: Kind::Trap(256),
		root: [9; 32],
		fuel: 10,
	};
	assert_eq!(skewed.check(LIMIT), Err(JobError::BadOutcome));
}
