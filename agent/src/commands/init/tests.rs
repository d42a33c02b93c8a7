use super::*;
use crate::{
	cli::Signing,
	config::{Config, Folder},
	keys::{Cost, DeviceSecret, Keystore, Owner, Phrase},
	ledger::fake::{FakeLedger, FEE},
	terminal::{Colors, Terminal},
};
use smart_agent_chain::{Call, ChainError, Claimed, KeyUse};
use std::{fs, path::Path, time::Duration};

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const UNIT: u128 = 1_000_000_000_000;
const CHEAP: Cost = Cost {
	memory_kib: 8,
	passes: 1,
	lanes: 1,
};

/// A folder with keys of which a password is tried in no time.
fn prepared(folder: &Path) -> (Context, InitArguments) {
	let data = Folder::new(folder);
	let phrase = Phrase::parse(WORDS).unwrap();
	if !data.keystore().exists() {
		Keystore::create(&data.keystore(), &phrase, "pass", CHEAP).unwrap();
		let device = DeviceSecret::derive(&phrase, &"laptop".parse().unwrap()).unwrap();
		device.create(&data.device_key(), None, CHEAP).unwrap();
		fs::write(folder.join("pass"), "pass\n").unwrap();
	}
	let config = Config::load(&data.config(), data.path(), std::iter::empty(), &[]).unwrap();
	let context = Context {
		config_file: data.config(),
		folder: data,
		config,
		variables: Vec::new(),
		terminal: Terminal::new(false, Colors::Never),
	};
	let arguments = InitArguments {
		segments: Some(40),
		signing: Signing {
			password_file: Some(folder.join("pass")),
			yes: true,
		},
		..InitArguments::default()
	};
	(context, arguments)
}

async fn init(folder: &Path, ledger: &FakeLedger, change: impl FnOnce(&mut InitArguments)) -> Result<Made, Failure> {
	let (mut context, mut arguments) = prepared(folder);
	change(&mut arguments);
	let secrets = local::keys(&context, &arguments)?;
	local::configuration(&mut context, &arguments)?;
	let device = context.device()?;
	let mut made = Made::default();
	let steps = on_chain(&mut context, ledger, &arguments, secrets, &device, &mut made);
	tokio::time::timeout(Duration::from_secs(20), steps)
		.await
		.expect("init ends")?;
	Ok(made)
}

fn owner() -> [u8; 32] {
	Owner::new(&Phrase::parse(WORDS).unwrap()).unwrap().account()
}

fn kinds(ledger: &FakeLedger) -> Vec<&'static str> {
	let kind = |call: Call| match call {
		Call::Register { .. } => "register",
		Call::Declare {
			claim: Claimed::Uptime, ..
		} => "uptime",
		Call::Declare {
			claim: Claimed::Compute { segments: 40 },
			..
		} => "compute",
		Call::Transfer { .. } => "transfer",
		_ => "other",
	};
	ledger.calls().into_iter().map(kind).collect()
}

#[tokio::test]
async fn a_device_is_registered_and_in_its_lotteries_and_a_second_run_does_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	ledger.state().free.insert(owner(), 100 * UNIT);
	let made = init(folder.path(), &ledger, |_| ()).await.unwrap();
	assert!(made.registered && made.did.starts_with("did:smart:0707"));
	assert_eq!(made.lotteries, ["uptime", "compute"]);
	assert_eq!(kinds(&ledger), ["register", "uptime", "compute"]);
	let text = fs::read_to_string(folder.path().join("config.toml")).unwrap();
	assert!(text.contains(&format!("genesis = \"0x{}\"", "07".repeat(32))));
	assert!(text.contains("name = \"laptop\"") && text.contains("segments = 40"));
	init(folder.path(), &ledger, |_| ()).await.unwrap();
	assert_eq!(kinds(&ledger).len(), 3, "nothing is sent twice");
}

/// STCI that were sent to an account whose password is not known could not be used.
#[tokio::test]
async fn a_wrong_password_is_told_before_anything_is_paid() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(true);
	ledger
		.state()
		.free
		.insert(sp_core::Pair::public(&keys::faucet().unwrap()).0, 100 * UNIT);
	let wrong = folder.path().join("wrong");
	fs::write(&wrong, "other\n").unwrap();
	let failed = init(folder.path(), &ledger, |arguments| {
		arguments.faucet = true;
		arguments.signing.password_file = Some(wrong);
	});
	assert!(failed.await.is_err());
	assert!(kinds(&ledger).is_empty(), "{:?}", kinds(&ledger));
}

/// A machine that got slower, or whose claim was cut, is claimed anew by the command that all texts name.
#[tokio::test]
async fn another_number_of_segments_is_claimed_anew() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	ledger.state().free.insert(owner(), 100 * UNIT);
	init(folder.path(), &ledger, |_| ()).await.unwrap();
	init(folder.path(), &ledger, |arguments| arguments.segments = Some(30))
		.await
		.unwrap();
	let last = ledger.calls().pop().unwrap();
	let claim = Claimed::Compute { segments: 30 };
	assert!(
		matches!(last, Call::Declare { claim: said, .. } if said == claim),
		"{last:?}"
	);
	assert_eq!(kinds(&ledger).len(), 4, "and nothing else");
	init(folder.path(), &ledger, |arguments| arguments.segments = None)
		.await
		.unwrap();
	assert_eq!(kinds(&ledger).len(), 4, "what is configured is claimed");
	init(folder.path(), &ledger, |arguments| arguments.segments = Some(0))
		.await
		.unwrap();
	assert_eq!(kinds(&ledger).len(), 4, "a lottery is not left by the way");
}

/// Whatever call fails, and however often it is run.
#[tokio::test]
async fn interrupted_anywhere_it_goes_on_where_it_was() {
	for at in 0..3 {
		let folder = tempfile::tempdir().unwrap();
		let ledger = FakeLedger::new(false);
		ledger.state().free.insert(owner(), 100 * UNIT);
		ledger.state().fail_at = Some((at, ChainError::Dropped("test".into())));
		init(folder.path(), &ledger, |_| ()).await.unwrap_err();
		assert_eq!(kinds(&ledger).len(), at);
		init(folder.path(), &ledger, |_| ()).await.unwrap();
		assert_eq!(kinds(&ledger), ["register", "uptime", "compute"]);
	}
}

/// Writing a line into the configuration must not make it forget what the environment says.
#[tokio::test]
async fn what_the_environment_says_holds_to_the_end() {
	let folder = tempfile::tempdir().unwrap();
	let (mut context, arguments) = prepared(folder.path());
	let genesis = format!("0x{}", "09".repeat(32));
	context.variables = [
		("SMART_AGENT_UPTIME_ENABLED", "false"),
		("SMART_AGENT_COMPUTE_CORES", "3"),
		("SMART_AGENT_CHAIN_GENESIS", genesis.as_str()),
	]
	.map(|(name, value)| (name.to_owned(), value.to_owned()))
	.to_vec();
	let variables = context.variables.iter().cloned();
	context.config = Config::load(&context.config_file, context.folder.path(), variables, &[]).unwrap();
	let secrets = local::keys(&context, &arguments).unwrap();
	local::configuration(&mut context, &arguments).unwrap();
	assert_eq!(context.config.chain.genesis(), Some([9; 32]), "before a node is asked");
	assert_eq!(context.config.compute.cores, 3);
	let (ledger, device) = (FakeLedger::new(false), context.device().unwrap());
	ledger.state().free.insert(owner(), 100 * UNIT);
	let mut made = Made::default();
	on_chain(&mut context, &ledger, &arguments, secrets, &device, &mut made)
		.await
		.unwrap();
	assert_eq!(kinds(&ledger), ["register", "compute"]);
}

/// A wrong node that was kept would be asked by all commands to come.
#[test]
fn a_node_is_written_once_it_has_answered_and_changed_by_the_same_command() {
	let folder = tempfile::tempdir().unwrap();
	let (mut context, arguments) = prepared(folder.path());
	let file = folder.path().join("config.toml");
	let named = |url: &str| vec![url.to_owned()];
	context.config.chain.nodes = named("ws://wrong:1");
	local::configuration(&mut context, &arguments).unwrap();
	assert!(!fs::read_to_string(&file).unwrap().contains("wrong"));
	assert_eq!(
		context.config.chain.nodes,
		named("ws://wrong:1"),
		"it is asked all the same"
	);
	let said = unreached(&context, Failure::other("no node answers")).message;
	assert!(said.contains("--node was not written"), "{said}");
	for url in ["ws://right:1", "ws://other:1"] {
		context.config.chain.nodes = named(url);
		assert_eq!(local::other_nodes(&context).unwrap(), named(url));
		local::write_nodes(&mut context, named(url)).unwrap();
		assert!(fs::read_to_string(&file)
			.unwrap()
			.contains(&format!("nodes = [\"{url}\"]")));
		assert!(local::other_nodes(&context).unwrap().is_empty());
	}
	local::write_nodes(&mut context, Vec::new()).unwrap();
	assert!(
		fs::read_to_string(&file).unwrap().contains("ws://other:1"),
		"none leave it"
	);
}

#[tokio::test]
async fn it_waits_for_money_and_goes_on() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	// Too little at first: deposits, the key's price and three fees are 4.6 and a little.
	ledger.state().free.insert(owner(), 4 * UNIT);
	let later = async {
		tokio::time::sleep(Duration::from_millis(1_500)).await;
		assert!(ledger.calls().is_empty(), "nothing is sent before there is enough");
		*ledger.state().free.entry(owner()).or_default() += UNIT;
	};
	let (made, ()) = tokio::join!(init(folder.path(), &ledger, |_| ()), later);
	made.unwrap();
	let state = ledger.state();
	assert_eq!(state.held[&owner()], 4 * UNIT + UNIT / 2);
	assert_eq!(state.free[&owner()], UNIT / 2 - UNIT / 10 - 3 * FEE);
}

/// Two agents with one key spoil each other's wins: --yes does not say that the other one is gone.
#[tokio::test]
async fn a_device_that_wins_elsewhere_is_not_taken_over_unasked() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	ledger.state().free.insert(owner(), 100 * UNIT);
	init(folder.path(), &ledger, |_| ()).await.unwrap();
	let (context, _) = prepared(folder.path());
	let (now, key) = (ledger.best().await.unwrap().slot, context.folder.device_key());
	// Where somebody sits at a terminal, this test would wait for an answer.
	let refused = || async {
		match context.terminal.asks() {
			true => String::from("--take-over, removed here again"),
			false => init(folder.path(), &ledger, |_| ()).await.unwrap_err().message,
		}
	};
	ledger.state().won = Some(now - 100);
	let said = refused().await;
	assert!(said.contains("--take-over") && key.exists(), "{said}");
	let take_over = |arguments: &mut InitArguments| arguments.take_over = true;
	init(folder.path(), &ledger, take_over).await.unwrap();
	// Two days ago, or where an agent ran before, nobody is asked.
	ledger.state().won = Some(now - 400_000);
	init(folder.path(), &ledger, |_| ()).await.unwrap();
	ledger.state().won = Some(now - 100);
	context.make_folder_id().unwrap();
	init(folder.path(), &ledger, |_| ()).await.unwrap();
	// But there, too, a key that was removed is not simply made anew.
	fs::remove_file(&key).unwrap();
	let said = refused().await;
	assert!(said.contains("removed here again") && !key.exists(), "{said}");
	assert_eq!(ledger.calls().len(), 3);
}

/// The chain would refuse it after its fee.
#[tokio::test]
async fn more_segments_than_there_can_be_are_refused_before_anything_is_paid() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	ledger.state().free.insert(owner(), 100 * UNIT);
	let failed = init(folder.path(), &ledger, |arguments| {
		arguments.segments = Some(999_999_999)
	})
	.await;
	assert_eq!(failed.unwrap_err().code, Code::Usage);
	assert!(ledger.calls().is_empty());
}

#[test]
fn what_is_to_be_paid_is_called_what_it_is() {
	let device = device_primitives::DeviceId([1; 32]);
	let enter = [Call::Declare {
		device,
		claim: Claimed::Uptime,
	}];
	assert!(chain::heading(&enter, 1).starts_with("To enter the lotteries"));
	assert!(chain::heading(&enter, 0).starts_with("To change what"));
}

#[tokio::test]
async fn the_faucet_gives_on_test_chains_alone() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(true);
	let faucet = sp_core::Pair::public(&keys::faucet().unwrap()).0;
	ledger.state().free.insert(faucet, 1_000 * UNIT);
	init(folder.path(), &ledger, |arguments| arguments.faucet = true)
		.await
		.unwrap();
	assert_eq!(kinds(&ledger), ["transfer", "register", "uptime", "compute"]);
	assert!(
		ledger.state().free[&owner()] >= 10 * UNIT,
		"enough is left for plots and a link"
	);

	let (folder, real) = (tempfile::tempdir().unwrap(), FakeLedger::new(false));
	real.state().free.insert(faucet, 1_000 * UNIT);
	let said = init(folder.path(), &real, |arguments| arguments.faucet = true)
		.await
		.unwrap_err()
		.message;
	assert!(said.contains("no test chain") && real.calls().is_empty(), "{said}");
}

/// To try to register a used key costs a fee, and comes to nothing.
#[tokio::test]
async fn a_device_that_is_no_more_is_seen_before_anything_is_paid() {
	for used in [KeyUse::Retired, KeyUse::Revoked, KeyUse::Lottery] {
		let folder = tempfile::tempdir().unwrap();
		let ledger = FakeLedger::new(true);
		let faucet = sp_core::Pair::public(&keys::faucet().unwrap()).0;
		ledger.state().free.insert(faucet, 1_000 * UNIT);
		let (context, _) = prepared(folder.path());
		ledger.state().uses.insert(context.device().unwrap().id, used);
		let said = init(folder.path(), &ledger, |arguments| arguments.faucet = true)
			.await
			.unwrap_err()
			.message;
		assert!(said.contains("smart-agent device renew NAME"), "{said}");
		assert!(ledger.calls().is_empty(), "nothing is sent, not even by the faucet");
	}
}

#[tokio::test]
async fn a_device_of_somebody_else_is_not_touched() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	ledger.state().free.insert(owner(), 100 * UNIT);
	init(folder.path(), &ledger, |_| ()).await.unwrap();
	for device in ledger.state().devices.values_mut() {
		device.owner = [9; 32].into();
	}
	let said = init(folder.path(), &ledger, |_| ()).await.unwrap_err().message;
	assert!(said.contains("smart-agent device renew NAME"), "{said}");
	assert_eq!(ledger.calls().len(), 3);
}

#[tokio::test]
async fn other_phrases_and_names_are_refused_and_nothing_is_written_over() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = FakeLedger::new(false);
	ledger.state().free.insert(owner(), 100 * UNIT);
	let other = folder.path().join("other");
	fs::write(&other, Phrase::generate(12).unwrap().words()).unwrap();
	let before = fs::read(Folder::new(folder.path()).keystore()).unwrap_or_default();
	let said = init(folder.path(), &ledger, |arguments| arguments.phrase_file = Some(other))
		.await
		.unwrap_err();
	assert!(said.message.contains("leave out --phrase-file"), "{}", said.message);
	let name = Some("desktop".to_owned());
	let said = init(folder.path(), &ledger, |arguments| arguments.device_name = name)
		.await
		.unwrap_err();
	assert!(said.message.contains("leave out --device-name"), "{}", said.message);
	assert!(ledger.calls().is_empty());
	assert!(before.is_empty() || before == fs::read(Folder::new(folder.path()).keystore()).unwrap());
}
