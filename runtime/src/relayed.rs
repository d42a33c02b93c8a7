//! Which calls may be relayed: signed by one account, and sent by another one.
//!
//! What an authorization lists is all that its signer can lose of its balance. So no call is let through that acts in
//! another name, for what that name owns is not looked at; nor one that hands on the account itself.

use crate::{signers::is_beyond_signers, RuntimeCall};
use frame_support::traits::Contains;

/// How deep calls may lie in each other, the one that is sent counted.
pub const MAX_DEPTH: u32 = 4;

/// The calls that may be relayed. Those within others are asked for as well, here and where they are dispatched.
pub struct Relayable;

impl Contains<RuntimeCall> for Relayable {
	fn contains(call: &RuntimeCall) -> bool {
		!is_beyond_signers(call) && is_relayable(call, MAX_DEPTH)
	}
}

/// Whether the call acts in its signer's name alone, with so many calls in each other at most. Every pallet is named:
/// whoever adds one has to say what its calls are.
fn is_relayable(call: &RuntimeCall, depth: u32) -> bool {
	use RuntimeCall as C;
	let Some(below) = depth.checked_sub(1) else {
		return false;
	};
	match call {
		C::Utility(call) => is_utility_relayable(call, below),
		// In another name: of who has a proxy, of several, of the directors, of root, of another signer.
		C::Proxy(_) | C::Multisig(_) | C::Motions(_) | C::Sudo(_) | C::Relay(_) => false,
		// Whoever has the keys of a session can have a bond slashed.
		C::Session(_) => false,
		// No signer's.
		C::Timestamp(_)
		| C::BftFinality(_)
		| C::Equivocation(_)
		| C::MultiBlockMigrations(_)
		| C::Upgrades(_)
		| C::Parameters(_)
		| C::Scheduler(_) => false,
		C::System(_)
		| C::Balances(_)
		| C::StciIssuance(_)
		| C::Treasury(_)
		| C::Bounties(_)
		| C::CandidateList(_)
		| C::Candidates(_)
		| C::Vesting(_)
		| C::Referenda(_)
		| C::ConvictionVoting(_)
		| C::Mandates(_)
		| C::Preimage(_)
		| C::DeviceRegistry(_)
		| C::ResourceProofs(_)
		| C::PaymentChannels(_) => true,
	}
}

/// Of batches, and of one call in place of another that failed. A derived account is another name.
fn is_utility_relayable(call: &pallet_utility::Call<crate::Runtime>, below: u32) -> bool {
	use pallet_utility::Call as U;
	match call {
		U::batch { calls } | U::batch_all { calls } | U::force_batch { calls } => {
			calls.iter().all(|call| is_relayable(call, below))
		}
		U::if_else { main, fallback } => is_relayable(main, below) && is_relayable(fallback, below),
		_ => false,
	}
}
