//! Who asks, whom, and who pays.

use crate::wire::{SlotId, Voucher};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature};
use storage_proof_primitives::Hash;

/// A key that signs requests: that of an account (sr25519 or ed25519), or of a device.
pub trait Signer: Send + Sync + 'static {
	/// Its public half. An account of the chain is the key of the same bytes.
	fn key(&self) -> DeviceKey;

	/// Signs; `None` if the key is not to be had now.
	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature>;
}

/// Who pays for reads.
pub trait Payer: Send + Sync + 'static {
	/// A voucher over `total` planck for all reads so far of this slot at this device; `None` if that is more than this
	/// reader means to pay.
	fn voucher(&self, slot: SlotId, device: DeviceId, total: u128) -> Option<Voucher>;
}

/// Pays nothing: for owners whose deal pays, holders that repair, and probers.
pub struct Free;

impl Payer for Free {
	fn voucher(&self, _: SlotId, _: DeviceId, _: u128) -> Option<Voucher> {
		None
	}
}

/// A slot, where it lies, and what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
	/// The device that holds it, by the chain.
	pub device: DeviceId,
	/// Where its agent is: a name or address, and a port. Several are tried in their order.
	pub addresses: Vec<String>,
	/// Which slot.
	pub slot: SlotId,
	/// Bytes of it.
	pub length: u64,
	/// Its root on chain; `None` while it is uploaded, when nothing can be read.
	pub root: Option<Hash>,
}
