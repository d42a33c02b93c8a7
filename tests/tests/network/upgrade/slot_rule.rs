//! A network that runs goes over to a runtime with another slot rule: directors authorize it by a motion, anybody
//! applies it, it waits for a minute, and no node is built anew.

use super::{authorize, refused_early, set};
use crate::seconds;
use jsonrpsee::rpc_params;
use serde_json::Value;
use smartchain_next_runtime::WASM_BINARY;
use smartchain_runtime::constants::time::{MISSED_SLOTS, TURN_LENGTH};
use smartchain_tests::{
	chain_spec, ensure,
	network::{Plan, ACCOUNTS},
	rpc::Rpc,
	state, turns, wait,
	watch::{Seen, Watcher},
	Error, Network, Result,
};
use std::time::{Duration, Instant};

/// The slot rule of the chain's genesis,
const OLD: Rule = Rule {
	turn: TURN_LENGTH as u64,
	missed: MISSED_SLOTS as u64,
};
/// and that of the runtime with the feature `other-slot-rule`.
const NEW: Rule = Rule { turn: 8, missed: 3 };
/// Slots of an era: none begins while this test runs, so that each director keeps its place.
const ERA: u32 = 24 * 10_000;
/// How many directors there are.
const DIRECTORS: u64 = ACCOUNTS.len() as u64;
/// Who is killed, by its place in [`ACCOUNTS`].
const VICTIM: usize = 3;

/// How slots are given to directors, in this test's own words: what headers say is compared with this, and not with the
/// code that nodes and runtime share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
	turn: u64,
	missed: u64,
}

/// A block by which another than its director took over a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TakeOver {
	director: u32,
	missed: u64,
}

impl Rule {
	fn director(self, slot: u64) -> u32 {
		(slot / self.turn % DIRECTORS) as u32
	}

	/// That all of these blocks, children of one another, were authored by this rule, but for the first, which is only
	/// a parent; every turn that was taken over.
	fn check(self, blocks: &[Seen]) -> Result<Vec<TakeOver>> {
		let (mut holder, mut taken) = (None, Vec::new());
		for (parent, block) in blocks.iter().zip(blocks.iter().skip(1)) {
			let (turn, director) = (block.slot / self.turn, self.director(block.slot));
			let author = block
				.author
				.ok_or_else(|| Error::new(format!("no author: {block:?}")))?;
			let missed = block.slot - (parent.slot + 1).max(turn * self.turn);
			let mut line: Vec<u32> = (0..DIRECTORS as u32)
				.map(|next| (director + next) % DIRECTORS as u32)
				.collect();
			let held = holder.filter(|(held, _)| *held == turn).map(|(_, by)| by);
			line.sort_by_key(|author| Some(*author) != held);
			let place = line.iter().take_while(|other| **other != author).count() as u64;
			ensure!(
				missed >= place * self.missed,
				"block {} in slot {} is by {author} after {missed} missed slots of {director}'s turn, against {self:?}",
				block.number,
				block.slot
			);
			if author != director && held != Some(author) {
				taken.push(TakeOver { director, missed });
			}
			holder = (author != director).then_some((turn, author));
		}
		Ok(taken)
	}

	/// How many turns have a block of their director in each slot.
	fn full_turns(self, blocks: &[Seen]) -> usize {
		let own: Vec<u64> = blocks
			.iter()
			.filter(|block| block.author == Some(self.director(block.slot)))
			.map(|block| block.slot)
			.collect();
		let is_turn = |slots: &&[u64]| slots[0] % self.turn == 0 && slots[slots.len() - 1] - slots[0] + 1 == self.turn;
		own.windows(self.turn as usize).filter(is_turn).count()
	}

	/// Waits until a node says that this rule is in force.
	async fn until_in_force(self, network: &Network, node: usize) -> Result<()> {
		let what = format!("{} to have the rule {self:?}", network.node(node).name());
		wait::until(&what, seconds(60), || async {
			Ok((shown(network.rpc(node)?).await? == self).then_some(()))
		})
		.await
	}
}

/// The rule that a node shows.
async fn shown(rpc: &Rpc) -> Result<Rule> {
	let schedule: Value = rpc.call("poca_schedule", rpc_params![]).await?;
	let number = |name: &str| {
		let number = schedule[name].as_u64();
		number.ok_or_else(|| Error::new(format!("no {name} in {schedule}")))
	};
	Ok(Rule {
		turn: number("turnLengthSlots")?,
		missed: number("missedSlotsToReplace")?,
	})
}

/// The blocks of a node's best chain at these heights.
async fn blocks(rpc: &Rpc, from: u32, to: u32) -> Result<Vec<Seen>> {
	let mut blocks = Vec::new();
	for number in from..=to {
		let hash = rpc.hash_at(number).await?;
		let hash = hash.ok_or_else(|| Error::new(format!("block {number} is gone")))?;
		blocks.push(Seen::now(&rpc.header(Some(hash)).await?));
	}
	Ok(blocks)
}

/// Waits until the blocks of the final chain from a height on fulfil a condition.
async fn until(what: &str, rpc: &Rpc, from: u32, holds: impl Fn(&[Seen]) -> Result<bool>) -> Result<()> {
	let watcher = Watcher::start(rpc).await?;
	let start = Instant::now();
	while start.elapsed() < seconds(90) {
		if holds(&blocks(rpc, from, rpc.finalized().await?.number).await?)? {
			return Ok(());
		}
		watcher.until_more_final(2, seconds(60)).await?;
	}
	Err(Error::new(format!("waited in vain for {what}")))
}

/// Applies the code once it is authorized; the height of the block in which it is in force.
async fn apply(network: &Network, code: &[u8]) -> Result<u32> {
	let rpc = network.rpc(2)?;
	let transaction = refused_early(network, code).await?;
	authorize(rpc, code).await?;
	until("a whole turn of the old length", rpc, 0, |blocks| {
		Ok(OLD.full_turns(blocks) > 0)
	})
	.await?;
	set(network, rpc, &transaction).await
}

/// Kills a director, and waits until its turn was taken over as the new rule has it. Then it comes back with the binary
/// that it had, and authors and votes again.
async fn kill_and_restart(network: &mut Network, switch: u32) -> Result<()> {
	let victim = turns::place(network.rpc(VICTIM)?).await?;
	network.node_mut(VICTIM).kill();
	let rpc = network.rpc(0)?.clone();
	let expected = TakeOver {
		director: victim,
		missed: NEW.missed,
	};
	let taken_over = |blocks: &[Seen]| Ok(NEW.check(blocks)?.contains(&expected));
	until(
		"a turn of the killed director to be taken over in time",
		&rpc,
		switch,
		taken_over,
	)
	.await?;
	network.restart(VICTIM).await?;
	let back = rpc.header(None).await?.number;
	network.until_voting(VICTIM, seconds(60)).await?;
	NEW.until_in_force(network, VICTIM).await?;
	let authored = |blocks: &[Seen]| Ok(blocks.iter().any(|block| block.author == Some(victim)));
	until("the director that is back to author", &rpc, back, authored).await
}

/// That neither nodes nor chain say of anybody that it signed twice.
async fn assert_nobody_accused(network: &Network) -> Result<()> {
	for node in network.nodes() {
		let seen = node
			.metrics()
			.await?
			.sum("smartchain_equivocations_total")
			.unwrap_or(0.0);
		ensure!(seen == 0.0, "{} saw {seen} equivocations", node.name());
	}
	let offences = state::offences(network.rpc(0)?).await?;
	ensure!(offences == 0, "{offences} offences were reported");
	Ok(())
}

/// What headers tell: the old rule up to the block with the new code, the new rule above it.
async fn assert_rules(rpc: &Rpc, switch: u32) -> Result<()> {
	let last = rpc.finalized().await?.number;
	// Genesis is the parent of the first block, in slot 0: whoever authored that one may hold its turn.
	let before = blocks(rpc, 0, switch).await?;
	let after = blocks(rpc, switch, last).await?;
	OLD.check(&before)?;
	NEW.check(&after)?;
	let full = (OLD.full_turns(&before), NEW.full_turns(&after));
	let pause = after.get(1).map_or(0, |first| first.slot - after[0].slot - 1);
	eprintln!(
		"upgraded in block {switch} of {last}, {pause} empty slots after it; {full:?} full turns before and after"
	);
	ensure!(full.0 >= 1 && full.1 >= 2, "turns of the right length: {full:?}");
	// Neither rule explains the other's blocks.
	ensure!(
		NEW.check(&before).is_err() && OLD.check(&after).is_err(),
		"the rules cannot be told apart"
	);
	Ok(())
}

/// Four validators go from turns of twelve slots, taken over after two missed ones, to turns of eight, taken over after
/// three, while they run. Turns, blocks and finality follow; so do a director that was killed and started again, and a
/// node that begins at genesis.
pub async fn another_slot_rule(name: &str, limit: Duration) {
	wait::bounded(name, limit, async {
		let code = WASM_BINARY.ok_or_else(|| Error::new("built with SKIP_WASM_BUILD: there is no next runtime"))?;
		let folder = tempfile::tempdir()?;
		let plan = Plan {
			chain: chain_spec::local_with_eras(ERA, folder.path())?,
			..Plan::default()
		};
		let mut network = Network::start(plan).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(4, seconds(30)).await?;
		let directors = state::directors(network.rpc(0)?).await?;
		for node in 0..ACCOUNTS.len() {
			let rule = shown(network.rpc(node)?).await?;
			ensure!(rule == OLD, "node {node} begins with {rule:?}");
		}

		let applied = Instant::now();
		let switch = apply(&network, code).await?;
		eprintln!("authorized and applied in {:.1?}", applied.elapsed());
		for node in 0..ACCOUNTS.len() {
			NEW.until_in_force(&network, node).await?;
		}
		network.until_all_final(switch + 8, seconds(60)).await?;
		let (production, finality) = (watcher.production_gap(applied), watcher.finality_gap(applied));
		eprintln!("the longest gaps: production {production:.2?}, finality {finality:.2?}");

		// A node that begins at genesis, with the old runtime.
		let late = network.add_full_node("late", &[]).await?;
		kill_and_restart(&mut network, switch).await?;
		NEW.until_in_force(&network, late).await?;
		let last = watcher.until_more_final(4, seconds(60)).await?.finalized;
		network.until_all_final(last, seconds(60)).await?;

		assert_rules(network.rpc(late)?, switch).await?;
		assert_nobody_accused(&network).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		let still = state::directors(network.rpc(0)?).await?;
		ensure!(
			still == directors,
			"others are directors now: {still:?}, and were {directors:?}"
		);
		network.finish().await
	})
	.await;
}
