//! The calls that accounts sign.

use crate::{
	runtime::Args,
	types::{AccountId, AttestationProof, Balance, Claimed, EnrolmentProof},
};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature, Endpoints};
use proof_lottery_primitives::Resource;

/// What an account may ask of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
	/// Registers a device. A deposit is held, its keys are paid.
	Register {
		/// The device's key, used for the first time.
		key: DeviceKey,
		/// That key's signature under `device_primitives::Registration`.
		possession: DeviceSignature,
		/// Its lottery key; none if its own key is sr25519.
		enrolment: Option<EnrolmentProof>,
		/// What its vendor says of it, if anything.
		attestation: Option<AttestationProof>,
		/// How its agent is reached.
		endpoints: Endpoints,
	},
	/// Shows what a vendor says of a device.
	Attest {
		/// The device.
		device: DeviceId,
		/// What the vendor says.
		attestation: AttestationProof,
	},
	/// Sets how the device's agent is reached.
	SetEndpoints {
		/// The device.
		device: DeviceId,
		/// All of them.
		endpoints: Endpoints,
	},
	/// Suspends a device.
	Suspend {
		/// The device.
		device: DeviceId,
	},
	/// Lifts that.
	Resume {
		/// The device.
		device: DeviceId,
	},
	/// Ends a registration for good; the deposit comes back.
	Retire {
		/// The device.
		device: DeviceId,
	},
	/// Offers a device to another account.
	OfferTransfer {
		/// The device.
		device: DeviceId,
		/// Who may accept it.
		to: AccountId,
	},
	/// Offers it to nobody any more.
	WithdrawOffer {
		/// The device.
		device: DeviceId,
	},
	/// Takes a device that is offered. A deposit is held, another lottery key is paid.
	AcceptTransfer {
		/// The device.
		device: DeviceId,
		/// Its own key's signature under `device_primitives::Transfer`.
		consent: DeviceSignature,
		/// Its lottery key from then on; none if its own key is sr25519.
		enrolment: Option<EnrolmentProof>,
	},
	/// Puts a device into a lottery, for which a deposit is held, or changes what it claims there.
	Declare {
		/// The device.
		device: DeviceId,
		/// What it has.
		claim: Claimed,
	},
	/// Takes it out; what it has won there is lost, and the deposit comes back.
	Withdraw {
		/// The device.
		device: DeviceId,
		/// Which lottery.
		resource: Resource,
	},
	/// Offers a device to a candidate. A deposit is held.
	OfferLink {
		/// The device; it is in a lottery.
		device: DeviceId,
		/// The candidate.
		candidate: AccountId,
	},
	/// Accepts a device that is offered; the candidate signs.
	AcceptLink {
		/// The device.
		device: DeviceId,
	},
	/// Ends a link or its offer; owner or candidate signs.
	Unlink {
		/// The device.
		device: DeviceId,
	},
	/// Pays an account what it has earned; anybody may send it.
	ClaimEarnings {
		/// Whom it pays.
		account: AccountId,
		/// Of which eras, from 1 to 16.
		eras: Vec<u32>,
	},
	/// Sends STCI, but never so much that the sender's account would be gone.
	Transfer {
		/// To whom.
		to: AccountId,
		/// How much, in planck.
		amount: Balance,
	},
	/// Sends all that may be sent.
	TransferAll {
		/// To whom.
		to: AccountId,
		/// Whether the least that keeps the account alive stays.
		keep_alive: bool,
	},
	/// One of another program's.
	Named(NamedCall),
}

/// A call of a pallet that this crate does not know, by its names. It is compared with the metadata as all are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCall {
	/// The pallet.
	pub pallet: &'static str,
	/// The call.
	pub call: &'static str,
	/// By what transactions name pallet and call. The caller's program says so, and not the node: a signature is over
	/// numbers.
	pub number: [u8; 2],
	/// Its arguments, by their names.
	pub args: Args,
	/// What it has held, in planck: for quotes.
	pub held: Balance,
	/// What it pays besides the fee, in planck: for quotes.
	pub paid: Balance,
}

/// A pallet that this crate does not know, as a caller's program knows it: its name and number, and those of its calls.
#[derive(Clone, Copy, Debug)]
pub struct NamedPallet<'a> {
	/// Its name.
	pub name: &'static str,
	/// Its number.
	pub number: u8,
	/// Its calls, each with its number.
	pub calls: &'a [(&'static str, u8)],
}

impl NamedPallet<'_> {
	/// A call of it, which has nothing held and pays the fee alone. One that is not among its calls has a number that
	/// no call has, and is refused.
	pub fn call(&self, call: &'static str, args: Args) -> NamedCall {
		let number = self.calls.iter().find(|(name, _)| *name == call);
		NamedCall {
			pallet: self.name,
			call,
			number: [self.number, number.map_or(u8::MAX, |(_, number)| *number)],
			args,
			held: 0,
			paid: 0,
		}
	}
}
