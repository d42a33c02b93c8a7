//! What a node tells.

use super::Check;
use crate::{
	commands::{context::KnownDevice, Context, Failure},
	ledger::{used_up, Ledger},
	run::{amiss, reasons},
	status::unix_now,
	terminal::{counted, duration},
};
use proof_lottery_primitives::{Resource, WhyNot};
use smart_agent_chain::{Facts, Head};
use smart_agent_store::Store;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A block is as late as this if all is well: its way here, and its place in a slot.
const SOON: Duration = Duration::from_secs(3);
/// A node on this machine goes by its clock, and a node that gets blocks later than this misses whole rounds. The agent
/// goes by the slots of blocks, and a wrong clock alone costs it none.
const FAR: Duration = Duration::from_secs(10);
/// How long is waited for another block.
const PATIENCE: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(250);
/// What an account should have at hand for fees, in units of what it has at least.
const FEES: u128 = 20;
/// Blocks that a node may be behind what it has heard of.
const BEHIND: u32 = 20;

/// All of them; without a node one line.
pub(super) async fn checks(context: &Context) -> Vec<Check> {
	let chain = match context.connect().await {
		Ok(chain) => chain,
		Err(failure) => return vec![Check::failed("node", &failure)],
	};
	let ledger: &dyn Ledger = &chain;
	let facts = ledger.facts();
	let mut checks = vec![
		Check::ok(
			"node",
			format!("{} answers: {} {}", facts.url, facts.node_name, facts.node_version),
		),
		genesis(context, &facts),
	];
	checks.extend(runtime(ledger, &facts));
	let all = async {
		let mut rest = vec![sync(ledger).await?];
		rest.extend(clock(ledger, &facts).await?);
		if let Ok(device) = context.device() {
			rest.extend(device_of(ledger, &device).await?);
			rest.extend(claimed(context, ledger, &device).await?);
		}
		if let Ok(keystore) = context.keystore() {
			rest.push(funds(ledger, &keystore.account(), keystore.address()).await?);
		}
		Ok::<_, Failure>(rest)
	};
	match all.await {
		Ok(rest) => checks.extend(rest),
		Err(failure) => checks.push(Check::failed("node", &failure)),
	}
	checks.extend(super::storage::checks(context, &chain).await);
	checks.extend(super::work::checks(context, &chain).await);
	checks
}

fn genesis(context: &Context, facts: &Facts) -> Check {
	let seen = format!("{}, genesis {:?}", facts.chain, facts.genesis);
	match context.config.chain.genesis() {
		// Another one is refused when the connection is made.
		Some(_) => Check::ok("chain", seen),
		None => Check::warn(
			"chain",
			format!("{seen}; the configuration does not say which it is"),
			"run `smart-agent init`",
		),
	}
}

fn runtime(ledger: &dyn Ledger, facts: &Facts) -> Vec<Check> {
	let errors = ledger.check_runtime();
	if errors.is_empty() {
		let version = format!("{} {}, which this program knows", facts.spec_name, facts.spec_version);
		return vec![Check::ok("runtime", version)];
	}
	errors
		.into_iter()
		.map(|error| Check::failed("runtime", &error.into()))
		.collect()
}

async fn sync(ledger: &dyn Ledger) -> Result<Check, Failure> {
	let state = ledger.sync_state().await?;
	let seen = format!("block {}, {}", state.best, counted(state.peers.into(), "peer"));
	let behind = state.highest.unwrap_or(state.best).saturating_sub(state.best);
	Ok(if state.syncing || behind > BEHIND {
		Check::fail(
			"sync",
			format!("{seen}; {} missing", counted(behind.into(), "block")),
			"wait until the node has caught up, or name another",
		)
	} else if state.peers == 0 {
		Check::warn(
			"sync",
			seen,
			"a node without peers sees no blocks but its own; see to its network, unless it is alone",
		)
	} else {
		Check::ok("sync", seen)
	})
}

/// By a block that comes while we look: old ones say nothing of the clock.
async fn clock(ledger: &dyn Ledger, facts: &Facts) -> Result<Vec<Check>, Failure> {
	let (before, mut waited) = (ledger.best().await?, Duration::ZERO);
	while waited < PATIENCE {
		tokio::time::sleep(LOOK).await;
		waited += LOOK;
		let now: Head = ledger.best().await?;
		if now.hash != before.hash {
			return Ok(vec![judge_clock(now.slot.saturating_mul(facts.slot_ms), unix_millis())]);
		}
	}
	let age = unix_now().saturating_sub(before.slot.saturating_mul(facts.slot_ms) / 1_000);
	let seen = format!(
		"no new block for {}: the last is {} old",
		duration(waited),
		duration(Duration::from_secs(age))
	);
	Ok(vec![Check::fail(
		"blocks",
		seen,
		"the chain stands still, or the node is cut off; look at the node's log",
	)])
}

fn unix_millis() -> u64 {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A block of this time was new at that time.
fn judge_clock(block: u64, now: u64) -> Check {
	let off = Duration::from_millis(now.abs_diff(block));
	let words = format!(
		"{} {} a new block's slot",
		duration(off),
		if now < block { "before" } else { "after" }
	);
	let remedy = "set the clock by NTP (systemd-timesyncd or chrony)";
	match (now < block, off) {
		(true, off) if off > FAR => Check::fail(
			"clock",
			format!("{words}: it is behind, and a node on this machine goes by it"),
			remedy,
		),
		(false, off) if off > FAR => Check::fail(
			"clock",
			format!(
				"{words}: it is ahead, and a node on this machine goes by it; or the node gets blocks late, and rounds \
				 are missed"
			),
			format!("{remedy}; if it is right, see whether the node is in sync and has peers"),
		),
		(true, off) if off > Duration::from_millis(500) => {
			Check::warn("clock", format!("{words}: it is behind"), remedy)
		}
		(false, off) if off > SOON => Check::warn(
			"clock",
			format!("{words}: it is ahead, or the node gets blocks late"),
			remedy,
		),
		_ => Check::ok("clock", words),
	}
}

async fn device_of(ledger: &dyn Ledger, known: &KnownDevice) -> Result<Vec<Check>, Failure> {
	let device = ledger.device(&known.id).await?;
	let gone = match device {
		Some(_) => None,
		None => used_up(ledger.key_use(&known.id).await?),
	};
	let mut checks = vec![match device {
		None => match gone {
			Some([what, remedy]) => Check::fail("device", format!("`{}`: {what}", known.name), remedy),
			None => Check::fail(
				"device",
				format!("`{}` is not registered", known.name),
				"run `smart-agent init`",
			),
		},
		Some(device) if !device.is_active() => Check::fail(
			"device",
			format!("`{}` is suspended", known.name),
			"`smart-agent device resume`, if you did it; else ask its vendor",
		),
		Some(_) => Check::ok("device", format!("`{}` is registered and active", known.name)),
	}];
	let proofs = ledger.proofs(&known.id).await?;
	for (why, [seen, remedy]) in proofs.iter().flat_map(reasons) {
		checks.push(match why {
			WhyNot::NotRegistered | WhyNot::Suspended => continue,
			WhyNot::Struck => Check::fail("lotteries", seen, remedy),
			WhyNot::NotYet(_) | WhyNot::NoRound(_) | WhyNot::TooFewWins(_) | WhyNot::LinkedFromNextEra => {
				Check::ok("lotteries", format!("{seen}: {remedy}"))
			}
			WhyNot::NotDeclared(_) | WhyNot::Silent(_) | WhyNot::NotLinked => Check::warn("lotteries", seen, remedy),
		});
	}
	Ok(checks)
}

/// Whether the plots that are claimed are those that are here. Without a store another line says what is wrong.
async fn claimed(context: &Context, ledger: &dyn Ledger, known: &KnownDevice) -> Result<Option<Check>, Failure> {
	let lotteries = ledger.proofs(&known.id).await?.map(|proofs| proofs.lotteries);
	let space = lotteries
		.into_iter()
		.flatten()
		.find(|lottery| lottery.resource == Resource::Space);
	let Some(space) = space.filter(|_| context.has_store()) else {
		return Ok(None);
	};
	let store = context.store(Store::read).ok();
	let amiss = store.and_then(|store| amiss(&store.list(), space.claimed));
	Ok(amiss.map(|[seen, remedy]| Check::warn("plots", seen, remedy)))
}

async fn funds(ledger: &dyn Ledger, account: &[u8; 32], address: &str) -> Result<Check, Failure> {
	let (currency, prices) = (ledger.currency(), ledger.prices()?);
	let account = ledger.account(account).await?;
	let spendable = account.spendable(prices.existential_deposit);
	let seen = format!(
		"{} can be spent, {} are held",
		currency.show(spendable),
		currency.show(account.reserved)
	);
	// Wins are free; claims and links cost fees and deposits.
	let enough = prices.existential_deposit.saturating_mul(FEES);
	Ok(if spendable < enough {
		let remedy =
			format!("send some STCI to {address}: to claim other plots or link the device takes deposits and fees");
		Check::warn("funds", seen, remedy)
	} else {
		Check::ok("funds", seen)
	})
}

#[cfg(test)]
mod tests {
	use super::super::Verdict;
	use super::*;
	use crate::ledger::fake::FakeLedger;

	#[test]
	fn a_clock_is_judged_by_new_blocks() {
		let of = |now| judge_clock(100_000, now).verdict;
		assert_eq!(of(100_200), Verdict::Ok);
		assert_eq!(of(99_800), Verdict::Ok);
		assert_eq!(of(99_000), Verdict::Warn);
		assert_eq!(of(104_000), Verdict::Warn);
		assert_eq!(of(80_000), Verdict::Fail);
		assert_eq!(of(120_000), Verdict::Fail);
	}

	/// The agent goes by the slots of blocks: that rounds are missed is so only if the node is late.
	#[test]
	fn a_wrong_clock_is_not_said_to_miss_rounds() {
		let behind = judge_clock(100_000, 40_000).seen;
		assert!(
			behind.contains("a node on this machine") && !behind.contains("missed"),
			"{behind}"
		);
		let ahead = judge_clock(100_000, 160_000).seen;
		assert!(ahead.contains("or the node gets blocks late, and rounds"), "{ahead}");
	}

	#[tokio::test]
	async fn a_device_that_is_no_more_is_not_sent_to_init() {
		let phrase = crate::keys::Phrase::generate(12).unwrap();
		let secret = crate::keys::DeviceSecret::derive(&phrase, &"laptop".parse().unwrap()).unwrap();
		let known = KnownDevice {
			name: secret.name().clone(),
			key: secret.key(),
			id: secret.id(),
		};
		let ledger = FakeLedger::new(false);
		let told = device_of(&ledger, &known).await.unwrap();
		assert_eq!(told[0].remedy, "run `smart-agent init`");
		ledger.state().uses.insert(known.id, smart_agent_chain::KeyUse::Retired);
		let told = device_of(&ledger, &known).await.unwrap();
		assert!(
			told[0].remedy.starts_with("`smart-agent device renew NAME`"),
			"{}",
			told[0].remedy
		);
	}

	#[tokio::test]
	async fn an_empty_account_is_worth_a_warning() {
		let ledger = FakeLedger::new(false);
		assert_eq!(funds(&ledger, &[1; 32], "5G").await.unwrap().verdict, Verdict::Warn);
		ledger.state().free.insert([1; 32], 1_000_000_000_000);
		assert_eq!(funds(&ledger, &[1; 32], "5G").await.unwrap().verdict, Verdict::Ok);
		assert_eq!(sync(&ledger).await.unwrap().verdict, Verdict::Ok);
		assert_eq!(runtime(&ledger, &ledger.facts())[0].verdict, Verdict::Ok);
	}
}
