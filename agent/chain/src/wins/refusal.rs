//! Why a pool does not take a transaction.

use crate::types::said;
use std::fmt;

/// Why. Its text says the cause and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// What it is about is over, or was won before, or the nonce is used.
	Stale,
	/// It is too early for it, or this node is a block behind: it may be sent again in a moment, as it is.
	Ahead,
	/// A block has no room for it: it may be sent again in the next slot, as it is.
	Exhausted,
	/// Proof, output or signature are not valid.
	BadProof,
	/// Device or account may not send it: not registered, suspended, not in that lottery, or claiming less.
	BadSigner,
	/// The call is of no use now.
	Call,
	/// The account cannot pay the fee.
	Payment,
	/// The nonce is too high, or the transaction is of the future.
	Future,
	/// The block that it was signed on is too old.
	Ancient,
	/// It was refused or in a block a while ago, and the node does not look at it again for half an hour.
	Banned,
	/// Another one that pays as much takes its place.
	LowPriority,
	/// The pool is full.
	PoolFull,
	/// The runtime does not hand such a transaction out: the proof is longer than any.
	NotMade,
	/// The runtime said something of its own.
	Custom(
		/// Which.
		u8,
	),
	/// The node said something else.
	Other(
		/// What, at most 300 characters.
		String,
	),
}

/// What runtimes say of a win that they may be able to judge in a moment.
const AHEAD: u8 = 1;

impl Refusal {
	/// From what a node's pool says: JSON-RPC's code and text. None if that is not about the transaction.
	pub(crate) fn of(code: i32, text: &str) -> Option<Self> {
		Some(match code {
			1010 => Self::invalid(text),
			1011 => match custom(text, "Custom(") {
				Some(AHEAD) => Self::Ahead,
				Some(code) => Self::Custom(code),
				None => Self::Other(said(text)),
			},
			1012 => Self::Banned,
			1014 => Self::LowPriority,
			1016 => Self::PoolFull,
			1021 => Self::Future,
			1001..=1099 => Self::Other(said(text)),
			_ => return None,
		})
	}

	fn invalid(text: &str) -> Self {
		// The SDK's words.
		let words = [
			("outdated", Self::Stale),
			("valid in the future", Self::Future),
			("bad signature", Self::BadProof),
			("ancient birth block", Self::Ancient),
			("exhaust the block limits", Self::Exhausted),
			("Inability to pay", Self::Payment),
			("call is not expected", Self::Call),
			("Invalid signing address", Self::BadSigner),
		];
		let known = words.into_iter().find(|(word, _)| text.contains(word));
		match (known, custom(text, "Custom error: ")) {
			(Some((_, refusal)), _) => refusal,
			(None, Some(code)) => Self::Custom(code),
			(None, None) => Self::Other(said(text)),
		}
	}

	/// Whether the same may be sent again as it is, in the next slot.
	pub fn may_retry(&self) -> bool {
		matches!(self, Self::Ahead | Self::Exhausted | Self::PoolFull)
	}
}

/// The number after some words.
fn custom(text: &str, words: &str) -> Option<u8> {
	let (_, after) = text.split_once(words)?;
	let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
	digits.parse().ok()
}

impl fmt::Display for Refusal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Stale => "its time is over, or it was there before; there is nothing to be done",
			Self::Ahead => "the node does not know what it is about yet; it is sent again with the next block",
			Self::Exhausted => "the block has no room for it; it is sent again with the next one",
			Self::BadProof => "its proof or signature is not valid; verify the plots, and see that the keys are right",
			Self::BadSigner => {
				"device or account may not send it; see whether the device is registered, active and in that lottery"
			}
			Self::Call => "the chain has no use for it now; look at the device's status",
			Self::Payment => "the account cannot pay the fee; send STCI there",
			Self::Future => "another one of the account has to go first; wait for that",
			Self::Ancient => "it was signed too long ago; sign it again",
			Self::Banned => "the node saw it a short while ago, in a block or as invalid; look at the device's status",
			Self::LowPriority => "another one of the account takes its place; wait for that",
			Self::PoolFull => "the node has too many waiting; send it again later, or to another node",
			Self::NotMade => "no such transaction can be made; verify the plot that the proof is of",
			Self::Custom(code) => return write!(f, "the runtime has a reason of its own, {code}; update smart-agent"),
			Self::Other(said) => return write!(f, "the node said \"{said}\"; look at its log"),
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::transaction_validity::{InvalidTransaction, UnknownTransaction};

	/// The words of the SDK that nodes are made with, as they come over the wire.
	#[test]
	fn the_words_of_nodes_are_known() {
		let invalid = |error: InvalidTransaction| {
			let words: &str = error.into();
			Refusal::of(1010, &format!("Invalid Transaction: {words}"))
		};
		let cases = [
			(InvalidTransaction::Stale, Refusal::Stale),
			(InvalidTransaction::Future, Refusal::Future),
			(InvalidTransaction::BadProof, Refusal::BadProof),
			(InvalidTransaction::AncientBirthBlock, Refusal::Ancient),
			(InvalidTransaction::ExhaustsResources, Refusal::Exhausted),
			(InvalidTransaction::Payment, Refusal::Payment),
			(InvalidTransaction::Call, Refusal::Call),
			(InvalidTransaction::BadSigner, Refusal::BadSigner),
		];
		for (error, refusal) in cases {
			assert_eq!(invalid(error), Some(refusal), "{error:?}");
		}
		let unknown = |error| Refusal::of(1011, &format!("Unknown Transaction Validity: {error:?}"));
		assert_eq!(unknown(UnknownTransaction::Custom(AHEAD)), Some(Refusal::Ahead));
		assert_eq!(unknown(UnknownTransaction::Custom(7)), Some(Refusal::Custom(7)));
		assert!(matches!(
			unknown(UnknownTransaction::CannotLookup),
			Some(Refusal::Other(_))
		));
		assert_eq!(
			Refusal::of(1010, "Invalid Transaction: Custom error: 255"),
			Some(Refusal::Custom(255))
		);
		assert!(matches!(
			Refusal::of(1010, "Invalid Transaction: Custom error: 256"),
			Some(Refusal::Other(_))
		));
		assert_eq!(Refusal::of(-32_603, "Internal error"), None);
		assert!(Refusal::Ahead.may_retry() && !Refusal::Stale.may_retry());
	}
}
