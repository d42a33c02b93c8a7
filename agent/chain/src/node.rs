//! What the loop of an agent needs of the chain.

use crate::{
	heads::Heads,
	link::LinkState,
	types::{AccountId, Device, Hash, KeyUse, Slot},
	wins::{Outcome, Receipt, Submitted, Win},
	Result,
};
use async_trait::async_trait;
use device_primitives::DeviceId;
use proof_lottery_primitives::{DeviceProofs, OpenRound};
use tokio::sync::watch;

/// The chain as the loop of an agent sees it: `Chain` over a node, or `testing::MockNode`.
#[async_trait]
pub trait Node: Send + Sync {
	/// The hash of the chain's first block.
	fn genesis(&self) -> Hash;

	/// Milliseconds of a slot.
	fn slot_ms(&self) -> u64;

	/// Whether a node is reached, as it changes.
	fn link(&self) -> watch::Receiver<LinkState>;

	/// Best and final blocks from now on.
	fn heads(&self) -> Heads;

	/// The rounds and the compute window that a transaction in the block after `at` can still win.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read.
	async fn open_rounds(&self, at: Hash) -> Result<Vec<OpenRound>>;

	/// How a device does in its lotteries as of a block; none if the chain does not know it.
	///
	/// # Errors
	/// As [`Self::open_rounds`].
	async fn device_proofs(&self, device: &DeviceId, at: Hash) -> Result<Option<DeviceProofs<AccountId>>>;

	/// A device as it is registered as of a block; none if it is not.
	///
	/// # Errors
	/// As [`Self::open_rounds`].
	async fn device(&self, device: &DeviceId, at: Hash) -> Result<Option<Device>>;

	/// What a device's key was used for as of a block; none if it never was. What was retired or revoked stays so.
	///
	/// # Errors
	/// As [`Self::open_rounds`].
	async fn key_use(&self, device: &DeviceId, at: Hash) -> Result<Option<KeyUse>>;

	/// Sends a win. That it was sent before is no error.
	///
	/// # Errors
	/// As [`Self::open_rounds`]. The caller does not know then whether the node has it, and sends it again.
	async fn submit(&self, win: &Win) -> Result<Submitted>;

	/// Waits until a win is in a block of the best chain, or that chain has passed a slot.
	///
	/// # Errors
	/// If nothing is known of the blocks of that time: the connection was lost for too long.
	async fn outcome(&self, receipt: &Receipt, until: Slot) -> Result<Outcome>;
}
