//! What is brought to the chain, by the names that it has there.

use crate::{
	types::{ChannelPrices, Endpoint},
	PALLET,
};
use bounded_collections::{BoundedVec, ConstU32};
use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, ChannelSignature, PerSide, Resync, Side, Signed, Submit, Terms, Tick,
	Withdraw, MAX_RESYNCS,
};
use smart_agent_chain::{AccountId, Args, NamedCall};
use smartchain_channel::Call;
use sp_runtime::MultiSignature;

/// The number of the pallet, and of its calls by their names. They are a part of how transactions are encoded.
const PALLET_NUMBER: u8 = 50;
const NUMBERS: [(&str, u8); 20] = [
	("open", 0),
	("deposit", 1),
	("withdraw", 2),
	("close_together", 3),
	("close", 4),
	("close_recovery", 5),
	("update", 6),
	("resync", 7),
	("prove_fraud", 8),
	("settle", 9),
	("unlock", 10),
	("clear", 11),
	("rekey", 12),
	("resolve", 13),
	("purge_reveal", 14),
	("pay", 15),
	("register_tower", 16),
	("leave_tower", 17),
	("claim_tower_failure", 18),
	("announce", 19),
];

/// The most words of lost data that a close brings.
type Words = BoundedVec<Signed<Resync>, ConstU32<MAX_RESYNCS>>;

/// How something goes to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
	/// The account signs it and pays its fee.
	Signed,
	/// Nobody signs it: what is inside authorizes it.
	Free,
}

/// Something that the machine wants brought to the chain, signed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
	/// The channel.
	pub channel: ChannelId,
	/// Our side of it, or the one that a tower watches for.
	pub side: Side,
	/// What.
	pub call: Call,
	/// For a proof of fraud: our word to let in its half, which a proof against a recovery needs.
	pub submit: Option<Signed<Submit>>,
}

/// What opens a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
	/// The other account.
	pub partner: Account,
	/// Keys and window.
	pub terms: Terms,
	/// What the opener puts in, in planck.
	pub amount: Balance,
	/// The last tick at which what the partner signed counts.
	pub expiry: Tick,
	/// What it signed, by the key of its account.
	pub signature: MultiSignature,
}

/// Something that is brought to the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
	/// Of the machine's.
	Core(Box<Submission>),
	/// Opens a channel.
	Open(Box<Opening>),
	/// Puts more into a channel.
	Deposit {
		/// Which.
		channel: ChannelId,
		/// How much, in planck.
		amount: Balance,
	},
	/// Takes money out, with what both sides have signed.
	Withdraw {
		/// The channel.
		channel: ChannelId,
		/// What they signed.
		body: Withdraw,
		/// Their signatures.
		signatures: PerSide<ChannelSignature>,
	},
	/// Makes the account a tower.
	RegisterTower {
		/// The key of its receipts.
		key: ChannelKey,
		/// Its bond, in planck.
		bond: Balance,
	},
	/// Says where the account's node is reached, or that it is no more.
	Announce(Option<Endpoint>),
}

fn named(call: &'static str, args: Args) -> NamedCall {
	let number = NUMBERS
		.iter()
		.find(|(name, _)| *name == call)
		.map_or(u8::MAX, |(_, number)| *number);
	NamedCall {
		pallet: PALLET,
		call,
		number: [PALLET_NUMBER, number],
		args,
		held: 0,
		paid: 0,
	}
}

impl Order {
	/// The pallet's call for it, and how it goes there; with what it costs besides the fee.
	pub fn call(&self, prices: &ChannelPrices) -> (Way, NamedCall) {
		let call = match self {
			Self::Core(submission) => {
				let (way, mut call) = submission.call();
				if matches!(submission.call, Call::Resolve { .. }) {
					call.held = prices.reveal_deposit;
				}
				return (way, call);
			}
			Self::Open(opening) => {
				let args = Args::none()
					.and("partner", &AccountId::new(opening.partner))
					.and("terms", &opening.terms)
					.and("amount", &opening.amount)
					.and("expiry", &opening.expiry)
					.and("signature", &opening.signature);
				NamedCall {
					held: prices.channel_deposit,
					paid: opening.amount,
					..named("open", args)
				}
			}
			Self::Deposit { channel, amount } => NamedCall {
				paid: *amount,
				..named("deposit", Args::none().and("channel", channel).and("amount", amount))
			},
			Self::Withdraw {
				channel,
				body,
				signatures,
			} => {
				let args = Args::none()
					.and("channel", channel)
					.and("side", &body.side)
					.and("total", &body.total)
					.and("expiry", &body.expiry)
					.and("signatures", signatures);
				named("withdraw", args)
			}
			Self::RegisterTower { key, bond } => NamedCall {
				held: *bond,
				..named("register_tower", Args::none().and("key", key).and("bond", bond))
			},
			Self::Announce(endpoint) => NamedCall {
				held: if endpoint.is_some() { prices.endpoint_deposit } else { 0 },
				..named("announce", Args::none().and("endpoint", endpoint))
			},
		};
		(Way::Signed, call)
	}

	/// What it is, for metrics and people.
	pub fn name(&self) -> &'static str {
		match self {
			Self::Core(submission) => submission.name(),
			Self::Open(_) => "open",
			Self::Deposit { .. } => "deposit",
			Self::Withdraw { .. } => "withdraw",
			Self::RegisterTower { .. } => "register_tower",
			Self::Announce(_) => "announce",
		}
	}
}

impl Submission {
	/// The pallet's call for it, and how it goes there.
	pub fn call(&self) -> (Way, NamedCall) {
		let channel = || Args::none().and("channel", &self.channel);
		match &self.call {
			Call::Close {
				claim,
				locks,
				brought,
				words,
			} => {
				let words = Words::truncate_from(words.clone());
				let args = channel()
					.and("claim", claim)
					.and("locks", locks)
					.and("brought", brought)
					.and("words", &words);
				(Way::Signed, named("close", args))
			}
			Call::Update { half, submit } => {
				// The half is the partner's.
				let args = channel()
					.and("side", &self.side.partner())
					.and("half", half)
					.and("submit", submit);
				(Way::Free, named("update", args))
			}
			Call::Resync(word) => {
				// Our own account sends it: no word for it is needed.
				let args = channel()
					.and("side", &self.side)
					.and("word", word)
					.and("submit", &None::<Signed<Submit>>);
				(Way::Signed, named("resync", args))
			}
			Call::Prove {
				half,
				half_locks,
				claim_locks,
			} => {
				let args = channel()
					.and("half", half)
					.and("half_locks", &Some(half_locks.clone()))
					.and("claim_locks", claim_locks)
					.and("submit", &self.submit);
				(Way::Free, named("prove_fraud", args))
			}
			Call::Resolve { condition, witness } => {
				let args = Args::none().and("condition", condition).and("witness", witness);
				(Way::Signed, named("resolve", args))
			}
			Call::CloseTogether { close, signatures, .. } => {
				let args = channel()
					.and("pay", &close.pay)
					.and("expiry", &close.expiry)
					.and("signatures", signatures);
				(Way::Signed, named("close_together", args))
			}
			Call::Settle => (Way::Free, named("settle", channel())),
			Call::Unlock { side, locks } => {
				let args = channel().and("side", side).and("locks", &Some(locks.clone()));
				(Way::Free, named("unlock", args))
			}
		}
	}

	/// What it is, for metrics and people.
	pub fn name(&self) -> &'static str {
		self.call().1.call
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_call_has_a_number_of_its_own() {
		for (place, (name, number)) in NUMBERS.iter().enumerate() {
			assert_eq!(usize::from(*number), place, "{name}");
			assert_eq!(named(name, Args::none()).number, [PALLET_NUMBER, *number]);
		}
	}

	#[test]
	fn answers_to_a_close_are_free() {
		let of = |call: Call| {
			let submission = Submission {
				channel: 7,
				side: Side::Low,
				call,
				submit: None,
			};
			let (way, call) = submission.call();
			(way, call.call)
		};
		assert_eq!(of(Call::Settle), (Way::Free, "settle"));
		let unlock = Call::Unlock {
			side: Side::High,
			locks: Default::default(),
		};
		assert_eq!(of(unlock), (Way::Free, "unlock"));
	}
}
