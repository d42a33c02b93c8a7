//! Puts that are killed at every step, over a chain and devices in memory.

use super::*;
use crate::{
	access::Access,
	fake::{is_active, Kill, World},
	fetching::{After, Fetching},
	reading::readable,
	store::{Folder, Kept, Step},
};
use smart_agent_keys::Phrase;
use smartchain_slots::{
	edge::{Folder as Source, MemoryLog, RestoreFolder},
	get, Get, Plan, Selection,
};
use std::{collections::BTreeMap as Map, fs, os::unix::ffi::OsStrExt, path::PathBuf};
use storage_market_primitives::{Geometry, Order, Price, Profile, Terms};
use tempfile::TempDir;

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
/// A put ends after so many starts, whatever happens.
const STARTS: u32 = 4;

/// A chain, devices, an account, and a folder that it stores.
pub(crate) struct Bench {
	pub(crate) world: World,
	pub(crate) access: Access,
	pub(crate) source: TempDir,
	pub(crate) data: TempDir,
}

/// Files by their paths.
pub(crate) fn files(folder: &Path) -> Map<PathBuf, Vec<u8>> {
	let mut found = Map::new();
	let mut folders = vec![folder.to_owned()];
	while let Some(next) = folders.pop() {
		for entry in fs::read_dir(next).unwrap() {
			let path = entry.unwrap().path();
			if path.is_dir() {
				folders.push(path);
			} else {
				found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
			}
		}
	}
	found
}

impl Bench {
	pub(crate) fn new(profile: Profile) -> Self {
		Self::with(profile, Price(100_000))
	}

	fn with(profile: Profile, max_ask: Price) -> Self {
		let source = tempfile::tempdir().unwrap();
		fs::create_dir(source.path().join("deep")).unwrap();
		for (name, count) in [("a", 70_000), ("deep/b", 130_001), ("empty", 0)] {
			let bytes: Vec<u8> = (0..count).map(|at: u32| (at * 7 + at / 251) as u8).collect();
			fs::write(source.path().join(name), bytes).unwrap();
		}
		let access = Access::new(&Phrase::parse(WORDS).unwrap(), [1; 32]).unwrap();
		let bench = Self {
			world: World::new(access.account(), Terms::real()),
			access,
			data: tempfile::tempdir().unwrap(),
			source,
		};
		let plan = Plan::of(&mut Source::open(bench.source.path()).unwrap()).unwrap();
		let (_, key_box) = bench.access.new_key().unwrap();
		let kept = Kept {
			genesis: [1; 32],
			account: bench.access.account(),
			source: bench.source.path().as_os_str().as_bytes().to_vec(),
			order: Order {
				geometry: Geometry::of(profile, plan.volume_len.unwrap()),
				max_ask,
				eras: 144,
				factor: 2,
			},
			most: u128::MAX,
			egress: 0,
			key_box,
			step: Step::Planned,
		};
		Record::begin(&bench.place(), kept).unwrap();
		bench
	}

	fn place(&self) -> PathBuf {
		let folder = Folder::new(self.data.path());
		folder.put(&[1; 32], &self.access.account(), self.source.path())
	}

	/// The program, once from its start.
	async fn start(&self) -> Result<Done, Failure> {
		let record = Record::open(&self.place())?.expect("it is on its way");
		let key = self.access.open(&record.kept().key_box)?;
		run(Job {
			market: &self.world,
			holders: &self.world,
			record,
			source: self.source.path(),
			key: &key,
			meter: &Meter::default(),
			show: Show::default(),
		})
		.await
	}

	/// The same, started again as often as it is killed.
	pub(crate) async fn finish(&self) -> Result<Done, Failure> {
		for _ in 0..STARTS {
			let done = self.start().await;
			if !self.world.revive() {
				return done;
			}
			assert!(done.is_err(), "who is killed does not end well");
		}
		panic!("it does not come to an end");
	}

	/// What comes back is what was stored.
	async fn comes_back(&self, deal: DealId) {
		let read = readable(&self.world, &self.access, deal).await.unwrap();
		let back = tempfile::tempdir().unwrap();
		get(Get {
			stored: &read.stored,
			key: &read.key,
			slots: &mut *self.world.best(&read.stored, read.holders.clone()),
			selection: Selection::All,
			sink: &mut RestoreFolder::create(back.path(), false).unwrap(),
			log: &mut MemoryLog::default(),
			meter: &Meter::default(),
		})
		.unwrap();
		assert_eq!(files(back.path()), files(self.source.path()));
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_stored_and_comes_back() {
	for profile in [Profile::Standard, Profile::Archive, Profile::Single] {
		let bench = Bench::new(profile);
		let done = bench.finish().await.unwrap();
		let (_, slots) = profile.shape();
		assert_eq!((done.deal, done.held, done.slots), (1, slots.into(), slots.into()));
		assert_eq!(done.carried, bench.world.taken());
		assert!(!bench.place().exists(), "nothing is on its way any more");
		bench.comes_back(1).await;
	}
}

/// Killed at each step, before or after its effect, or with what was sent still on its way: one deal, one commitment,
/// all bytes.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_it_goes_on_where_it_was() {
	let whole = {
		let bench = Bench::new(Profile::Standard);
		bench.finish().await.unwrap();
		bench.world.taken()
	};
	for kill in [Kill::Before, Kill::After, Kill::Late] {
		let mut steps = 0;
		loop {
			let bench = Bench::new(Profile::Standard);
			bench.world.kill_at(steps, kill);
			let done = bench.start().await;
			if !bench.world.revive() {
				done.unwrap();
				break;
			}
			let done = bench.finish().await.unwrap();
			assert_eq!(bench.world.count("open_deal"), 1, "{kill:?} at step {steps}");
			assert_eq!(bench.world.count("commit_roots"), 1, "{kill:?} at step {steps}");
			assert_eq!(bench.world.count("redraw"), 0, "{kill:?} at step {steps}");
			assert!(bench.world.kept(done.deal).is_some_and(|deal| is_active(&deal)));
			assert!(
				bench.world.taken() <= 2 * whole,
				"{kill:?} at step {steps}: what was durable goes out once"
			);
			bench.comes_back(done.deal).await;
			steps += 1;
		}
		assert!(steps > 20, "{kill:?}: {steps} steps");
	}
}

/// The node is lost at any step, with what was sent on its way: the put goes on by itself, and nothing is done twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_lost_with_something_on_its_way_ends_no_put() {
	let all = {
		let bench = Bench::new(Profile::Standard);
		bench.finish().await.unwrap();
		bench.world.steps()
	};
	for step in 0..all {
		let bench = Bench::new(Profile::Standard);
		bench.world.kill_at(step, Kill::Node);
		let done = bench.start().await.unwrap();
		assert!(!bench.world.revive(), "the program lives");
		let counts = ["open_deal", "commit_roots", "redraw"].map(|call| bench.world.count(call));
		assert_eq!(counts, [1, 1, 0], "at step {step}");
		assert!(bench.world.kept(done.deal).is_some_and(|deal| is_active(&deal)));
	}
}

/// What is durable at devices is not sent again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_durable_goes_out_once() {
	let bench = Bench::new(Profile::Standard);
	bench.finish().await.unwrap();
	let whole = bench.world.taken();
	let again = Bench::new(Profile::Standard);
	// Among the last steps: all is durable, the roots are not committed.
	let steps = u32::try_from(whole / (16 << 10)).unwrap() + 8;
	again.world.kill_at(steps + 1, Kill::Before);
	assert!(again.start().await.is_err());
	assert!(again.world.revive());
	again.finish().await.unwrap();
	assert_eq!(again.world.taken(), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_gone_is_replaced() {
	let bench = Bench::new(Profile::Standard);
	bench.world.is_gone(3);
	let done = bench.finish().await.unwrap();
	assert_eq!((done.held, bench.world.count("redraw")), (8, 1));
	let deal = bench.world.kept(done.deal).unwrap();
	assert!(deal.devices().all(|device| device.0[0] != 3));
	bench.comes_back(done.deal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_back_in_time_keeps_its_slot() {
	let bench = Bench::new(Profile::Standard);
	bench.world.is_gone(3);
	// One step opens it, each of seven devices takes its units and syncs, and the next step commits the roots.
	let kept = Record::peek(&bench.place()).unwrap().unwrap();
	let units = kept.order.geometry.slot_len() / kept.order.geometry.unit();
	bench
		.world
		.kill_at(1 + 7 * (u32::try_from(units).unwrap() + 1), Kill::After);
	assert!(bench.start().await.is_err());
	assert!(bench.world.revive());
	assert_eq!(bench.world.count("commit_roots"), 1);
	bench.world.is_back(3);
	let done = bench.finish().await.unwrap();
	assert_eq!((done.held, bench.world.count("redraw")), (8, 0));
}

/// Boaster: says that it has all of its slot, so that it is brought nothing, or that this put passes for one that was
/// sealed before.
#[tokio::test(flavor = "multi_thread")]
async fn the_boaster_is_replaced_and_ends_no_put() {
	let bench = Bench::new(Profile::Standard);
	bench.world.boasts(3);
	let done = bench.finish().await.unwrap();
	assert_eq!((done.held, bench.world.count("redraw")), (8, 1));
	let deal = bench.world.kept(done.deal).unwrap();
	assert!(deal.devices().all(|device| device.0[0] != 3));
	bench.comes_back(done.deal).await;
}

/// Dawdler: takes what it is brought, and takes minutes for it each time: as long as all wait for it, the time of the
/// deal runs out for all.
#[tokio::test(flavor = "multi_thread")]
async fn the_dawdler_is_waited_for_by_nobody_else() {
	let bench = Bench::new(Profile::Standard);
	bench.world.is_slow(3);
	let done = bench.finish().await.unwrap();
	assert!(done.held >= 7 && done.slots == 8, "{done:?}");
	bench.comes_back(done.deal).await;
}

/// Stale node: never says that anything was done, so that fees are paid again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_node_does_not_have_fees_paid_for_ever() {
	let bench = Bench::new(Profile::Standard);
	bench.world.is_stale();
	let failure = bench.finish().await.unwrap_err();
	assert!(failure.message.contains("another node"), "{}", failure.message);
	assert_eq!(bench.world.count("commit_roots"), 1);
}

/// Without its key box on chain the phrase brings nothing back: that is not called stored, and the record stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_deal_without_its_key_on_chain_is_not_called_stored() {
	let bench = Bench::new(Profile::Standard);
	bench.world.has_no_boxes(true);
	let failure = bench.finish().await.unwrap_err();
	assert!(failure.message.contains("the phrase alone"), "{}", failure.message);
	assert!(bench.place().exists());
	bench.world.has_no_boxes(false);
	let done = bench.finish().await.unwrap();
	assert_eq!(bench.world.count("open_deal"), 1);
	bench.comes_back(done.deal).await;
}

/// The journal is lost while devices have bytes: nothing is sealed again, whatever the folder is now.
#[tokio::test(flavor = "multi_thread")]
async fn the_loser_of_the_journal_seals_nothing_twice() {
	for removed in [true, false] {
		let bench = Bench::new(Profile::Standard);
		bench.finish().await.unwrap();
		// All devices have all of it, and the roots are not committed.
		let steps = u32::try_from(bench.world.taken() / (16 << 10)).unwrap() + 8;
		let again = Bench::new(Profile::Standard);
		again.world.kill_at(steps + 1, Kill::Before);
		assert!(again.start().await.is_err());
		assert!(again.world.revive());
		let (spans, taken) = (again.place().join("spans"), again.world.taken());
		match removed {
			true => fs::remove_file(&spans).unwrap(),
			false => fs::write(&spans, b"").unwrap(),
		}
		let mut bytes = fs::read(again.source.path().join("a")).unwrap();
		bytes[0] ^= 1;
		fs::write(again.source.path().join("a"), bytes).unwrap();
		let failure = again.start().await.unwrap_err();
		assert!(failure.message.contains("smart rm 1"), "{}", failure.message);
		assert_eq!(again.world.taken(), taken, "nothing went out");
	}
}

/// Killed while its transaction is on its way and finality lags, so that the transaction is good for longer than what
/// is final tells.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_finality_lags_it_orders_once() {
	let bench = Bench::new(Profile::Standard);
	bench.world.lags(40, 100);
	bench.world.kill_at(0, Kill::Late);
	assert!(bench.start().await.is_err());
	assert!(bench.world.revive());
	let done = bench.finish().await.unwrap();
	assert_eq!((done.deal, bench.world.count("open_deal")), (1, 1));
	// The next run asks another node, which is further behind.
	let bench = Bench::new(Profile::Standard);
	bench.world.lags(40, 100);
	bench.world.kill_at(0, Kill::Late);
	assert!(bench.start().await.is_err());
	assert!(bench.world.revive());
	bench.world.lags(0, 100);
	let done = bench.finish().await.unwrap();
	assert_eq!((done.deal, bench.world.count("open_deal")), (1, 1));
}

/// The price rose between the question and the order.
#[tokio::test(flavor = "multi_thread")]
async fn what_costs_more_than_was_agreed_to_is_not_ordered() {
	let bench = Bench::new(Profile::Standard);
	let kept = Record::peek(&bench.place()).unwrap().unwrap();
	let price = bench.world.price(&kept.order).await.unwrap().unwrap().total();
	for (most, ordered) in [(price - 1, 0), (price, 1)] {
		fs::remove_dir_all(bench.place()).unwrap();
		drop(Record::begin(&bench.place(), Kept { most, ..kept.clone() }).unwrap());
		let done = bench.finish().await;
		assert_eq!((done.is_ok(), bench.world.count("open_deal")), (ordered == 1, ordered));
		assert!(!bench.place().exists(), "nothing of it is on its way");
		fs::create_dir_all(bench.place()).unwrap();
	}
}

/// A node that restarts in between is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_restarts_is_waited_for() {
	let bench = Bench::new(Profile::Standard);
	bench.world.kill_at(1, Kill::Before);
	assert!(bench.start().await.is_err());
	assert!(bench.world.revive());
	// The deal is open: from here on nothing but looks at it can fail.
	bench.world.is_away_for(30);
	let done = bench.finish().await.unwrap();
	assert_eq!((done.held, bench.world.count("open_deal")), (8, 1));
}

/// The node is lost with the order or the roots on their way, and does not answer for a while: the put goes on by
/// itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stays_away_ends_no_put() {
	let roots = {
		let bench = Bench::new(Profile::Standard);
		bench.finish().await.unwrap();
		bench.world.steps() - 1
	};
	for step in [0, roots] {
		let bench = Bench::new(Profile::Standard);
		bench.world.kill_at(step, Kill::Node);
		bench.world.stays_away_for(30);
		let done = bench.start().await.unwrap();
		let counts = ["open_deal", "commit_roots"].map(|call| bench.world.count(call));
		assert_eq!((done.deal, counts), (1, [1, 1]), "at step {step}");
	}
	// Also before anything is sent.
	let bench = Bench::new(Profile::Standard);
	bench.world.is_away_for(30);
	assert_eq!(bench.start().await.unwrap().deal, 1);
	// Away for longer than anybody waits, it ends with what to do, and the order is not sent again.
	let bench = Bench::new(Profile::Standard);
	bench.world.kill_at(0, Kill::Node);
	bench.world.stays_away_for(10_000);
	let failure = bench.start().await.unwrap_err();
	assert!(failure.message.contains("never ordered twice"), "{}", failure.message);
	assert!(!bench.world.revive());
	bench.world.is_away_for(0);
	bench.finish().await.unwrap();
	assert_eq!(bench.world.count("open_deal"), 1);
}

/// A pool that refuses all that is sent, for its nonce: that is no reason to send the order for ever.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_never_comes_is_given_up_for_now() {
	let bench = Bench::new(Profile::Standard);
	bench.world.moves_nonces(true);
	let failure = bench.start().await.unwrap_err();
	assert!(failure.message.contains("another program"), "{}", failure.message);
	assert_eq!(bench.world.moves_nonces(false), 3);
	assert_eq!(bench.world.count("open_deal"), 0);
	assert_eq!(bench.finish().await.unwrap().deal, 1);
}

/// All redraws are used up, or there is no time for them: the deal begins without what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn it_begins_without_devices_that_never_answer() {
	let bench = Bench::new(Profile::Standard);
	// The second slot finds nobody, however often it is drawn for.
	for number in [2].into_iter().chain(9..=40) {
		bench.world.is_gone(number);
	}
	let done = bench.finish().await.unwrap();
	assert_eq!((done.held, done.slots), (7, 8));
	assert_eq!(bench.world.count("redraw"), 8);
	bench.comes_back(done.deal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_nobody_takes_is_closed_and_told() {
	let bench = Bench::with(Profile::Standard, Price(99_999));
	let failure = bench.finish().await.unwrap_err();
	assert_eq!(failure.code, Code::Unreachable);
	assert!(failure.message.contains("--max-ask"), "{}", failure.message);
	assert_eq!(bench.world.count("close"), 1, "its money is back");
	assert!(!bench.place().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_changed_is_refused() {
	let bench = Bench::new(Profile::Standard);
	bench.world.kill_at(20, Kill::Before);
	assert!(bench.start().await.is_err());
	bench.world.revive();
	fs::write(bench.source.path().join("a"), vec![1_u8; 70_000]).unwrap();
	let failure = bench.finish().await.unwrap_err();
	assert!(failure.message.contains("smart rm 1"), "{}", failure.message);
	assert!(bench.place().exists(), "the folder may be brought back");
	// Grown, it is refused likewise.
	let bench = Bench::new(Profile::Standard);
	fs::write(bench.source.path().join("new"), b"more").unwrap();
	let failure = bench.finish().await.unwrap_err();
	assert!(failure.message.contains("smart rm 1"), "{}", failure.message);
	assert_eq!(bench.world.count("commit_roots"), 0);
}

/// Four of eight devices are lost, and whoever has the phrase has all.
#[tokio::test(flavor = "multi_thread")]
async fn any_four_of_eight_bring_all_back() {
	let bench = Bench::new(Profile::Standard);
	let done = bench.finish().await.unwrap();
	for number in [1, 2, 5, 8] {
		bench.world.is_gone(number);
	}
	bench.comes_back(done.deal).await;
	let other = Access::new(&Phrase::generate(12).unwrap(), [1; 32]).unwrap();
	let refused = readable(&bench.world, &other, done.deal).await.unwrap_err();
	assert!(refused.message.contains("smart share 1"), "{}", refused.message);
}

/// Killed at each step, a restore goes on, and brings every byte in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_goes_on_from_any_step() {
	let bench = Bench::new(Profile::Standard);
	let done = bench.finish().await.unwrap();
	let read = readable(&bench.world, &bench.access, done.deal).await.unwrap();
	let data = Folder::new(bench.data.path());
	let fetching = Fetching {
		holders: &bench.world,
		deal: &read,
		data: &data,
		genesis: &[1; 32],
		meter: &Meter::default(),
		show: Show::default(),
	};
	let mut steps = 0;
	loop {
		let back = tempfile::tempdir().unwrap();
		let target = back.path().join("new");
		bench.world.kill_at(steps, Kill::Before);
		let first = fetching.into_folder(&target, "", After::Forget);
		let killed = bench.world.revive();
		assert_eq!(first.is_err(), killed);
		if killed {
			fetching.into_folder(&target, "", After::Forget).unwrap();
		}
		assert_eq!(files(&target), files(bench.source.path()));
		// What is whole is not written over.
		let again = fetching.into_folder(&target, "", After::Forget).unwrap_err();
		assert_eq!(again.code, Code::Usage, "{}", again.message);
		if !killed {
			break;
		}
		steps += 1;
	}
	assert!(steps > 10, "{steps} steps");
	let part = bench.data.path().join("part");
	let back = fetching.into_folder(&part, "deep", After::Keep).unwrap();
	assert_eq!((back.entries, back.bytes), (2, 130_001));
	let again = fetching.into_folder(&part, "deep", After::Keep).unwrap();
	assert_eq!((again.entries, again.bytes), (2, 0));
}

/// A folder that was removed and made anew is another one: what somebody keeps in it now is not written over.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_made_anew_is_not_gone_on_with() {
	let bench = Bench::new(Profile::Standard);
	let done = bench.finish().await.unwrap();
	let read = readable(&bench.world, &bench.access, done.deal).await.unwrap();
	let data = Folder::new(bench.data.path());
	let fetching = Fetching {
		holders: &bench.world,
		deal: &read,
		data: &data,
		genesis: &[1; 32],
		meter: &Meter::default(),
		show: Show::default(),
	};
	let back = tempfile::tempdir().unwrap();
	let target = back.path().join("new");
	fetching.into_folder(&target, "", After::Keep).unwrap();
	fs::remove_dir_all(&target).unwrap();
	fs::create_dir(&target).unwrap();
	fs::write(target.join("a"), b"mine").unwrap();
	if fs::metadata(&target).unwrap().created().is_err() {
		// This file system does not say it.
		return;
	}
	let failure = fetching.into_folder(&target, "", After::Keep).unwrap_err();
	assert_eq!(failure.code, Code::Usage, "{}", failure.message);
	assert_eq!(fs::read(target.join("a")).unwrap(), b"mine");
}

/// Shared, another account reads; and the box that it was given opens for it alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_deal_is_shared_and_taken_back() {
	let bench = Bench::new(Profile::Standard);
	let done = bench.finish().await.unwrap();
	let theirs = Access::new(&Phrase::generate(12).unwrap(), [1; 32]).unwrap();
	let public = crate::access::read_code(&theirs.code(), &theirs.account(), &[1; 32]).unwrap();
	let read = readable(&bench.world, &bench.access, done.deal).await.unwrap();
	let wrapped = bench.access.wrap(&read.key, &theirs.account(), &public).unwrap();
	let (deal, who) = (done.deal, theirs.account());
	let key_box = smart_market::KeyBox::truncate_from(wrapped.to_vec());
	let act = Act::Grant {
		deal,
		who,
		key_box,
		deposit: 0,
	};
	bench.world.send(&act).await.unwrap();
	let shared = readable(&bench.world, &theirs, deal).await.unwrap();
	assert_eq!(shared.key.secret(), read.key.secret());
	assert_eq!(bench.world.boxed(&who, 0).await.unwrap(), [deal]);
	bench.world.send(&Act::Revoke { deal, who }).await.unwrap();
	assert!(readable(&bench.world, &theirs, deal).await.is_err());
}
