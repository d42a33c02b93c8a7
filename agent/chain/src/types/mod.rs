//! What is asked and answered, in the chain's own types where `primitives` have them.

mod account;
mod candidate;
mod facts;

pub use account::{Account, Held, Prices};
pub use candidate::Candidate;
pub use device_primitives::{AttestationProof, Attested, EnrolmentProof, Suspension};
pub use facts::{Facts, NodeUrl, SyncState};
pub use proof_lottery_primitives::{Claimed, SpaceScheme};

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

/// The first characters of what a stranger says.
pub(crate) fn said(text: &str) -> String {
	text.chars().take(MOST_SAID).collect()
}
