//! What is signed with each request.

use super::{from_hex, to_hex, Fault, GROUP, MOST};
use codec::{Decode, DecodeAll, Encode};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature};
use std::fmt;
use storage_proof_primitives::{DealId, Hash, Tick};

/// Bytes of a claim with its signature, at most.
pub const MAX_CLAIM: usize = 512;
/// For how many ticks ahead a claim may be good.
pub const CLAIM_TICKS: Tick = 40;

/// Which slot of which deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct SlotId {
	/// The deal, by its number on chain.
	pub deal: DealId,
	/// The slot's place in it.
	pub slot: u8,
}

impl SlotId {
	/// Its path: `/v1/slots/{deal}/{slot}`.
	pub fn path(&self) -> String {
		format!("/v1/slots/{}/{}", self.deal, self.slot)
	}

	/// The slot of a path. Numbers have one form: no zeros before them, and no sign.
	pub fn of_path(path: &str) -> Option<Self> {
		let (deal, slot) = path.strip_prefix("/v1/slots/")?.split_once('/')?;
		let found = Self {
			deal: deal.parse().ok()?,
			slot: slot.parse().ok()?,
		};
		(found.path() == path).then_some(found)
	}
}

impl fmt::Display for SlotId {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "slot {} of deal {}", self.slot, self.deal)
	}
}

/// The number of a connection: 16 bytes of chance that the server draws for each.
pub type Session = [u8; 16];

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
	/// How much of the slot is there: HEAD.
	#[codec(index = 0)]
	Look,
	/// Bytes of the slot, from group to group: GET.
	#[codec(index = 1)]
	Read {
		/// The first byte, a multiple of [`GROUP`].
		from: u64,
		/// How many: a multiple of [`GROUP`], or up to the slot's end; at most [`MOST`].
		length: u32,
	},
	/// Bytes are brought: PUT.
	#[codec(index = 2)]
	Write {
		/// Where they belong: a multiple of [`GROUP`].
		from: u64,
		/// How many, at most [`MOST`]. None, if what is there is to be made durable and no more.
		length: u32,
		/// The digest of these bytes: see [`digest()`](super::digest()).
		digest: Hash,
		/// Whether all of the slot up to them is made durable before the answer.
		sync: bool,
	},
}

impl Deed {
	/// The method of HTTP.
	pub const fn method(&self) -> &'static str {
		match self {
			Self::Look => "HEAD",
			Self::Read { .. } => "GET",
			Self::Write { .. } => "PUT",
		}
	}

	/// Whether it is within the limits for a slot of so many bytes.
	///
	/// # Errors
	/// [`Cause::Range`](super::Cause::Range), [`Cause::TooLarge`](super::Cause::TooLarge).
	pub fn check(&self, slot_len: u64) -> Result<(), Fault> {
		let (from, length, least) = match self {
			Self::Look => return Ok(()),
			Self::Read { from, length } => (*from, u64::from(*length), 1),
			Self::Write { from, length, .. } => (*from, u64::from(*length), 0),
		};
		let end = from.saturating_add(length);
		if length > MOST {
			return Err(Fault::too_large(length));
		}
		if from % GROUP != 0 || length < least || end > slot_len {
			return Err(Fault::range(from, length, slot_len));
		}
		if matches!(self, Self::Read { .. }) && end % GROUP != 0 && end != slot_len {
			return Err(Fault::range(from, length, slot_len));
		}
		Ok(())
	}
}

/// "I ask this device for this, now, on this connection": what is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Claim {
	/// Who is asked: a claim is worth nothing to other devices.
	pub device: DeviceId,
	/// Who asks.
	pub key: DeviceKey,
	/// For which slot.
	pub slot: SlotId,
	/// For what.
	pub deed: Deed,
	/// On which connection: a claim is worth nothing on others.
	pub session: Session,
	/// The how manieth claim on it, counted from 1: a claim counts once.
	pub count: u32,
	/// The last tick in which it is good.
	pub expires: Tick,
}

impl Claim {
	/// What the payload begins with.
	pub const DOMAIN: &'static [u8] = b"SmartChain slot request v1";

	/// The bytes that are signed, on the chain of this genesis.
	pub fn payload(&self, genesis: &Hash) -> Vec<u8> {
		let mut payload = Self::DOMAIN.to_vec();
		(genesis, self).encode_to(&mut payload);
		payload
	}
}

/// A claim with its signature: the value of `Authorization`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Signed {
	/// What is claimed.
	pub claim: Claim,
	/// The signature of the claim's key over its payload.
	pub signature: DeviceSignature,
}

impl Signed {
	/// As the header's value has it: the scheme, a blank, and hexadecimal digits of the SCALE encoding.
	pub fn to_header(&self) -> String {
		format!("{} {}", super::SCHEME, to_hex(&self.encode()))
	}

	/// What a header's value says.
	///
	/// # Errors
	/// [`Cause::Claim`](super::Cause::Claim).
	pub fn of_header(value: &str) -> Result<Self, Fault> {
		let digits = value
			.strip_prefix(super::SCHEME)
			.and_then(|rest| rest.strip_prefix(' '))
			.filter(|digits| digits.len() <= 2 * MAX_CLAIM);
		digits
			.and_then(from_hex)
			.and_then(|bytes| Self::decode_all(&mut bytes.as_slice()).ok())
			.ok_or_else(|| Fault::claim("the claim cannot be read; sign one of version 1"))
	}

	/// Who asks, if the claim is signed, for this device, chain and connection, and good now. `last` is the count of
	/// the claim before.
	///
	/// # Errors
	/// [`Cause::Claim`](super::Cause::Claim), [`Cause::Expired`](super::Cause::Expired),
	/// [`Cause::Replayed`](super::Cause::Replayed).
	pub fn check(&self, on: &Expected<'_>) -> Result<Caller, Fault> {
		let claim = &self.claim;
		if claim.device != on.device {
			return Err(Fault::claim(
				"the claim is for another device; ask the one that it names",
			));
		}
		if claim.session != on.session || claim.count <= on.last {
			return Err(Fault::replayed());
		}
		if claim.expires < on.now || claim.expires > on.now.saturating_add(2 * CLAIM_TICKS) {
			return Err(Fault::expired(on.now));
		}
		if !claim.key.verify(&claim.payload(on.genesis), &self.signature) {
			return Err(Fault::claim(
				"the signature is not of the claim's key for this chain; look at the genesis hash and at the key",
			));
		}
		Ok(Caller { key: claim.key })
	}
}

/// What a server knows of the connection that a claim comes on.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
	/// The chain.
	pub genesis: &'a Hash,
	/// The device that serves.
	pub device: DeviceId,
	/// The connection.
	pub session: Session,
	/// The count of the claim before; 0 if there was none.
	pub last: u32,
	/// The tick that it is.
	pub now: Tick,
}

/// Who asks: the key that signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
	/// The key.
	pub key: DeviceKey,
}

impl Caller {
	/// The account with this key, if it can have one.
	pub fn account(&self) -> Option<[u8; 32]> {
		self.key.account_bytes()
	}

	/// The device with this key, if there is one.
	pub fn device(&self) -> DeviceId {
		self.key.device_id()
	}
}
