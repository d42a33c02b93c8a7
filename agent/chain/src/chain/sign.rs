//! Calls that accounts sign: quotes, nonces, and how far they are.

use super::{
	ask::{from_hex, hex, read},
	find::{Finder, Place, Sighting},
	submit::Pooled,
	Inner,
};
use crate::{
	heads::{Head, HeadEvent, Heads},
	runtime::{decode, Runtime, Terms},
	send::{Call, Included, Progress, Quote, Signer, Step, MORTAL_BLOCKS},
	types::{said, AccountId, Balance, BlockNumber, Claimed, Hash, Nonce},
	wins::Refusal,
	ChainError, Result,
};
use codec::{Decode, Encode};
use proof_lottery_primitives::Resource;
use scale_info::TypeInfo;
use sp_core::sr25519;
use sp_crypto_hashing::blake2_256;
use sp_runtime::MultiSignature;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
	sync::{mpsc, Mutex},
	time::timeout,
};

/// How many steps of a transaction wait for whoever watches it.
const MOST_STEPS: usize = 16;
/// How far finality may be behind for transactions to be signed on the final block. Then no reorganization makes them
/// void; if it is farther behind, they would soon be too old.
const FINAL_WITHIN: u32 = 16;
/// How many accounts' nonces are kept at most.
const MOST_NONCES: usize = 64;
/// A node's pool looks at a block a moment after it is the best one, and refuses meanwhile for want of the money that
/// has just come. So many new best blocks are waited for, and it is asked once more with each,
const LAG_BLOCKS: u32 = 4;
/// and so many slots for one of them: more than a turn without its director takes.
const LAG_SLOTS: u64 = 12;

/// The nonces that were given out.
#[derive(Default)]
pub(super) struct Nonces(Mutex<HashMap<AccountId, Given>>);

/// The next nonce of an account, as long as what was sent before may be in a block still.
#[derive(Clone, Copy)]
struct Given {
	next: Nonce,
	until: u64,
}

/// `RuntimeDispatchInfo` of the SDK.
#[derive(Encode, Decode, TypeInfo)]
struct DispatchInfo {
	weight: Weight,
	class: Class,
	partial_fee: Balance,
}

#[derive(Encode, Decode, TypeInfo)]
struct Weight {
	#[codec(compact)]
	ref_time: u64,
	#[codec(compact)]
	proof_size: u64,
}

#[derive(Encode, Decode, TypeInfo)]
enum Class {
	Normal,
	Operational,
	Mandatory,
}

impl Inner {
	/// The block that a transaction is signed on.
	async fn birth(&self) -> Result<(BlockNumber, Hash)> {
		let best = self.best().await?;
		let finalized = self.finalized().await?;
		let near = best.number.saturating_sub(finalized.number) <= FINAL_WITHIN;
		let birth = if near { finalized } else { best };
		Ok((birth.number, birth.hash))
	}

	pub(super) async fn quote(&self, call: &Call, from: &AccountId) -> Result<Quote> {
		let runtime = self.runtime();
		let terms = Terms {
			nonce: self.next_nonce(from).await?,
			birth: self.birth().await?,
			tip: 0,
		};
		// Of a signature the fee counts the bytes alone.
		let nobodys = MultiSignature::Sr25519(sr25519::Signature::from_raw([0; 64]));
		let transaction = runtime.transaction(runtime.encode(call)?, from, terms, |_| Ok(nobodys))?;
		let best = self.best().await?;
		let fee = self.fee(&runtime, &transaction, best.hash).await?;
		let (held, paid) = self.held_and_paid(call, best.hash).await?;
		let spendable = self.spendable(from, best.hash).await?;
		let paid = match call {
			Call::TransferAll { .. } => spendable.saturating_sub(fee),
			_ => paid,
		};
		let mut quote = Quote {
			fee,
			paid,
			held,
			spendable,
			missing: 0,
		};
		quote.missing = quote.total().saturating_sub(spendable);
		Ok(quote)
	}

	/// What a call would do if it were the next transaction on the best block: it is signed, and not sent.
	pub(super) async fn try_out(&self, call: &Call, signer: &dyn Signer) -> Result<Result<()>> {
		let live = self.rpc.live().await?;
		let runtime = self.runtime_in_force(&live).await?;
		let who = signer.account();
		let best = self.best().await?;
		let terms = Terms {
			tip: 0,
			// What waits in the pool has not been done there.
			nonce: self.account(&who, best.hash).await?.nonce,
			birth: self.birth().await?,
		};
		let bytes = runtime.transaction(runtime.encode(call)?, &who, terms, |payload| signer.sign(payload))?;
		let method = "system_dryRun";
		let answer = live.request(method, vec![hex(&bytes)]).await?;
		runtime.tried(&from_hex(method, &read::<String>(method, answer)?)?)
	}

	/// The fee of a transaction as of a block, in planck.
	async fn fee(&self, runtime: &Runtime, transaction: &[u8], at: Hash) -> Result<Balance> {
		let (method, input) =
			runtime.api_of_transaction::<DispatchInfo>("TransactionPaymentApi", "query_info", transaction)?;
		let live = self.rpc.live().await?;
		let answer = super::ask::call(&live, &method, &input, Some(at)).await?;
		Ok(decode::<DispatchInfo>(&method, &answer)?.partial_fee)
	}

	/// What an account may spend as of a block, in planck.
	async fn spendable(&self, who: &AccountId, at: Hash) -> Result<Balance> {
		let existential = self.prices()?.existential_deposit;
		Ok(self.account(who, at).await?.spendable(existential))
	}

	/// The best block, if the account can pay the fee of this transaction there.
	async fn can_pay(&self, who: &AccountId, transaction: &[u8]) -> Result<Option<Head>> {
		let best = self.best().await?;
		let spendable = self.spendable(who, best.hash).await?;
		// Whoever has nothing is the usual case, and needs no second question.
		if spendable == 0 {
			return Ok(None);
		}
		let fee = self.fee(&self.runtime(), transaction, best.hash).await?;
		Ok((spendable >= fee).then_some(best))
	}

	/// What a call has held, and what it pays besides the fee, in planck.
	async fn held_and_paid(&self, call: &Call, at: Hash) -> Result<(Balance, Balance)> {
		let prices = self.prices()?;
		let keys = |enrolled: bool| prices.key_price.saturating_mul(1 + Balance::from(enrolled));
		Ok(match call {
			Call::Register { enrolment, .. } => (prices.device_deposit, keys(enrolment.is_some())),
			Call::AcceptTransfer { device, enrolment, .. } => {
				let device = self.device(device, at).await?;
				let deposit = device.map_or(prices.device_deposit, |device| device.deposit);
				let enrolled = if enrolment.is_some() { prices.key_price } else { 0 };
				(deposit, enrolled)
			}
			Call::Declare { device, claim } => {
				let proofs = self.device_proofs(device, at).await?;
				let there = proofs.is_some_and(|proofs| {
					let mut lotteries = proofs.lotteries.iter();
					lotteries.any(|lottery| lottery.resource == claim.resource())
				});
				(if there { 0 } else { lottery_deposit(&prices, claim) }, 0)
			}
			Call::OfferLink { .. } => (prices.link_deposit, 0),
			Call::Transfer { amount, .. } => (0, *amount),
			Call::Named(named) => (named.held, named.paid),
			_ => (0, 0),
		})
	}

	/// The next nonce: what the node says, or what was given out if that is more.
	async fn nonce(&self, who: &AccountId, given: Option<Given>, birth: BlockNumber) -> Result<Nonce> {
		let told = self.next_nonce(who).await?;
		let given = given.filter(|given| u64::from(birth) <= given.until);
		Ok(given.map_or(told, |given| given.next.max(told)))
	}

	/// What an account was given counts no more.
	async fn forget(&self, who: &AccountId) {
		self.nonces.0.lock().await.remove(who);
	}
}

fn lottery_deposit(prices: &crate::Prices, claim: &Claimed) -> Balance {
	match claim.resource() {
		Resource::Space => prices.space_deposit,
		Resource::Compute => prices.compute_deposit,
		Resource::Uptime => prices.uptime_deposit,
	}
}

/// A transaction that is signed.
struct Signed {
	bytes: Vec<u8>,
	nonce: Nonce,
	birth: BlockNumber,
}

/// What came of handing a transaction in.
enum Handed {
	/// The node has it, or may have it.
	Taken(Progress),
	/// It does not take it.
	Refused {
		why: Refusal,
		/// The transaction.
		signed: Signed,
	},
}

/// Signs a call and sends it. If the pool does not know yet that the account can pay, it is tried again with new
/// blocks, and always with the same nonce: a node that says so of what it has taken would have it done once more with
/// each other nonce.
pub(super) async fn send(inner: &Arc<Inner>, call: &Call, signer: &dyn Signer, tip: Balance) -> Result<Progress> {
	let (mut heads, mut before) = (None, None);
	for left in (0..=LAG_BLOCKS).rev() {
		let (why, signed) = match hand_in(inner, call, signer, (before, tip)).await? {
			Handed::Taken(progress) => return Ok(progress),
			Handed::Refused { why, signed } => (why, signed),
		};
		if why != Refusal::Payment {
			return Err(ChainError::Rejected(why));
		}
		before = Some(signed.nonce);
		// From before the account is read: a block that comes meanwhile is one more.
		let heads = heads.get_or_insert_with(|| inner.listen());
		// That nobody knows what the account has makes the refusal no other.
		let Ok(Some(best)) = inner.can_pay(&signer.account(), &signed.bytes).await else {
			return Err(ChainError::Rejected(why));
		};
		let patience = Duration::from_millis(inner.facts().slot_ms.saturating_mul(LAG_SLOTS));
		if left == 0 || !comes_after(heads, best, patience).await {
			break;
		}
	}
	Err(ChainError::Dropped(
		"the node's pool says that the account cannot pay the fee, and its best block that it can; see whether it is \
		 in sync"
			.into(),
	))
}

/// Whether a higher best block than this one comes in time.
async fn comes_after(heads: &mut Heads, best: Head, patience: Duration) -> bool {
	let coming = async {
		while let Some(event) = heads.next().await {
			if matches!(event, HeadEvent::Best { head, .. } if head.number > best.number) {
				return true;
			}
		}
		false
	};
	timeout(patience, coming).await.unwrap_or(false)
}

/// Signs a call and hands it in, once. It is signed anew each time: a pool does not look again at bytes that it has
/// refused, and no two signatures by sr25519 are alike. With a nonce from `before` it is signed with no other; and if
/// the nonce may be at fault it is not tried with another one: a node that has it all the same would have both done.
async fn hand_in(
	inner: &Arc<Inner>,
	call: &Call,
	signer: &dyn Signer,
	(before, tip): (Option<Nonce>, Balance),
) -> Result<Handed> {
	// Signed over another version a transaction is not valid: an upgrade may not have been told yet.
	let live = inner.rpc.live().await?;
	let runtime = inner.runtime_in_force(&live).await?;
	let who = signer.account();
	// One at a time, so that nonces count on.
	let mut nonces = inner.nonces.0.lock().await;
	let given = nonces.get(&who).copied();
	let signed = sign(inner, &runtime, call, signer, (given, before, tip)).await?;
	match handed(inner.pool(&live, &signed.bytes).await)? {
		Pooled::Taken | Pooled::Already => {
			if nonces.len() >= MOST_NONCES {
				nonces.clear();
			}
			let next = signed.nonce.saturating_add(1);
			let until = u64::from(signed.birth).saturating_add(MORTAL_BLOCKS);
			nonces.insert(who.clone(), Given { next, until });
			drop(nonces);
			Ok(Handed::Taken(watch(inner, who, signed)))
		}
		Pooled::Refused(Refusal::Stale | Refusal::Future | Refusal::LowPriority) => {
			// What was given out before may have been dropped: for the next call the node's word counts.
			nonces.remove(&who);
			Err(moved())
		}
		Pooled::Refused(why) => Ok(Handed::Refused { why, signed }),
	}
}

/// A node that was lost before it answered may have the transaction, and have told others of it. So it is looked for in
/// blocks as if it had: whoever took it for one that was not sent, and sent another, would pay twice.
fn handed(answer: Result<Pooled>) -> Result<Pooled> {
	match answer {
		Err(ChainError::Lost { .. } | ChainError::Timeout { .. }) => Ok(Pooled::Taken),
		// It was answered, by whatever: it was not refused.
		Err(error @ ChainError::Undecodable { .. }) => Err(unclear(error)),
		other => other,
	}
}

/// Of an error after a transaction was sent: only what a pallet said is about the transaction.
fn unclear(error: ChainError) -> ChainError {
	match error {
		known @ (ChainError::Dispatch { .. } | ChainError::Expired { .. } | ChainError::Unclear { .. }) => known,
		other => ChainError::Unclear {
			why: said(&other.to_string()),
		},
	}
}

/// The nonce of what was refused is used, as the node says: by another transaction of the account, or by this one.
fn moved() -> ChainError {
	ChainError::Unclear {
		why: "the node's pool refused it, and its nonce is not the account's next one any more".into(),
	}
}

async fn sign(
	inner: &Inner,
	runtime: &Runtime,
	call: &Call,
	signer: &dyn Signer,
	(given, before, tip): (Option<Given>, Option<Nonce>, Balance),
) -> Result<Signed> {
	let birth = inner.birth().await?;
	let who = signer.account();
	let nonce = inner.nonce(&who, given, birth.0).await?;
	if before.is_some_and(|before| before != nonce) {
		return Err(moved());
	}
	bytes_of(runtime, call, signer, Terms { nonce, birth, tip })
}

fn bytes_of(runtime: &Runtime, call: &Call, signer: &dyn Signer, terms: Terms) -> Result<Signed> {
	let who = signer.account();
	Ok(Signed {
		bytes: runtime.transaction(runtime.encode(call)?, &who, terms, |payload| signer.sign(payload))?,
		nonce: terms.nonce,
		birth: terms.birth.0,
	})
}

/// Signs a call that was sent once more, with its nonce and a higher tip: of the two one is done. The one before may be
/// in a block already: then this one is refused, and nothing was done with it.
pub(super) async fn replace(
	inner: &Arc<Inner>,
	call: &Call,
	signer: &dyn Signer,
	(nonce, tip): (Nonce, Balance),
) -> Result<Progress> {
	let live = inner.rpc.live().await?;
	let runtime = inner.runtime_in_force(&live).await?;
	let birth = inner.birth().await?;
	let who = signer.account();
	let signed = bytes_of(&runtime, call, signer, Terms { nonce, birth, tip })?;
	match handed(inner.pool(&live, &signed.bytes).await)? {
		Pooled::Taken | Pooled::Already => {
			// It lives longer than the one before: so long its nonce is taken.
			if let Some(given) = inner.nonces.0.lock().await.get_mut(&who) {
				given.until = given.until.max(u64::from(signed.birth).saturating_add(MORTAL_BLOCKS));
			}
			Ok(watch(inner, who, signed))
		}
		Pooled::Refused(why) => Err(ChainError::Rejected(why)),
	}
}

/// Watches a transaction that the node has.
fn watch(inner: &Arc<Inner>, who: AccountId, signed: Signed) -> Progress {
	let (steps, receiver) = mpsc::channel(MOST_STEPS);
	let transaction = Hash::from(blake2_256(&signed.bytes));
	let finder = Finder::new(inner, transaction, signed.birth);
	let first = Step::InPool {
		transaction,
		nonce: signed.nonce,
	};
	let watcher = Watcher {
		inner: inner.clone(),
		finder,
		transaction,
		birth: signed.birth,
		steps,
	};
	tokio::spawn(async move {
		let inner = watcher.inner.clone();
		if watcher.run(first).await.is_err() {
			inner.forget(&who).await;
		}
	});
	Progress::new(receiver)
}

struct Watcher {
	inner: Arc<Inner>,
	finder: Finder,
	transaction: Hash,
	birth: BlockNumber,
	steps: mpsc::Sender<Result<Step>>,
}

/// Nobody watches any more.
struct Unwatched;

impl Watcher {
	/// Tells all steps to the last. An error means that the transaction is in no block.
	async fn run(mut self, first: Step) -> Result<(), ()> {
		let mut told = self.tell(Ok(first)).await;
		while told.is_ok() {
			let sighting = tokio::select! {
				() = self.steps.closed() => return Ok(()),
				sighting = self.finder.next() => sighting,
			};
			told = match sighting {
				Ok(Sighting::Found(place)) => match self.included(place).await {
					Ok(included) => self.tell(Ok(Step::InBlock(included))).await,
					// A reorganization may undo it, and have it carried out in another block: it is said again at the
					// end.
					Err(refused @ ChainError::Dispatch { .. }) => self.tell(Err(refused)).await,
					Err(error) => {
						let _ = self.tell(Err(error)).await;
						return Ok(());
					}
				},
				Ok(Sighting::Gone(place)) => self.tell(Ok(Step::Retracted { block: place.block })).await,
				Ok(Sighting::Final(place)) => {
					let included = self.included(place).await;
					let _ = self.tell(included.map(Step::Finalized)).await;
					return Ok(());
				}
				Ok(Sighting::NotUpTo(head)) => {
					if u64::from(head.number) > u64::from(self.birth).saturating_add(MORTAL_BLOCKS) {
						let blocks = MORTAL_BLOCKS;
						let _ = self.tell(Err(ChainError::Expired { blocks })).await;
						return Err(());
					}
					Ok(())
				}
				Err(error) => {
					let _ = self.tell(Err(unclear(error))).await;
					return Ok(());
				}
			};
		}
		Ok(())
	}

	async fn tell(&self, step: Result<Step>) -> Result<(), Unwatched> {
		self.steps.send(step).await.map_err(|_| Unwatched)
	}

	async fn included(&self, place: Place) -> Result<Included> {
		let applied = self.inner.applied(place).await.map_err(unclear)?;
		Ok(Included {
			transaction: self.transaction,
			number: place.number,
			block: place.block,
			index: place.index,
			fee: applied.fee,
			events: applied.outcome?,
		})
	}
}
