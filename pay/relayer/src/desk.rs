//! The chain over a node, as a relayer asks it.

use crate::rules::{Desk, Posted, Standing, Tried};
use codec::Encode;
use relay_primitives::{Balance, Chain as Signed, Hash, RelayNonce};
use smart_agent_chain::{AccountId, Args, Call, Chain, ChainError, NamedCall, Progress, Signer, Step};
use std::{
	collections::VecDeque,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};

/// The pallet, and how transactions name it and its call.
const PALLET: &str = "Relay";
const NUMBER: [u8; 2] = [51, 0];
/// For how long what was lost counts.
const HOUR: Duration = Duration::from_secs(3_600);
/// Losses that are remembered at most.
const MOST_LOSSES: usize = 4_096;

/// What failed on chain, and what each has cost, in planck.
type Losses = Arc<Mutex<VecDeque<(Instant, Balance)>>>;

/// A node, and the relayer's key.
pub struct NetDesk {
	chain: Chain,
	signer: Arc<dyn Signer>,
	losses: Losses,
}

impl NetDesk {
	/// One over this connection.
	pub fn new(chain: Chain, signer: Arc<dyn Signer>) -> Self {
		Self {
			chain,
			signer,
			losses: Losses::default(),
		}
	}
}

/// The call of the pallet that sends this.
fn call_of(posted: &Posted) -> Call {
	let args = Args::none()
		.and("auth", &posted.auth)
		.and("signature", &posted.signature)
		.and_call("call", &posted.call);
	Call::Named(NamedCall {
		pallet: PALLET,
		call: "relay",
		number: NUMBER,
		args,
		held: 0,
		paid: 0,
	})
}

/// What is signed for this chain: its genesis, and how its runtime encodes calls now.
pub fn signed_for(chain: &Chain) -> Signed {
	Signed {
		genesis: chain.genesis().into(),
		transaction_version: chain.transaction_version(),
	}
}

/// How a signer stands on the best block.
///
/// # Errors
/// If the chain does not say.
pub async fn standing(chain: &Chain, signer: &AccountId) -> Result<Standing, ChainError> {
	let best = chain.best().await?;
	let keys = Args::none().and("who", signer);
	let nonce: Option<RelayNonce> = chain.stored(PALLET, "Nonces", &keys, best.hash).await?;
	let account = chain.account(signer, best.hash).await?;
	let least = chain.constant::<Balance>("Balances", "ExistentialDeposit")?;
	Ok(Standing {
		nonce,
		spendable: account.spendable(least),
		block: best.number,
	})
}

impl Desk for NetDesk {
	fn chain(&self) -> Signed {
		signed_for(&self.chain)
	}

	fn relayer(&self) -> AccountId {
		self.signer.account()
	}

	fn entry_price(&self) -> Result<Balance, String> {
		let price = self.chain.constant(PALLET, "EntryPrice");
		price.map_err(|error| error.to_string())
	}

	fn lost(&self) -> Balance {
		let losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
		let recent = losses.iter().filter(|(at, _)| at.elapsed() < HOUR);
		recent.fold(0, |sum, (_, planck)| sum.saturating_add(*planck))
	}

	async fn standing(&self, signer: &AccountId) -> Result<Standing, String> {
		let standing = standing(&self.chain, signer).await;
		standing.map_err(|error| error.to_string())
	}

	async fn fee(&self, posted: &Posted) -> Result<Balance, String> {
		let quote = self.chain.quote(&call_of(posted), &self.signer.account()).await;
		quote.map(|quote| quote.fee).map_err(|error| match error {
			ChainError::Refused { .. } => "the runtime cannot read the call: encode it for this chain".into(),
			other => other.to_string(),
		})
	}

	async fn try_out(&self, posted: &Posted) -> Tried {
		match self.chain.try_out(&call_of(posted), self.signer.as_ref()).await {
			Ok(Ok(())) => Tried::Passed,
			Ok(Err(why)) => Tried::Refused(why.to_string()),
			Err(why) => Tried::NotHere(why.to_string()),
		}
	}

	async fn send(&self, posted: &Posted) -> Result<Hash, String> {
		let call = call_of(posted);
		let fee = self.fee(posted).await.unwrap_or(0);
		let sent = self.chain.send(&call, self.signer.as_ref()).await;
		let mut progress = sent.map_err(|error| error.to_string())?;
		let hash = match progress.next().await {
			Some(Ok(Step::InPool { transaction, .. })) => transaction,
			Some(Err(error)) => return Err(error.to_string()),
			Some(Ok(Step::InBlock(included) | Step::Finalized(included))) => included.transaction,
			Some(Ok(Step::Retracted { .. })) | None => return Err("the transaction's watcher ended".into()),
		};
		tokio::spawn(follow(progress, hash.into(), fee, self.losses.clone()));
		Ok(hash.into())
	}
}

/// Says what became of a transaction, and counts what it cost if it was refused.
async fn follow(mut progress: Progress, hash: Hash, fee: Balance, losses: Losses) {
	let name = sp_core::bytes::to_hex(&hash, false);
	match progress.finalized().await {
		Ok(included) => {
			let relayed = included.events.iter().find(|event| event.is(PALLET, "Relayed"));
			let fields = relayed.map(|event| event.fields.clone()).unwrap_or_default();
			let result = fields.iter().find(|(field, _)| field == "result");
			let words = result.map_or_else(String::new, |(_, text)| format!(", result {text}"));
			tracing::info!("{name} is final in block {}{words}", included.number);
		}
		Err(error) => {
			tracing::warn!("{name}: {error}");
			let refused = matches!(error, ChainError::Dispatch { .. });
			let mut losses = losses.lock().unwrap_or_else(PoisonError::into_inner);
			if refused {
				if losses.len() >= MOST_LOSSES {
					losses.pop_front();
				}
				losses.push_back((Instant::now(), fee));
			}
		}
	}
}

/// What a signer posts, as it travels.
pub fn bytes_of(posted: &Posted) -> Vec<u8> {
	posted.encode()
}
