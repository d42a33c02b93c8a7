//! Those who would be paid without holding, or believed without having: what each gains.

use crate::workbench::{at, chunk_and_path, moment, paint, source, value, Counting, Held, CHUNK, GROUP};
use smartchain_rng::{runs, seeds, Rng};
use storage_proof_primitives::{
	open, Answer, AuditTerms, Challenge, Confirmation, Contents, DealTimes, Hash, Moment, OpenError, Opening,
	OpeningError, Retention, Shape, ASKED, DAY, ERA,
};

const TERMS: AuditTerms = AuditTerms::real();

fn challenge(deal: u64) -> Challenge {
	Challenge {
		at: at(deal),
		answered: false,
	}
}

fn answer(held: &Held, moment: &Moment, deal: u64) -> Answer {
	let asked: [u32; ASKED] = moment.asked(at(deal), held.contents.shape().unwrap());
	asked.map(|index| held.open(index))
}

/// Of a slot of 256 MiB a part is missing, in percent. Whether it can answer what it is asked at a moment.
fn can_answer(moment: &Moment, deal: u64, missing: u32) -> bool {
	let asked: [u32; ASKED] = moment.asked(at(deal), Shape::of(256 << 20).unwrap());
	asked.iter().all(|index| index % 100 >= missing)
}

/// How many of a thousand are caught that miss so much, within so many challenges.
fn caught(missing: u32, challenges: u32) -> u32 {
	let mut rng = source(Rng::seed_from_env());
	let is_caught = |deal: &u64| (0..challenges).any(|tick| !can_answer(&moment(&mut rng, tick), *deal, missing));
	(0..1_000u64).filter(is_caught).count() as u32
}

/// Of `n` challenges with two chunks each, `1 - (1 - x)^(2 n)` catch whoever misses a share `x`.
#[test]
fn deleter_is_caught_by_chance() {
	let (day, month) = (2, 60);
	assert!(caught(10, day).abs_diff(344) < 90);
	assert!(caught(10, month) > 980);
	assert!(caught(1, month).abs_diff(701) < 90);
	assert_eq!(caught(0, month), 0);
}

/// What part of its pay, of 1,000, a slot that misses so much gets over 1,000 days of two audits each, at chance.
fn paid(missing: u32, rng: &mut Rng) -> u32 {
	let (mut slot, mut paid, mut now) = (Retention::confirmed(0), 0u64, 0);
	for _ in 0..2_000 {
		now += 601 + rng.below(u64::from(DAY) - 1_202) as u32;
		slot.ask(now).unwrap();
		if can_answer(&moment(rng, now), 3, missing) {
			paid += u64::from(slot.answered(&TERMS, now + 1).unwrap());
		} else {
			slot.missed(&TERMS, now + 601).unwrap();
		}
	}
	(paid * 1_000 / u64::from(now)) as u32
}

#[test]
fn deleter_loses_more_than_it_saves() {
	let mut rng = source(Rng::seed_from_env());
	assert_eq!(paid(0, &mut rng), 1_000);
	// It saves 10 %, and loses 19 % on average.
	assert!(paid(10, &mut rng) < 900);
}

#[test]
fn truncator_does_not_confirm() {
	for seed in seeds(30 * runs()) {
		let mut rng = source(seed);
		let length = CHUNK as u64 + 1 + rng.below(60 * CHUNK as u64);
		let held = Held::of(rng.bytes(length as usize));
		let kept = Held::of(held.data[..1 + rng.below(length - 1) as usize].to_vec());
		let moment = moment(&mut rng, 9);
		let confirmation = |held: &Held, by: &Held| Confirmation {
			last: by.open(held.chunks().min(by.chunks()) - 1),
			random: by.open(
				moment
					.first(at(4), 0, held.contents.shape().unwrap())
					.min(by.chunks() - 1),
			),
		};
		let honest = confirmation(&held, &held);
		assert_eq!(honest.verify(&moment, at(4), 0, &held.contents), Ok(()));
		let truncated = confirmation(&held, &kept);
		assert!(truncated.verify(&moment, at(4), 0, &held.contents).is_err());
		// With what it kept of the tree it opens what it kept, and not the end.
		let last = held.chunks() - 1;
		let opened = open(&held.contents, last, &mut &kept.data[..], &mut &held.outboard[..]);
		assert!(matches!(opened, Err(OpenError::Data(_))));
	}
}

#[test]
fn forger_passes_off_no_node_as_a_chunk() {
	let held = Held::of(paint(2 * CHUNK));
	let halves = [value(0, &held.data[..CHUNK]), value(1, &held.data[CHUNK..])].concat();
	let forged = Contents {
		root: held.contents.root,
		bytes: 64,
	};
	let node = Opening::of(halves, Vec::new()).unwrap();
	assert_eq!(node.verify(&forged, 0), Err(OpeningError::RootMismatch));
	// Nor a chunk as a whole slot, nor a slot as a part of a longer one.
	let root = value(0, &held.data[..CHUNK]);
	let chunk = Opening::of(held.data[..CHUNK].to_vec(), Vec::new()).unwrap();
	let alone = Contents { root, bytes: 1_024 };
	assert_eq!(chunk.verify(&alone, 0), Err(OpeningError::RootMismatch));
	let twice: [Hash; 2] = [held.contents.root; 2];
	let longer = Opening::of(held.data[..CHUNK].to_vec(), twice.to_vec()).unwrap();
	let contents = Contents {
		root: held.contents.root,
		bytes: 4_096,
	};
	assert_eq!(longer.verify(&contents, 0), Err(OpeningError::RootMismatch));
}

#[test]
fn forger_exchanges_nothing_on_the_way() {
	let held = Held::of(paint(8 * CHUNK));
	let opening = held.open(5);
	let path = opening.path();
	for (one, other) in [(0, 1), (0, 2), (1, 2)] {
		let mut exchanged = path.to_vec();
		exchanged.swap(one, other);
		let changed = Opening::of(opening.chunk().to_vec(), exchanged).unwrap();
		assert_eq!(changed.verify(&held.contents, 5), Err(OpeningError::RootMismatch));
	}
}

#[test]
fn replayer_has_no_answer_to_another_challenge() {
	let mut rng = source(Rng::seed_from_env());
	let (held, other) = (Held::of(rng.bytes(40 * CHUNK)), Held::of(rng.bytes(40 * CHUNK)));
	let mut fresh = 0;
	for tick in 0..200 {
		let (then, now) = (moment(&mut rng, tick), moment(&mut rng, tick + 1));
		let old = answer(&held, &then, 1);
		assert_eq!(challenge(1).verify(&then, &held.contents, &old), Ok(()));
		// Of another slot, and of another slot's place.
		assert!(challenge(1).verify(&then, &other.contents, &old).is_err());
		let asked: [[u32; ASKED]; 3] = [
			then.asked(at(1), held.contents.shape().unwrap()),
			now.asked(at(1), held.contents.shape().unwrap()),
			then.asked(at(2), held.contents.shape().unwrap()),
		];
		// The same chunks may be asked again by chance, and then the answer is the same.
		assert_eq!(
			challenge(1).verify(&now, &held.contents, &old).is_ok(),
			asked[0] == asked[1]
		);
		assert_eq!(
			challenge(2).verify(&then, &held.contents, &old).is_ok(),
			asked[0] == asked[2]
		);
		fresh += u32::from(asked[0] != asked[1]);
		let [one, two] = old;
		let exchanged = challenge(1).verify(&then, &held.contents, &[two, one]);
		assert_eq!(exchanged.is_ok(), asked[0][0] == asked[0][1]);
	}
	assert!(fresh > 190);
}

/// Not caught: whoever keeps the outboard and fetches what it is asked for from others answers. It
/// has to fetch a group for each chunk, of each of as many slots as it takes to rebuild it.
#[test]
fn rebuilder_answers_and_fetches_a_group_for_each_chunk() {
	let mut rng = source(Rng::seed_from_env());
	let peers = Held::of(rng.bytes(50 * GROUP));
	let moment = moment(&mut rng, 7);
	let asked: [u32; ASKED] = moment.asked(at(1), peers.contents.shape().unwrap());
	let mut fetched = Counting::of(&peers.data);
	let rebuilt: Answer =
		asked.map(|index| open(&peers.contents, index, &mut fetched, &mut &peers.outboard[..]).unwrap());
	assert_eq!(challenge(1).verify(&moment, &peers.contents, &rebuilt), Ok(()));
	assert_eq!(fetched.read, ASKED * GROUP);
}

/// A root that is no hash of anything has one length at most, and whoever hashes what it was sent sees that it is
/// false.
#[test]
fn liar_owner_finds_no_holder_that_confirms() {
	let data = paint(2 * CHUNK);
	let (left, right) = (value(0, &data[..CHUNK]), value(5, &data[CHUNK..]));
	let root = blake3::hazmat::merge_subtrees_root(&left, &right, blake3::hazmat::Mode::Hash).into();
	let lie = Contents { root, bytes: 2_048 };
	let held = Held::of(data.clone());
	assert_ne!(held.contents, lie);
	let opened = open(&lie, 0, &mut &data[..], &mut &held.outboard[..]);
	assert_eq!(opened, Err(OpenError::RottenGroup(0)));
	let last = Opening::of(data[CHUNK..].to_vec(), vec![left]).unwrap();
	for bytes in 1_025..20_000 {
		let contents = Contents { root, bytes };
		assert!(last.verify(&contents, contents.shape().unwrap().last()).is_err());
	}
}

/// Pay that is forfeited, of 1,000, if a slot that misses 10 % asks to be asked each era. `foresees` if the chunks are
/// known when it asks.
fn forfeited(foresees: bool, rng: &mut Rng) -> u32 {
	let (mut slot, mut forfeited) = (Retention::confirmed(0), 0u64);
	let last = 2_000 * ERA;
	for now in (ERA..=last).step_by(ERA as usize) {
		let has_all = can_answer(&moment(rng, now), 3, 10);
		// Twice a day it is asked by the beacon.
		let drawn = rng.below(72) == 0;
		if !drawn && foresees && !has_all {
			continue;
		}
		slot.ask(now).unwrap();
		if has_all {
			slot.answered(&TERMS, now + 1).unwrap();
		} else {
			forfeited += u64::from(slot.missed(&TERMS, now + 601).unwrap());
		}
	}
	(forfeited * 1_000 / u64::from(last)) as u32
}

/// Why whoever wants to prove unasked is asked, by a moment that is not known yet: if it could choose a good one,
/// deleting would cost nothing.
#[test]
fn grinder_gains_by_no_moment_that_it_does_not_know() {
	let mut rng = source(Rng::seed_from_env());
	assert!(forfeited(false, &mut rng).abs_diff(190) < 60);
	assert!(forfeited(true, &mut rng) < 20);
}

#[test]
fn vanisher_is_paid_for_nothing_and_lost_after_patience() {
	let times = DealTimes::real();
	let mut slot = Retention::confirmed(0);
	slot.ask(ERA).unwrap();
	let since = TERMS.deadline(ERA) + 1;
	assert_eq!(slot.missed(&TERMS, since), Ok(ERA));
	let mut now = since;
	while !times.is_lost(since, now, 5, 4) {
		now += ERA;
		slot.ask(now).unwrap();
		slot.missed(&TERMS, now + 601).unwrap();
	}
	assert_eq!(slot.misses(), 8);
	assert!(now <= since + 7_200 + ERA);
}

#[test]
fn flooder_costs_lengths_and_no_hash() {
	let held = Held::of(paint(40 * CHUNK));
	let moment = moment(&mut Rng::new(5), 1);
	let good = answer(&held, &moment, 1);
	let [one, two] = good;
	let short = Opening::of(two.chunk()[1..].to_vec(), two.path().to_vec()).unwrap();
	let mut path = one.path().to_vec();
	path[0] = [0; 32];
	let false_one = Opening::of(one.chunk().to_vec(), path).unwrap();
	// The second one's length is seen before the first one is hashed.
	let refused = challenge(1).verify(&moment, &held.contents, &[false_one, short]);
	let why = refused.unwrap_err();
	assert_eq!((why.number, why.why == OpeningError::RootMismatch), (1, false));
}

#[test]
fn lying_node_is_not_believed() {
	let mut rng = source(Rng::seed_from_env());
	let (held, other) = (Held::of(rng.bytes(40 * CHUNK)), Held::of(rng.bytes(40 * CHUNK)));
	for index in 0..40 {
		// Another slot's chunk, alone or with its path, and a chunk of the right slot from another place.
		let (_, path) = chunk_and_path(&held.data, index as usize);
		let mixed = Opening::of(other.open(index).chunk().to_vec(), path).unwrap();
		assert_eq!(mixed.verify(&held.contents, index), Err(OpeningError::RootMismatch));
		let foreign = other.open(index).verify(&held.contents, index);
		assert_eq!(foreign, Err(OpeningError::RootMismatch));
		assert!(held.open((index + 1) % 40).verify(&held.contents, index).is_err());
	}
}
