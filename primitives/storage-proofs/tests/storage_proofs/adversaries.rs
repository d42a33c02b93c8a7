//! Those who would be believed without having: what each gains. Who is paid without holding stands with the deals.

use crate::workbench::{chunk_and_path, drawn, paint, source, value, Counting, Held, CHUNK, GROUP};
use smartchain_rng::{runs, seeds, Rng};
use storage_proof_primitives::{
	check_answer, open, Answer, Confirmation, Contents, Hash, OpenError, Opening, OpeningError, ASKED,
};

fn answer(held: &Held, asked: [u32; ASKED]) -> Answer {
	asked.map(|index| held.open(index))
}

#[test]
fn truncator_does_not_confirm() {
	for seed in seeds(30 * runs()) {
		let mut rng = source(seed);
		let length = CHUNK as u64 + 1 + rng.below(60 * CHUNK as u64);
		let held = Held::of(rng.bytes(length as usize));
		let kept = Held::of(held.data[..1 + rng.below(length - 1) as usize].to_vec());
		let random = rng.below(held.chunks().into()) as u32;
		let confirmation = |by: &Held| Confirmation {
			last: by.open(held.chunks().min(by.chunks()) - 1),
			random: by.open(random.min(by.chunks() - 1)),
		};
		assert_eq!(confirmation(&held).check(&held.contents, random), Ok(()));
		assert!(confirmation(&kept).check(&held.contents, random).is_err());
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
	for _ in 0..200 {
		let (then, now) = (drawn(&mut rng, 40), drawn(&mut rng, 40));
		let old = answer(&held, then);
		assert_eq!(check_answer(&held.contents, then, &old), Ok(()));
		// Of another slot.
		assert!(check_answer(&other.contents, then, &old).is_err());
		// The same chunks may be asked again by chance, and then the answer is the same.
		assert_eq!(check_answer(&held.contents, now, &old).is_ok(), then == now);
		fresh += u32::from(then != now);
		let [one, two] = old;
		let exchanged = check_answer(&held.contents, then, &[two, one]);
		assert_eq!(exchanged.is_ok(), then[0] == then[1]);
	}
	assert!(fresh > 190);
}

/// Not caught: whoever keeps the outboard and fetches what it is asked for from others answers. It
/// has to fetch a group for each chunk, of each of as many slots as it takes to rebuild it.
#[test]
fn rebuilder_answers_and_fetches_a_group_for_each_chunk() {
	let mut rng = source(Rng::seed_from_env());
	let peers = Held::of(rng.bytes(50 * GROUP));
	let asked = drawn(&mut rng, peers.chunks());
	let mut fetched = Counting::of(&peers.data);
	let rebuilt: Answer =
		asked.map(|index| open(&peers.contents, index, &mut fetched, &mut &peers.outboard[..]).unwrap());
	assert_eq!(check_answer(&peers.contents, asked, &rebuilt), Ok(()));
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

#[test]
fn flooder_costs_lengths_and_no_hash() {
	let held = Held::of(paint(40 * CHUNK));
	let asked = [7, 33];
	let [one, two] = answer(&held, asked);
	let short = Opening::of(two.chunk()[1..].to_vec(), two.path().to_vec()).unwrap();
	let mut path = one.path().to_vec();
	path[0] = [0; 32];
	let false_one = Opening::of(one.chunk().to_vec(), path).unwrap();
	// The second one's length is seen before the first one is hashed.
	let why = check_answer(&held.contents, asked, &[false_one, short]).unwrap_err();
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
