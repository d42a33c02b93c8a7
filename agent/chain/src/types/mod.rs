//! What is asked and answered, in the chain's own types where `primitives` have them.

mod account;
mod earnings;
mod facts;
mod registry;

pub use account::{Account, Held, Prices};
pub use device_primitives::{AttestationProof, Attested, EnrolmentProof, Suspension};
pub use earnings::{Claimable, ClosedEra, EarnedByPot};
pub use facts::{Facts, NodeUrl, SyncState, DECIMALS, SYMBOL};
pub use proof_lottery_primitives::{Claimed, SpaceScheme};
pub use registry::{Candidate, KeyUse};

/// An account: the bytes of a public key, or a hash.
pub type AccountId = sp_core::crypto::AccountId32;
/// A device that is registered.
pub type Device = device_primitives::Device<AccountId>;
/// An amount of STCI, in planck.
pub type Balance = u128;
/// The height of a block.
pub type BlockNumber = u32;
/// A hash of the chain.
pub type Hash = sp_core::H256;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// The number of a slot: Unix time in milliseconds, divided by the milliseconds of a slot.
pub type Slot = u64;

/// How many characters of what a stranger says are kept.
pub(crate) const MOST_SAID: usize = 300;

/// The first characters of what a stranger says, as they may be shown: it goes to terminals and logs.
pub(crate) fn said(text: &str) -> String {
	text.chars().filter_map(shown).take(MOST_SAID).collect()
}

/// A character of a stranger's as it may be shown: one that moves the cursor, or turns what follows around, could hide
/// or replace what this program says.
pub(crate) fn shown(character: char) -> Option<char> {
	match character {
		'\n' | '\r' | '\t' => Some(' '),
		'\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
		other => (!other.is_control()).then_some(other),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_said_controls_no_terminal() {
		let text = "\u{1b}[2J\u{9b}1mpay\r\nto\u{202e}\u{2066}\u{7}me\0, naïve 鏈";
		assert_eq!(said(text), "[2J1mpay  tome, naïve 鏈");
		assert_eq!(said(&"\u{1b}".repeat(1_000)), "");
		assert_eq!(said(&"x".repeat(1_000)).len(), MOST_SAID);
	}
}
