//! Claims and looks, against a chain in memory.

use super::{claim, command, daemon::Keeper, file::BookFile, look::look, shown};
use crate::{
	cli::{ClaimArguments, EarningsArguments, Signing},
	commands::Context,
	config::{ClaimWhen, Config, Folder},
	keys::{Cost, DeviceSecret, Keystore, Phrase},
	ledger::fake::{FakeLedger, FEE},
	status::{unix_now, Device as Shown, DeviceState, Status, StatusHandle},
	terminal::{money::Currency, Colors, Terminal},
};
use smart_agent_chain::{Call, ChainError, Device, Suspension};
use smart_agent_ledger::{Batch, Seen, State, DAY, FLIGHT_BLOCKS};
use std::{fs, path::Path};

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const UNIT: u128 = 1_000_000_000_000;
const CHEAP: Cost = Cost {
	memory_kib: 8,
	passes: 1,
	lanes: 1,
};

fn context(folder: &Path) -> Context {
	let data = Folder::new(folder);
	let phrase = Phrase::parse(WORDS).unwrap();
	Keystore::create(&data.keystore(), &phrase, "pass", CHEAP).unwrap();
	let device = DeviceSecret::derive(&phrase, &"laptop".parse().unwrap()).unwrap();
	device.create(&data.device_key(), None, CHEAP).unwrap();
	fs::write(folder.join("pass"), "pass\n").unwrap();
	Context {
		config_file: data.config(),
		config: Config::load(&data.config(), data.path(), std::iter::empty(), &[]).unwrap(),
		folder: data,
		variables: Vec::new(),
		terminal: Terminal::new(false, Colors::Never),
	}
}

fn arguments(folder: &Path, all: bool) -> ClaimArguments {
	ClaimArguments {
		all,
		again: false,
		signing: Signing {
			password_file: Some(folder.join("pass")),
			yes: true,
		},
	}
}

/// A chain in its era 100, on which the folder's owner has money and a device, and has earned so much in each of these.
fn ledger(context: &Context, eras: std::ops::Range<u32>, each: u128) -> FakeLedger {
	let owner = context.keystore().unwrap().account();
	let device = context.device().unwrap();
	let ledger = FakeLedger::new(true);
	{
		let mut state = ledger.state();
		state.era = 100;
		state.free.insert(owner, UNIT);
		let registered = Device {
			number: 0,
			key: device.key,
			enrolled: None,
			lottery_since: 1,
			owner: owner.into(),
			deposit: 0,
			registered: 0,
			transfers: 0,
			suspended: Suspension::default(),
			attested: None,
			offered_to: None,
			endpoints: Default::default(),
		};
		state.devices.insert(device.id, registered);
		let earned = eras.map(|era| (era, [0, each, 0, 0, 0, 0, 0])).collect();
		state.earned.insert(owner, earned);
	}
	ledger
}

fn claimed(ledger: &FakeLedger) -> Vec<Vec<u32>> {
	let eras = |call: Call| match call {
		Call::ClaimEarnings { eras, .. } => eras,
		other => panic!("{other:?}"),
	};
	ledger.calls().into_iter().map(eras).collect()
}

fn file(context: &Context) -> BookFile {
	BookFile::new(&context.folder, [7; 32], context.keystore().unwrap().account())
}

fn state(context: &Context, era: u32) -> State {
	let of_era = file(context).with(unix_now(), |book| book.get(era).map(|record| record.state));
	of_era.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_has_the_sixteen_oldest_eras_and_all_have_the_rest() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 50..90, UNIT);
	command::carry_out(&context, &ledger, &arguments(folder.path(), false))
		.await
		.unwrap();
	assert_eq!(claimed(&ledger), [(50..66).collect::<Vec<_>>()]);
	assert_eq!(state(&context, 50), State::Claimed);
	assert_eq!(state(&context, 66), State::Claimable);
	command::carry_out(&context, &ledger, &arguments(folder.path(), true))
		.await
		.unwrap();
	let all: Vec<u32> = claimed(&ledger).concat();
	assert_eq!(all, (50..90).collect::<Vec<_>>());
	assert_eq!(claimed(&ledger).len(), 3);
	let owner = context.keystore().unwrap().account();
	assert_eq!(ledger.state().free[&owner], 41 * UNIT - 3 * FEE);
	// Nothing is left.
	command::carry_out(&context, &ledger, &arguments(folder.path(), true))
		.await
		.unwrap();
	assert_eq!(claimed(&ledger).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_more_than_may_be_on_their_way_at_a_time() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 0..320, UNIT);
	ledger.state().era = 400;
	command::carry_out(&context, &ledger, &arguments(folder.path(), true))
		.await
		.unwrap();
	assert_eq!(claimed(&ledger).len(), 20);
	assert_eq!(claimed(&ledger).concat(), (0..320).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_hid_is_claimed_again_if_a_person_says_so() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 50..52, UNIT);
	look(&ledger, &file(&context), 0, 0, Vec::new()).await.unwrap();
	let hidden = std::mem::take(&mut ledger.state().earned);
	look(&ledger, &file(&context), 0, 0, Vec::new()).await.unwrap();
	assert_eq!(state(&context, 50), State::Claimed);
	ledger.state().earned = hidden;
	let mut arguments = arguments(folder.path(), true);
	command::carry_out(&context, &ledger, &arguments).await.unwrap();
	assert!(claimed(&ledger).is_empty(), "not by itself");
	arguments.again = true;
	command::carry_out(&context, &ledger, &arguments).await.unwrap();
	assert_eq!(claimed(&ledger), [[50, 51]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_on_its_way_is_not_sent_again() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 50..60, UNIT);
	let why = || "the node was lost".to_owned();
	ledger.state().fail_at = Some((0, ChainError::Unclear { why: why() }));
	let all = arguments(folder.path(), true);
	assert!(command::carry_out(&context, &ledger, &all).await.is_err());
	for height in [10, 11 + FLIGHT_BLOCKS] {
		// As after a restart: all that is known is on the disk. A node may say any height.
		ledger.state().height = Some(height);
		command::carry_out(&context, &ledger, &all).await.unwrap();
		assert!(claimed(&ledger).is_empty());
	}
	// One that was never sent is free at once.
	let other = tempfile::tempdir().unwrap();
	let context = super::tests::context(other.path());
	ledger.state().fail_at = Some((0, ChainError::Poor { missing: 1 }));
	let all = arguments(other.path(), true);
	assert!(command::carry_out(&context, &ledger, &all).await.is_err());
	command::carry_out(&context, &ledger, &all).await.unwrap();
	assert_eq!(claimed(&ledger).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_worth_its_fee_is_not_sent() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let all = arguments(folder.path(), true);
	// A claim has to bring twenty times its fee.
	let poor = ledger(&context, 50..51, 20 * FEE - 1);
	command::carry_out(&context, &poor, &all).await.unwrap();
	assert!(claimed(&poor).is_empty());
	let rich = ledger(&context, 50..51, 20 * FEE);
	command::carry_out(&context, &rich, &all).await.unwrap();
	assert_eq!(claimed(&rich), [[50]]);
	// Dust does not go with what is worth it.
	let mixed = ledger(&context, 60..62, UNIT);
	let owner = context.keystore().unwrap().account();
	mixed
		.state()
		.earned
		.entry(owner)
		.or_default()
		.insert(55, [0, 5, 0, 0, 0, 0, 0]);
	command::carry_out(&context, &mixed, &all).await.unwrap();
	assert_eq!(claimed(&mixed), [[60, 61]]);
}

/// Straggler can be claimed for the last time, alone, and brings less than twenty times its fee.
#[tokio::test(flavor = "multi_thread")]
async fn straggler_in_its_last_chance_is_claimed_if_it_brings_more_than_its_fee() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let all = arguments(folder.path(), true);
	let last = ledger(&context, 50..51, 2 * FEE);
	last.state().expiry = Some(50);
	command::carry_out(&context, &last, &all).await.unwrap();
	assert_eq!(claimed(&last), [[50]]);
	let dear = ledger(&context, 51..52, FEE);
	dear.state().expiry = Some(49);
	command::carry_out(&context, &dear, &all).await.unwrap();
	assert!(claimed(&dear).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_pay_the_fee_sends_nothing_and_blocks_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 50..52, UNIT);
	let owner = context.keystore().unwrap().account();
	ledger.state().free.insert(owner, 0);
	let all = arguments(folder.path(), true);
	let failure = command::carry_out(&context, &ledger, &all).await.unwrap_err();
	assert!(failure.message.contains("lacks"), "{}", failure.message);
	ledger.state().free.insert(owner, UNIT);
	command::carry_out(&context, &ledger, &all).await.unwrap();
	assert_eq!(claimed(&ledger), [[50, 51]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_era_is_in_one_claim_whoever_sends_it() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 50..52, UNIT);
	let (file, keystore) = (file(&context), context.keystore().unwrap());
	look(&ledger, &file, 0, 0, Vec::new()).await.unwrap();
	let batch = Batch {
		eras: vec![50],
		amount: UNIT,
		last: false,
	};
	file.change(|book| book.depart(&[50], unix_now()))
		.await
		.unwrap()
		.unwrap();
	let owner = context
		.owner(&keystore, &arguments(folder.path(), true).signing)
		.unwrap();
	let refused = claim::send(&ledger, &file, &owner, &batch, claim::Hand::Alone).await;
	assert!(refused.unwrap_err().message.contains("on its way"));
	assert!(claimed(&ledger).is_empty());
}

/// The agent, a tick after the other.
struct Agent {
	context: Context,
	keeper: Keeper,
	handle: StatusHandle,
	device: [u8; 32],
}

impl Agent {
	fn new(context: &Context, claim: ClaimWhen) -> Self {
		let mut context = context.clone();
		context.config.earnings.claim = claim;
		let mut status = Status::new(unix_now());
		status.device = Some(Shown {
			id: String::new(),
			did: String::new(),
			owner: String::new(),
			state: DeviceState::Active,
		});
		Self {
			keeper: Keeper::default(),
			handle: StatusHandle::in_memory(status),
			device: context.device().unwrap().id,
			context,
		}
	}

	async fn tick(&mut self, ledger: &FakeLedger, now: u64) {
		self.keeper
			.tick(&self.context, ledger, &self.device, &self.handle, now)
			.await;
	}

	fn problems(&self) -> Vec<String> {
		self.handle
			.get()
			.problems
			.iter()
			.map(|problem| problem.code.clone())
			.collect()
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_shows_what_is_earned_and_claims_nothing_unless_it_is_told_to() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 98..100, UNIT);
	let mut agent = Agent::new(&context, ClaimWhen::Never);
	let now = unix_now();
	agent.tick(&ledger, now).await;
	agent.handle.set_luck(3, 2_400);
	agent.tick(&ledger, now + 30).await;
	agent.tick(&ledger, now + 600).await;
	assert!(claimed(&ledger).is_empty());
	let earnings = agent.handle.get().earnings.clone().unwrap();
	assert_eq!((earnings.era, earnings.last, earnings.claimable), (100, UNIT, 2 * UNIT));
	assert_eq!((earnings.claimable_eras, &earnings.claims[..]), (2, "never"));
	assert_eq!(earnings.eras[0].why, "not over yet. 3 wins, where 2.4 were expected");
	assert_eq!(earnings.eras[1].state, "claimable");
	let line = shown::line(&earnings, &Currency::new("STCI", 12));
	assert!(line.contains("2 STCI of 2 eras to be claimed"), "{line}");
	assert!(agent.problems().is_empty(), "{:?}", agent.problems());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_claims_once_a_day_if_it_has_the_password() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 60..100, UNIT);
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	let now = unix_now();
	agent.tick(&ledger, now).await;
	assert!(claimed(&ledger).is_empty());
	assert_eq!(agent.problems(), ["claims"], "there is no password at hand");
	agent.context.config.earnings.password_file = folder.path().join("pass");
	agent.tick(&ledger, now + 600).await;
	assert!(claimed(&ledger).is_empty(), "an hour has to pass");
	agent.tick(&ledger, now + 3_600).await;
	assert_eq!(claimed(&ledger).concat(), (60..100).collect::<Vec<_>>());
	assert!(agent.problems().is_empty());
	let owner = context.keystore().unwrap().account();
	let earn = |era: u32| {
		let mut state = ledger.state();
		state.era = era + 1;
		state
			.earned
			.entry(owner)
			.or_default()
			.insert(era, [0, UNIT, 0, 0, 0, 0, 0]);
	};
	earn(100);
	for later in [3_700, 8_000, 20_000] {
		agent.tick(&ledger, now + later).await;
	}
	assert_eq!(claimed(&ledger).len(), 3, "a day has to pass");
	agent.tick(&ledger, now + 2 * DAY).await;
	assert_eq!(claimed(&ledger).concat(), (60..101).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_for_a_day_waits_and_is_no_problem() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 0..320, UNIT);
	ledger.state().era = 400;
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	agent.context.config.earnings.password_file = folder.path().join("pass");
	let now = unix_now();
	agent.tick(&ledger, now).await;
	assert_eq!(claimed(&ledger).len(), 16);
	assert!(agent.problems().is_empty(), "{:?}", agent.problems());
	agent.tick(&ledger, now + 2 * DAY).await;
	assert_eq!(claimed(&ledger).len(), 16, "by this machine it is the same day");
	assert!(agent.problems().is_empty(), "{:?}", agent.problems());
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_node_that_is_behind_nothing_is_claimed() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 60..70, UNIT);
	look(&ledger, &file(&context), 0, 0, Vec::new()).await.unwrap();
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	agent.context.config.earnings.password_file = folder.path().join("pass");
	let now = unix_now();
	ledger.state().height = Some(5);
	agent.tick(&ledger, now).await;
	assert!(claimed(&ledger).is_empty());
	ledger.state().height = None;
	agent.tick(&ledger, now + 600).await;
	assert_eq!(claimed(&ledger), [(60..70).collect::<Vec<_>>()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_gone_has_earned_before() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 60..70, UNIT);
	ledger.state().devices.clear();
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	agent.context.config.earnings.password_file = folder.path().join("pass");
	agent.tick(&ledger, unix_now()).await;
	assert_eq!(claimed(&ledger), [(60..70).collect::<Vec<_>>()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_stops_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 60..70, UNIT);
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	let now = unix_now();
	agent.tick(&ledger, now + 10 * DAY).await;
	assert_eq!(agent.problems(), ["claims"], "there is no password at hand");
	agent.context.config.earnings.password_file = folder.path().join("pass");
	agent.tick(&ledger, now).await;
	assert_eq!(claimed(&ledger), [(60..70).collect::<Vec<_>>()]);
}

/// Holders may vote for a shorter time, at any time.
#[tokio::test(flavor = "multi_thread")]
async fn the_chain_says_for_how_long_something_can_be_claimed() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 50..51, UNIT);
	let mut agent = Agent::new(&context, ClaimWhen::Never);
	let now = unix_now();
	agent.tick(&ledger, now).await;
	assert!(agent.problems().is_empty(), "{:?}", agent.problems());
	ledger.state().expiry = Some(52);
	agent.tick(&ledger, now + 600).await;
	assert_eq!(agent.problems(), ["earnings-expiring"]);
	{
		let mut state = ledger.state();
		state.era = 103;
		state.earned.clear();
	}
	agent.tick(&ledger, now + 1_200).await;
	assert_eq!(state(&context, 50), State::Expired, "nobody claimed it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_pays_no_fee_for_another_owner() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 60..70, UNIT);
	let other = [9u8; 32];
	{
		let mut state = ledger.state();
		let device = context.device().unwrap().id;
		state.devices.get_mut(&device).unwrap().owner = other.into();
		let earned = state.earned.values().next().unwrap().clone();
		state.earned.insert(other, earned);
	}
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	agent.context.config.earnings.password_file = folder.path().join("pass");
	agent.tick(&ledger, unix_now()).await;
	assert!(claimed(&ledger).is_empty());
	assert_eq!(agent.problems(), ["claims"]);
	let earnings = agent.handle.get().earnings.clone().unwrap();
	assert_eq!(
		earnings.account,
		crate::keys::address(&other),
		"what is shown is the owner's"
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_book_is_put_aside_and_the_agent_waits() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 60..70, UNIT);
	let owner = context.keystore().unwrap().account();
	let path = context.folder.earnings(&owner);
	fs::write(&path, b"SCEARND\x01 not a book").unwrap();
	let mut agent = Agent::new(&context, ClaimWhen::Daily);
	agent.context.config.earnings.password_file = folder.path().join("pass");
	agent.tick(&ledger, unix_now()).await;
	assert!(claimed(&ledger).is_empty(), "nobody knows what is on its way");
	assert!(path.with_extension("damaged").exists() && path.exists());
	// One of a newer program is left alone.
	fs::write(&path, b"SCEARND\x02 not a book").unwrap();
	let failure = file(&context).with(unix_now(), |_| ()).unwrap_err();
	assert!(failure.message.contains("version 2"), "{}", failure.message);
	assert_eq!(fs::read(&path).unwrap(), b"SCEARND\x02 not a book");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_has_a_reason_for_each_era() {
	let folder = tempfile::tempdir().unwrap();
	let context = context(folder.path());
	let ledger = ledger(&context, 98..99, UNIT);
	command::show(&context, &ledger, &EarningsArguments { eras: 3 }, None)
		.await
		.unwrap();
	let unlucky = Seen {
		expected: 400,
		..Seen::default()
	};
	let looked = look(&ledger, &file(&context), 3, 3, vec![(100, unlucky)])
		.await
		.unwrap();
	ledger.state().era = 101;
	let looked_later = look(&ledger, &file(&context), 3, 3, Vec::new()).await.unwrap();
	assert_eq!(looked.book.eras().count(), 4);
	let owner = context.keystore().unwrap().account();
	let part = shown::part(&looked_later.book, &owner, 144, 9, ClaimWhen::Never);
	let terminal = Terminal::new(false, Colors::Never);
	let table = shown::table(&terminal, &part, &Currency::new("STCI", 12), unix_now());
	for text in ["1 STCI", "claimable", "plots 1 STCI", "nothing"] {
		assert!(table.contains(text), "{text} is missing in\n{table}");
	}
	assert_eq!(part.eras.len(), 4);
}
