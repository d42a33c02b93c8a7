//! The market through a node.

use crate::{
	acts::{Act, KeptBox, Tab, Till, PALLET},
	Answer, DealView, Deposits, Known, Market, Now, OfferView, Sent,
};
use async_trait::async_trait;
use codec::{Decode, Encode};
use device_primitives::DeviceId;
use scale_info::TypeInfo;
use smart_agent_chain::{Account, AccountId, Args, Call, Chain, ChainError, Hash, HeadEvent, Quote as Costs, Signer};
use std::{sync::Arc, time::Duration};
use storage_market_primitives::{DealError, DealId, DealsOf, Order, Quote, Tick};

/// The runtime API of the market.
const API: &str = "StorageMarketApi";
/// Offers that are asked for at once, and how often at most: with more devices than that, these say what prices are.
const OFFERS: u32 = 256;
const MOST_ASKED: usize = 8;
/// Deals whose boxes are looked for at once.
const BOXES: u64 = 1_024;
/// For how long a final block is waited for.
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
	/// If the runtime has no storage market, or another one than this program knows.
	pub fn new(chain: Chain, signer: Option<Arc<dyn Signer>>) -> Answer<Self> {
		let facts = chain.facts();
		let known = Known {
			genesis: facts.genesis.into(),
			chain: smartchain_slots::manifest::shown(facts.chain.as_bytes()),
			test_chain: facts.test_chain,
			slot_ms: facts.slot_ms,
			era: facts.era_slots,
			existential_deposit: chain.constant("Balances", "ExistentialDeposit")?,
			deposits: match chain.constant(PALLET, "Deposits") {
				// What is held is in the answer to no question then: the account shows it afterwards.
				Err(ChainError::Missing { .. } | ChainError::OtherRuntime { .. }) => Deposits::default(),
				found => found?,
			},
		};
		Ok(Self { chain, known, signer })
	}

	/// The connection.
	pub fn chain(&self) -> &Chain {
		&self.chain
	}

	async fn at(&self) -> Answer<Hash> {
		Ok(self.chain.finalized().await?.hash)
	}

	async fn asked<T: Decode + TypeInfo + 'static>(&self, method: &str, args: &Args) -> Answer<T> {
		let at = self.at().await?;
		self.chain.answered(API, method, args, at).await
	}
}

fn of_box(deal: DealId, who: &[u8; 32]) -> Args {
	Args::none().and("deal", &deal).and("who", &AccountId::new(*who))
}

#[async_trait]
impl Market for Net {
	fn known(&self) -> Known {
		self.known.clone()
	}

	async fn now(&self) -> Answer<Now> {
		let head = self.chain.finalized().await?;
		let ticks: Option<Ticks> = self.chain.stored("Poca", "Clock", &Args::none(), head.hash).await?;
		Ok(Now {
			number: head.number,
			best: self.chain.best().await?.number.max(head.number),
			tick: ticks.unwrap_or_default().tick,
		})
	}

	async fn account(&self, who: &[u8; 32]) -> Answer<Account> {
		// What has just come counts as soon as it can be spent.
		let at = self.chain.best().await?.hash;
		self.chain.account(&AccountId::new(*who), at).await
	}

	async fn deal(&self, id: DealId) -> Answer<Option<DealView>> {
		self.asked("deal", &Args::none().and("id", &id)).await
	}

	async fn deals_of(&self, owner: &[u8; 32], after: DealId) -> Answer<DealsOf> {
		let owner = AccountId::new(*owner);
		self.asked("deals_of", &Args::none().and("owner", &owner).and("after", &after))
			.await
	}

	async fn key_box(&self, deal: DealId, who: &[u8; 32]) -> Answer<Option<Vec<u8>>> {
		let at = self.at().await?;
		let found: Option<KeptBox> = self.chain.stored(PALLET, "KeyBoxes", &of_box(deal, who), at).await?;
		Ok(found.map(|found| found.key_box.into_inner()))
	}

	async fn boxed(&self, who: &[u8; 32], after: DealId) -> Answer<Vec<DealId>> {
		let at = self.at().await?;
		let newest = super::newest(self, who).await?;
		let (mut found, mut next) = (Vec::new(), after.saturating_add(1));
		while next <= newest {
			let end = newest.min(next.saturating_add(BOXES - 1));
			let keys: Vec<Args> = (next..=end).map(|deal| of_box(deal, who)).collect();
			let boxes: Vec<Option<KeptBox>> = self.chain.stored_many(PALLET, "KeyBoxes", &keys, at).await?;
			found.extend((next..=end).zip(boxes).filter_map(|(deal, found)| found.map(|_| deal)));
			next = end.saturating_add(1);
		}
		Ok(found)
	}

	async fn offers(&self) -> Answer<Vec<OfferView>> {
		let (mut found, mut after): (Vec<OfferView>, Option<DeviceId>) = (Vec::new(), None);
		for _ in 0..MOST_ASKED {
			let args = Args::none().and("after", &after).and("most", &OFFERS);
			let some: Vec<OfferView> = self.asked("offers", &args).await?;
			let whole = some.len() >= OFFERS as usize;
			after = some.last().map(|offer| offer.reach.device);
			found.extend(some);
			if !whole {
				break;
			}
		}
		Ok(found)
	}

	async fn offer(&self, device: &DeviceId) -> Answer<Option<OfferView>> {
		self.asked("offer", &Args::none().and("device", device)).await
	}

	async fn tabs(&self, deal: DealId) -> Answer<Vec<Tab>> {
		let at = self.at().await?;
		let key = Args::none().and("deal", &deal);
		let till: Option<Till> = self.chain.stored(PALLET, "Tills", &key, at).await?;
		Ok(till.map(|till| till.tabs.into_inner()).unwrap_or_default())
	}

	async fn price(&self, order: &Order) -> Answer<Result<Quote, String>> {
		let found: Result<Quote, DealError> = self.asked("quote", &Args::none().and("order", order)).await?;
		Ok(found.map_err(|error| error.to_string()))
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
		let opened = included.events.iter().find(|event| event.is(PALLET, "DealOpened"));
		// The number is the event's first field.
		let opened = opened.and_then(|event| DealId::decode(&mut &event.bytes[..]).ok());
		Ok(Sent {
			block: included.number,
			fee: included.fee,
			opened,
		})
	}

	async fn pause(&self) {
		let mut heads = self.chain.heads();
		let wanted = async {
			while let Some(event) = heads.next().await {
				if matches!(event, HeadEvent::Final(_)) {
					return;
				}
			}
			// Nothing more comes: whoever asks next is told why.
			tokio::time::sleep(PAUSE).await;
		};
		let _ = tokio::time::timeout(PAUSE, wanted).await;
	}
}
