//! What is brought to the chain, by the names that it has there.

use crate::{
	types::{ChannelPrices, Endpoint},
	PALLET,
};
use bounded_collections::{BoundedVec, ConstU32};
use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, Half, Locks, Resync, Side, Signed, Terms, Tick, MAX_RESYNCS,
};
use smart_agent_chain::{AccountId, Args, NamedCall, NamedPallet};
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
	let pallet = NamedPallet {
		name: PALLET,
		number: PALLET_NUMBER,
		calls: &NUMBERS,
	};
	pallet.call(call, args)
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
			Self::RegisterTower { .. } => "register_tower",
			Self::Announce(_) => "announce",
		}
	}
}

impl Submission {
	/// The pallet's call for it, and how it goes there.
	pub fn call(&self) -> (Way, NamedCall) {
		let (way, name, args) = self.parts();
		(way, named(name, args))
	}

	fn parts(&self) -> (Way, &'static str, Args) {
		let channel = || Args::none().and("channel", &self.channel);
		match &self.call {
			Call::Close {
				claim,
				locks,
				brought,
				words,
			} => {
				let args = channel().and("claim", claim);
				(Way::Signed, "close", with_lists(args, locks, brought, words))
			}
			Call::CloseRecovery {
				claim,
				locks,
				brought,
				words,
			} => {
				let args = channel().and("claim", claim);
				(Way::Signed, "close_recovery", with_lists(args, locks, brought, words))
			}
			Call::Update { half, submit } => {
				// The half is the partner's.
				let args = channel().and("side", &self.side.partner()).and("half", half);
				(Way::Free, "update", args.and("submit", submit))
			}
			Call::Resync { word, submit } => {
				let args = channel().and("side", &self.side).and("word", word);
				(Way::Free, "resync", args.and("submit", &Some(submit.clone())))
			}
			Call::Prove {
				half,
				half_locks,
				claim_locks,
				submit,
			} => {
				let args = channel().and("half", half).and("half_locks", &Some(half_locks.clone()));
				let args = args.and("claim_locks", claim_locks);
				(Way::Free, "prove_fraud", args.and("submit", &Some(submit.clone())))
			}
			Call::Resolve { condition, witness } => {
				let args = Args::none().and("condition", condition).and("witness", witness);
				(Way::Signed, "resolve", args)
			}
			Call::CloseTogether { close, signatures, .. } => {
				let args = channel().and("pay", &close.pay).and("expiry", &close.expiry);
				(Way::Signed, "close_together", args.and("signatures", signatures))
			}
			Call::Withdraw {
				withdraw, signatures, ..
			} => {
				let args = channel().and("side", &withdraw.side).and("total", &withdraw.total);
				let args = args.and("expiry", &withdraw.expiry).and("signatures", signatures);
				(Way::Signed, "withdraw", args)
			}
			Call::Rekey { rekey, signatures, .. } => {
				let args = channel().and("side", &rekey.side).and("key", &rekey.key);
				(Way::Signed, "rekey", args.and("signatures", signatures))
			}
			Call::Settle => (Way::Free, "settle", channel()),
			Call::Unlock { side, locks } => (Way::Free, "unlock", channel().and("side", side).and("locks", locks)),
		}
	}

	/// What it is, for metrics and people.
	pub fn name(&self) -> &'static str {
		self.parts().1
	}
}

/// The rest of what closes alone, after the claim.
fn with_lists(claim: Args, locks: &Locks, brought: &Option<Signed<Half>>, words: &[Signed<Resync>]) -> Args {
	claim
		.and("locks", locks)
		.and("brought", brought)
		.and("words", &Words::truncate_from(words.to_vec()))
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
			};
			let (way, call) = submission.call();
			(way, call.call)
		};
		assert_eq!(of(Call::Settle), (Way::Free, "settle"));
		let unlock = Call::Unlock {
			side: Side::High,
			locks: None,
		};
		assert_eq!(of(unlock), (Way::Free, "unlock"));
	}
}
