//! A tip that rises: what an account signs and what is in no block in time is signed again, with the same nonce and
//! more.

use crate::{
	calls::Order,
	error::LedgerError,
	ledger::{Bid, Going, Ledger},
	LOG_TARGET,
};
use channel_primitives::Balance;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

/// Of what is at stake a tip is this part at most.
pub const STAKE_PART: Balance = 100;
/// Words about one order that wait.
const MOST_WAITING: usize = 64;

/// How a tip rises: it begins with nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tips {
	/// The first one, in planck. Each one after it is twice as much.
	pub first: Balance,
	/// The highest one, in planck; 0 if there is none.
	pub most: Balance,
	/// How long a block is waited for before it rises.
	pub patience: Duration,
}

impl Tips {
	/// The same where so much is at stake, in planck: nobody pays more than a hundredth of it to save it.
	#[must_use]
	pub fn for_stake(self, stake: Balance) -> Self {
		Self {
			most: self.most.min(stake / STAKE_PART),
			..self
		}
	}

	/// The tip after this one; none after the highest.
	pub fn above(&self, tip: Balance) -> Option<Balance> {
		let next = if tip == 0 { self.first } else { tip.saturating_mul(2) };
		let next = next.min(self.most);
		(next > tip).then_some(next)
	}
}

/// What came of an order.
pub(crate) struct Carried {
	/// The height of its final block.
	pub result: Result<u32, LedgerError>,
	/// The tip to begin with if it is brought again: that which was not enough; 0 if it was not for want of one.
	pub tip: Balance,
}

/// Brings an order that an account signs to the chain, until it is final. The tip begins with `from`.
pub(crate) async fn carry<L: Ledger>(ledger: &L, order: &Order, tips: Tips, from: Balance) -> Carried {
	let (teller, mut steps) = mpsc::channel(MOST_WAITING);
	let mut tip = from.min(tips.most);
	let nonce = match ledger.send(order, Bid { nonce: None, tip }, teller.clone()).await {
		Ok(nonce) => Some(nonce),
		Err(error) => {
			return Carried {
				result: Err(error),
				tip,
			}
		}
	};
	// Those that may come into a block: of one nonce one does.
	let (mut alive, mut in_block) = (1_u32, false);
	loop {
		let higher = tips.above(tip).filter(|_| !in_block);
		let step = match higher {
			None => steps.recv().await,
			Some(next) => match timeout(tips.patience, steps.recv()).await {
				Ok(step) => step,
				Err(_) => {
					tip = next;
					let name = order.name();
					log::info!(target: LOG_TARGET, "{name} is in no block yet: again with a tip of {tip} planck");
					match ledger.send(order, Bid { nonce, tip }, teller.clone()).await {
						Ok(_) => alive = alive.saturating_add(1),
						// It may be in a block by now, or the node be gone: what was sent before tells.
						Err(error) => log::debug!(target: LOG_TARGET, "{name} with a higher tip: {error}"),
					}
					continue;
				}
			},
		};
		match step {
			Some(Going::InBlock) => in_block = true,
			Some(Going::Retracted) => in_block = false,
			Some(Going::Final(height)) => {
				return Carried {
					result: Ok(height),
					tip: 0,
				}
			}
			Some(Going::Refused(error)) => {
				return Carried {
					result: Err(error),
					tip: 0,
				}
			}
			Some(Going::Lost(error)) => {
				alive = alive.saturating_sub(1);
				if alive == 0 {
					return Carried {
						result: Err(error),
						tip,
					};
				}
			}
			// Not while the teller is here.
			None => {
				return Carried {
					result: Err(LedgerError::NoState),
					tip,
				}
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_tip_doubles_up_to_what_it_may_be() {
		let tips = Tips {
			first: 100,
			most: 1_000,
			patience: Duration::from_secs(6),
		};
		let all =
			|tips: Tips| -> Vec<Balance> { std::iter::successors(tips.above(0), |tip| tips.above(*tip)).collect() };
		assert_eq!(all(tips), [100, 200, 400, 800, 1_000]);
		assert_eq!(all(tips.for_stake(45_000)), [100, 200, 400, 450]);
		assert_eq!(all(tips.for_stake(5_000)), [50]);
		assert!(all(tips.for_stake(99)).is_empty());
		assert_eq!(all(tips.for_stake(Balance::MAX)).last(), Some(&1_000));
		assert!(all(Tips::default()).is_empty());
	}
}
