//! Readers, strangers, other holders and a node that are not as they should be.

use super::*;
use crate::{
	desk::{Desk, Place},
	input::Input,
	rebuild::Builder,
	DEEDS,
};
use market_primitives::Purse;
use smart_agent_journal::Log;
use smart_agent_market::{Memory, Record, SlotKey};
use smart_agent_slots::{Cancel, Owner, SlotStore};
use smartchain_transfer::{
	server::{Grant, Rights as _, Till as _},
	wire::{Caller, Cause, Deed as Wish, Fault},
};
use storage_market_primitives::Holding;
use tokio::sync::mpsc;

const SLOT: SlotId = SlotId { deal: DEAL, slot: 0 };
const KEY: SlotKey = SlotKey { deal: DEAL, slot: 0 };

fn caller(seed: u8) -> Caller {
	Caller {
		key: Key(pair(seed)).key(),
	}
}

/// A desk of the first device, which has the slot; whoever listens has to be kept.
fn desk(market: &Arc<Market>, memory: &Memory) -> (Desk, mpsc::Receiver<Input>, tempfile::TempDir) {
	let folder = tempfile::tempdir().unwrap();
	let (told, inputs) = mpsc::channel(64);
	let desk = Desk::new(&setup(market, pair(1), folder.path(), free_address()), told, memory);
	let place = Place {
		bytes: market.bytes(),
		takes: false,
		whole: true,
		here: true,
	};
	desk.set_places([(KEY, place)].into_iter().collect());
	desk.set_price(0);
	(desk, inputs, folder)
}

fn holding(device: DeviceId) -> Holding<DeviceId> {
	Holding {
		device,
		ask: Price(1),
		since: 1,
		proven_to: 1,
		suspect: None,
		misses: 0,
		leaving: false,
		counts: false,
		accrued: Purse::default(),
	}
}

async fn read(desk: &Desk, who: u8, bytes: u32) -> Result<Grant, Fault> {
	let wish = Wish::Read { from: 0, length: bytes };
	desk.rights().may(&caller(who), SLOT, wish).await
}

/// Crowd of readers: each shows the one voucher of the owner, and owes nothing by itself.
#[tokio::test]
async fn what_is_owed_for_a_slot_is_owed_by_all_its_readers_and_survives_the_program() {
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (desk, _inputs, _folder) = desk(&market, &Memory::default());
	let till = desk.till();
	till.charge(&caller(2), SLOT, 40);
	till.charge(&caller(3), SLOT, 2);
	assert_eq!(
		(till.owed(&caller(2), SLOT).total, till.owed(&caller(4), SLOT).total),
		(42, 42)
	);
	let debts = desk.debts();
	assert_eq!(debts, [(KEY, 42)]);
	assert!(desk.debts().is_empty(), "it was told");
	let memory = Memory::replay([Record::Owes(debts)]);
	let (again, _inputs, _folder) = super::hostile::desk(&market, &memory);
	assert_eq!(again.till().owed(&caller(2), SLOT).total, 42);
	again.settled(KEY);
	assert_eq!(again.till().owed(&caller(2), SLOT).total, 0);
}

/// Returner: redeems, leaves the slot, and has it again. What was redeemed pays for nothing more: the chain would not
/// pay it again.
#[tokio::test]
async fn whoever_has_a_slot_again_goes_on_where_it_left() {
	let (me, owner) = (device_of(&pair(1)), account_of(&pair(2)));
	let mut market = Market::new(me, owner);
	let slots = &mut Arc::get_mut(&mut market).unwrap().deal.deal.slots;
	slots.iter_mut().for_each(|slot| slot.holding = Some(holding(me)));
	market.said().tabs = vec![(1_000, 300)];
	let (desk, _inputs, _folder) = desk(&market, &Memory::default());
	desk.rights().may(&caller(2), SLOT, Wish::Look).await.unwrap();
	let owed = desk.till().owed(&caller(2), SLOT);
	assert_eq!((owed.total, owed.promised), (300, 300));
}

/// Drainer: puts nothing in for what is given out, and reads without an end; so does a device that holds another slot.
#[tokio::test]
async fn whoever_pays_nothing_reads_so_much_a_day_and_no_more() {
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (desk, _inputs, _folder) = desk(&market, &Memory::default());
	let bytes = market.bytes();
	let most = (2 * bytes + (4 << 20)) / bytes;
	// Who asks nothing for what it gives out limits devices alone.
	for _ in 0..3 * most {
		read(&desk, 2, bytes as u32).await.unwrap();
	}
	desk.set_price(5);
	for who in [1, 2] {
		for day in 1..3 {
			desk.set_tick(day * 172_800);
			for number in 0..most {
				let granted = read(&desk, who, bytes as u32).await;
				assert_eq!(granted.map(|grant| grant.price), Ok(0), "{who}, read {number}");
			}
			let refused = read(&desk, who, bytes as u32).await.unwrap_err();
			assert_eq!(refused.cause, Cause::Unpaid);
			// To look costs nothing.
			desk.rights().may(&caller(who), SLOT, Wish::Look).await.unwrap();
		}
	}
}

/// Spoiler: a planck that was put in once, and redeemed, ends no reading for nothing: neither the owner's, nor that of
/// those with whom the deal is shared, who cannot pay.
#[tokio::test]
async fn a_slot_whose_tab_is_used_up_is_read_for_nothing_again() {
	for (tab, price) in [((1_000, 999), 5), ((1_000, 1_000), 0), ((0, 0), 0)] {
		let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
		{
			let mut said = market.said();
			said.tabs = vec![tab];
			said.granted = vec![account_of(&pair(3))];
		}
		let (desk, _inputs, _folder) = desk(&market, &Memory::default());
		desk.set_price(5);
		for who in [2, 3] {
			let granted = read(&desk, who, 100).await;
			assert_eq!(granted.map(|grant| grant.price), Ok(price), "{who} of {tab:?}");
		}
	}
}

/// Strangers: ask for ever so many deals, so that the node has no time to tell of challenges.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_have_the_node_asked_little_at_a_time() {
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (desk, _inputs, _folder) = desk(&market, &Memory::default());
	let mut asking = tokio::task::JoinSet::new();
	for deal in 0..200 {
		let desk = desk.clone();
		let slot = SlotId {
			deal: 1_000 + deal,
			slot: 0,
		};
		asking.spawn(async move { desk.rights().may(&caller(9), slot, Wish::Look).await });
	}
	for _ in 0..50 {
		let desk = desk.clone();
		asking.spawn(async move { read(&desk, 2, 100).await });
	}
	let mut granted = 0;
	while let Some(answer) = asking.join_next().await {
		granted += usize::from(answer.unwrap().is_ok());
	}
	assert_eq!(granted, 50, "the owner");
	let most = market.said().most_asking;
	assert!((1..=12).contains(&most), "{most} at a time");
}

/// A node that does not come to tell which slots there are, tells of challenges: these are answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_slots_that_does_not_come_holds_up_no_answer() {
	let folder = tempfile::tempdir().unwrap();
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (bytes, address) = (market.bytes(), free_address());
	let data = smartchain_rng::Rng::new(4).bytes(bytes as usize);
	let contents = contents_of(&data);
	market.said().slots = vec![drawn(bytes, None)];
	let running = start(&market, folder.path(), address);
	upload(&market, address, data).await;
	market.said().slots = vec![held(bytes, contents.root)];
	let tick = market.said().tick;
	// So many blocks later it is known.
	market
		.until("some blocks", |said| (said.tick > tick + 40).then_some(()))
		.await;
	{
		let mut said = market.said();
		said.says_no_slots = true;
		let until = said.tick + 100_000;
		said.challenges = vec![challenge(until, &contents, [9, 77])];
	}
	let is_answer = |deed: &&Deed| matches!(deed.key, DeedKey::Answer { .. });
	let deed = market
		.until("an answer", |said| said.deeds.iter().find(is_answer).cloned())
		.await;
	check(&deed, &contents, [9, 77]);
	running.end().await;
}

/// A holder that runs, and what somebody who probes it is told of the chain.
struct Probed {
	market: Arc<Market>,
	asked: Arc<Market>,
	running: Running,
	_folder: tempfile::TempDir,
}

async fn probed(seed: u64, prober: DeviceId) -> Probed {
	let folder = tempfile::tempdir().unwrap();
	let holder = device_of(&pair(1));
	let market = Market::new(holder, account_of(&pair(2)));
	let (bytes, address) = (market.bytes(), free_address());
	let data = smartchain_rng::Rng::new(seed).bytes(bytes as usize);
	let contents = contents_of(&data);
	let probes = ProbesView {
		era: 3,
		challenge: [8; 32],
		devices: 1,
		probers: vec![(prober, account_of(&pair(7)), 0b1110)],
	};
	{
		let mut said = market.said();
		(said.slots, said.probes) = (vec![drawn(bytes, None)], probes.clone());
	}
	let running = start(&market, folder.path(), address);
	upload(&market, address, data).await;
	let mut asked = Market::new(holder, account_of(&pair(2)));
	let reach = Endpoint {
		transport: Transport::Tcp,
		host: Host::V4([127, 0, 0, 1]),
		port: address.port(),
	};
	Arc::get_mut(&mut asked).unwrap().deal.devices[0].endpoints = vec![reach];
	{
		let mut said = asked.said();
		(said.probes, said.listed) = (probes, vec![holder]);
		said.theirs = vec![held(bytes, contents.root)];
	}
	Probed {
		market,
		asked,
		running,
		_folder: folder,
	}
}

/// What was seen of another device is reported also by a program that began later.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_nobody_took_outlives_the_program() {
	let (other, prober) = (tempfile::tempdir().unwrap(), pair(6));
	let there = probed(5, device_of(&prober)).await;
	let asked = &there.asked;
	asked.said().refuses_reports = true;
	let probing = start_as(asked, prober.clone(), other.path(), free_address());
	let (state, id) = (other.path().join("market"), device_of(&prober).0);
	let kept = |_: &Said| {
		let records = Log::<Record>::peek(DEEDS, &state, GENESIS, id).ok()?;
		let is_report = |record: &Record| matches!(record, Record::Report(_));
		records.iter().any(is_report).then_some(())
	};
	asked.until("a report that is kept", kept).await;
	probing.kill().await;
	// Nobody can look again.
	there.running.end().await;
	asked.said().refuses_reports = false;
	let probing = start_as(asked, prober, other.path(), free_address());
	let report = asked.until("a report", |said| said.reports.first().cloned()).await;
	assert!(report.served.is_some(), "as it was seen then");
	probing.end().await;
}

/// A receipt for the era before is no reason to report that a sound device gave nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_does_not_count_is_asked_for_again() {
	let (other, prober) = (tempfile::tempdir().unwrap(), pair(6));
	let there = probed(6, device_of(&prober)).await;
	there.asked.said().mistrusts = 2;
	let probing = start_as(&there.asked, prober, other.path(), free_address());
	let report = there
		.asked
		.until("a report", |said| said.reports.first().cloned())
		.await;
	assert!(report.served.is_some(), "it gave what it was asked for");
	probing.end().await;
	there.running.end().await;
	assert_eq!(there.market.said().probes.era, 3);
}

/// A device that holds a slot of the deal and probes another one of it has its receipt.
#[tokio::test]
async fn whoever_holds_and_probes_gets_a_receipt() {
	let market = Market::new(device_of(&pair(1)), account_of(&pair(2)));
	let (desk, _inputs, _folder) = desk(&market, &Memory::default());
	assert_eq!(read(&desk, 1, 100).await.unwrap().probes, None);
	let (again, _inputs, _folder) = super::hostile::desk(&market, &Memory::default());
	{
		let mut said = market.said();
		(said.probes.era, said.probes.probers) = (3, vec![(device_of(&pair(1)), account_of(&pair(7)), 0)]);
	}
	assert_eq!(read(&again, 1, 100).await.unwrap().probes, Some(3));
}

/// A holder that takes connections and says nothing: a repair that nobody wants any more does not wait for it.
#[test]
fn a_repair_is_cancelled_at_once() {
	let folder = tempfile::tempdir().unwrap();
	let mute = TcpListener::bind("127.0.0.1:0").unwrap();
	let (me, other) = (device_of(&pair(1)), device_of(&pair(5)));
	let order = Order {
		geometry: Geometry {
			enough: 1,
			slots: 2,
			volume_len: 100_000,
		},
		max_ask: Price(1_000),
		eras: 10,
		factor: 1,
	};
	let terms = Terms::real();
	let (mut deal, _) = Deal::open(account_of(&pair(2)), Kind::Beacon, order, 1, &terms).unwrap();
	for (slot, device) in deal.slots.iter_mut().zip([me, other]) {
		slot.holding = Some(holding(device));
	}
	let endpoint = Endpoint {
		transport: Transport::Tcp,
		host: Host::V4([127, 0, 0, 1]),
		port: mute.local_addr().unwrap().port(),
	};
	let bytes = deal.order.geometry.slot_len();
	let view = DealView {
		deal,
		devices: vec![storage_market_primitives::Reach {
			device: other,
			endpoints: vec![endpoint],
		}],
	};
	let owner = Owner {
		genesis: GENESIS,
		device: me.0,
	};
	let (store, ..) = SlotStore::open(folder.path(), &owner, 1 << 30, |_, _| ()).unwrap();
	store.make(SLOT, bytes, 1).unwrap();
	let builder = Builder::new(GENESIS, me, pair(1), store);
	let (cancel, begun) = (Cancel::default(), Instant::now());
	let building = {
		let cancel = cancel.clone();
		std::thread::spawn(move || builder.repair(&view, KEY, &[0; 32], &cancel).ok())
	};
	// It has connected, and waits for an answer.
	let connection = mute.accept().unwrap();
	cancel.cancel();
	let done = building.join().unwrap();
	assert_eq!(
		done,
		Some(smart_agent_market::Done::Failed(smart_agent_market::Failure::Cancelled))
	);
	assert!(begun.elapsed() < Patience::default().answer, "nobody was waited for");
	drop(connection);
}

/// A disk that has changed a byte of the journal: what is before it counts, and slots are answered for.
#[test]
fn a_journal_that_is_damaged_is_put_aside() {
	let folder = tempfile::tempdir().unwrap();
	let id = device_of(&pair(1)).0;
	let records: Vec<Record> = (1..=40).map(|total| Record::Owes(vec![(KEY, total)])).collect();
	{
		let (mut log, found) = Log::<Record>::open(DEEDS, folder.path(), GENESIS, id).unwrap();
		assert!(found.is_empty());
		records.iter().for_each(|record| log.append(record).unwrap());
	}
	let path = folder.path().join("deeds");
	let mut bytes = std::fs::read(&path).unwrap();
	let middle = bytes.len() / 2;
	bytes[middle] ^= 1;
	std::fs::write(&path, &bytes).unwrap();
	assert!(Log::<Record>::open(DEEDS, folder.path(), GENESIS, id).is_err());
	let (log, found, aside) = crate::journal(folder.path(), GENESIS, id).unwrap();
	assert!(
		found.len() > 10 && found[..] == records[..found.len()],
		"{} are saved",
		found.len()
	);
	assert_eq!(std::fs::read(aside.unwrap()).unwrap(), bytes);
	drop(log);
	let (_log, again, aside) = crate::journal(folder.path(), GENESIS, id).unwrap();
	assert!(aside.is_none() && again == found);
}
