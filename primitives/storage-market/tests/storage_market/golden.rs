//! Encodings, seeds and chunks as another program wrote them once. A change that is meant gets a migration, and a file
//! beside the old one.

use codec::{DecodeAll, Encode};
use sp_arithmetic::Perbill;
use sp_core::bytes::{from_hex, to_hex};
use storage_market_primitives::{
	place, Acceptance, Audits, Deal, DealProven, Geometry, Kind, Moment, Order, PaidAsks, Period, PlotOrder, Price,
	ProbeReport, Profile, Quota, Receipt, Scores, Served, SlotId, Stage, Terms, Voucher, Why,
};
use storage_proof_primitives::Shape;

const DEAL: &str = include_str!("../golden/deal.hex");
const ORDER: &str = include_str!("../golden/order.hex");
const TERMS: &str = include_str!("../golden/terms.hex");
const STAGES: &str = include_str!("../golden/stages.hex");
const PROVEN: &str = include_str!("../golden/deal-proven.hex");
const DRAWS: &str = include_str!("../golden/draws.hex");
const MOMENT: &str = include_str!("../golden/moment.hex");
const PAID: &str = include_str!("../golden/paid.hex");
const KEPT: &str = include_str!("../golden/kept.hex");
const SIGNED: &str = include_str!("../golden/signed.hex");
const REPORT: &str = include_str!("../golden/report.hex");

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
	deal.prove(0, &device(0), 88_400, 88_400, &terms).expect("held");
	deal.miss(1, &device(1), 88_400, 88_400).expect("held");
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
		kept.miss(at, &[at as u8 + 1; 32], 90_000, 90_000).expect("held");
	}
	assert!(
		!DealProven { usable: 0, ..proven }.holds(&kept, 90_000),
		"fewer than suffice, whatever is said"
	);
	let mut over = deal();
	let ends = over.ends;
	over.due(ends, &terms).expect("its time is over");
	assert!(proven.holds(&over, ends));
	assert!(!DealProven {
		from: ends + 1,
		..proven
	}
	.holds(&over, ends + 1));
	let mut short = deal();
	short.terminate(90_000, &terms).expect("active");
	assert!(!proven.holds(&short, 90_000));
}

fn moment() -> Moment {
	Moment {
		tick: 1_000_000,
		randomness: core::array::from_fn(|i| i as u8),
	}
}

#[test]
fn what_the_beacon_draws_is_as_ever() {
	let (moment, at) = (moment(), SlotId::new(7, 3));
	same(&moment, MOMENT);
	let place = place(&moment.randomness, at, 2);
	let shape = Shape::of(256 << 20).expect("a slot");
	let [one, other] = moment.asked(at, shape);
	let slots = moment.slots();
	let numbers = [
		slots.below_u32(0, 1_000),
		slots.below_u32(1, 1_000),
		one,
		other,
		moment.first(at, 2, shape),
	];
	let found = [
		moment.audit(at).seed().to_vec(),
		place.seed().to_vec(),
		numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
		place.below(0, 12_345).to_le_bytes().to_vec(),
	];
	assert_eq!(to_hex(&found.concat(), false), DRAWS.trim());
}

#[test]
fn what_is_kept_and_governed_is_as_ever() {
	let mut scores = Scores::<Account>::default();
	scores.report([1; 32], Perbill::from_percent(50));
	let (_, order) = PlotOrder::won(None, 1 << 40, 1_000, 1_200);
	let period = Period {
		ends: 86_400,
		asked: 17,
	};
	same(&(Audits::real(), period, Quota { owed: 5 }, order, scores), KEPT);
	let mut paid = PaidAsks::begin(Price(203_450), 1_000, 1_200);
	paid.note(Price(203_450), 5 << 32, 2_000, 1_200);
	same(&paid, PAID);
}

#[test]
fn what_keys_sign_is_as_ever() {
	let (device, at, genesis) = ([2_u8; 32], SlotId::new(7, 3), [9_u8; 32]);
	let acceptance = Acceptance {
		device,
		at,
		attempt: 4,
		root: [5; 32],
	};
	let voucher = Voucher {
		at,
		device,
		total: 1_000_000_000_000,
	};
	let receipt = Receipt {
		prober: [1_u8; 32],
		device,
		at,
		era: 12,
		bytes: 262_144,
	};
	let all = [
		acceptance.payload(&genesis),
		voucher.payload(&genesis),
		receipt.payload(&genesis),
	];
	assert_eq!(to_hex(&all.concat(), false), SIGNED.trim());
}

#[test]
fn a_report_is_encoded_as_ever() {
	let report = ProbeReport {
		era: 12,
		errand: 3,
		prober: [1_u8; 32],
		device: [2; 32],
		at: SlotId::new(7, 3),
		served: Some(Served {
			millis: 300,
			receipt: sp_core::sr25519::Signature::from_raw([6; 64]),
		}),
		pre_output: [7; 32],
		proof: [8; 64],
	};
	same(&report, REPORT);
}

/// What is on chain of eight slots is below a KiB, whatever the volume.
#[test]
fn a_deal_of_eight_slots_is_below_a_kib() {
	assert!(deal().encode().len() < 1_024, "{}", deal().encode().len());
}
