//! What a relayer takes, and for how much: all that can be looked at before a transaction is paid for.

use codec::{Decode, Encode};
use relay_primitives::{call_hash, wrapped, Balance, Chain, Hash, RelayAuth, RelayNonce, Spend, STCI};
use serde::{Deserialize, Serialize};
use smart_agent_chain::AccountId;
use smart_pay_api::Planck;
use sp_core::sr25519;
use sp_runtime::{traits::Verify, MultiSignature};
use std::{
	collections::BTreeMap,
	future::Future,
	sync::{Mutex, PoisonError},
	time::{Duration, Instant},
};

/// Bytes of a call at most: as many as the chain takes.
pub const MOST_CALL: usize = 16_384;
/// Blocks that an authorization is good for at least when it comes: so many the transaction may wait.
const LEAST_BLOCKS: u32 = 16;
/// Blocks for which a signer is told to sign.
const BLOCKS: u32 = 240;
/// Of a fee on chain so much more is asked for, as it may rise until the authorization comes: a tenth.
const RISE: Balance = 10;
/// For how long a signer has one on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(60);
/// Signers with one on their way at most.
const MOST_ON_THEIR_WAY: usize = 256;

/// What a signer posts: SCALE of these three.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Posted {
	/// What was signed.
	pub auth: RelayAuth<AccountId>,
	/// The signature.
	pub signature: MultiSignature,
	/// The call, encoded.
	pub call: Vec<u8>,
}

/// What a signer asks for before it signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskQuote {
	/// Its address.
	pub signer: String,
	/// The call, encoded, in hexadecimal digits.
	pub call: String,
}

/// What relaying a call takes now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quoted {
	/// The relayer's address: the authorization names it.
	pub relayer: String,
	/// The least fee that is taken, with room for what the chain's may rise by, in planck.
	pub fee: Planck,
	/// What of it is the price of the signer's entry: the first time alone.
	pub entry: Planck,
	/// The nonce that the authorization has to have.
	pub nonce: RelayNonce,
	/// The last block that it should count in.
	pub valid_until: u32,
}

/// What became of what was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
	/// The hash of the transaction, in hexadecimal digits.
	pub transaction: String,
	/// Whether it was tried out before, and why not.
	pub tried: String,
}

/// Why something is not done, and how HTTP says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
	/// HTTP's number.
	pub status: u16,
	/// Why, and what to do.
	pub why: String,
}

impl Refused {
	/// What was posted cannot be carried out.
	pub fn wrong(why: impl Into<String>) -> Self {
		let why = why.into();
		Self { status: 422, why }
	}

	/// Another time it may.
	pub fn later(why: impl Into<String>) -> Self {
		let why = why.into();
		Self { status: 503, why }
	}
}

/// How a signer stands on the best block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
	/// Its next nonce; none if it has no entry.
	pub nonce: Option<RelayNonce>,
	/// What it may spend, in planck.
	pub spendable: Balance,
	/// The block's height.
	pub block: u32,
}

/// What a dry run says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
	/// The relayer is paid.
	Passed,
	/// It is refused, and why.
	Refused(String),
	/// There is none here, and why.
	NotHere(String),
}

/// The chain, as a relayer asks it.
pub trait Desk: Send + Sync + 'static {
	/// What signatures are for.
	fn chain(&self) -> Chain;

	/// Who sends.
	fn relayer(&self) -> AccountId;

	/// What the entry of a signer costs, in planck.
	fn entry_price(&self) -> Result<Balance, String>;

	/// What transactions that failed have cost within the last hour, in planck.
	fn lost(&self) -> Balance;

	/// How a signer stands.
	fn standing(&self, signer: &AccountId) -> impl Future<Output = Result<Standing, String>> + Send;

	/// The fee of the transaction, in planck.
	fn fee(&self, posted: &Posted) -> impl Future<Output = Result<Balance, String>> + Send;

	/// Tries it out on the best block.
	fn try_out(&self, posted: &Posted) -> impl Future<Output = Tried> + Send;

	/// Sends it, and says its hash.
	fn send(&self, posted: &Posted) -> impl Future<Output = Result<Hash, String>> + Send;
}

/// What an operator chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
	/// What is earned by each, in planck.
	pub margin: Balance,
	/// Whether something is sent that could not be tried out.
	pub blind: bool,
	/// What may be lost in an hour before nothing more is taken, in planck.
	pub most_lost: Balance,
}

/// A relayer.
pub struct Relayer<D> {
	/// The chain.
	pub desk: D,
	/// What its operator chose.
	pub terms: Terms,
	/// Whose authorization is on its way.
	going: Mutex<BTreeMap<AccountId, Going>>,
}

/// An authorization that is looked at, or on its way.
#[derive(Clone, Copy, Debug)]
struct Going {
	nonce: RelayNonce,
	since: Instant,
	/// Whether the node was given it: else it is looked at.
	sent: bool,
}

impl<D: Desk> Relayer<D> {
	/// One with this chain.
	pub fn new(desk: D, terms: Terms) -> Self {
		Self {
			desk,
			terms,
			going: Mutex::new(BTreeMap::new()),
		}
	}

	/// What relaying this call for this signer takes now.
	///
	/// # Errors
	/// If it is no call, or the chain is not reached.
	pub async fn quote(&self, signer: &AccountId, call: Vec<u8>) -> Result<Quoted, Refused> {
		is_short(&call)?;
		let standing = self.desk.standing(signer).await.map_err(Refused::later)?;
		let nonce = standing.nonce.unwrap_or(0);
		let valid_until = standing.block.saturating_add(BLOCKS);
		// Of a signature the fee counts the bytes alone.
		let posted = Posted {
			auth: RelayAuth {
				signer: signer.clone(),
				relayer: self.desk.relayer(),
				fee_asset: STCI,
				fee: Balance::MAX,
				spend: vec![Spend {
					asset: STCI,
					most: Balance::MAX,
				}]
				.try_into()
				.unwrap_or_default(),
				nonce,
				valid_until,
			},
			signature: MultiSignature::Sr25519(sr25519::Signature::from_raw([0; 64])),
			call,
		};
		let fee = self.desk.fee(&posted).await.map_err(Refused::wrong)?;
		let entry = self.entry(&standing)?;
		let rise = fee / RISE;
		Ok(Quoted {
			relayer: smart_agent_keys::address(self.desk.relayer().as_ref()),
			fee: Planck(self.least(fee.saturating_add(rise), entry)),
			entry: Planck(entry),
			nonce,
			valid_until,
		})
	}

	/// What is asked for at least: the fee on chain, the entry's price, the margin. The transaction has no tip.
	fn least(&self, fee: Balance, entry: Balance) -> Balance {
		fee.saturating_add(entry).saturating_add(self.terms.margin)
	}

	fn entry(&self, standing: &Standing) -> Result<Balance, Refused> {
		match standing.nonce {
			Some(_) => Ok(0),
			None => self.desk.entry_price().map_err(Refused::later),
		}
	}

	/// Sends what somebody has signed, if all that can be looked at is right.
	///
	/// # Errors
	/// Why not: nothing was sent then.
	pub async fn relay(&self, posted: &Posted) -> Result<Sent, Refused> {
		self.is_signed(posted)?;
		let lost = self.desk.lost();
		if lost > self.terms.most_lost {
			return Err(Refused::later(
				"this relayer has lost too much in the last hour by what was refused on chain: try later, or another",
			));
		}
		let auth = &posted.auth;
		let before = self.goes(&auth.signer, auth.nonce)?;
		let tried = match self.look_and_try(posted).await {
			Ok(tried) => tried,
			Err(refused) => {
				self.came_to_nothing(&auth.signer, before);
				return Err(refused);
			}
		};
		// Before it is sent: what comes of that may be lost, and the node have it.
		self.is_sent(&auth.signer);
		let hash = self.desk.send(posted).await.map_err(Refused::later)?;
		Ok(Sent {
			transaction: sp_core::bytes::to_hex(&hash, false),
			tried,
		})
	}

	/// What takes no question.
	fn is_signed(&self, posted: &Posted) -> Result<(), Refused> {
		let auth = &posted.auth;
		is_short(&posted.call)?;
		if auth.relayer != self.desk.relayer() {
			return Err(Refused::wrong(
				"the authorization names another relayer: ask here for a quote, and sign that",
			));
		}
		if auth.fee_asset != STCI || auth.spend.iter().any(|spend| spend.asset != STCI) || !auth.is_ordered() {
			return Err(Refused::wrong(
				"fee and spend are of STCI, asset 0, listed once: sign that",
			));
		}
		let payload = auth.payload(&self.desk.chain(), &call_hash(&posted.call));
		let by = |bytes: &[u8]| posted.signature.verify(bytes, &auth.signer);
		if !by(&payload) && !by(&wrapped(&payload)) {
			return Err(Refused::wrong(
				"the signature is not the signer's for this call, this chain, and how it encodes calls now: sign anew",
			));
		}
		Ok(())
	}

	/// One at a time for each signer: the next one counts after this one is in a block. Returns what was on its way
	/// before: it is still, if nothing comes of this one.
	fn goes(&self, signer: &AccountId, nonce: RelayNonce) -> Result<Option<Going>, Refused> {
		let mut going = self.going();
		going.retain(|_, of| of.since.elapsed() < ON_ITS_WAY);
		let before = going.get(signer).copied();
		if before.is_some_and(|of| !of.sent || of.nonce >= nonce) {
			return Err(Refused {
				status: 409,
				why: "this authorization, or another one of the signer, is on its way".into(),
			});
		}
		if before.is_none() && going.len() >= MOST_ON_THEIR_WAY {
			return Err(Refused::later("too many are on their way: try again in a minute"));
		}
		let of = Going {
			nonce,
			since: Instant::now(),
			sent: false,
		};
		going.insert(signer.clone(), of);
		Ok(before)
	}

	/// Nothing was sent.
	fn came_to_nothing(&self, signer: &AccountId, before: Option<Going>) {
		let mut going = self.going();
		match before {
			Some(before) => going.insert(signer.clone(), before),
			None => going.remove(signer),
		};
	}

	fn is_sent(&self, signer: &AccountId) {
		if let Some(of) = self.going().get_mut(signer) {
			of.sent = true;
		}
	}

	fn going(&self) -> std::sync::MutexGuard<'_, BTreeMap<AccountId, Going>> {
		self.going.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// How many authorizations are on their way.
	pub fn on_their_way(&self) -> u64 {
		let mut going = self.going();
		going.retain(|_, of| of.since.elapsed() < ON_ITS_WAY);
		u64::try_from(going.len()).unwrap_or(u64::MAX)
	}

	/// Looks at what takes a question, and tries it out: what came of that.
	async fn look_and_try(&self, posted: &Posted) -> Result<String, Refused> {
		let auth = &posted.auth;
		let standing = self.desk.standing(&auth.signer).await.map_err(Refused::later)?;
		let next = standing.nonce.unwrap_or(0);
		if auth.nonce != next {
			let why = format!(
				"the signer's next nonce is {next} and not {}: sign with that one",
				auth.nonce
			);
			return Err(Refused::wrong(why));
		}
		if auth.valid_until < standing.block.saturating_add(LEAST_BLOCKS) {
			return Err(Refused::wrong(format!(
				"the authorization is over with block {}, and {} is the best: sign for {LEAST_BLOCKS} more at least",
				auth.valid_until, standing.block
			)));
		}
		let fee = self.desk.fee(posted).await.map_err(Refused::wrong)?;
		let least = self.least(fee, self.entry(&standing)?);
		if auth.fee < least {
			let why = format!(
				"the fee is {} planck, and {least} are asked for: sign for that",
				auth.fee
			);
			return Err(Refused { status: 402, why });
		}
		if standing.spendable < auth.fee {
			return Err(Refused {
				status: 402,
				why: "the signer has not as much as the fee above what an account has to hold".into(),
			});
		}
		match self.desk.try_out(posted).await {
			Tried::Passed => Ok("tried out on the best block: it is taken".into()),
			Tried::Refused(why) => Err(Refused::wrong(format!("on the best block it is refused: {why}"))),
			Tried::NotHere(why) if self.terms.blind => Ok(format!("not tried out ({why}); all else was looked at")),
			Tried::NotHere(why) => {
				tracing::warn!("Nothing can be tried out: {why}");
				Err(Refused::later(
					"this relayer cannot try calls out now: try again later, or another",
				))
			}
		}
	}
}

fn is_short(call: &[u8]) -> Result<(), Refused> {
	if call.is_empty() || call.len() > MOST_CALL {
		return Err(Refused::wrong(format!(
			"a call has 1 to {MOST_CALL} bytes: relay parts of it"
		)));
	}
	Ok(())
}
