//! Clocks that are set: a wrong one mutes its node only for as long as it is wrong.

use crate::{seconds, slots, CYCLE};
use smartchain_runtime::constants::time::TURN_LENGTH;
use smartchain_tests::{clock::FakeClock, ensure, network::Plan, turns, wait, watch::Watcher, Network, Result};
use std::time::{Duration, Instant};

/// The voter whose clock is set.
const VICTIM: usize = 3;
/// How far it is ahead, in seconds.
const AHEAD: i64 = 600;
/// How far all are ahead, in seconds.
const ALL_AHEAD: i64 = 20;
/// Two turns: what a voter may need until it votes again once its clock is right.
const TWO_TURNS: Duration = slots(2 * TURN_LENGTH);
/// Its own turn comes once in a cycle, and may just have passed.
const TWO_CYCLES: Duration = slots(2 * CYCLE);

/// Waits until a node says that its clock keeps it from voting.
async fn until_doubted(network: &Network, node: usize) -> Result<()> {
	let what = format!("{} to doubt its clock", network.node(node).name());
	wait::until(&what, seconds(15), || async {
		let why = network.rpc(node)?.not_voting().await?;
		Ok(why.filter(|why| why.contains("clock")))
	})
	.await
	.map(|why| eprintln!("{}: {why}", network.node(node).name()))
}

/// One of four is ten minutes ahead for a while. The others go on; it says why it does not vote, signs for no slot
/// ahead, and once its clock is right it imports at once, votes, and authors in its turn.
async fn one_is_ahead(network: &Network, watcher: &Watcher) -> Result<()> {
	let director = turns::place(network.rpc(VICTIM)?).await?;
	let set = Instant::now();
	network.clock(VICTIM)?.set(AHEAD)?;
	until_doubted(network, VICTIM).await?;
	while set.elapsed() < seconds(35) {
		watcher.until_more_final(4, seconds(15)).await?;
		let best = watcher.blocks().last().map_or(0, |block| block.slot);
		let signed = network.rpc(VICTIM)?.last_prevote().await?;
		ensure!(
			signed <= best + 4,
			"it signed for slot {signed}, and the chain is in {best}"
		);
	}
	network.clock(VICTIM)?.set(0)?;
	let right = Instant::now();
	let now = watcher.heights();
	let back = network.watch(VICTIM).await?;
	back.until("it to have all blocks", seconds(5), |heights| heights.best >= now.best)
		.await?;
	network.until_voting(VICTIM, TWO_TURNS).await?;
	let slot = watcher.blocks().last().map_or(0, |block| block.slot);
	wait::until("it to prevote a new block", TWO_TURNS, || async {
		Ok((network.rpc(VICTIM)?.last_prevote().await? > slot).then_some(()))
	})
	.await?;
	eprintln!("it votes again {:.1?} after its clock is right", right.elapsed());
	wait::until("it to author again", TWO_CYCLES, || async {
		let blocks = watcher.blocks();
		let mut new = blocks.iter().rev().take_while(|block| block.number > now.best);
		Ok(new.any(|block| block.author == Some(director)).then_some(()))
	})
	.await?;
	eprintln!("it authors again {:.1?} after its clock is right", right.elapsed());
	Ok(())
}

/// All clocks go ahead together, as of machines that slept, and go on by the new time, for a quorum tells it. Then all
/// go back for good: nothing can be signed until they reach the head's slot. The nodes say which, and go on when it
/// comes.
async fn all_are_ahead(network: &Network, watcher: &Watcher) -> Result<()> {
	for node in 0..4 {
		network.clock(node)?.set(ALL_AHEAD)?;
	}
	let set = Instant::now();
	watcher.until_more_final(6, seconds(15)).await?;
	eprintln!(
		"six more blocks are final {:.1?} after all clocks went ahead",
		set.elapsed()
	);
	for node in 0..4 {
		network.clock(node)?.set(0)?;
	}
	let back = Instant::now();
	for node in 0..4 {
		until_doubted(network, node).await?;
	}
	// As long as they were ahead, and as long as it takes to go on.
	watcher
		.until_more_final(6, seconds(ALL_AHEAD.unsigned_abs() + 20))
		.await?;
	eprintln!(
		"six more blocks are final {:.1?} after all clocks went back",
		back.elapsed()
	);
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn clocks_that_were_set_cost_no_more_than_the_time_in_which_they_were_wrong() {
	let name = "clocks_that_were_set_cost_no_more_than_the_time_in_which_they_were_wrong";
	if !FakeClock::available_to(name) {
		return;
	}
	wait::bounded(name, seconds(240), async {
		let network = Network::start(Plan {
			clocks: true,
			..Plan::default()
		})
		.await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		one_is_ahead(&network, &watcher).await?;
		all_are_ahead(&network, &watcher).await?;
		for node in 0..4 {
			network.until_voting(node, TWO_TURNS).await?;
		}
		watcher.until_more_final(CYCLE / 4, seconds(30)).await?;
		network.finish().await
	})
	.await;
}
