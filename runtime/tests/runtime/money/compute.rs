//! The compute market in whole blocks: a job from its order to its end, what it is to the rest of the chain, and what
//! is kept free for audits beside it.

use crate::{
	chain::{state_of, Chain, GENESIS_HASH},
	devices::machines::{next, quick, Provider, SEGMENTS},
};
use codec::{Compact, Decode, Encode};
use compute_market_primitives::{
	Assurance, Commit, Commitment, Input, JobId, JobStage, Kind, Outcome, Program, Reveal, Said, Source, Spec, Task,
	TaskAccepted, UnitCommitment, UnitReveal, What, WorkOffer,
};
use device_primitives::{DeviceId, Endpoint, Host, Transport};
use frame_support::{
	dispatch::DispatchClass,
	traits::{fungible::Mutate, Get},
	weights::constants::WEIGHT_REF_TIME_PER_MILLIS,
	BoundedVec,
};
use issuance_primitives::{Closing, EraLedger};
use pallet_compute_market::{
	AutoMine, Call as Market, Config, Event, ProvenCompute, RecentEnds, RecentUnit, WeightInfo, MAX_FREE, MAX_OPEN,
	MESSAGE,
};
use pallet_resource_proofs::{Claimed, ComputeEntry, Entry};
use pallet_stci_issuance::{Demanded, Ledgers, OpenEra};
use pallet_traits::{Computed, EraHook, Predicates, UsageOfMarkets};
use proof_lottery_primitives::{Claim, Credit, Kept};
use smartchain_runtime::{
	configs::{Checks, ChecksAccount, ComputeTerms, Facts, Rates, Served, TreasuryAccount, Usage},
	constants::{
		compute::{CHECK_PART, MFUEL_PER_SEGMENT, TEST_RATE},
		currency::UNITS,
	},
	genesis,
	limits::{RuntimeBlockWeights, AUDIT_MILLIS, COMPUTE_MILLIS, MAX_BLOCK_MILLIS, MAX_OPERATIONAL_MILLIS},
	AccountId, Balances, Block, ComputeMarket, Runtime, RuntimeCall, StciIssuance, System, UncheckedExtrinsic,
};
use smartchain_runtime_apis::runtime_decl_for_compute_market_api::ComputeMarketApiV1;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::Perbill;

/// Who has the machines.
const OWNERS: [Key; 4] = [Key::Bob, Key::Charlie, Key::Dave, Key::Eve];
/// Whose jobs there are.
const CUSTOMER: Key = Key::Ferdie;
/// What a Gfuel costs, in planck.
const ASK: compute_market_primitives::Price = compute_market_primitives::Price(UNITS / 50);
/// What hides what machines have.
const SALT: [u8; 16] = [7; 16];

/// What comes of a unit.
fn outcome(unit: u32) -> Outcome {
	Outcome {
		kind: Kind::Ok,
		root: [unit as u8 + 1; 32],
		fuel: 500_000_000,
	}
}

fn spec(units: u32) -> Spec {
	Spec {
		engine: 1,
		program: Program {
			root: [7; 32],
			length: 1_000,
		},
		input: Input::Number,
		source: Source::Client(BoundedVec::truncate_from(vec![Endpoint {
			transport: Transport::Tcp,
			host: Host::V4([10, 0, 0, 1]),
			port: 9_000,
		}])),
		units,
		fuel_limit: 1_000_000_000,
		memory_pages: 16,
	}
}

/// The machines, and the chain that they are on.
pub(super) struct Shop {
	pub(super) chain: Chain,
	machines: Vec<Provider>,
}

impl Shop {
	/// Machines that have a claim in the lottery of compute, and offer to compute.
	pub(super) fn open() -> Self {
		let machines: Vec<_> = (20..)
			.zip(OWNERS)
			.map(|(seed, owner)| Provider::new(seed, owner))
			.collect();
		let mut shop = Self {
			chain: Chain::with_change(genesis::LOCAL, quick()),
			machines,
		};
		shop.chain.grow_well(Vec::new);
		for at in 0..shop.machines.len() {
			let machine = &shop.machines[at];
			let (owner, device) = (machine.owner, machine.id());
			let claim = Claimed::Compute { segments: SEGMENTS };
			let (register, declare) = (machine.register(None), machine.declare(claim));
			let offer = WorkOffer {
				ask: ASK,
				engines: BoundedVec::truncate_from(vec![1]),
				slots: 2,
				memory_pages: 1_024,
			};
			let offer = Some(offer);
			shop.send(owner, register);
			shop.send(owner, declare);
			shop.send(owner, Market::set_worker { device, offer });
			let amount = 100 * UNITS;
			shop.send(owner, Market::add_stake { device, amount });
		}
		// Whoever has a ticket now can be drawn two turns later.
		(0..36).for_each(|_| shop.chain.grow_well(Vec::new));
		shop
	}

	/// One transaction in a block of its own, which has to succeed.
	pub(super) fn send(&mut self, who: Key, call: impl Into<RuntimeCall>) {
		let made = next(&mut self.chain, who, call);
		self.chain.grow_well(|| vec![made]);
	}

	/// The customer orders so many units.
	fn ordered(&mut self, units: u32) -> JobId {
		let order = Market::submit_job {
			spec: spec(units),
			max_price: ASK,
			assurance: Assurance::Quorum,
		};
		self.send(CUSTOMER, order);
		self.chain.query(pallet_compute_market::LastJob::<Runtime>::get)
	}

	/// What machines say in the next block.
	fn said(&mut self) -> Vec<UncheckedExtrinsic> {
		let machines = &self.machines;
		let of = |machine: &Provider| {
			let tasks = <Runtime as ComputeMarketApiV1<Block, AccountId>>::tasks_of(machine.id());
			tasks.iter().filter_map(|task| said(machine, task)).collect::<Vec<_>>()
		};
		self.chain.query(|| machines.iter().flat_map(of).collect())
	}

	/// A block in which all say what they have.
	pub(super) fn work(&mut self) {
		let made = self.said();
		self.chain.grow_well(|| made);
	}

	fn until_an_era_begins(&mut self) {
		let era = |shop: &mut Self| shop.chain.query(|| OpenEra::<Runtime>::get().era);
		let before = era(self);
		while era(self) == before {
			self.work();
		}
	}

	fn stage(&mut self, id: JobId) -> JobStage {
		let job = self
			.chain
			.query(|| <Runtime as ComputeMarketApiV1<Block, AccountId>>::job(id));
		job.expect("there is one").stage
	}

	/// Blocks until a job is so far.
	fn until(&mut self, id: JobId, is_so_far: fn(JobStage) -> bool) {
		for _ in 0..200 {
			if is_so_far(self.stage(id)) {
				return;
			}
			self.work();
		}
		panic!("job {id} hangs: {:?}", self.stage(id));
	}

	/// So many units that are all decided.
	pub(super) fn done(&mut self, units: u32) -> JobId {
		let id = self.ordered(units);
		self.until(id, |stage| matches!(stage, JobStage::Done { .. }));
		id
	}

	fn check(&mut self) {
		self.chain.query(|| assert_eq!(ComputeMarket::do_try_state(), Ok(())));
	}
}

/// What a machine says of a unit: a seal, or what is under it.
fn said(machine: &Provider, task: &Task) -> Option<UncheckedExtrinsic> {
	let (device, job, at) = (machine.id(), task.job, task.at);
	let outcome = outcome(at.unit);
	match task.what {
		What::Run { .. } => {
			let said = Said::Committed(Commitment::of(&outcome.digest(), &SALT, &device));
			let commit = Commit {
				device,
				job,
				units: BoundedVec::truncate_from(vec![UnitCommitment { at, said }]),
			};
			let signature = machine.pair.sign(&commit.payload(&GENESIS_HASH));
			let made = <Runtime as ComputeMarketApiV1<Block, AccountId>>::commit_units(commit, signature.into());
			Some(made)
		}
		What::Reveal { .. } => {
			let salt = SALT;
			let reveal = Reveal {
				job,
				place: task.place,
				units: BoundedVec::truncate_from(vec![UnitReveal { at, outcome, salt }]),
			};
			Some(<Runtime as ComputeMarketApiV1<Block, AccountId>>::reveal_units(reveal))
		}
		What::Wait | What::Fetch { .. } => None,
	}
}

/// Who computes needs no fee, and gets its pay out of what the customer has put in; issuance, competence and payments
/// are told.
#[test]
fn strangers_compute_what_a_customer_orders_and_are_paid() {
	let mut shop = Shop::open();
	// What is used is told era by era: all of it falls into one.
	shop.until_an_era_begins();
	let id = shop.done(3);
	shop.check();
	let devices: Vec<_> = shop.machines.iter().map(|machine| machine.id()).collect();
	shop.chain.query(|| {
		let job = pallet_compute_market::Jobs::<Runtime>::get(id).expect("it is kept");
		assert_eq!((job.accepted, job.counts), (3, true));
		assert_eq!(ComputeMarket::paid_fuel(), 9 * 500_000_000);
		// Issuance counts a part of what was paid.
		let demanded = Demanded::<Runtime>::get().compute;
		let paid = 9 * ASK.0 / 2;
		assert!(
			demanded.paid > 0 && demanded.paid <= Perbill::from_percent(30) * paid,
			"{demanded:?}"
		);
		let own: u64 = devices.iter().map(Served::of).sum();
		assert!(own > 0 && u128::from(own) <= Served::total());
	});
	let (terms, at) = shop.chain.query(|| {
		let at = pallet_compute_market::Results::<Runtime>::get(id, 0)
			.expect("accepted")
			.accepted
			.at;
		(<ComputeTerms as Get<compute_market_primitives::Terms>>::get(), at)
	});
	let root = Some(outcome(0).root);
	let args = TaskAccepted { job: id, unit: 0, root }.encode();
	let holds = |shop: &mut Shop| {
		shop.chain
			.query(|| Facts::holds(channel_primitives::TASK_ACCEPTED, &args))
	};
	assert!(!holds(&mut shop), "it can be appealed");
	for _ in 0..=terms.times.appeal {
		shop.work();
	}
	assert!(holds(&mut shop), "{at}");
	let before = shop.chain.query(|| Balances::free_balance(OWNERS[0].to_account_id()));
	let claims = BoundedVec::truncate_from(vec![id]);
	shop.send(OWNERS[0], Market::claim { claims });
	let claimed = shop.chain.query(System::read_events_for_pallet::<Event<Runtime>>);
	assert!(
		matches!(claimed.last(), Some(Event::Claimed(of, ..)) if *of == id),
		"{claimed:?}"
	);
	let after = shop.chain.query(|| Balances::free_balance(OWNERS[0].to_account_id()));
	// More than its fee, for something was paid to each for standing by.
	assert!(after > before, "{after} {before}");
	shop.check();
}

/// Migrations run at each upgrade, those that have run before too: they do nothing then, whatever is out. That a job
/// goes over to another runtime is a network test, `a_job_goes_over_an_upgrade`.
#[test]
fn migrations_that_have_run_leave_a_job_alone() {
	use frame_support::traits::OnRuntimeUpgrade;
	let mut shop = Shop::open();
	let id = shop.ordered(2);
	shop.until(id, |stage| matches!(stage, JobStage::Running | JobStage::Draining));
	shop.work();
	let out = |shop: &mut Shop| {
		shop.chain
			.query(|| pallet_compute_market::Jobs::<Runtime>::get(id).map_or(0, |job| job.open))
	};
	assert_eq!(out(&mut shop), 2);
	shop.chain.prepare(|| {
		smartchain_runtime::migrations::Migrations::on_runtime_upgrade();
	});
	assert_eq!(out(&mut shop), 2);
	shop.until(id, |stage| matches!(stage, JobStage::Done { .. }));
	let accepted = shop
		.chain
		.query(|| pallet_compute_market::Jobs::<Runtime>::get(id).map(|job| job.accepted));
	assert_eq!(accepted, Some(2));
	shop.check();
}

/// Mallory sells her machine while it answers for results, so that another one loses the stake.
#[test]
fn a_machine_that_is_in_a_pool_does_not_change_hands() {
	use pallet_traits::DeviceHook;
	type Hook = <Runtime as pallet_device_registry::Config>::DeviceHook;
	let mut shop = Shop::open();
	shop.done(1);
	let devices: Vec<_> = shop.machines.iter().map(|machine| machine.id()).collect();
	shop.chain.query(|| {
		assert!(devices
			.iter()
			.all(|device| !<Hook as DeviceHook<AccountId>>::may_be_transferred(device)));
		assert!(<Hook as DeviceHook<AccountId>>::may_be_transferred(&DeviceId([9; 32])));
	});
}

/// What a chain keeps of a device that has shown so many segments, up to this slot.
fn proven(segments: u32, slot: u64) -> Kept {
	let none = Compact(0u32);
	let credit = Compact(Credit::of(segments).0);
	let estimator = (
		Compact(segments),
		None::<Claim>,
		Compact(0u64),
		Compact(slot),
		credit,
		none,
		none,
		none,
	);
	Kept::decode(&mut &(1u8, estimator).encode()[..]).expect("an estimator")
}

fn prove(device: DeviceId, segments: u32) {
	let compute = ComputeEntry {
		deposit: 0,
		kept: proven(segments, *pallet_poca::CurrentSlot::<Runtime>::get()),
		window: 0,
		announced: BoundedVec::new(),
		pending: 0,
	};
	let entry = Entry {
		compute: Some(compute),
		..Entry::new(Key::Bob.to_account_id())
	};
	pallet_resource_proofs::Entries::<Runtime>::insert(device, entry);
}

#[test]
fn a_rate_is_what_windows_have_shown() {
	let device = DeviceId([5; 32]);
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		assert_eq!(Rates::rate(&device), 0, "it has claimed nothing");
		let window = pallet_resource_proofs::Parameters::<Runtime>::get().compute.window;
		// A core runs some 30,000 segments in a window, and burns some two Gfuel a second: 1,000 Mfuel a tick.
		prove(device, 500 * window);
		assert_eq!(u128::from(Rates::rate(&device)), 500 * MFUEL_PER_SEGMENT);
		prove(device, 0);
		assert_eq!(Rates::rate(&device), 0);
	});
	state_of(genesis::LOCAL, quick()).execute_with(|| {
		assert_eq!(Rates::rate(&device), 0);
		prove(device, 0);
		assert_eq!(Rates::rate(&device), TEST_RATE, "its first win takes minutes");
	});
}

#[test]
fn usage_is_what_customers_pay_for_of_what_could_be_burned() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		assert_eq!(Usage::compute(), (0, 0));
		pallet_compute_market::PaidFuel::<Runtime>::put(5_000_000_000);
		assert_eq!(Usage::compute(), (5_000, 0));
		assert_eq!(StciIssuance::open_era().2, Perbill::zero(), "nothing is proven");
		// An era has its own.
		Checks::era_started(1, &[0; 32]);
		assert_eq!(Usage::compute(), (0, 0));
	});
}

/// An era is over in which so much was used, and so much was created for the treasury.
fn closed(usage: Perbill, treasury: u128) {
	let mut closing = Closing {
		usage,
		..Closing::default()
	};
	closing.pots.treasury = treasury;
	let ledger = EraLedger {
		closing,
		..EraLedger::default()
	};
	OpenEra::<Runtime>::mutate(|open| open.era = 8);
	Ledgers::<Runtime>::insert(7, ledger);
}

#[test]
fn the_chain_buys_checks_while_little_is_used_and_no_dear_ones() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let account = ChecksAccount::get();
		assert_eq!(Checks::payer(1), None, "it has nothing");
		let all = CHECK_PART * UNITS;
		assert_eq!(<Balances as Mutate<AccountId>>::mint_into(&account, all), Ok(all));
		assert_eq!(Checks::payer(UNITS), Some(account.clone()));
		assert_eq!(Checks::payer(UNITS + 1), None, "one unit does not empty it");
		closed(Perbill::from_percent(29), 0);
		assert_eq!(Checks::payer(UNITS), Some(account));
		closed(Perbill::from_percent(30), 0);
		assert_eq!(Checks::payer(UNITS), None, "customers use enough");
	});
}

#[test]
fn eras_fill_what_checks_are_bought_with() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let has = || Balances::free_balance(ChecksAccount::get());
		let all = 5_000 * UNITS;
		assert!(<Balances as Mutate<AccountId>>::mint_into(&TreasuryAccount::get(), all).is_ok());
		closed(Perbill::zero(), 100 * UNITS);
		Checks::era_started(8, &[0; 32]);
		assert_eq!(has(), 0, "nothing was computed that could be run again");
		let recent = RecentUnit {
			job: 1,
			unit: 0,
			turn: 1,
		};
		pallet_compute_market::Recent::<Runtime>::insert(0, recent);
		RecentEnds::<Runtime>::put((0, 1));
		Checks::era_started(8, &[0; 32]);
		assert_eq!(has(), 10 * UNITS);
		closed(Perbill::from_percent(30), 100 * UNITS);
		Checks::era_started(8, &[0; 32]);
		assert_eq!(has(), 10 * UNITS, "customers use enough");
		closed(Perbill::zero(), 1_000_000 * UNITS);
		Checks::era_started(8, &[0; 32]);
		assert_eq!(has(), 1_000 * UNITS, "and no more than it needs");
	});
}

type Weights = <Runtime as Config>::WeightInfo;

/// Whoever computes sends all at once that a block takes: what is kept free for audits is free all the same.
#[test]
fn what_is_free_leaves_room_for_audits() {
	let base = RuntimeBlockWeights::get()
		.get(DispatchClass::Operational)
		.base_extrinsic;
	let most = |units: u32, one: frame_support::weights::Weight| {
		let messages = MAX_FREE / (units + MESSAGE);
		(one + base) * u64::from(messages)
	};
	let limit = (MAX_OPERATIONAL_MILLIS - AUDIT_MILLIS) * WEIGHT_REF_TIME_PER_MILLIS;
	for units in [1, 4, 32] {
		let commits = Weights::check_commit(units) + Weights::commit(units);
		let reveals = Weights::check_reveal(units) + Weights::reveal(units);
		for one in [commits, reveals] {
			let all = most(units, one);
			assert!(all.ref_time() < limit, "{units}: {all:?}");
		}
	}
}

/// Hooks take what a block leaves over and a fifth of a block at most, so that the next one is not late; and in that as
/// many units go through as have to.
#[test]
fn hooks_leave_most_of_a_block() {
	let most = <Runtime as Config>::IdleWeight::get();
	assert_eq!(most.ref_time(), COMPUTE_MILLIS * WEIGHT_REF_TIME_PER_MILLIS);
	assert_eq!(COMPUTE_MILLIS, MAX_BLOCK_MILLIS / 5);
	// Given to three, revealed, judged, and drawn of; thirty a second.
	let unit = Weights::settle(3) * 2 + Weights::draw_recent();
	assert!((unit * 15 + Weights::visit(45)).all_lte(most), "{unit:?}");
	// And each step alone: what would not fit would be in the way of all that comes after it.
	for step in [
		Weights::visit_busy(MAX_OPEN) + Weights::visit(63) + Weights::end_check(),
		Weights::visit_asked(MAX_OPEN) + Weights::visit(63) + Weights::end_check(),
		Weights::settle(21) + Weights::end_check(),
		Weights::give_up(),
		Weights::order(),
	] {
		assert!(step.all_lte(most), "{step:?}");
	}
}
