//! Why a payment came to nothing, sealed by whoever says so for the payer alone.

use super::keys::{open, seal, Derived, MAC};
use crate::Policy;
use codec::{Decode, Encode};
use std::fmt;

/// Bytes of a reason in clear, with what fills it.
const CLEAR: usize = 32;
/// Bytes of a sealed one.
pub const FAULT: usize = CLEAR + MAC;

/// A reason as it travels back, hop by hop and unchanged.
pub type SealedFault = [u8; FAULT];

/// Why a hop did not carry a payment on, or did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Fault {
	/// It knows no such channel, or carries nothing on.
	#[codec(index = 0)]
	NoWay,
	/// It has too little money on its side of the next channel, or too many locks there.
	#[codec(index = 1)]
	Lacks,
	/// Its partner is not there.
	#[codec(index = 2)]
	Away,
	/// It takes more, or wants more time: by this policy.
	#[codec(index = 3)]
	Dearer(Policy),
	/// The payee does not know what it is for.
	#[codec(index = 4)]
	Unknown,
	/// The payee does not want it: the invoice is over, or asks for more.
	#[codec(index = 5)]
	Unwanted,
	/// Too little time was left for the payee.
	#[codec(index = 6)]
	TooLate,
}

/// What one hop and the payer share, for reasons.
#[derive(Clone)]
pub struct FaultKey(Derived);

/// It tells nothing of itself.
impl fmt::Debug for FaultKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("FaultKey").finish_non_exhaustive()
	}
}

impl FaultKey {
	pub(super) fn new(key: &Derived) -> Self {
		Self(key.clone())
	}

	/// Seals a reason. One letter has one: a hop that says another one for the same letter gives both away.
	pub fn seal(&self, fault: &Fault) -> SealedFault {
		let mut sealed = [0; FAULT];
		let (clear, end) = sealed.split_at_mut(CLEAR);
		for (byte, of) in clear.iter_mut().zip(fault.encode()) {
			*byte = of;
		}
		// It is never too long for the cipher; an empty seal would open for nobody.
		end.copy_from_slice(&seal(&self.0, &[], clear).unwrap_or_default());
		sealed
	}

	/// Opens one; none if another hop has sealed it, or somebody changed it.
	pub fn open(&self, sealed: &SealedFault) -> Option<Fault> {
		let (clear, mac) = sealed.split_at(CLEAR);
		let mut clear = clear.to_vec();
		open(&self.0, &[], &mut clear, mac.try_into().ok()?)?;
		let mut bytes = clear.as_slice();
		let fault = Fault::decode(&mut bytes).ok()?;
		bytes.iter().all(|byte| *byte == 0).then_some(fault)
	}
}

impl Fault {
	/// Who says it: the payee, or a mediator.
	pub fn is_of_payee(&self) -> bool {
		matches!(self, Self::Unknown | Self::Unwanted | Self::TooLate)
	}
}
