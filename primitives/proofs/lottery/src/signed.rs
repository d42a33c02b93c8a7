//! What devices sign, beside transactions.

use crate::{DeviceId, LotteryKey, LotterySignature};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;

/// Keeps signed wins of compute apart from anything else that the same key might sign.
pub const SEGMENT_WIN_DOMAIN: &[u8; 19] = b"smart/compute/win/1";

/// "This segment of mine wins". Whether it does is seen by running it; the signature says who pays if it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SegmentWin {
	/// The device.
	pub device: DeviceId,
	/// The number of the window.
	pub window: u64,
	/// The number of the segment, which has to be smaller than the device's claim.
	pub segment: u32,
}

impl SegmentWin {
	/// The bytes that are signed. They name the chain, so that nobody pays here for what it signed for another.
	pub fn payload<Hash: Encode>(&self, genesis: &Hash) -> Vec<u8> {
		(SEGMENT_WIN_DOMAIN, genesis, self).encode()
	}

	/// Whether this key signed it, on the chain with this genesis.
	pub fn verify<Hash: Encode>(&self, genesis: &Hash, key: &LotteryKey, signature: &LotterySignature) -> bool {
		key.verify(&self.payload(genesis), signature)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::LotteryPair;
	use sp_core::Pair;

	#[test]
	fn a_win_is_signed_for_one_chain_device_window_and_segment() {
		let pair = LotteryPair::from_seed(&[1; 32]);
		let win = SegmentWin {
			device: [2; 32],
			window: 3,
			segment: 4,
		};
		let signature = pair.sign(&win.payload(&[5u8; 32]));
		let key = pair.public();
		assert!(win.verify(&[5u8; 32], &key, &signature));
		assert!(!win.verify(&[6u8; 32], &key, &signature));
		assert!(!win.verify(&[5u8; 32], &LotteryPair::from_seed(&[2; 32]).public(), &signature));
		for other in [
			SegmentWin { device: [0; 32], ..win },
			SegmentWin { window: 0, ..win },
			SegmentWin { segment: 0, ..win },
		] {
			assert!(!other.verify(&[5u8; 32], &key, &signature));
		}
	}
}
