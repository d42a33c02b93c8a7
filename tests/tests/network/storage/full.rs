//! Blocks are full of what others pay for, and no challenge is missed: answers pay nothing, and have room of their own.

use super::{Fair, SOON};
use crate::seconds;
use smartchain_next_runtime::WASM_BINARY;
use smartchain_runtime::{RuntimeCall, VERSION};
use smartchain_tests::{
	ensure,
	rpc::Rpc,
	storage::{self, Audited},
	tx::{self, Account, Chain},
	wait, Error, Result,
};
use std::{
	future::Future,
	time::{Duration, Instant},
};
use tokio::time::{Interval, MissedTickBehavior};

/// Who fills blocks: the well-known accounts have a million STCI each.
const FLOODERS: [&str; 4] = ["//Charlie", "//Dave", "//Eve", "//Ferdie"];
/// Bytes of a transaction: a block takes five of them, and 39 if its author lets it be as large as it may.
const BYTES: usize = 100_000;
/// Transactions of each that wait in the pool,
const AHEAD: u32 = 6;
/// and where blocks are large.
const FAR_AHEAD: u32 = 24;
/// How often the pool is filled again: four times in a block.
const TICK: Duration = Duration::from_millis(125);
/// How long a new runtime may take to be in force, beside full blocks.
const IN_FORCE: Duration = seconds(240);
/// Blocks that are looked at under the new runtime.
const AFTER: u32 = 120;
/// Challenges that have to be answered,
const ANSWERS: u32 = 2;
/// and how long that may take: a slot is asked once in 48 ticks, and one lasts 16 blocks while these are full.
const ASKED: Duration = seconds(240);

/// Somebody who fills blocks.
struct Flooder {
	account: Account,
	/// The nonce of its next transaction.
	next: u32,
}

/// All of them.
struct Flood {
	rpc: Rpc,
	chain: Chain,
	flooders: Vec<Flooder>,
	/// Transactions of each that wait.
	ahead: u32,
	ticks: Interval,
	/// How often it was looked,
	looked: u32,
	/// and how often nothing waited then.
	empty: u32,
}

impl Flood {
	async fn new(rpc: &Rpc, ahead: u32) -> Result<Self> {
		let mut flooders = Vec::new();
		for seed in FLOODERS {
			let account = Account::dev(seed);
			let next = tx::nonce(rpc, &account, None).await?;
			flooders.push(Flooder { account, next });
		}
		let mut ticks = tokio::time::interval(TICK);
		ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
		Ok(Self {
			rpc: rpc.clone(),
			chain: Chain::of(rpc).await?,
			flooders,
			ahead,
			ticks,
			looked: 0,
			empty: 0,
		})
	}

	/// Fills the pool again.
	async fn pour(&mut self) -> Result<()> {
		self.ticks.tick().await;
		let chain = Chain::of(&self.rpc).await?;
		// What was signed for the runtime before is worth nothing.
		let anew = chain.spec_version() != self.chain.spec_version();
		self.chain = chain;
		let mut waiting = 0;
		for flooder in &mut self.flooders {
			let nonce = tx::nonce(&self.rpc, &flooder.account, None).await?;
			if anew || flooder.next < nonce {
				flooder.next = nonce;
			}
			waiting += flooder.next - nonce;
			while flooder.next < nonce + self.ahead {
				let remark = tx::remark(vec![0; BYTES]);
				let transaction = chain.sign(&flooder.account, flooder.next, remark);
				if self.rpc.offer(&transaction).await.is_err() {
					// The pool has no room, or a version comes into force just now: the next look shows.
					flooder.next = nonce;
					break;
				}
				flooder.next += 1;
			}
		}
		self.looked += 1;
		self.empty += u32::from(waiting == 0);
		Ok(())
	}
}

/// What comes of something while blocks are full.
async fn beside_a_flood<T>(rpc: &Rpc, ahead: u32, act: impl Future<Output = Result<T>>) -> Result<T> {
	let mut flood = Flood::new(rpc, ahead).await?;
	tokio::pin!(act);
	let done = loop {
		tokio::select! {
			done = &mut act => break done?,
			poured = flood.pour() => poured?,
		}
	};
	eprintln!(
		"nothing waited for a block in {} of {} looks",
		flood.empty, flood.looked
	);
	ensure!(
		flood.looked > 40 && flood.empty * 10 <= flood.looked,
		"blocks were not full: nothing waited in {} of {} looks",
		flood.empty,
		flood.looked
	);
	Ok(done)
}

/// That from this height on slots are asked for and answer, and that nobody misses a challenge whose time is over. When
/// a slot is asked is drawn, so that one waits until some have answered.
pub(super) async fn all_answered(rpc: &Rpc, from: u32) -> Result<()> {
	let (mut next, mut all) = (from, Audited::default());
	let answered = async {
		loop {
			let best = wait::until("another block", SOON, || async {
				let best = rpc.header(None).await?.number;
				Ok((best >= next).then_some(best))
			});
			let best = best.await?;
			all += storage::audited(rpc, next, best).await?;
			next = best + 1;
			ensure!(
				all.missed == 0 && all.behind == 0,
				"in blocks {from} to {best}: {all:?}"
			);
			if all.answered >= ANSWERS {
				return Ok(());
			}
		}
	};
	let in_time = tokio::time::timeout(ASKED, answered).await;
	eprintln!("blocks {from} to {}: {all:?}", next - 1);
	in_time.map_err(|_| Error::new(format!("after {ASKED:?}, in blocks from {from} on: {all:?}")))?
}

/// The version of the runtime that is in force.
pub(crate) async fn spec_version(rpc: &Rpc) -> Result<u32> {
	Ok(Chain::of(rpc).await?.spec_version())
}

/// Has the chain go over to the next runtime, which waits for a while from now on.
pub(crate) async fn set_next_runtime(rpc: &Rpc) -> Result<()> {
	let code = WASM_BINARY.ok_or_else(|| Error::new("built with SKIP_WASM_BUILD: there is no next runtime"))?;
	let set = RuntimeCall::System(frame_system::Call::set_code { code: code.to_vec() });
	let set = RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(set) });
	tx::carry_out(rpc, &Account::dev("//Alice"), set, SOON).await
}

/// Blocks are full; meanwhile the next runtime comes into force, with another length of turns, and slots are asked for
/// under it as before.
pub(super) async fn with_an_upgrade(fair: &Fair) -> Result<()> {
	let rpc = fair.rpc()?;
	let from = rpc.header(None).await?.number;
	set_next_runtime(rpc).await?;
	beside_a_flood(rpc, AHEAD, async {
		wait::until("the next runtime to be in force", IN_FORCE, || async {
			Ok((spec_version(rpc).await? == VERSION.spec_version + 1).then_some(()))
		})
		.await?;
		let since = rpc.header(None).await?.number;
		wait::until("blocks of the next runtime", IN_FORCE, || async {
			Ok((rpc.header(None).await?.number >= since + AFTER).then_some(()))
		})
		.await?;
		all_answered(rpc, from + 1).await
	})
	.await
}

/// Blocks are full for so long, as large as blocks may be, and nobody misses a challenge.
pub(crate) async fn only_full_blocks(name: &str, lasts: Duration, limit: Duration) {
	wait::bounded(name, limit, async {
		let fair = Fair::open(9, false, &["--block-kbytes", "5120"]).await?;
		let stored = fair.folder("papers", 18)?;
		let deal = fair.put(&stored).await?;
		let rpc = fair.rpc()?.clone();
		let (from, began) = (rpc.header(None).await?.number, Instant::now());
		let full = async {
			wait::until("the time of full blocks to be over", lasts * 2, || async {
				Ok((began.elapsed() >= lasts).then_some(()))
			})
			.await?;
			all_answered(&rpc, from + 1).await
		};
		beside_a_flood(&rpc, FAR_AHEAD, full).await?;
		fair.get(deal, "after-full-blocks", &stored).await?;
		fair.close(&[deal]).await
	})
	.await;
}
