//! Why a device did not do what it was asked.

use crate::wire::{Cause, Fault};
use smartchain_slots::SlotFault;

/// Whose fault it is, and what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
	/// The device refuses.
	#[error("the device refuses: {0}")]
	Refused(
		/// Why.
		Fault,
	),
	/// The device sent bytes that are not those of the root, or answers as no device does.
	#[error("the device sent other bytes than the slot's, from {at} on; read them from another device")]
	Lied {
		/// How far it was right.
		at: u64,
	},
	/// The device asks more than it is owed.
	#[error("the device asks more than it is owed: {0}; read from another device")]
	Overcharged(
		/// What it asks for.
		String,
	),
	/// The device took too long.
	#[error("the device took longer than {seconds} s; read from another one, or try later")]
	Slow {
		/// How long was waited.
		seconds: u64,
	},
	/// The device is not to be reached, or the connection broke.
	#[error("the device cannot be reached ({0}); try later, or another one")]
	Gone(
		/// Why.
		String,
	),
	/// It is not the device's fault.
	#[error("{0}")]
	Local(
		/// What is the matter, and what to do.
		String,
	),
}

impl RemoteError {
	/// Whether the same may succeed at the same device a little later.
	pub fn passes(&self) -> bool {
		match self {
			Self::Refused(fault) => fault.cause.passes() || fault.cause == Cause::Digest,
			Self::Gone(_) => true,
			Self::Lied { .. } | Self::Overcharged(_) | Self::Slow { .. } | Self::Local(_) => false,
		}
	}
}

impl From<RemoteError> for SlotFault {
	fn from(error: RemoteError) -> Self {
		match error {
			RemoteError::Refused(fault) if fault.cause == Cause::NoSuchSlot => Self::Missing,
			RemoteError::Lied { .. } => Self::Wrong,
			other => Self::Unreadable(other.to_string()),
		}
	}
}

impl From<RemoteError> for std::io::Error {
	fn from(error: RemoteError) -> Self {
		Self::other(error.to_string())
	}
}
