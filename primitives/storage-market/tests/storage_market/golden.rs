//! Encodings, seeds and chunks as another program wrote them once. A change that is meant gets a migration, and a file
//! beside the old one.

use codec::{DecodeAll, Encode};
use sp_core::bytes::{from_hex, to_hex};
use storage_market_primitives::{
	chunks, seed, Deal, DealProven, Draws, Geometry, Kind, Order, Price, Profile, Stage, Terms, Why,
};

const DEAL: &str = include_str!("../golden/deal.hex");
const ORDER: &str = include_str!("../golden/order.hex");
const TERMS: &str = include_str!("../golden/terms.hex");
const STAGES: &str = include_str!("../golden/stages.hex");
const PROVEN: &str = include_str!("../golden/deal-proven.hex");
const SEED: &str = include_str!("../golden/place-seed.hex");

type Account = [u8; 32];

/// It is encoded as ever, and read as ever.
#[track_caller]
fn same<T: Encode + DecodeAll + PartialEq + std::fmt::Debug>(value: &T, golden: &str) {
	assert_eq!(to_hex(&value.encode(), false), golden.trim());
	let bytes = from_hex(golden.trim()).expect("hexadecimal digits");
	assert_eq!(T::decode_all(&mut &bytes[..]).as_ref(), Ok(value));
}

fn order() -> Order {
	Order {
		geometry: Geometry::of(Profile::Standard, 1 << 30),
		max_ask: Price(203_450),
		eras: 90 * 144,
		factor: 2,
	}
}

/// Half a day into it: one slot proven, one missed, one that is to change hands.
fn deal() -> Deal<Account, Account> {
	let terms = Terms::real();
	let device = |at: u32| [at as u8 + 1; 32];
	let (mut deal, _) = Deal::open([77; 32], Kind::Beacon, order(), 1_000, &terms).expect("sound");
	for at in 0..8 {
		let ask = Price(203_450 - u128::from(at) * 1_000);
		deal.place(at, device(at), ask, true, 1_024, &terms).expect("wanted");
	}
	let roots: Vec<_> = (0..8).map(|at| [at + 101; 32]).collect();
	deal.commit_roots(&roots).expect("uploading");
	for at in 0..8 {
		deal.confirm(at, &device(at), 2_000, &terms).expect("drawn");
	}
	deal.prove(0, &device(0), 88_400, &terms).expect("held");
	deal.miss(1, &device(1), 88_400).expect("held");
	deal.leave(2, &device(2)).expect("held");
	deal.place(2, [50; 32], Price(200_000), false, 88_400, &terms)
		.expect("wanted");
	deal
}

#[test]
fn a_deal_is_encoded_as_ever() {
	same(&deal(), DEAL);
	same(&order(), ORDER);
	same(&Terms::real(), TERMS);
}

#[test]
fn stages_are_encoded_as_ever() {
	let ended = [
		Why::Unplaced,
		Why::Failed,
		Why::GivenUp,
		Why::Lost,
		Why::Terminated,
		Why::Expired,
	];
	let [one, two, three, four, five, six] = ended.map(|why| Stage::Ended { why, until: 7 });
	let stages = [
		Stage::Placing { until: 5 },
		Stage::Uploading { until: 6 },
		Stage::Active,
		one,
		two,
		three,
		four,
		five,
		six,
	];
	same(&stages, STAGES);
}

/// Seven of its eight slots can be relied on.
#[test]
fn that_a_deal_is_proven_is_encoded_as_ever_and_holds_while_it_is_kept() {
	let proven = DealProven {
		deal: 17,
		from: 88_400,
		usable: 7,
	};
	same(&proven, PROVEN);
	let (mut kept, terms) = (deal(), Terms::real());
	assert!(proven.holds(&kept, 88_400));
	assert!(!proven.holds(&kept, 88_399), "it is not yet time");
	assert!(!DealProven { usable: 8, ..proven }.holds(&kept, 88_400));
	assert!(DealProven { usable: 0, ..proven }.holds(&kept, 88_400));
	for at in [0, 3, 4, 5] {
		kept.miss(at, &[at as u8 + 1; 32], 90_000).expect("held");
	}
	assert!(
		!DealProven { usable: 0, ..proven }.holds(&kept, 90_000),
		"fewer than suffice, whatever is said"
	);
	let mut over = deal();
	let ends = over.ends;
	over.due(ends, &terms).expect("its time is over");
	assert!(proven.holds(&over, ends));
	assert!(!DealProven { from: ends + 1, ..proven }.holds(&over, ends + 1));
	let mut short = deal();
	short.terminate(90_000, &terms).expect("active");
	assert!(!proven.holds(&short, 90_000));
}

#[test]
fn seeds_numbers_and_chunks_are_as_ever() {
	let place = seed(&[7; 32], 17, 3, 2);
	same(&place, SEED);
	let mut draws = Draws::new(place);
	let numbers: Vec<_> = (0..6).filter_map(|_| draws.below(1_000)).collect();
	assert_eq!(numbers, [228, 843, 243, 446, 650, 147]);
	assert_eq!(chunks(&[7; 32], 12_345, 17, 3, &order().geometry), [144_719, 13_475]);
}

/// What is on chain of eight slots is below a KiB, whatever the volume.
#[test]
fn a_deal_of_eight_slots_is_below_a_kib() {
	assert!(deal().encode().len() < 1_024, "{}", deal().encode().len());
}
