//! Who asks, whom, and who pays.

use crate::wire::{cost, SlotId, Voucher, UNPAID};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature, Endpoint, Host, Transport};
use std::{sync::Arc, time::Duration};
use storage_proof_primitives::Hash;

/// A key that signs requests: that of an account (sr25519 or ed25519), or of a device.
pub trait Signer: Send + Sync + 'static {
	/// Its public half. An account of the chain is the key of the same bytes.
	fn key(&self) -> DeviceKey;

	/// Signs; `None` if the key is not to be had now.
	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature>;
}

/// Why a reader does not pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwilling {
	/// The device asks for more than is owed, in words: nothing is asked of it any more.
	Overcharged(String),
	/// The reader does not mean to pay so much, or cannot, in words.
	Spent(String),
}

/// Who pays for reads. The calls for one slot at one device come from one thread after the other.
pub trait Payer: Send + Sync + 'static {
	/// A voucher over `total` planck for all reads so far of this slot at this device.
	///
	/// # Errors
	/// Why there is none.
	fn voucher(&self, slot: SlotId, device: DeviceId, total: u128) -> Result<Voucher, Unwilling>;

	/// What this reader owes this device for what it read of this slot, in planck, by whatever program of its. A device
	/// that says more was read than this, and what it may send unpaid, is not believed.
	fn owes(&self, slot: SlotId, device: DeviceId) -> u128 {
		let _ = (slot, device);
		0
	}

	/// A read begins that costs so many planck if all of it comes. If nothing more is said of it, since this program
	/// may end at any moment, all of it may be owed.
	fn begins(&self, slot: SlotId, device: DeviceId, planck: u128) {
		let _ = (slot, device, planck);
	}

	/// A read that began with so many planck has ended: `owed` of them are owed, for what came. `lost` of them may be
	/// besides: this reader broke it off, and what did not come may have been sent.
	fn ended(&self, slot: SlotId, device: DeviceId, begun: u128, owed: u128, lost: u128) {
		let _ = (slot, device, begun, owed, lost);
	}

	/// What a device that asks so many planck for a MiB is believed, in planck, that it sent and that did not come: no
	/// more than what it may send unpaid.
	fn unpaid(&self, slot: SlotId, device: DeviceId, price: u128) -> u128 {
		let _ = (slot, device);
		cost(price, UNPAID)
	}

	/// The device asked more than its price, or for what was not read: it is not believed, and asked no more.
	fn overcharged(&self, slot: SlotId, device: DeviceId, why: &str) {
		let _ = (slot, device, why);
	}
}

/// Pays nothing: for owners whose deal pays, holders that repair, and probers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Free;

impl Payer for Free {
	fn voucher(&self, _: SlotId, _: DeviceId, total: u128) -> Result<Voucher, Unwilling> {
		Err(Unwilling::Spent(format!(
			"{total} planck are to be paid, and this reader pays nothing"
		)))
	}
}

/// How long is waited for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
	/// For a connection.
	pub connect: Duration,
	/// For an answer, beside what its bytes take.
	pub answer: Duration,
	/// For what was written to be durable.
	pub sync: Duration,
	/// The least bytes a second: whoever is slower is as one that does not answer.
	pub rate: u32,
	/// How many times the same is tried at a device whose connection breaks, or that has too much to do.
	pub tries: u32,
	/// Between two of these; twice as long each time.
	pub pause: Duration,
}

impl Default for Patience {
	fn default() -> Self {
		Self {
			connect: Duration::from_secs(5),
			answer: Duration::from_secs(10),
			sync: Duration::from_secs(100),
			rate: 64 << 10,
			tries: 3,
			pause: Duration::from_millis(100),
		}
	}
}

impl Patience {
	/// How long a request may take that carries so many bytes.
	pub fn of(&self, bytes: usize) -> Duration {
		let seconds = bytes as u64 / u64::from(self.rate.max(1));
		self.answer.saturating_add(Duration::from_secs(seconds))
	}
}

/// Who asks.
pub struct Identity {
	/// The genesis hash of the chain.
	pub genesis: Hash,
	/// Signs what is asked.
	pub signer: Arc<dyn Signer>,
	/// Pays for it.
	pub payer: Arc<dyn Payer>,
	/// How long is waited.
	pub patience: Patience,
}

/// A slot, where it lies, and what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
	/// The device that holds it, by the chain.
	pub device: DeviceId,
	/// Where its agent is: each a name or address, a colon, and a port. They are tried in their order.
	pub addresses: Vec<String>,
	/// Which slot.
	pub slot: SlotId,
	/// Bytes of it.
	pub length: u64,
	/// Its root on chain; `None` while it is uploaded, when nothing can be read.
	pub root: Option<Hash>,
	/// Planck for each MiB that is read, by the chain; 0 for whoever reads for nothing.
	pub price: u128,
}

/// An endpoint over TCP as host and port, as a [`Holder`] has addresses; none if it is over something else.
pub fn address(endpoint: &Endpoint) -> Option<String> {
	if endpoint.transport != Transport::Tcp {
		return None;
	}
	let host = match &endpoint.host {
		Host::V4(address) => std::net::Ipv4Addr::from(*address).to_string(),
		Host::V6(address) => format!("[{}]", std::net::Ipv6Addr::from(*address)),
		Host::Name(name) => String::from_utf8(name.to_vec()).ok()?,
	};
	Some(format!("{host}:{}", endpoint.port))
}

/// For tests of what asks nobody.
#[cfg(test)]
pub(super) mod testing {
	use super::*;
	use device_primitives::P256Pair;

	/// Has a key, and signs nothing.
	struct Mute(P256Pair);

	impl Signer for Mute {
		fn key(&self) -> DeviceKey {
			DeviceKey::P256(self.0.public())
		}

		fn sign(&self, _: &[u8]) -> Option<DeviceSignature> {
			None
		}
	}

	/// Somebody who signs and pays nothing.
	pub(in crate::client) fn mute() -> Identity {
		Identity {
			genesis: [0; 32],
			signer: Arc::new(Mute(P256Pair::from_seed(&[1; 32]).unwrap())),
			payer: Arc::new(Free),
			patience: Patience::default(),
		}
	}
}
