//! An upgrade that holders have voted in, under load: transfers go on before and after it, none is lost, and no slot
//! is.

use super::{pause::Trace, referendum, refused_early, set, spec_version};
use crate::seconds;
use codec::Decode;
use jsonrpsee::core::{client::ClientT, params::BatchRequestBuilder};
use serde_json::json;
use smartchain_next_runtime::WASM_BINARY;
use smartchain_runtime::{constants::governance::TEST_SCALE, VERSION};
use smartchain_tests::{
	chain_spec, ensure,
	network::Plan,
	rpc::Rpc,
	tx::{self, Account, Chain},
	wait,
	watch::Watcher,
	Error, Network, Result,
};
use sp_core::{Bytes, H256};
use sp_crypto_hashing::twox_128;
use std::{
	collections::BTreeMap,
	fmt,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use tokio::{
	task::JoinHandle,
	time::{Interval, MissedTickBehavior},
};

/// Slots of an era: none begins while this test runs.
const ERA: u32 = 24 * 10_000;
/// STCI have twelve decimals.
const STCI: u128 = 1_000_000_000_000;
/// Who pays.
const SENDERS: usize = 200;
/// How many transfers are sent in a tick: 50 a second, beside which four nodes on two cores can compile a runtime in
/// the minute that they have, on a slow machine too.
const BATCH: usize = 5;
/// How long a tick is.
const TICK: Duration = Duration::from_millis(100);
/// The longest pause between two blocks. What is aimed at is half of it, on a machine with cores for four nodes: the
/// test tells what it was. A switch to a runtime that nobody has compiled ahead takes many times as long.
const GAP: Duration = Duration::from_secs(3);
/// The call that only the next runtime has: `upgrades.do_nothing`.
const NEW_CALL: [u8; 2] = [7, 255];
/// Where the migration of the next runtime puts what it has counted.
const COUNTED: &[u8] = b":test:accounts-counted";

/// What became of a load.
#[derive(Debug, Default)]
struct Told {
	/// Transfers that a pool took for the first time.
	sent: usize,
	/// Those that were signed again, since the version they were signed for is not in force any more.
	again: usize,
	/// Refusals by what was said.
	refused: BTreeMap<String, usize>,
	/// Transfers that are in blocks, by the nonces of the senders in the end.
	included: usize,
	/// For how long transfers were sent,
	lasted: Duration,
	/// and how many in that time, those that were signed again among them.
	meanwhile: usize,
}

impl Told {
	/// How many transfers were sent in a second.
	fn rate(&self) -> f64 {
		self.meanwhile as f64 / self.lasted.as_secs_f64().max(f64::MIN_POSITIVE)
	}
}

impl fmt::Display for Told {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self {
			sent,
			again,
			refused,
			included,
			lasted,
			meanwhile: _,
		} = self;
		let refusals: usize = refused.values().sum();
		write!(
			f,
			"{:.0} transfers a second for {lasted:.1?}: {sent} taken by a pool, {again} signed again for the new \
			 version, {refusals} refused {refused:?}, {included} in blocks",
			self.rate()
		)
	}
}

/// Goes off once a tick. What was missed is not made up for: wallets do not send a thousand transfers at once because
/// others were signed again for some seconds.
fn ticks() -> Interval {
	let mut ticks = tokio::time::interval(TICK);
	ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
	ticks
}

/// Sends transfers as wallets do: signs for the version in force, and signs again what a new one has made worthless.
struct Generator {
	rpc: Rpc,
	chain: Chain,
	senders: Vec<Account>,
	/// The nonce of the next transfer of each.
	next: Vec<u32>,
	/// How many transfers are sent in a tick.
	batch: usize,
	told: Told,
}

impl Generator {
	/// A transfer of this sender with this nonce: to its neighbour.
	fn transfer(&self, sender: usize, nonce: u32) -> Bytes {
		let to = &self.senders[(sender + 1) % self.senders.len()];
		Bytes(
			self.chain
				.sign(&self.senders[sender], nonce, tx::transfer(to.id(), STCI / 1_000)),
		)
	}

	/// Submits these; what was said of each.
	async fn submit(&self, transfers: Vec<Bytes>) -> Result<Vec<Option<String>>> {
		let mut request = BatchRequestBuilder::new();
		for transfer in &transfers {
			request.insert("author_submitExtrinsic", [transfer])?;
		}
		let answers = self.rpc.client().batch_request::<H256>(request).await?;
		let said = answers.into_iter().map(|answer| {
			answer.err().map(|error| {
				let data = error.data().map(|data| data.get().to_owned());
				data.unwrap_or_else(|| error.message().to_owned())
			})
		});
		Ok(said.collect())
	}

	/// One tick's transfers, of the senders from this one on.
	async fn tick(&mut self, first: usize) -> Result<()> {
		let chosen: Vec<usize> = (first..first + self.batch).map(|sender| sender % SENDERS).collect();
		let transfers = chosen.iter().map(|sender| self.transfer(*sender, self.next[*sender]));
		let transfers = transfers.collect();
		for (sender, refusal) in chosen.into_iter().zip(self.submit(transfers).await?) {
			match refusal {
				None => {
					self.next[sender] += 1;
					self.told.sent += 1;
				}
				Some(refusal) => *self.told.refused.entry(refusal).or_default() += 1,
			}
		}
		Ok(())
	}

	/// Signs again whatever a pool took and no block has, no faster than anything else is sent; whether nothing was
	/// missing.
	async fn again(&mut self) -> Result<bool> {
		self.chain = Chain::of(&self.rpc).await?;
		let states = tx::states(&self.rpc, &self.senders, None).await?;
		let mut missing = Vec::new();
		for (sender, state) in states.iter().enumerate() {
			missing.extend((state.nonce..self.next[sender]).map(|nonce| (sender, nonce)));
		}
		self.told.again += missing.len();
		let whole = missing.is_empty();
		let mut ticks = ticks();
		for chosen in missing.chunks(self.batch) {
			ticks.tick().await;
			// Not all at once before: thousands of signatures take a processor from the nodes.
			let transfers = chosen.iter().map(|(sender, nonce)| self.transfer(*sender, *nonce));
			self.submit(transfers.collect()).await?;
		}
		Ok(whole)
	}

	/// Sends until it is told to stop, and then sees that every transfer gets into a block.
	async fn run(mut self, stop: Arc<AtomicBool>) -> Result<Told> {
		let began = Instant::now();
		let mut ticks = ticks();
		for first in (0usize..).step_by(self.batch) {
			ticks.tick().await;
			if stop.load(Ordering::Relaxed) {
				break;
			}
			if spec_version(&self.rpc, None).await? != self.chain.spec_version() {
				self.again().await?;
			}
			self.tick(first % SENDERS).await?;
		}
		self.told.lasted = began.elapsed();
		self.told.meanwhile = self.told.sent + self.told.again;
		let start = Instant::now();
		while !self.again().await? {
			ensure!(
				start.elapsed() < seconds(60),
				"transfers are in no block: {:?}",
				self.told
			);
			tokio::time::sleep(seconds(2)).await;
		}
		let states = tx::states(&self.rpc, &self.senders, None).await?;
		self.told.included = states.iter().map(|state| state.nonce as usize).sum();
		Ok(self.told)
	}
}

/// Gives each sender something to spend.
async fn endow(rpc: &Rpc, chain: Chain, senders: &[Account]) -> Result<()> {
	let alice = Account::dev("//Alice");
	let transfers = senders.iter().map(|sender| tx::transfer(sender.id(), 100 * STCI));
	let nonce = tx::nonce(rpc, &alice, None).await?;
	rpc.submit(&chain.sign(&alice, nonce, tx::all(transfers.collect())))
		.await?;
	wait::until("the senders to be endowed", seconds(60), || async {
		let finalized = rpc.finalized().await?.hash();
		Ok((tx::nonce(rpc, &alice, Some(finalized)).await? > nonce).then_some(()))
	})
	.await
}

/// Starts the load through a node: so many transfers in a tick.
async fn start(
	network: &Network,
	node: usize,
	batch: usize,
	stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<Result<Told>>> {
	let rpc = network.rpc(node)?.clone();
	let chain = Chain::of(&rpc).await?;
	let senders: Vec<_> = (0..SENDERS)
		.map(|sender| Account::dev(&format!("//load//{sender}")))
		.collect();
	endow(&rpc, chain, &senders).await?;
	let generator = Generator {
		rpc,
		chain,
		next: vec![0; senders.len()],
		senders,
		batch,
		told: Told::default(),
	};
	Ok(tokio::spawn(generator.run(stop.clone())))
}

/// That the migration of several blocks came to its end, and counted all accounts.
async fn until_migrated(rpc: &Rpc) -> Result<()> {
	let cursor = [twox_128(b"MultiBlockMigrations"), twox_128(b"Cursor")].concat();
	wait::until("the migrations to end", seconds(60), || async {
		let (cursor, counted) = (rpc.storage(&cursor, None).await?, rpc.storage(COUNTED, None).await?);
		let counted = counted.map(|counted| u32::decode(&mut &counted.0[..])).transpose()?;
		Ok((cursor.is_none() && counted.is_some_and(|counted| counted as usize > SENDERS)).then_some(()))
	})
	.await
}

/// That what was signed for the old version is refused with a reason, and what is signed for the new one goes into a
/// block, the call that only the new one has among them.
async fn assert_signed_anew(rpc: &Rpc, old: Chain) -> Result<()> {
	let eve = Account::dev("//Eve");
	let nonce = tx::nonce(rpc, &eve, None).await?;
	let stale = rpc.submit(&old.sign(&eve, nonce, tx::remark(vec![1]))).await;
	let refusal = stale.err().map(|error| error.to_string()).unwrap_or_default();
	ensure!(
		refusal.contains("bad signature"),
		"what was signed for the old version: {refusal:?}"
	);
	let new = Chain::of(rpc).await?;
	rpc.submit(&new.sign(&eve, nonce, tx::remark(vec![1]))).await?;
	rpc.submit(&new.sign_encoded(&eve, nonce + 1, &NEW_CALL)).await?;
	wait::until("calls of before and of after to be in blocks", seconds(30), || async {
		Ok((tx::nonce(rpc, &eve, None).await? == nonce + 2).then_some(()))
	})
	.await
}

/// The longest pauses since a moment.
fn gaps(watcher: &Watcher, since: Instant) -> (Duration, Duration) {
	(watcher.production_gap(since), watcher.finality_gap(since))
}

/// Holders vote in a runtime with a migration of several blocks and a new call, and four validators go over to it while
/// they take so many transfers in each tick. Blocks come on, every transfer is in a block in the end, and nothing is
/// refused without a reason.
pub async fn under_load(name: &str, batch: usize) {
	wait::bounded(name, seconds(480), async {
		let code = WASM_BINARY.ok_or_else(|| Error::new("built with SKIP_WASM_BUILD: there is no next runtime"))?;
		let folder = tempfile::tempdir()?;
		let change = json!({ "poca": { "eraLength": ERA }, "mandates": { "scale": TEST_SCALE } });
		let plan = Plan {
			chain: chain_spec::with_change("local", &change, folder.path())?,
			// How long blocks take to build and to execute.
			args: vec!["-lpoca=debug".into()],
			compiles: true,
			..Plan::default()
		};
		let network = Network::start(plan).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(4, seconds(30)).await?;
		let rpc = network.rpc(2)?.clone();
		let old = Chain::of(&rpc).await?;
		let eve = Account::dev("//Eve");
		endow(&rpc, old, std::slice::from_ref(&eve)).await?;
		let early = network.rpc(3)?.submit(&old.sign_encoded(&eve, 0, &NEW_CALL)).await;
		ensure!(early.is_err(), "the call of the next runtime was taken by this one");
		let transaction = refused_early(&network, code).await?;
		// Before the load: what waits in pools while holders vote would make the switch another one.
		referendum::vote_in(&rpc, code).await?;

		let stop = Arc::new(AtomicBool::new(false));
		let load = start(&network, 0, batch, &stop).await?;
		watcher.until_more_final(20, seconds(60)).await?;
		let trace = Trace::start(&network).await?;
		let began = Instant::now();
		let switch = set(&network, &rpc, &transaction).await?;
		until_migrated(&rpc).await?;
		network.until_all_final(switch + 20, seconds(60)).await?;
		let (production, finality) = gaps(&watcher, began);
		let around = trace.tell(&network, began).await?;
		drop(trace);
		stop.store(true, Ordering::Relaxed);
		let told = load.await.map_err(|error| Error::new(error.to_string()))??;
		eprintln!(
			"switched in block {switch}; the longest pause in production {production:.2?}, in finality {finality:.2?}; \
			 {told}\nAround the pause:\n{around}"
		);
		ensure!(production <= GAP, "no block for {production:?}");
		ensure!(
			told.sent > 0 && told.again > 0,
			"no load, or nothing was signed again: {told:?}"
		);
		ensure!(
			told.included == told.sent,
			"a transfer is in no block, or in two: {told:?}"
		);

		assert_signed_anew(&rpc, old).await?;
		let version = spec_version(&rpc, None).await?;
		ensure!(version == VERSION.spec_version + 1, "version {version} is in force");
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn four_validators_under_load_lose_neither_slot_nor_transfer() {
	under_load("four_validators_under_load_lose_neither_slot_nor_transfer", BATCH).await;
}
