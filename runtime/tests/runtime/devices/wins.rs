//! A machine from its registration to its candidate's rank, in whole blocks that the chain's Wasm executes once more.

use crate::{
	chain::{state_of, Chain, GENESIS_HASH},
	devices::{
		charges::{charged, told},
		machines::{api, assured, next, quick, Provider, GROUPS},
		plots::hex,
	},
	money::{limits::owed, measure::Machine},
};
use frame_election_provider_support::SortedListProvider;
use pallet_resource_proofs::{Call as Proofs, Event, Rounds, Struck, WaitingFor};
use pallet_traits::{Competence, EraClock};
use proof_lottery_primitives::Resource;
use proof_of_space_primitives::{
	group_id,
	vectors::{found, Vector},
};
use smartchain_runtime::{
	configs::{ComputeDeposit, SpaceDeposit, TreasuryAccount, UptimeDeposit},
	genesis, AccountId, Balances, CandidateList, Candidates, Poca, ResourceProofs, Runtime, System, UncheckedExtrinsic,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError, UnknownTransaction};
use std::collections::BTreeSet;

/// All finds of the machine's two plots in the rounds of the chain's first [`BLOCKS`] blocks.
const FOUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/runtime/devices/machine.txt");
/// Blocks of the chain: four eras of test chains, and what a claim waits for.
pub const BLOCKS: u32 = 540;
/// The size and strength of the machine's plots.
const KIND: (u8, u8) = (18, 2);

/// For whom the machine counts: of candidates that have nothing Alice is the last, for her account is the highest.
const CANDIDATE: Key = Key::Alice;

/// The machine, which is Bob's.
pub fn machine() -> Provider {
	Provider::new(7, Key::Bob)
}

/// The chain, by who authors natively and who executes in Wasm.
pub struct Both {
	pub chain: Chain,
	pub wasm: Machine,
	finds: Vec<Vector>,
}

impl Both {
	pub fn new() -> Self {
		Self {
			chain: Chain::with_change(genesis::LOCAL, quick()),
			wasm: Machine::new(state_of(genesis::LOCAL, quick())),
			finds: found(&std::fs::read_to_string(FOUND).expect("is part of the tests")),
		}
	}

	/// One block, in which all of this has to be valid and to succeed.
	pub fn grow(&mut self, made: Vec<UncheckedExtrinsic>) {
		let (block, results) = self.chain.author(|| made);
		for result in results {
			result.expect("valid").expect("succeeds");
		}
		self.wasm.execute(block);
	}

	pub fn block(&mut self, who: Key, call: smartchain_runtime::RuntimeCall) {
		let made = next(&mut self.chain, who, call);
		self.grow(vec![made]);
	}

	/// The machine is registered, in all lotteries, and linked with its candidate.
	pub fn begin(&mut self, machine: &Provider) {
		self.grow(Vec::new());
		self.block(Key::Bob, machine.register(None));
		for claim in Provider::claims() {
			self.block(Key::Bob, machine.declare(claim));
		}
		let (device, candidate) = (machine.id(), CANDIDATE.to_account_id());
		self.block(Key::Bob, Proofs::offer_link { device, candidate }.into());
		self.block(CANDIDATE, Proofs::accept_link { device }.into());
	}

	/// What its plots can win in the next block: group and proof.
	fn space(&mut self, machine: &Provider) -> Vec<(u64, u32, Vec<u8>)> {
		let finds = self.finds.clone();
		self.chain.query(|| {
			let Some(round) = open(Resource::Space) else {
				return Vec::new();
			};
			let entry = pallet_resource_proofs::Entries::<Runtime>::get(machine.id()).and_then(|entry| entry.space);
			let Some(entry) = entry else {
				return Vec::new();
			};
			let units = entry.kept.estimator().units_at(round.opened);
			let Some(threshold) = round.terms.threshold(units) else {
				return Vec::new();
			};
			let numbers = (0..GROUPS).map(|number| (number, group(machine, number)));
			numbers
				.flat_map(|(number, id)| {
					let of_it = finds
						.iter()
						.filter(move |find| find.plot.group == id && find.challenge == round.challenge);
					of_it.map(move |find| (number, find))
				})
				.filter(|(_, find)| threshold.wins(&find.quality()))
				.map(|(number, find)| (round.number, number, find.proof.clone()))
				.collect()
		})
	}

	/// All that the machine wins in the next block. It tells of each once: in the first block in which it counts.
	pub fn wins(&mut self, machine: &Provider) -> Vec<UncheckedExtrinsic> {
		let fresh = self
			.chain
			.query(|| open(Resource::Space).is_some_and(|round| round.opened == slot()));
		let mut wins = Vec::new();
		if fresh {
			for (round, group, proof) in self.space(machine) {
				wins.push(api::win_space(machine.id(), round, group, proof).expect("no longer than may be"));
			}
		}
		let others = self.chain.query(|| {
			let pulse = machine.pulse().filter(|_| open(Resource::Uptime).is_some());
			let pulse = pulse.map(api::pulse);
			[pulse.into_iter().collect(), machine.announcements()].concat()
		});
		wins.extend(others);
		wins
	}

	fn of_candidate<R>(&mut self, look: impl FnOnce(&AccountId) -> R) -> R {
		self.chain.query(|| look(&CANDIDATE.to_account_id()))
	}
}

fn slot() -> u64 {
	*pallet_poca::CurrentSlot::<Runtime>::get()
}

fn group(machine: &Provider, number: u32) -> [u8; 32] {
	group_id(&GENESIS_HASH.0, &machine.id().0, KIND.1, KIND.0, number)
}

/// The latest round, if a transaction in the next block can win it.
fn open(resource: Resource) -> Option<pallet_resource_proofs::Round<u32>> {
	let is_open = api::open_rounds().iter().any(|round| round.resource == resource);
	Rounds::<Runtime>::get(resource).filter(|_| is_open)
}

fn refused(reason: InvalidTransaction) -> TransactionValidityError {
	TransactionValidityError::Invalid(reason)
}

/// The best of the four candidates, as an election ranks them.
fn best() -> AccountId {
	let scored = [Key::Alice, Key::Bob, Key::Charlie, Key::Dave].map(|key| {
		let account = key.to_account_id();
		(Candidates::score_of(&account), account)
	});
	let best = scored
		.into_iter()
		.min_by(|(a, one), (b, other)| pallet_candidates::election::rank::better(*a, one, *b, other));
	best.expect("there are four").1
}

/// Competence counts from the era after the link's on, and by it the weakest of four is the first.
#[test]
fn a_machine_that_proves_what_it_has_makes_its_candidate_the_first() {
	let (mut both, machine) = (Both::new(), machine());
	both.begin(&machine);
	let candidate = CANDIDATE.to_account_id();
	assert_ne!(both.chain.query(best), candidate);
	let listed = both.of_candidate(|who| CandidateList::get_score(who).expect("it stands"));
	let mut won = std::collections::BTreeMap::<_, u32>::new();
	let mut counts_from = None;
	while both.chain.query(System::block_number) < BLOCKS {
		let wins = both.wins(&machine);
		for win in &wins {
			both.wasm.validate(win).expect("the pool takes it");
		}
		both.grow(wins);
		let events = both.chain.query(System::read_events_for_pallet::<Event<Runtime>>);
		for event in events {
			if let Event::Won { resource, .. } = event {
				*won.entry(resource).or_default() += 1;
			}
		}
		let (era, competence) = both.of_candidate(|who| (Poca::current_era(), ResourceProofs::of(who)));
		if competence > 0 && counts_from.is_none() {
			counts_from = Some(era);
		}
	}
	while both.chain.query(|| WaitingFor::<Runtime>::get().len()) > 0 {
		both.grow(Vec::new());
	}
	// Forty rounds of space and uptime, and some four windows of compute.
	for (resource, least) in [(Resource::Space, 15), (Resource::Uptime, 30), (Resource::Compute, 1)] {
		let wins = won.get(&resource).copied().unwrap_or_default();
		assert!(
			wins >= least,
			"{wins} of {resource:?}: the generator is asked as plots.rs says"
		);
	}
	both.chain.query(|| {
		let of = |wanted| {
			assured(machine.id())
				.into_iter()
				.find(|(resource, _)| *resource == wanted)
		};
		// What it has shows as tau goes by, of which there was less than a half.
		assert!(
			of(Resource::Space).is_some_and(|(_, units)| units > 1 << 30),
			"{:?}",
			assured(machine.id())
		);
		assert!(ResourceProofs::device_proofs(&machine.id()).is_some_and(|proofs| proofs.competence > 0));
		assert!(!Struck::<Runtime>::contains_key(machine.id()));
		// The link was accepted in the first era.
		assert!(counts_from.is_some_and(|era| era >= 1), "{counts_from:?}");
		assert_eq!(best(), candidate);
		assert!(
			CandidateList::get_score(&candidate).expect("it stands") > listed,
			"and the list knows"
		);
		assert_eq!(CandidateList::iter().next(), Some(candidate));
	});
}

/// A win of space with something about it that is not so, and what the pool says.
fn forged(machine: &Provider, round: u64, group: u32, proof: &[u8]) -> Vec<(&'static str, UncheckedExtrinsic)> {
	let win = |device, round, group, proof: &[u8]| {
		api::win_space(device, round, group, proof.to_vec()).expect("no longer than may be")
	};
	let mut flipped = proof.to_vec();
	flipped[100] ^= 1;
	let stranger = Provider::new(8, Key::Charlie);
	vec![
		("one bit is another", win(machine.id(), round, group, &flipped)),
		(
			"nothing but zeros",
			win(machine.id(), round, group, &vec![0; proof.len()]),
		),
		("another group", win(machine.id(), round, (group + 1) % GROUPS, proof)),
		("a group that is not claimed", win(machine.id(), round, GROUPS, proof)),
		("another device", win(stranger.id(), round, group, proof)),
		("a round that is over", win(machine.id(), round - 1, group, proof)),
		("a round to come", win(machine.id(), round + 1, group, proof)),
		("too short", win(machine.id(), round, group, &proof[1..])),
	]
}

#[test]
fn a_forged_win_comes_neither_into_the_pool_nor_into_a_block() {
	let (mut both, machine) = (Both::new(), machine());
	both.begin(&machine);
	let (round, group, proof) = loop {
		both.grow(Vec::new());
		if let Some(win) = both.space(&machine).pop() {
			break win;
		}
		let blocks = both.chain.query(System::block_number);
		assert!(blocks < BLOCKS, "the generator is asked as plots.rs says");
	};
	let good = api::win_space(machine.id(), round, group, proof.clone()).expect("no longer than may be");
	let forged = forged(&machine, round, group, &proof);
	let mut answers = Vec::new();
	for (what, win) in &forged {
		answers.push(both.wasm.validate(win).expect_err(what));
	}
	let (block, results) = both.chain.author(|| forged.into_iter().map(|(_, win)| win).collect());
	both.wasm.execute(block);
	let in_block: Vec<_> = results
		.into_iter()
		.map(|result| result.expect_err("is forged"))
		.collect();
	assert_eq!(in_block, answers, "pool and block say the same");
	let said: BTreeSet<_> = answers.iter().map(|answer| format!("{answer:?}")).collect();
	for reason in [
		InvalidTransaction::BadProof,
		InvalidTransaction::BadSigner,
		InvalidTransaction::Stale,
	] {
		assert!(
			said.contains(&format!("{:?}", refused(reason))),
			"{reason:?} is not in {said:?}"
		);
	}
	let ahead = TransactionValidityError::Unknown(UnknownTransaction::Custom(pallet_resource_proofs::AHEAD));
	assert!(said.contains(&format!("{ahead:?}")), "{said:?}");
	// As it is it counts, and once.
	both.wasm.validate(&good).expect("it is valid");
	let candidate = CANDIDATE.to_account_id();
	let before = told(&mut both.chain, &candidate);
	both.grow(vec![good.clone()]);
	// Its plots are of the lowest strength.
	let tells = told(&mut both.chain, &candidate) != before;
	assert_eq!(charged(&mut both.chain, 1), owed(Resource::Space, tells));
	assert_eq!(both.wasm.validate(&good), Err(refused(InvalidTransaction::Stale)));
}

/// What the machine announces is run by the chain: if it is false, the machine is out, and what it left is the
/// treasury's.
#[test]
fn who_announces_a_segment_that_does_not_win_loses_what_it_left() {
	let (mut both, machine) = (Both::new(), machine());
	both.begin(&machine);
	let before = both
		.chain
		.query(|| (held(), Balances::free_balance(TreasuryAccount::get())));
	assert!(before.0 > 0);
	let lie = loop {
		both.grow(Vec::new());
		if let Some(lie) = both.chain.query(|| machine.losing_announcement()) {
			break lie;
		}
		let blocks = both.chain.query(System::block_number);
		assert!(blocks < 10 * BLOCKS, "windows open about once a minute");
	};
	both.wasm.validate(&lie).expect("nobody knows yet");
	both.grow(vec![lie]);
	while both.chain.query(|| WaitingFor::<Runtime>::get().len()) > 0 {
		both.grow(Vec::new());
	}
	both.chain.query(|| {
		assert!(Struck::<Runtime>::contains_key(machine.id()));
		let lost = SpaceDeposit::get() + ComputeDeposit::get() + UptimeDeposit::get();
		assert_eq!(held(), 0, "the link's deposit came back");
		assert!(Balances::free_balance(TreasuryAccount::get()) >= before.1 + lost);
	});
}

/// What is held of Bob for lotteries.
fn held() -> u128 {
	use frame_support::traits::fungible::hold::Inspect;
	let reason = pallet_resource_proofs::HoldReason::Lottery.into();
	Balances::balance_on_hold(&reason, &Key::Bob.to_account_id())
}

/// Run with `--ignored --nocapture`, and pipe the lines into the generator: what it answers is `machine.txt`, after the
/// lines there that begin with #.
#[test]
#[ignore = "prints what the generator is asked"]
fn what_the_generator_is_asked() {
	let (mut chain, machine) = (Chain::with_change(genesis::LOCAL, quick()), machine());
	let mut last = 0;
	for _ in 0..BLOCKS {
		chain.grow_well(Vec::new);
		let Some(round) = chain.query(|| Rounds::<Runtime>::get(Resource::Space)) else {
			continue;
		};
		if round.number == last {
			continue;
		}
		last = round.number;
		for number in 0..GROUPS {
			let (k, strength) = KIND;
			let id = hex(&group(&machine, number));
			println!("{k} {strength} {id} {}", hex(&round.challenge));
		}
	}
}
