//! What an account has earned, and how eras were closed: all as of a final block, for what is not final may be undone.

use super::{Chain, Inner};
use crate::{
	runtime::{Args, Runtime},
	types::{AccountId, Balance, Claimable, ClosedEra, EarnedByPot, Hash},
	ChainError, Result,
};
use issuance_primitives::{EraLedger, PerPot};
use sp_runtime::Perbill;

/// The runtime API, and what it is asked.
const API: &str = "StciIssuanceApi";
const CLAIMABLE: &str = "claimable";
const LEDGER: &str = "ledger";
const OPEN: &str = "open_era";
const EXPIRY: &str = "expiry_eras";
/// What that answers: the open era, what it may create at most, and how much of what is proven customers use.
type Open = (u32, Balance, Perbill);
/// Eras that a node may say can be claimed: as many as the runtime tells at once.
const MOST_ERAS: usize = 1_024;

fn by_pot(pots: &PerPot<Balance>) -> EarnedByPot {
	[
		pots.signing,
		pots.plots,
		pots.storage,
		pots.compute,
		pots.bandwidth,
		pots.discovery,
		pots.treasury,
	]
}

/// What of the issuance this program needs and the runtime has otherwise.
pub(super) fn differences(runtime: &Runtime) -> Vec<ChainError> {
	let account = Args::none().and("account", &AccountId::new([0; 32]));
	let era = Args::none().and("era", &0u32);
	let claimable = runtime.api::<Vec<(u32, PerPot<Balance>)>>(API, CLAIMABLE, &account);
	let ledger = runtime.api::<Option<EraLedger>>(API, LEDGER, &era);
	let open = runtime.api::<Open>(API, OPEN, &Args::none());
	let expiry = runtime.api::<u32>(API, EXPIRY, &Args::none());
	// One that is older than this program need not say it.
	let expiry = expiry
		.err()
		.filter(|error| !matches!(error, ChainError::Missing { .. }));
	[claimable.err(), ledger.err(), open.err(), expiry]
		.into_iter()
		.flatten()
		.collect()
}

impl Inner {
	async fn claimable(&self, who: &AccountId) -> Result<Claimable> {
		let at = self.finalized().await?;
		let args = Args::none().and("account", who);
		let eras: Vec<(u32, PerPot<Balance>)> = self.api(API, CLAIMABLE, &args, at.hash).await?;
		if eras.len() > MOST_ERAS {
			return Err(ChainError::Undecodable {
				what: format!("{API}.{CLAIMABLE}"),
				why: format!("it names {} eras", eras.len()),
			});
		}
		let (era, _, _): Open = self.api(API, OPEN, &Args::none(), at.hash).await?;
		Ok(Claimable {
			at,
			era,
			expiry: self.expiry(at.hash).await?,
			eras: eras.iter().map(|(era, pots)| (*era, by_pot(pots))).collect(),
		})
	}

	/// Holders may change it, so that it is asked for each time. A runtime that is older than this program need not say
	/// it.
	async fn expiry(&self, at: Hash) -> Result<Option<u32>> {
		match self.api::<u32>(API, EXPIRY, &Args::none(), at).await {
			Ok(eras) => Ok(Some(eras)),
			Err(ChainError::Missing { .. }) => Ok(None),
			Err(error) => Err(error),
		}
	}

	async fn closed_era(&self, era: u32, at: Hash) -> Result<Option<ClosedEra>> {
		let args = Args::none().and("era", &era);
		let ledger: Option<EraLedger> = self.api(API, LEDGER, &args, at).await?;
		Ok(ledger.map(|ledger| ClosedEra {
			ceiling: ledger.closing.ceiling,
			usage: ledger.closing.usage.deconstruct(),
			rate: ledger.closing.rate,
			gross: ledger.closing.gross,
			pots: by_pot(&ledger.closing.pots),
			units: ledger.totals.plots,
		}))
	}
}

impl Chain {
	/// What an account can claim, as of the highest final block.
	///
	/// # Errors
	/// As [`Self::sync_state`]; `Missing` if the runtime has no issuance, `OtherRuntime` if it has another one.
	pub async fn claimable(&self, who: &AccountId) -> Result<Claimable> {
		self.inner.claimable(who).await
	}

	/// How an era was closed, as of a block; none if it was not, or so long ago that the chain has forgotten it.
	///
	/// # Errors
	/// As [`Self::claimable`].
	pub async fn closed_era(&self, era: u32, at: Hash) -> Result<Option<ClosedEra>> {
		self.inner.closed_era(era, at).await
	}
}
