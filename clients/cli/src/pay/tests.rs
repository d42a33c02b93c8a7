//! Reading that is paid, over this machine's network: each device serves its slot of a deal in memory, and has manners.

use super::*;
use crate::{
	access::Access,
	fake::Kill,
	fetching::{After, Back, Fetching},
	holders::{Holders, Wire},
	progress::Show,
	put::tests::{files, Bench},
	reading::{readable, Readable},
};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature};
use smart_agent_keys::Phrase;
use smart_market::{Market, Tab};
use smart_vouchers::{Complaint, Most, TopUp, Toppings, Why};
use smartchain_slots::meter::Meter;
use smartchain_transfer::{
	client::{Free, Identity, Patience, Remote, RemoteError, Signer},
	server::{Balance, Device, Grant, Held, Limits, Owed, Reading, Receiving, Rights, Server, Shelf, Till},
	stream::Builder,
	wire::{values, Caller, Deed, Fault, SlotId, Voucher},
};
use sp_core::{sr25519, Pair};
use std::{
	io::{self, ErrorKind, IoSliceMut},
	sync::{Arc, Mutex, MutexGuard},
};
use storage_market_primitives::{DealId, Hash, Price, Profile, SlotId as At, Tick, Voucher as Said};

const GENESIS: [u8; 32] = [1; 32];
/// A planck for a byte, in planck for a GiB and for a MiB.
const EGRESS: Price = Price(1 << 30);
const PRICE: u128 = 1 << 20;
/// What a device may send unpaid.
const STEP: u128 = 4 << 20;
/// What is put in for each slot.
const SHARE: u128 = 1 << 40;
const ALL: Most = Most {
	promises: u128::MAX,
	debts: 0,
};

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Manners {
	#[default]
	Honest,
	/// Claims five steps that nobody owes it.
	Overcharges,
	/// Asks twice its price on chain.
	IsUsurer,
	/// Takes vouchers, gives nothing, and claims another step each time.
	Takes,
	/// Asks, on chain too, a thousand times what others do, gives nothing, and claims a step of that.
	Gouges,
}

#[derive(Default)]
struct Books {
	manners: Manners,
	owed: Balance,
	promised: Balance,
	/// What it gave the deal's owner, in planck.
	gave: Balance,
}

struct Inner {
	device: DeviceId,
	owner: [u8; 32],
	bytes: Vec<u8>,
	outboard: Vec<u8>,
	root: Hash,
	books: Mutex<Books>,
}

/// A device that serves a slot.
#[derive(Clone)]
struct Stall(Arc<Inner>);

impl Stall {
	fn new(device: DeviceId, owner: [u8; 32], bytes: Vec<u8>) -> Self {
		let (mut groups, mut outboard) = (Vec::new(), Vec::new());
		values(0, &bytes, &mut groups);
		let mut builder = Builder::new(bytes.len() as u64);
		for group in groups {
			builder.push(group, &mut outboard);
		}
		Self(Arc::new(Inner {
			device,
			owner,
			root: blake3::hash(&bytes).into(),
			bytes,
			outboard,
			books: Mutex::default(),
		}))
	}

	fn books(&self) -> MutexGuard<'_, Books> {
		self.0.books.lock().unwrap()
	}

	fn has(&self, manners: Manners) -> bool {
		self.books().manners == manners
	}
}

impl Device for Stall {
	fn id(&self) -> DeviceId {
		self.0.device
	}

	fn sign(&self, _: &[u8]) -> Option<DeviceSignature> {
		None
	}
}

impl Rights for Stall {
	fn tick(&self) -> Tick {
		0
	}

	async fn may(&self, _: &Caller, _: SlotId, _: Deed) -> Result<Grant, Fault> {
		let times = match self.books().manners {
			Manners::IsUsurer => 2,
			Manners::Gouges => 1_000,
			_ => 1,
		};
		Ok(Grant {
			length: self.0.bytes.len() as u64,
			price: times * PRICE,
			probes: None,
		})
	}
}

impl Shelf for Stall {
	fn held(&self, _: SlotId) -> io::Result<Option<Held>> {
		let length = self.0.bytes.len() as u64;
		Ok(Some(Held {
			length,
			written: length,
			durable: length,
			root: Some(self.0.root),
		}))
	}

	fn open(&self, _: SlotId) -> io::Result<Option<Arc<dyn Reading>>> {
		Ok(Some(Arc::new(self.clone())))
	}

	fn receive(&self, _: SlotId, _: u64) -> io::Result<Box<dyn Receiving>> {
		Err(ErrorKind::NotFound.into())
	}
}

impl Reading for Stall {
	fn length(&self) -> u64 {
		self.0.bytes.len() as u64
	}

	fn data(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		if self.has(Manners::Takes) || self.has(Manners::Gouges) {
			return Err(io::Error::other("it gives nothing"));
		}
		let mut at = offset as usize;
		for part in parts {
			let length = part.len();
			part.copy_from_slice(&self.0.bytes[at..at + length]);
			at += length;
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		let at = offset as usize;
		into.copy_from_slice(&self.0.outboard[at..at + into.len()]);
		Ok(())
	}
}

impl Till for Stall {
	async fn show(&self, _: &Caller, slot: SlotId, voucher: &Voucher) -> Result<Balance, Fault> {
		let said = Said {
			at: At::new(slot.deal, slot.slot.into()),
			device: self.0.device,
			total: voucher.total,
		};
		let (kind, signature) = voucher.proof.split_first().expect("it has a proof");
		let signature = sr25519::Signature::from_raw(signature.try_into().expect("of 64 bytes"));
		let by = sr25519::Public::from_raw(self.0.owner);
		let is_good = *kind == 1 && sr25519::Pair::verify(&signature, said.payload(&GENESIS), &by);
		if !is_good || voucher.total > SHARE {
			return Err(Fault::bad_voucher("it pays nothing"));
		}
		let mut books = self.books();
		books.promised = books.promised.max(voucher.total);
		Ok(books.promised)
	}

	fn owed(&self, _: &Caller, _: SlotId) -> Owed {
		let books = self.books();
		Owed {
			total: match books.manners {
				Manners::Honest | Manners::IsUsurer => books.owed,
				Manners::Overcharges => books.owed + 5 * STEP,
				Manners::Takes => books.promised + STEP,
				Manners::Gouges => books.promised + 1_000 * STEP,
			},
			promised: books.promised,
		}
	}

	fn charge(&self, caller: &Caller, _: SlotId, planck: Balance) {
		let mut books = self.books();
		books.owed += planck;
		if caller.account() == Some(self.0.owner) {
			books.gave += planck;
		}
	}
}

/// A deal with eight devices that are paid.
struct Fair {
	bench: Bench,
	deal: DealId,
	stalls: Vec<Stall>,
}

fn toppings(deal: DealId) -> Toppings {
	Toppings {
		deal,
		share: SHARE,
		first: 0,
		beyond: 8,
		next: 0,
		known: 0,
		under: None,
	}
}

fn top_up_file(bench: &Bench) -> (TopUp, Option<Toppings>) {
	TopUp::open(&bench.data.path().join("top-up")).unwrap()
}

/// The program puts in, once from its start: what is under way, or this.
async fn top_up(bench: &Bench, toppings: Toppings) -> Result<(), Failure> {
	let (file, under_way) = top_up_file(bench);
	let toppings = under_way.unwrap_or(toppings);
	put_in(&bench.world, &bench.access.account(), &file, toppings, &Show::default()).await
}

impl Fair {
	async fn new() -> Self {
		let bench = Bench::new(Profile::Standard);
		let deal = bench.finish().await.unwrap().deal;
		top_up(&bench, toppings(deal)).await.unwrap();
		let mut stalls = Vec::new();
		for slot in 0..8 {
			let (device, bytes) = bench.world.slot(deal, slot);
			let stall = Stall::new(device, bench.access.account(), bytes);
			let (rights, shelf, till) = (stall.clone(), stall.clone(), stall.clone());
			let address = "127.0.0.1:0".parse().unwrap();
			let server = Server::bind(address, Limits::default(), GENESIS, stall.clone(), rights, shelf, till);
			let server = server.await.unwrap();
			bench.world.listens(device.0[0], server.address().port());
			bench.world.asks_for_egress(device.0[0], EGRESS);
			tokio::spawn(server.serve());
			stalls.push(stall);
		}
		Self { bench, deal, stalls }
	}

	fn behaves(&self, slot: usize, manners: Manners) {
		self.stalls[slot].books().manners = manners;
	}

	/// The program begins, and is told that it may promise so much.
	async fn begin(&self, most: Most) -> (Wire, Readable) {
		let (world, access) = (&self.bench.world, &self.bench.access);
		let (data, account) = (Folder::new(self.bench.data.path()), access.account());
		let wire = Wire::new(&access.owner, GENESIS, &Meter::default(), 5, &data);
		let mut deal = readable(world, access, self.deal).await.unwrap();
		let terms = Terms::of(world, (deal.deal, &deal.view), &deal.holders, &account).await;
		let Terms::Paid(costs) = terms.unwrap() else {
			panic!("its devices are paid");
		};
		assert_eq!(costs.sellers.len(), 8);
		costs.price(&mut deal.holders);
		wire.purse().agree(most);
		open(wire.purse(), &data, (&GENESIS, &account), (&costs, Reads::Volume)).unwrap();
		(wire, deal)
	}

	/// The program, once: fetches all into a new folder. What came of it, and what was wrong with devices.
	async fn get(&self, most: Most) -> (Result<Back, Failure>, Vec<Complaint>) {
		let (wire, deal) = self.begin(most).await;
		let before: u128 = self.stalls.iter().map(|stall| stall.books().promised).sum();
		let (data, back) = (Folder::new(self.bench.data.path()), tempfile::tempdir().unwrap());
		let target = back.path().join("new");
		let fetching = Fetching {
			holders: &wire,
			deal: &deal,
			data: &data,
			genesis: &GENESIS,
			meter: &Meter::default(),
			show: Show::default(),
		};
		let done = tokio::task::block_in_place(|| fetching.into_folder(&target, "", After::Forget));
		if done.is_ok() {
			assert_eq!(files(&target), files(self.bench.source.path()));
		}
		let complaints = wire.purse().complaints();
		wire.purse().close(self.deal);
		let after: u128 = self.stalls.iter().map(|stall| stall.books().promised).sum();
		assert!(after - before <= wire.purse().all_promised(), "no more than it says");
		self.check();
		(done, complaints)
	}

	/// Reads one slot from its device.
	async fn read(&self, slot: u8, most: Most) -> (bool, Vec<Complaint>) {
		let (wire, deal) = self.begin(most).await;
		let mut buffer = vec![0; self.stalls[usize::from(slot)].0.bytes.len()];
		let read = tokio::task::block_in_place(|| {
			let mut slots = wire.reader(&deal.holders[usize::from(slot)], 1);
			slots.read(slot, 0, &mut buffer)
		});
		let complaints = wire.purse().complaints();
		wire.purse().close(self.deal);
		(read.is_ok(), complaints)
	}

	/// Whoever has been promised something gave it, but for one step.
	fn check(&self) {
		for (slot, stall) in self.stalls.iter().enumerate() {
			let Books { promised, gave, .. } = *stall.books();
			assert!(promised <= gave + STEP, "slot {slot}: {promised} for {gave}");
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_paid_for_what_came() {
	let fair = Fair::new().await;
	for _ in 0..4 {
		let (done, complaints) = fair.get(ALL).await;
		done.unwrap();
		assert!(complaints.is_empty(), "{complaints:?}");
		for stall in &fair.stalls {
			let Books { promised, owed, .. } = *stall.books();
			assert!(promised <= owed, "{promised} of {owed}");
		}
	}
	// Whoever was read from twice was paid for the first time.
	let promised: u128 = fair.stalls.iter().map(|stall| stall.books().promised).sum();
	assert!(promised >= 4 * fair.stalls[0].0.bytes.len() as u128, "{promised}");
}

/// Overcharger: claims debts that this machine did not make.
#[tokio::test(flavor = "multi_thread")]
async fn the_overcharger_is_read_from_no_more() {
	let fair = Fair::new().await;
	for slot in 0..2 {
		fair.behaves(slot, Manners::Overcharges);
	}
	let (done, complaints) = fair.get(ALL).await;
	done.unwrap();
	assert_eq!(complaints.len(), 2, "{complaints:?}");
	assert!(complaints.iter().all(|complaint| complaint.slot.slot < 2));
	// With four others no more there is nobody left.
	for slot in 2..6 {
		fair.behaves(slot, Manners::Overcharges);
	}
	let (done, complaints) = fair.get(ALL).await;
	let failure = done.unwrap_err();
	assert!(failure.message.contains("more than it is owed"), "{}", failure.message);
	assert!(complaints.len() >= 5, "{complaints:?}");
	assert!(fair.stalls[..6].iter().all(|stall| stall.books().promised == 0));
}

/// Usurer: asks more than its offer on chain.
#[tokio::test(flavor = "multi_thread")]
async fn the_usurer_is_read_from_no_more() {
	let fair = Fair::new().await;
	fair.behaves(1, Manners::IsUsurer);
	let (done, complaints) = fair.get(ALL).await;
	done.unwrap();
	let whys: Vec<&Why> = complaints.iter().map(|complaint| &complaint.why).collect();
	assert!(
		matches!(whys[..], [Why::Overcharged(why)] if why.contains("on chain")),
		"{whys:?}"
	);
	assert_eq!(fair.stalls[1].books().promised, 0);
}

/// Taker: takes vouchers, gives nothing, and claims more each time; whoever begins anew has not forgotten it.
#[tokio::test(flavor = "multi_thread")]
async fn the_taker_of_vouchers_gets_a_step_for_good() {
	let fair = Fair::new().await;
	fair.behaves(0, Manners::Takes);
	for _ in 0..3 {
		let (done, complaints) = fair.get(ALL).await;
		done.unwrap();
		assert!(
			complaints.iter().all(|complaint| complaint.slot.slot == 0),
			"{complaints:?}"
		);
		let Books { promised, gave, .. } = *fair.stalls[0].books();
		assert!(promised <= STEP && gave == 0, "{promised} for {gave}");
		assert!(!fair.read(0, ALL).await.0);
	}
	assert_eq!(fair.stalls[0].books().promised, STEP);
}

/// A node that does not tell what one deal of many costs hinders none of the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_not_told_of_hinders_no_other() {
	let fair = Fair::new().await;
	let (world, access) = (&fair.bench.world, &fair.bench.access);
	let deals = [fair.deal, 99, fair.deal];
	assert_eq!(costs_of_all(world, access, &deals, &Show::default()).await.len(), 2);
	world.hides_tabs(1);
	assert_eq!(costs_of_all(world, access, &deals, &Show::default()).await.len(), 1);
}

/// Gouger: raises its price a thousand times over that of the others, and claims what it may send unpaid at that: as
/// much as all that was agreed to.
#[tokio::test(flavor = "multi_thread")]
async fn the_gouger_takes_no_budget_for_nothing() {
	let fair = Fair::new().await;
	fair.behaves(0, Manners::Gouges);
	let dear = Price(1_000 * EGRESS.0);
	fair.bench.world.asks_for_egress(fair.stalls[0].0.device.0[0], dear);
	for _ in 0..2 {
		let (read, complaints) = fair.read(0, ALL).await;
		assert!(!read);
		assert!(matches!(complaints[0].why, Why::Overcharged(_)), "{complaints:?}");
		// What a step costs at a fair price, and what is read, is left to the others.
		let most = Most {
			promises: 8 * STEP,
			debts: 0,
		};
		fair.get(most).await.0.unwrap();
		assert!(fair.stalls[0].books().promised <= STEP);
	}
}

/// What was put in is used up: devices give out for nothing again, and the owner's program reads so.
#[tokio::test(flavor = "multi_thread")]
async fn a_deal_whose_money_is_used_up_is_read_for_nothing() {
	let bench = Bench::new(Profile::Standard);
	let deal = bench.finish().await.unwrap().deal;
	top_up(&bench, toppings(deal)).await.unwrap();
	let read = readable(&bench.world, &bench.access, deal).await.unwrap();
	for holder in &read.holders {
		bench.world.asks_for_egress(holder.device.0[0], EGRESS);
	}
	for used_up in 0..=8 {
		let of = (deal, &read.view);
		let own = Terms::of(&bench.world, of, &read.holders, &bench.access.account()).await;
		let others = Terms::of(&bench.world, of, &read.holders, &[7; 32]).await;
		match (own.unwrap(), others.unwrap()) {
			(Terms::Paid(costs), Terms::Owners) => assert_eq!(costs.sellers.len(), 8 - used_up),
			(own, others) => assert_eq!((used_up, own, others), (8, Terms::Free, Terms::Free)),
		}
		if used_up < 8 {
			bench.world.redeem(deal, used_up as u8, SHARE);
		}
	}
}

/// Signs requests of an account.
struct Key(sr25519::Pair);

impl Signer for Key {
	fn key(&self) -> DeviceKey {
		DeviceKey::Sr25519(self.0.public())
	}

	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		Some(DeviceSignature::Sr25519(self.0.sign(payload)))
	}
}

impl Fair {
	/// Somebody with whom the deal is shared reads a slot for nothing, until its device gives no more.
	async fn ride(&self, slot: usize) {
		let theirs = Access::new(&Phrase::generate(12).unwrap(), GENESIS).unwrap();
		let identity = Identity {
			genesis: GENESIS,
			signer: Arc::new(Key(theirs.owner.pair().clone())),
			payer: Arc::new(Free),
			patience: Patience::default(),
		};
		let deal = readable(&self.bench.world, &self.bench.access, self.deal)
			.await
			.unwrap();
		let mut buffer = vec![0; self.stalls[slot].0.bytes.len()];
		let refused = tokio::task::block_in_place(|| {
			let mut remote = Remote::new(Arc::new(identity), deal.holders[slot].clone());
			(0..200).find_map(|_| remote.read(0, &mut buffer).err())
		});
		assert!(matches!(refused, Some(RemoteError::Refused(_))), "{refused:?}");
	}
}

/// Rider: reads on what the owner has promised. The owner pays for a step of it, and no more unless told to.
#[tokio::test(flavor = "multi_thread")]
async fn the_rider_on_anothers_vouchers_costs_a_step() {
	let fair = Fair::new().await;
	assert!(fair.read(0, ALL).await.0);
	fair.ride(0).await;
	assert!(fair.read(0, ALL).await.0, "so much may have been lost on the way");
	assert_eq!(fair.stalls[0].books().promised, STEP);
	fair.ride(0).await;
	let (read, complaints) = fair.read(0, ALL).await;
	assert!(!read);
	assert!(matches!(complaints[0].why, Why::Overcharged(_)), "{complaints:?}");
	assert_eq!(fair.stalls[0].books().promised, STEP);
	fair.check();
	// All of it comes from the others.
	fair.get(ALL).await.0.unwrap();
	let most = Most { debts: STEP, ..ALL };
	assert!(!fair.read(0, most).await.0, "an eighth of it is this device's");
	let most = Most { debts: 8 * STEP, ..ALL };
	assert!(fair.read(0, most).await.0, "its owner says that it may be paid");
	assert_eq!(fair.stalls[0].books().promised, 2 * STEP);
}

/// What may be promised is used up: the next run is asked anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_budget_ends_reading_and_the_next_run_goes_on() {
	let fair = Fair::new().await;
	let nothing = Most::default();
	let mut failed = None;
	for _ in 0..8 {
		// What is not paid yet comes for nothing.
		let (done, complaints) = fair.get(nothing).await;
		if done.is_err() {
			failed = Some(complaints);
			break;
		}
	}
	let complaints = failed.expect("somebody wants to be paid in the end");
	assert!(
		complaints.iter().all(|complaint| complaint.why == Why::Budget),
		"{complaints:?}"
	);
	assert!(fair.stalls.iter().all(|stall| stall.books().promised == 0));
	fair.get(ALL).await.0.unwrap();
}

/// Killed at each transaction, before or after its effect, or while it is on its way: each slot gets its share once.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_a_top_up_puts_in_once() {
	for kill in [Kill::Before, Kill::After, Kill::Late] {
		for step in [0, 3, 7] {
			let bench = killed(step, kill).await;
			top_up(&bench, toppings(1)).await.unwrap();
			assert_all_have_it_once(&bench).await;
		}
	}
}

/// A program that was killed at a step of a top-up of deal 1.
async fn killed(step: u32, kill: Kill) -> Bench {
	let bench = Bench::new(Profile::Standard);
	assert_eq!(bench.finish().await.unwrap().deal, 1);
	bench.world.kill_at(step, kill);
	let first = top_up(&bench, toppings(1)).await;
	assert!(first.is_err() && bench.world.revive(), "{kill:?} at {step}");
	assert_eq!(top_up_file(&bench).1.expect("it goes on").next, step as u8);
	bench
}

async fn assert_all_have_it_once(bench: &Bench) {
	let tabs = bench.world.tabs(1).await.unwrap();
	assert!(tabs.iter().all(|tab| tab.limit == SHARE), "{tabs:?}");
	assert_eq!(bench.world.count("top_up_egress"), 8);
	assert_eq!(top_up_file(bench).1, None);
}

/// The share of a slot landed, and the slot changed hands before anybody saw it: it is not put in again.
#[tokio::test(flavor = "multi_thread")]
async fn a_share_whose_slot_changed_hands_is_not_put_in_again() {
	for limit in [0, SHARE - 1] {
		let bench = killed(3, Kill::After).await;
		bench.world.changes_hands(1, 3, Tab { limit, paid: 0 });
		top_up(&bench, toppings(1)).await.unwrap();
		assert_eq!(bench.world.count("top_up_egress"), 8, "{limit}");
		let tabs = bench.world.tabs(1).await.unwrap();
		assert_eq!((tabs[3].limit, tabs[2].limit, tabs[4].limit), (limit, SHARE, SHARE));
		assert_eq!(top_up_file(&bench).1, None);
	}
}

/// The share of a slot was never sent, and its limit rose otherwise, by as much and more, or it changed hands: it is
/// put in.
#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_never_came_is_put_in_whatever_else_came() {
	for (more, changes) in [(SHARE, false), (3 * SHARE, false), (0, true)] {
		let bench = killed(3, Kill::Before).await;
		match changes {
			true => bench.world.changes_hands(1, 3, Tab::default()),
			false => bench.world.adds(1, 3, more),
		}
		top_up(&bench, toppings(1)).await.unwrap();
		assert_eq!(bench.world.count("top_up_egress"), 8);
		assert_eq!(bench.world.tabs(1).await.unwrap()[3].limit, more + SHARE);
	}
}

/// What a block refuses for now is gone on with where it was.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_too_little_for_a_while_pays_no_slot_twice() {
	let bench = Bench::new(Profile::Standard);
	bench.finish().await.unwrap();
	bench.world.is_poor_at(3);
	let failure = top_up(&bench, toppings(1)).await.unwrap_err();
	assert!(failure.message.contains("goes on where it was"), "{}", failure.message);
	let under_way = top_up_file(&bench).1.expect("it goes on");
	assert_eq!((under_way.next, under_way.under), (3, None));
	top_up(&bench, toppings(1)).await.unwrap();
	assert_all_have_it_once(&bench).await;
}

/// The next run asks a node that is far behind, and knows no such deal yet: that is no reason to forget what was put
/// in.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_behind_has_no_slot_paid_twice() {
	for kill in [Kill::Before, Kill::After, Kill::Late] {
		let bench = killed(3, kill).await;
		bench.world.falls_behind(4);
		top_up(&bench, toppings(1)).await.unwrap();
		assert_all_have_it_once(&bench).await;
	}
	// One that stays behind is told of, and the record stays.
	let bench = killed(3, Kill::After).await;
	bench.world.falls_behind(10_000);
	let failure = top_up(&bench, toppings(1)).await.unwrap_err();
	assert!(failure.message.contains("another one"), "{}", failure.message);
	assert!(top_up_file(&bench).1.is_some());
	// Of a deal that is gone nothing is left to go on with.
	let gone = top_up(&Bench::new(Profile::Standard), toppings(99)).await.unwrap_err();
	assert!(gone.message.contains("no deal 99"), "{}", gone.message);
}

/// Whoever puts in so little that no device redeems a voucher for it is told so before.
#[test]
fn what_no_device_redeems_is_told_before_it_is_put_in() {
	let currency = Currency::new(smart_agent_chain::SYMBOL, smart_agent_chain::DECIMALS);
	let words = too_little(&currency, LEAST_EGRESS - 1, 8).unwrap();
	assert!(words.contains("--debts-most") && words.contains("0.16"), "{words}");
	assert_eq!(too_little(&currency, LEAST_EGRESS, 8), None);
}

/// Without money in it a deal is read for nothing; and others do not pay for what is not theirs.
#[tokio::test(flavor = "multi_thread")]
async fn who_pays_is_the_owner_of_a_deal_with_money_in_it() {
	let fair = Fair::new().await;
	let (world, other) = (&fair.bench.world, [7; 32]);
	let deal = readable(world, &fair.bench.access, fair.deal).await.unwrap();
	let of = (deal.deal, &deal.view);
	let terms = Terms::of(world, of, &deal.holders, &other).await.unwrap();
	assert_eq!(terms, Terms::Owners);
	let bench = Bench::new(Profile::Standard);
	let done = bench.finish().await.unwrap();
	let deal = readable(&bench.world, &bench.access, done.deal).await.unwrap();
	let of = (deal.deal, &deal.view);
	let terms = Terms::of(&bench.world, of, &deal.holders, &bench.access.account()).await;
	assert_eq!(terms.unwrap(), Terms::Free);
	// What the chain has paid is told to who pays.
	world.redeem(fair.deal, 0, 5);
	assert_eq!(world.tabs(fair.deal).await.unwrap()[0].left(), SHARE - 5);
}
