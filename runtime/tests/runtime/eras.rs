//! What a change of era takes, however many nodes are registered: with as many directors, standby signers and latency
//! reports as there can be, the election looks at as many nodes as it may.
//!
//! `cargo test --release -p smartchain-runtime-tests --test runtime -- --ignored --nocapture measure_changes_of_era`

use crate::{
	chain::{state_of, Chain},
	money::measure::Machine,
};
use frame_election_provider_support::SortedListProvider;
use pallet_candidates::{election::rank, Candidate, LatencyReport, ParameterValues};
use pallet_traits::Seats;
use smartchain_runtime::{
	configs::{DefaultParameters, MaxRead},
	constants::currency::BOND,
	genesis,
	limits::MAX_BLOCK_MILLIS,
	AccountId, CandidateList, Poca, Runtime, SessionKeys,
};
use sp_core::{ed25519, sr25519};
use sp_io::TestExternalities;
use std::time::Duration;

const DIRECTORS: u32 = 99;
/// How often the block is executed; the shortest time counts.
const ROUNDS: u32 = 5;

fn account(index: u32) -> AccountId {
	sp_io::hashing::blake2_256(&index.to_le_bytes()).into()
}

/// Registers so many candidates, admits the first [`MaxRead`] of them, and gives the first of these all offices.
fn populate(count: u32) {
	pallet_candidates::Parameters::<Runtime>::put(ParameterValues {
		seats: DIRECTORS,
		standby_signers: DIRECTORS,
		standby_compute_nodes: DIRECTORS,
		..DefaultParameters::get()
	});
	for index in 0..count {
		let who = account(index);
		let keys = SessionKeys {
			poca: sr25519::Public::from_raw(*who.as_ref()).into(),
			pbft: ed25519::Public::from_raw(*who.as_ref()).into(),
		};
		pallet_session::NextKeys::<Runtime>::insert(&who, keys);
		let admitted = index < MaxRead::get();
		let candidate = Candidate {
			bond: BOND,
			admitted,
			terms: 0,
			withdrawable: None,
		};
		pallet_candidates::Candidates::<Runtime>::insert(&who, candidate);
		pallet_candidates::BackingOn::<Runtime>::insert(&who, u128::from(index) * BOND);
		// Spread over the bags, as backing would.
		let score =
			rank::list_score(0, admitted) | rank::BAG_THRESHOLDS[index as usize % (rank::BAG_THRESHOLDS.len() / 2)];
		CandidateList::on_insert(who, score).expect("it is not there yet");
	}
	let total: u128 = (0..count).map(|index| u128::from(index) * BOND).sum();
	pallet_candidates::TotalBacking::<Runtime>::put(total);
	let directors: Vec<_> = (0..DIRECTORS).map(account).collect();
	let standbys: Vec<_> = (DIRECTORS..2 * DIRECTORS).map(account).collect();
	for reporter in &directors {
		let others = directors.iter().filter(|other| *other != reporter);
		let latencies: Vec<_> = others
			.enumerate()
			.map(|(i, other)| (other.clone(), 10 + i as u16))
			.collect();
		let latest = frame_support::BoundedVec::truncate_from(latencies);
		let report = LatencyReport {
			told: 0,
			before: latest.clone(),
			latest,
		};
		pallet_candidates::Latencies::<Runtime>::insert(reporter, report);
	}
	Poca::seat(directors, standbys).expect("they have keys");
}

/// The shortest time in which the first block of an era was executed with so many registered, and an ordinary one after
/// it.
fn change_of_era(count: u32) -> (Duration, Duration) {
	let mut best = (Duration::MAX, Duration::MAX);
	let mut chain = Chain::of(genesis::DEV);
	let mut state: TestExternalities = state_of(genesis::DEV, serde_json::json!({}));
	chain.prepare(|| populate(count));
	state.execute_with(|| populate(count));
	let mut machine = Machine::new(state);
	// The first call compiles the runtime.
	machine.execute(chain.author(Vec::new).0);
	for _ in 0..ROUNDS {
		let era = chain.query(|| Poca::schedule().era_length);
		chain.slot = (chain.slot / u64::from(era) + 1) * u64::from(era);
		let elections = |chain: &mut Chain| chain.query(pallet_poca::Era::<Runtime>::get);
		let before = elections(&mut chain);
		let (first, _) = chain.author(Vec::new);
		assert_eq!(elections(&mut chain), before + 1);
		best.0 = best.0.min(machine.execute(first));
		best.1 = best.1.min(machine.execute(chain.author(Vec::new).0));
	}
	let standing = chain.query(|| (CandidateList::count(), Poca::directors().len()));
	assert_eq!(standing, (count + 1, DIRECTORS as usize), "Alice is one as well");
	best
}

#[test]
#[ignore = "a measurement"]
fn measure_changes_of_era() {
	println!("registered | first block of an era | ordinary block");
	for count in [1_000, 10_000, 100_000] {
		let (era, ordinary) = change_of_era(count);
		let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
		println!(
			"{count} | {:.1} ms | {:.1} ms",
			milliseconds(era),
			milliseconds(ordinary)
		);
		assert!(era < Duration::from_millis(MAX_BLOCK_MILLIS), "more than a block");
	}
}

/// The same at a size that every run can afford: what matters is that the election happens and that nobody is swept.
#[test]
fn an_election_among_hundreds_seats_as_many_directors_as_there_are_seats() {
	let mut chain = Chain::of(genesis::DEV);
	chain.prepare(|| populate(500));
	chain.grow(Vec::new);
	// Elected in one era, in office from the next on.
	for era in 1..=2 {
		chain.slot = (chain.slot / 1_200 + 1) * 1_200;
		chain.grow(Vec::new);
		assert_eq!(chain.query(pallet_poca::Era::<Runtime>::get), era);
		let events =
			chain.query(frame_system::Pallet::<Runtime>::read_events_for_pallet::<pallet_candidates::Event<Runtime>>);
		let elected = events.iter().any(
			|event| matches!(event, pallet_candidates::Event::Elected { era: named, directors, .. } if *named == era + 1 && directors.len() == DIRECTORS as usize),
		);
		assert!(elected, "{events:?}");
	}
	chain.query(|| {
		assert_eq!(Poca::directors().len(), DIRECTORS as usize);
		assert_eq!(Poca::standbys().iter().flatten().count(), DIRECTORS as usize);
	});
}
