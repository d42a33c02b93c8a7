//! As many transfers as the chain takes.
//!
//! Transfers are signed before the clock starts, by many accounts, each paying an account that only receives. Several
//! connections submit them and keep a bounded number waiting in the pool. What counts is what became final between two
//! final blocks: the growth of the senders' nonces, and, to be sure that the transfers succeeded, of the receivers'
//! balances.

use crate::{
	progress::Progress,
	report::Row,
	stats::{production, Latencies, Production, SLOT_MS},
};
use jsonrpsee::core::{client::ClientT, params::BatchRequestBuilder};
use smartchain_tests::{
	network::Plan,
	rpc::{refusals, Header, Rpc},
	tx::{self, Account, Chain},
	wait,
	watch::Watcher,
	Error, Network, NodeConfig, Result, Wiring,
};
use sp_core::{Bytes, H256};
use std::{
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use tokio::task::JoinSet;

const SENDERS: usize = 1_000;
const RECEIVERS: usize = 100;
const CONNECTIONS: usize = 4;
/// Transactions of one JSON-RPC batch.
const BATCH: usize = 50;
/// STCI have twelve decimals.
const STCI: u128 = 1_000_000_000_000;
const ENDOWMENT: u128 = 200 * STCI;
const VALUE: u128 = STCI / 1_000;
/// How often a transfer is submitted before that is an error.
const ATTEMPTS: u32 = 5;
const WARM_UP: Duration = Duration::from_secs(5);

/// How to load what.
#[derive(Clone, Debug)]
pub struct Load {
	/// One validator, or four.
	pub validators: usize,
	/// How long to measure.
	pub lasts: Duration,
	/// How many transfers may wait in the pool.
	pub backlog: u64,
	/// No more than this many transfers a second are prepared.
	pub at_most: u64,
	/// Further arguments of every node.
	pub node_args: Vec<String>,
}

/// Those that pay, and those that only receive.
struct Accounts {
	senders: Vec<Account>,
	receivers: Vec<Account>,
}

/// What became final between two blocks of the loaded chain.
struct Outcome {
	transfers: u64,
	lasted: Duration,
	/// Whether so few transfers waited in the end that more might have been final.
	starved: bool,
	pace: Production,
	latencies: Latencies,
}

/// Runs the load.
pub async fn run(load: Load) -> Result<Vec<Row>> {
	let name = if load.validators == 1 {
		"one validator".to_string()
	} else {
		format!("{} validators", load.validators)
	};
	let mut progress = Progress::new(format!("transfers, {name}"), load.lasts + Duration::from_secs(60));
	progress.show("starting");
	let network = start(load.validators, &load.node_args).await?;
	let watcher = network.watch(0).await?;
	watcher.until_more_final(4, Duration::from_secs(60)).await?;
	let rpc = network.rpc(0)?.clone();
	let chain = Chain::of(&rpc).await?;
	let accounts = Accounts {
		senders: (0..SENDERS).map(|i| Account::dev(&format!("//{i}"))).collect(),
		receivers: (0..RECEIVERS)
			.map(|i| Account::dev(&format!("//receiver//{i}")))
			.collect(),
	};
	progress.show("endowing accounts");
	endow(&rpc, chain, &accounts).await?;
	progress.show("signing");
	let per_sender = ((load.lasts + 2 * WARM_UP).as_secs() * load.at_most).div_ceil(SENDERS as u64) as u32;
	let queues = sign(chain, &accounts, per_sender)?;
	let outcome = measure(&load, &network, &watcher, queues, &accounts, &mut progress).await?;
	network.finish().await?;
	let rate = outcome.transfers as f64 / outcome.lasted.as_secs_f64();
	progress.done(&format!("{rate:.0} transfers a second"));
	let asked = if load.validators == 1 { ">= 2,000" } else { "" };
	Ok(rows(&name, asked, &outcome))
}

/// Submits the queues, spread over the validators, and measures from final block to final block.
async fn measure(
	load: &Load,
	network: &Network,
	watcher: &Watcher,
	queues: Vec<Vec<Bytes>>,
	accounts: &Accounts,
	progress: &mut Progress,
) -> Result<Outcome> {
	let rpc = network.rpc(0)?.clone();
	let counters = Arc::new(Counters::default());
	let mut feeders = JoinSet::new();
	for (connection, queue) in queues.into_iter().enumerate() {
		let node = network.node(connection % load.validators);
		let rpc = Rpc::connect(node.config().rpc).await?;
		feeders.spawn(feed(rpc, queue, counters.clone(), load.backlog));
	}
	feeders.spawn(count_included(rpc.clone(), counters.clone()));

	let start = Instant::now();
	let mut measured: Option<(Instant, Header)> = None;
	let (to_at, to) = loop {
		tokio::time::sleep(Duration::from_millis(250)).await;
		let waiting = counters.waiting();
		let submitted = counters.submitted.load(Ordering::Relaxed);
		progress.show(&format!("{submitted} submitted, {waiting} waiting"));
		if measured.is_none() && start.elapsed() >= WARM_UP {
			measured = Some(next_final(&rpc, watcher).await?);
		}
		if start.elapsed() >= WARM_UP + load.lasts {
			break next_final(&rpc, watcher).await?;
		}
		if let Some(Err(error)) = feeders.try_join_next().and_then(|joined| joined.ok()) {
			return Err(error);
		}
	};
	let starved = counters.waiting() * 4 < load.backlog;
	counters.stop.store(true, Ordering::Relaxed);
	let (from_at, from) = measured.ok_or_else(|| Error::new("nothing was measured"))?;
	let before = totals(&rpc, accounts, from.hash()).await?;
	let after = totals(&rpc, accounts, to.hash()).await?;
	let (transfers, received) = (after.0 - before.0, (after.1 - before.1) / VALUE);
	feeders.shutdown().await;
	smartchain_tests::ensure!(
		u128::from(transfers) == received,
		"{transfers} transfers are in blocks, but only {received} arrived"
	);
	let (blocks, finalized) = (watcher.blocks(), watcher.finalized());
	let mut latencies = Latencies::default();
	latencies.add(&blocks, &finalized, from.number, to.number);
	let pace = production(&blocks, &finalized, from.number, to.number);
	Ok(Outcome {
		transfers,
		lasted: to_at.duration_since(from_at),
		starved,
		pace: pace.ok_or_else(|| Error::new("too few blocks to measure anything"))?,
		latencies,
	})
}

fn rows(name: &str, asked: &'static str, outcome: &Outcome) -> Vec<Row> {
	let Outcome {
		transfers,
		lasted,
		starved,
		pace,
		latencies,
	} = outcome;
	let seconds = lasted.as_secs_f64();
	let rate = *transfers as f64 / seconds;
	let limited = if *starved { "; the generator was the limit" } else { "" };
	vec![
		Row::new(
			format!("finalized transfers a second, {name}, {seconds:.0} s"),
			asked,
			format!("{rate:.0} ({transfers} transfers{limited})"),
		),
		Row::new(
			format!("blocks under that load, {name}"),
			"on time",
			format!(
				"every {:.1} ms, {:.1} % of slots filled, longest gap {:.0} ms",
				pace.interval_ms,
				pace.filled * 100.0,
				pace.longest_slots as f64 * SLOT_MS
			),
		),
		Row::new(
			format!("seen to final under that load, p50 / p95 / p99, {name}"),
			"",
			latencies.seen_to_final.summary(),
		),
	]
}

/// Pools that hold the backlog.
const POOL: [&str; 4] = ["--pool-limit", "20000", "--pool-kbytes", "65536"];

async fn start(validators: usize, further: &[String]) -> Result<Network> {
	let args: Vec<String> = POOL
		.iter()
		.map(ToString::to_string)
		.chain(further.iter().cloned())
		.collect();
	if validators > 1 {
		return Network::start(Plan {
			validators,
			args,
			..Plan::default()
		})
		.await;
	}
	let mut network = Network::empty(Wiring::Direct, 0)?;
	let mut config = NodeConfig::new("alice")?.validator("alice").with_args(args);
	config.chain = "dev".to_string();
	network.start_node(config)?;
	network.ready().await?;
	Ok(network)
}

/// Gives every account what it needs, from Alice, in batches.
async fn endow(rpc: &Rpc, chain: Chain, Accounts { senders, receivers }: &Accounts) -> Result<()> {
	let alice = Account::dev("//Alice");
	let first = tx::nonce(rpc, &alice, None).await?;
	let calls: Vec<_> = senders
		.iter()
		.map(|account| tx::transfer(account.id(), ENDOWMENT))
		.chain(receivers.iter().map(|account| tx::transfer(account.id(), STCI)))
		.collect();
	let mut nonce = first;
	for calls in calls.chunks(200) {
		rpc.submit(&chain.sign(&alice, nonce, tx::all(calls.to_vec()))).await?;
		nonce += 1;
	}
	wait::until("the accounts to be endowed", Duration::from_secs(60), || async {
		let finalized = rpc.finalized().await?.hash();
		Ok((tx::nonce(rpc, &alice, Some(finalized)).await? == nonce).then_some(()))
	})
	.await?;
	let finalized = rpc.finalized().await?.hash();
	let states = tx::states(rpc, senders, Some(finalized)).await?;
	smartchain_tests::ensure!(
		states.iter().all(|state| state.free >= ENDOWMENT),
		"not every account was endowed"
	);
	Ok(())
}

/// One queue of transactions for each connection; a sender's stay in one queue, in their order.
fn sign(chain: Chain, Accounts { senders, receivers }: &Accounts, each: u32) -> Result<Vec<Vec<Bytes>>> {
	let sign_queue = |connection: usize| -> Vec<Bytes> {
		let own: Vec<_> = senders
			.iter()
			.enumerate()
			.skip(connection)
			.step_by(CONNECTIONS)
			.collect();
		(0..each)
			.flat_map(|nonce| {
				own.iter().map(move |(index, sender)| {
					let receiver = &receivers[index % receivers.len()];
					Bytes(chain.sign(sender, nonce, tx::transfer(receiver.id(), VALUE)))
				})
			})
			.collect()
	};
	let queues = std::thread::scope(|scope| {
		let signing: Vec<_> = (0..CONNECTIONS)
			.map(|connection| scope.spawn(move || sign_queue(connection)))
			.collect();
		signing
			.into_iter()
			.map(|thread| thread.join().ok())
			.collect::<Option<Vec<_>>>()
	});
	queues.ok_or_else(|| Error::new("signing failed"))
}

#[derive(Default)]
struct Counters {
	submitted: AtomicU64,
	included: AtomicU64,
	stop: AtomicBool,
}

impl Counters {
	fn waiting(&self) -> u64 {
		self.submitted
			.load(Ordering::Relaxed)
			.saturating_sub(self.included.load(Ordering::Relaxed))
	}
}

/// Submits a queue, batch by batch, as long as not too many transactions wait.
async fn feed(rpc: Rpc, queue: Vec<Bytes>, counters: Arc<Counters>, backlog: u64) -> Result<()> {
	for batch in queue.chunks(BATCH) {
		while counters.waiting() > backlog {
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
		if counters.stop.load(Ordering::Relaxed) {
			return Ok(());
		}
		let mut batch: Vec<&Bytes> = batch.iter().collect();
		counters.submitted.fetch_add(batch.len() as u64, Ordering::Relaxed);
		for attempt in 1.. {
			let mut request = BatchRequestBuilder::new();
			for transaction in &batch {
				request.insert("author_submitExtrinsic", [transaction])?;
			}
			let answers = rpc.client().batch_request::<H256>(request).await?;
			let mut again = Vec::new();
			for (transaction, answer) in batch.into_iter().zip(answers) {
				match answer {
					Ok(_) => (),
					Err(error) if error.code() == refusals::VERIFICATION_ERROR && attempt < ATTEMPTS => {
						again.push(transaction)
					}
					Err(error) => return Err(Error::new(format!("the pool refuses a transfer: {error:?}"))),
				}
			}
			if again.is_empty() {
				break;
			}
			batch = again;
		}
	}
	Ok(())
}

/// Counts transactions as they get into blocks.
async fn count_included(rpc: Rpc, counters: Arc<Counters>) -> Result<()> {
	let mut heads = rpc
		.subscribe::<Header>("chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
		.await?;
	let mut counted = 0;
	while let Some(head) = heads.next().await {
		let head = head?;
		// Forks would be counted twice or not at all; the backlog is no more than a rule of thumb.
		if head.number > counted {
			counted = head.number;
			let signed = rpc
				.body(head.hash())
				.await?
				.iter()
				.filter(|extrinsic| is_signed(extrinsic))
				.count();
			counters.included.fetch_add(signed as u64, Ordering::Relaxed);
		}
	}
	Ok(())
}

/// Whether an extrinsic is signed: the top bit of its first byte after its length.
fn is_signed(extrinsic: &[u8]) -> bool {
	let prefix = match extrinsic.first().map(|first| first & 3) {
		Some(0) => 1,
		Some(1) => 2,
		_ => 4,
	};
	extrinsic.get(prefix).is_some_and(|preamble| preamble & 0x80 != 0)
}

/// The next block that becomes final, and when it did.
async fn next_final(rpc: &Rpc, watcher: &Watcher) -> Result<(Instant, Header)> {
	watcher.until_more_final(1, Duration::from_secs(30)).await?;
	let last = watcher
		.finalized()
		.pop()
		.ok_or_else(|| Error::new("nothing is final"))?;
	Ok((last.at, rpc.header(Some(last.hash)).await?))
}

/// All nonces of the senders, and all balances of the receivers.
async fn totals(rpc: &Rpc, Accounts { senders, receivers }: &Accounts, at: H256) -> Result<(u64, u128)> {
	let nonces = tx::states(rpc, senders, Some(at))
		.await?
		.iter()
		.map(|state| u64::from(state.nonce))
		.sum();
	let balances = tx::states(rpc, receivers, Some(at))
		.await?
		.iter()
		.map(|state| state.free)
		.sum();
	Ok((nonces, balances))
}
