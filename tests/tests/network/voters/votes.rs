//! No voter ever signs two different votes in one slot and phase, whenever it is killed.

use crate::seconds;
use smartchain_tests::{
	ensure,
	network::Plan,
	rng::Rng,
	votes::{VoteBook, LOG_FILTER},
	wait,
	watch::Seen,
	Network, Result,
};
use std::time::Duration;

/// So many votes of each voter in each phase are seen at least.
const SEEN: usize = 25;
/// Blocks that become final after the last kill: everybody votes for each.
const QUIET: u32 = SEEN as u32 + 8;

/// Kills one voter after the other at random moments, `kills` in all, and starts it again; each votes again before the
/// next dies.
async fn kill_at_random(network: &mut Network, random: &mut Rng, kills: usize) -> Result<()> {
	let mut killed = 0;
	while killed < kills {
		let victim = random.below(4) as usize;
		let voted = network.rpc(victim)?.last_prevote().await?;
		// Random moments are the point here: this is no waiting for anything.
		tokio::time::sleep(Duration::from_millis(random.below(1_500))).await;
		network.node_mut(victim).kill();
		killed += 1;
		network.node_mut(victim).restart()?;
		// One in four dies again while it starts.
		if killed < kills && random.below(4) == 0 {
			tokio::time::sleep(Duration::from_millis(random.below(1_500))).await;
			network.node_mut(victim).restart()?;
			killed += 1;
		}
		let rpc = network.node_mut(victim).ready().await?;
		let what = format!("{} to vote again after kill {killed}", network.node(victim).name());
		wait::until(&what, seconds(60), || async {
			Ok((rpc.last_prevote().await? > voted).then_some(()))
		})
		.await?;
		if killed % 10 == 0 {
			eprintln!("{killed} of {kills} kills");
		}
	}
	Ok(())
}

/// An observer that saw little would prove little: every voter's votes must be there, in both phases, up to the end.
fn saw_everybody(book: &VoteBook, last: u64) -> Result<()> {
	for voter in 0..4 {
		for phase in ["prevote", "commit"] {
			let slots: Vec<_> = book.slots(voter, phase).collect();
			let newest = slots.last().copied().unwrap_or(0);
			ensure!(
				slots.len() > SEEN,
				"only {} {phase}s of voter {voter} were seen",
				slots.len()
			);
			ensure!(
				newest + 10 >= last,
				"the last {phase} of voter {voter} was seen in slot {newest}, {last} is final"
			);
		}
	}
	Ok(())
}

/// Kills voters so many times, and reads all that anybody sent for a vote that contradicts another.
pub async fn kills(name: &str, kills: usize, limit: Duration) {
	wait::bounded(name, limit, async {
		let seed = Rng::seed_from_env();
		eprintln!("replay this run's choices with SMARTCHAIN_TEST_SEED={seed}");
		// What is on the wire is seen by an observer that has no part in it; and each validator tells what it sends.
		let log = format!("-l{LOG_FILTER}");
		let mut network = Network::start(Plan {
			args: vec![log.clone()],
			..Plan::default()
		})
		.await?;
		let observer = network.add_full_node("observer", &[&log]).await?;
		let watcher = network.watch(observer).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		kill_at_random(&mut network, &mut Rng::new(seed), kills).await?;
		// So many that votes suffice also of whoever died most, however soon the kills were over.
		watcher.until_more_final(QUIET, seconds(60)).await?;

		let mut book = VoteBook::default();
		book.add_log(&network.node(observer).log().all()?);
		let on_the_wire = book.len();
		for node in network.nodes() {
			book.add_log(&node.log().all()?);
		}
		eprintln!("{on_the_wire} votes seen by the observer, {} by anyone", book.len());
		ensure!(
			book.conflicts().is_empty(),
			"{} (seed {seed})",
			book.conflicts().join("\n")
		);
		let last = network.rpc(observer)?.finalized().await?;
		saw_everybody(&book, Seen::now(&last).slot)?;
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn kills_at_random_moments_never_yield_two_votes() {
	kills("kills_at_random_moments_never_yield_two_votes", 8, seconds(240)).await;
}
