//! A chain in memory.

use crate::{
	heads::Head,
	types::{AccountId, Device, Hash, Slot},
	wins::{Refusal, Win},
	ChainError,
};
use device_primitives::DeviceId;
use proof_lottery_primitives::{DeviceProofs, OpenRound};

/// A [`crate::Node`] whose blocks, rounds and answers a test says. Cheap to clone; clones are one chain.
#[derive(Clone)]
pub struct MockNode {}

impl MockNode {
	/// A chain with its first block, of half-second slots.
	pub fn new(genesis: Hash) -> Self;

	/// Authors a block in a slot on the best one, with all wins that wait, and tells listeners.
	pub fn author(&self, slot: Slot) -> Head;

	/// Goes `depth` blocks back and authors one there, in a slot: a reorganization if `depth` is not 0. Wins of the
	/// blocks that are abandoned are lost.
	pub fn author_after(&self, depth: u32, slot: Slot) -> Head;

	/// The best block is final, and listeners are told.
	pub fn finalize(&self) -> Head;

	/// What `open_rounds` answers from now on, at blocks authored from now on.
	pub fn set_rounds(&self, rounds: Vec<OpenRound>);

	/// What `device_proofs` answers from now on.
	pub fn set_proofs(&self, device: DeviceId, proofs: Option<DeviceProofs<AccountId>>);

	/// What `device` answers from now on.
	pub fn set_device(&self, device: DeviceId, registered: Option<Device>);

	/// What becomes of wins from now on: none means that they are accepted.
	pub fn refuse_wins(&self, why: Option<Refusal>);

	/// Whether authors put wins into blocks from now on; they do at first.
	pub fn include_wins(&self, include: bool);

	/// The connection is lost: everything asked gives `Lost`, and the state says so.
	pub fn lose(&self, why: &str);

	/// The connection is there again.
	pub fn recover(&self);

	/// The next `count` things asked give this error.
	pub fn fail(&self, count: u32, error: ChainError);

	/// Every win that was submitted and accepted or already there, with how many times, in the order of its first time.
	pub fn wins(&self) -> Vec<(Win, u32)>;
}
