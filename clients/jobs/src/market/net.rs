//! The market through a node.

use crate::{
	market::acts::{Act, PALLET},
	market::{Answer, Deposits, JobView, Jobs, Known, Sent, UnitView, WorkerView},
};
use async_trait::async_trait;
use codec::{Decode, Encode};
use compute_market_primitives::{
	Assurance, JobError, JobId, JobsOf, Price, Quote, Spec, Terms, Tick, UnitAt, MAX_ANSWERS,
};
use device_primitives::DeviceId;
use scale_info::TypeInfo;
use smart_agent_chain::{
	Account, AccountId, Args, BlockNumber, Call, Chain, ChainError, Hash, HeadEvent, Quote as Costs, Signer,
};
use std::{sync::Arc, time::Duration};

/// The runtime API of the market.
const API: &str = "ComputeMarketApi";
/// How often workers are asked for at most, 256 at a time: with more than that, these say what prices are.
const MOST_ASKED: usize = 8;
/// For how long a block is waited for.
const PAUSE: Duration = Duration::from_secs(3);

/// The markets' clock, `Poca.Clock`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Ticks {
	tick: Tick,
	waited: u8,
}

/// The market through whichever of some nodes answers. Cheap to clone.
#[derive(Clone)]
pub struct Net {
	chain: Chain,
	known: Known,
	signer: Option<Arc<dyn Signer>>,
}

impl Net {
	/// Of a connection; without a key it asks, and sends nothing.
	///
	/// # Errors
	/// If the runtime has no compute market, or another one than this program knows.
	pub fn new(chain: Chain, signer: Option<Arc<dyn Signer>>) -> Answer<Self> {
		let facts = chain.facts();
		let known = Known {
			genesis: facts.genesis.into(),
			slot_ms: facts.slot_ms,
			deposits: match chain.constant(PALLET, "Deposits") {
				// What is held is in the answer to no question then: the account shows it afterwards.
				Err(ChainError::Missing { .. } | ChainError::OtherRuntime { .. }) => Deposits::default(),
				found => found?,
			},
		};
		Ok(Self { chain, known, signer })
	}

	async fn best(&self) -> Answer<Hash> {
		Ok(self.chain.best().await?.hash)
	}

	async fn asked<T: Decode + TypeInfo + 'static>(&self, method: &str, args: &Args) -> Answer<T> {
		let at = self.best().await?;
		self.chain.answered(API, method, args, at).await
	}
}

#[async_trait]
impl Jobs for Net {
	fn known(&self) -> Known {
		self.known.clone()
	}

	async fn now(&self) -> Answer<(BlockNumber, Tick)> {
		let head = self.chain.finalized().await?;
		let ticks: Option<Ticks> = self.chain.stored("Poca", "Clock", &Args::none(), head.hash).await?;
		Ok((head.number, ticks.unwrap_or_default().tick))
	}

	async fn terms(&self) -> Answer<Terms> {
		self.asked("terms", &Args::none()).await
	}

	async fn engines(&self) -> Answer<Vec<u32>> {
		self.asked("engines", &Args::none()).await
	}

	async fn workers(&self) -> Answer<Vec<WorkerView>> {
		let (mut found, mut after): (Vec<WorkerView>, Option<DeviceId>) = (Vec::new(), None);
		for _ in 0..MOST_ASKED {
			let args = Args::none().and("after", &after).and("most", &MAX_ANSWERS);
			let some: Vec<WorkerView> = self.asked("workers", &args).await?;
			let whole = some.len() >= MAX_ANSWERS as usize;
			after = some.last().map(|worker| worker.reach.device);
			found.extend(some);
			if !whole {
				break;
			}
		}
		Ok(found)
	}

	async fn quote(&self, spec: &Spec, max_price: Price, assurance: Assurance) -> Answer<Result<Quote, String>> {
		let args = Args::none().and("spec", spec).and("max_price", &max_price);
		let found: Result<Quote, JobError> = self.asked("quote_job", &args.and("assurance", &assurance)).await?;
		Ok(found.map_err(|error| error.to_string()))
	}

	async fn job(&self, job: JobId) -> Answer<Option<JobView>> {
		self.asked("job", &Args::none().and("job", &job)).await
	}

	async fn final_job(&self, job: JobId) -> Answer<Option<JobView>> {
		let at = self.chain.finalized().await?.hash;
		self.chain
			.answered(API, "job", &Args::none().and("job", &job), at)
			.await
	}

	async fn jobs_of(&self, owner: &[u8; 32], after: JobId) -> Answer<JobsOf> {
		let (at, owner) = (self.chain.finalized().await?.hash, AccountId::new(*owner));
		let args = Args::none().and("owner", &owner).and("after", &after);
		self.chain.answered(API, "jobs_of", &args, at).await
	}

	async fn units(&self, job: JobId, from: UnitAt) -> Answer<Vec<UnitView>> {
		let args = Args::none().and("job", &job).and("from", &from);
		self.asked("units", &args.and("most", &MAX_ANSWERS)).await
	}

	async fn account(&self, who: &[u8; 32]) -> Answer<Account> {
		let at = self.best().await?;
		self.chain.account(&AccountId::new(*who), at).await
	}

	async fn costs(&self, act: &Act, from: &[u8; 32]) -> Answer<Costs> {
		self.chain.quote(&Call::Named(act.call()), &AccountId::new(*from)).await
	}

	async fn send(&self, act: &Act) -> Answer<Sent> {
		let signer = self
			.signer
			.as_ref()
			.ok_or_else(|| ChainError::Signer("this command was begun without the account's key".into()))?;
		let mut progress = self.chain.send(&Call::Named(act.call()), signer.as_ref()).await?;
		// A refusal, too, counts once it is final: before that the same transaction may be carried out after all.
		let included = progress.finalized().await?;
		let submitted = included.events.iter().find(|event| event.is(PALLET, "JobSubmitted"));
		// The number is the event's first field.
		let submitted = submitted.and_then(|event| JobId::decode(&mut &event.bytes[..]).ok());
		Ok(Sent {
			block: included.number,
			fee: included.fee,
			submitted,
		})
	}

	async fn pause(&self) {
		let mut heads = self.chain.heads();
		let wanted = async {
			while let Some(event) = heads.next().await {
				if matches!(event, HeadEvent::Best { .. }) {
					return;
				}
			}
			// Nothing more comes: whoever asks next is told why.
			tokio::time::sleep(PAUSE).await;
		};
		let _ = tokio::time::timeout(PAUSE, wanted).await;
	}
}
