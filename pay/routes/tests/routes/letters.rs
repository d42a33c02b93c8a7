//! Letters: what each hop sees, and what adversaries can do with one.

use channel_primitives::Hash;
use smart_pay_routes::{
	letter::{node_key, Fault, FaultKey, Found, Letter, LetterError, On, Opened, Seen, LETTER, MAX_LAST, MAX_SEEN},
	Policy, MAX_HOPS,
};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Made by another program, from the layout in the crate's head.
const GOLDEN: &str = include_str!("../golden/letter-v1.txt");
const GENESIS: Hash = [9; 32];
const CONDITION: Hash = [7; 32];

fn golden(name: &str) -> Vec<u8> {
	let line = GOLDEN
		.lines()
		.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
	let hex = line.unwrap();
	(0..hex.len() / 2)
		.map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
		.collect()
}

fn secret(hop: usize) -> Zeroizing<[u8; 32]> {
	Zeroizing::new([11 + u8::try_from(hop).unwrap(); 32])
}

fn on(hop: usize) -> On {
	let small = u32::try_from(hop).unwrap();
	On {
		channel: 100 + u64::from(small),
		amount: u128::MAX - u128::from(small),
		expiry: u32::MAX - small,
	}
}

/// A letter over so many hops, to the payee with the last of their secrets.
fn sealed(hops: usize, session: u8, last: &[u8]) -> (Letter, Vec<FaultKey>) {
	let mediators: Vec<_> = (0..hops - 1).map(|hop| (node_key(&secret(hop)), on(hop))).collect();
	let payee = node_key(&secret(hops - 1));
	let session = Zeroizing::new([session; 32]);
	Letter::seal(&GENESIS, &CONDITION, &session, &mediators, &payee, last).unwrap()
}

fn open(letter: &Letter, hop: usize) -> Result<Opened, LetterError> {
	letter.open(&GENESIS, &CONDITION, &secret(hop))
}

fn carried(opened: Opened) -> (On, Letter) {
	match opened.found {
		Found::On(on, letter) => (on, letter),
		other @ Found::Last(_) => panic!("{other:?}"),
	}
}

#[test]
fn every_length_of_way_reaches_its_payee() {
	for hops in 1..=MAX_HOPS {
		let last: Vec<u8> = (0..u8::try_from(MAX_LAST).unwrap()).collect();
		let (mut letter, faults) = sealed(hops, 3, &last);
		assert_eq!(faults.len(), hops);
		for hop in 0..hops {
			let bytes = letter.write();
			assert_eq!(bytes.len(), LETTER, "it looks as long at each hop");
			let opened = open(&Letter::read(&bytes).unwrap(), hop).unwrap();
			match opened.found {
				Found::On(said, rest) => {
					assert_eq!((said, hop + 1 < hops), (on(hop), true));
					letter = rest;
				}
				Found::Last(said) => assert_eq!((said, hop + 1), (last.clone(), hops)),
			}
		}
	}
}

#[test]
fn bytes_stay() {
	assert_eq!(node_key(&secret(0)).to_vec(), golden("key"));
	let last: Vec<u8> = (0..146).collect();
	let (mut letter, faults) = sealed(8, 3, &last);
	assert_eq!(letter.write(), golden("letter"));
	for hop in 0..7 {
		let opened = open(&letter, hop).unwrap();
		if hop == 3 {
			let policy = Policy {
				fee_base: 5,
				fee_ppm: 6,
				margin: 1_200,
			};
			let fault = opened.fault.seal(&Fault::Dearer(policy));
			assert_eq!(fault.to_vec(), golden("fault3"));
			assert_eq!(faults[3].open(&fault), Some(Fault::Dearer(policy)));
			assert_eq!(opened.mark.to_vec(), golden("mark3"));
		}
		letter = carried(opened).1;
		if hop == 0 || hop == 6 {
			assert_eq!(letter.write(), golden(&format!("after{hop}")));
		}
	}
	let alone = Letter::seal(
		&GENESIS,
		&CONDITION,
		&Zeroizing::new([3; 32]),
		&[],
		&node_key(&secret(7)),
		b"x",
	);
	assert_eq!(alone.unwrap().0.write(), golden("alone"));
}

/// Opener: a hop that tries to read what is for others.
#[test]
fn opener_reads_its_own_layer_alone() {
	let (letter, faults) = sealed(4, 3, b"tea");
	for other in 1..8 {
		assert_eq!(open(&letter, other).unwrap_err(), LetterError::Foreign, "{other}");
	}
	let opened = open(&letter, 0).unwrap();
	let fault = opened.fault.seal(&Fault::Lacks);
	for (hop, key) in faults.iter().enumerate() {
		assert_eq!(key.open(&fault), (hop == 0).then_some(Fault::Lacks));
	}
	// Nothing of one letter is in the next: two hops see that by the condition and the amount alone.
	let (_, rest) = carried(opened);
	let (before, after) = (letter.write(), rest.write());
	let parts = |bytes: &[u8]| bytes[1..].windows(8).map(<[u8]>::to_vec).collect::<BTreeSet<_>>();
	assert!(parts(&before).is_disjoint(&parts(&after)));
	// Nor does the payee count the hops before it: all bytes but its own look like chance.
	let (short, _) = sealed(1, 4, b"tea");
	let (long, _) = sealed(8, 5, b"tea");
	for letter in [&short, &long] {
		assert!(letter.write()[49..].windows(4).all(|four| four != [0; 4]));
	}
}

/// Mangler: changes a letter or a reason on its way.
#[test]
fn mangler_gets_a_letter_that_does_not_open() {
	let (letter, faults) = sealed(3, 3, b"tea");
	let (_, second) = carried(open(&letter, 0).unwrap());
	for (hop, letter) in [(0, &letter), (1, &second)] {
		for at in 1..LETTER {
			let mut bytes = letter.write();
			bytes[at] ^= 0x80;
			let error = open(&Letter::read(&bytes).unwrap(), hop).unwrap_err();
			assert_eq!(error, LetterError::Foreign, "byte {at}");
		}
	}
	for (bytes, wrong) in [
		(vec![0; LETTER], "version"),
		(vec![1; LETTER - 1], "short"),
		(vec![1; LETTER + 1], "long"),
	] {
		assert_eq!(Letter::read(&bytes), Err(LetterError::Version), "{wrong}");
	}
	let mut zero = letter.write();
	zero[1..33].fill(0);
	assert_eq!(open(&Letter::read(&zero).unwrap(), 0).unwrap_err(), LetterError::Key);
	let fault = open(&second, 1).unwrap().fault.seal(&Fault::Away);
	assert_eq!(faults[1].open(&fault), Some(Fault::Away));
	for at in 0..fault.len() {
		let mut changed = fault;
		changed[at] ^= 1;
		assert!(faults.iter().all(|key| key.open(&changed).is_none()), "byte {at}");
	}
}

/// Replayer: says a letter again, with the same lock or with another one.
#[test]
fn replayer_is_seen() {
	let (letter, _) = sealed(3, 3, b"tea");
	let with_other = letter.open(&GENESIS, &[8; 32], &secret(0)).unwrap_err();
	let on_other = letter.open(&[8; 32], &CONDITION, &secret(0)).unwrap_err();
	assert_eq!((with_other, on_other), (LetterError::Foreign, LetterError::Foreign));
	let mark = open(&letter, 0).unwrap().mark;
	assert_eq!(open(&letter, 0).unwrap().mark, mark);
	let other = open(&sealed(3, 4, b"tea").0, 0).unwrap().mark;
	assert_ne!(mark, other, "another letter over the same way");
	let mut seen = Seen::default();
	assert!(seen.may(mark, (1, 1), 50, 10));
	assert!(seen.may(mark, (1, 1), 50, 20), "the same lock is looked at again");
	assert!(!seen.may(mark, (1, 2), 50, 20), "another lock");
	assert!(seen.may(other, (1, 2), 60, 20));
	assert!(
		seen.may(mark, (1, 3), 70, 51),
		"its lock has expired, and the chain knows its condition"
	);
}

/// Flooder: letters without end.
#[test]
fn flooder_fills_a_bounded_memory() {
	let mut seen = Seen::default();
	let mark = |number: u32| -> Hash {
		let mut mark = [0; 32];
		mark[..4].copy_from_slice(&number.to_le_bytes());
		mark
	};
	let most = u32::try_from(MAX_SEEN).unwrap() + 1_000;
	for number in 0..most {
		assert!(seen.may(mark(number), (1, number.into()), 100 + number, 1));
		assert!(seen.len() <= MAX_SEEN + 1);
	}
	assert!(
		!seen.may(mark(most - 1), (2, 0), 100, 1),
		"those of the longest locks are remembered"
	);
}

#[test]
fn what_does_not_fit_is_refused() {
	let session = Zeroizing::new([3; 32]);
	let payee = node_key(&secret(0));
	let mediators = vec![(payee, on(0)); MAX_HOPS];
	let seal = |mediators: &[_], payee, last: &[u8]| {
		Letter::seal(&GENESIS, &CONDITION, &session, mediators, payee, last).map(|_| ())
	};
	assert_eq!(seal(&mediators, &payee, b""), Err(LetterError::Hops));
	assert_eq!(seal(&mediators[1..], &payee, &[0; MAX_LAST]), Ok(()));
	assert_eq!(seal(&[], &payee, &[0; MAX_LAST + 1]), Err(LetterError::TooLong));
	assert_eq!(seal(&[], &[0; 32], b""), Err(LetterError::Key));
	assert_eq!(seal(&[([0; 32], on(0))], &payee, b""), Err(LetterError::Key));
}
