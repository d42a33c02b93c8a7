//! What devices sign, beside transactions.

use crate::{Challenge, DeviceId, LotteryKey, LotterySignature, Threshold};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;

/// Keeps signed wins of compute apart from anything else that the same key might sign.
pub const SEGMENT_WIN_DOMAIN: &[u8; 19] = b"smart/compute/win/1";

/// What a segment is run over, and what its result is compared with: by it a win is true or false, on whatever fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SegmentDraw<Kernel> {
	/// What is run.
	pub kernel: Kernel,
	/// The challenge of the window.
	pub challenge: Challenge,
	/// That of the device's claim in the window.
	pub threshold: Threshold,
}

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
	/// The bytes that are signed. They name the chain, so that nobody pays here for what it signed for another; and
	/// what the segment was run over. A transaction need not carry that, for the chain knows it.
	///
	/// Without it an honest device could be made a liar: of two blocks that open a window of one number on two forks
	/// each has a challenge of its own, and what wins by one loses by the other.
	pub fn payload<Hash: Encode, Kernel: Encode>(&self, genesis: &Hash, draw: &SegmentDraw<Kernel>) -> Vec<u8> {
		let SegmentDraw {
			kernel,
			challenge,
			threshold,
		} = draw;
		(SEGMENT_WIN_DOMAIN, genesis, kernel, challenge, self, threshold).encode()
	}

	/// Whether this key signed it, over this draw, on the chain with this genesis.
	pub fn verify<Hash: Encode, Kernel: Encode>(
		&self,
		genesis: &Hash,
		draw: &SegmentDraw<Kernel>,
		key: &LotteryKey,
		signature: &LotterySignature,
	) -> bool {
		key.verify(&self.payload(genesis, draw), signature)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::LotteryPair;
	use sp_core::Pair;

	#[test]
	fn a_win_is_signed_for_one_chain_device_window_segment_and_draw() {
		let pair = LotteryPair::from_seed(&[1; 32]);
		let win = SegmentWin {
			device: [2; 32],
			window: 3,
			segment: 4,
		};
		let draw = SegmentDraw {
			kernel: 1u8,
			challenge: [7; 32],
			threshold: Threshold::one_in(600).expect("possible"),
		};
		let signature = pair.sign(&win.payload(&[5u8; 32], &draw));
		let key = pair.public();
		assert!(win.verify(&[5u8; 32], &draw, &key, &signature));
		assert!(!win.verify(&[6u8; 32], &draw, &key, &signature));
		assert!(!win.verify(
			&[5u8; 32],
			&draw,
			&LotteryPair::from_seed(&[2; 32]).public(),
			&signature
		));
		for other in [
			SegmentWin { device: [0; 32], ..win },
			SegmentWin { window: 0, ..win },
			SegmentWin { segment: 0, ..win },
		] {
			assert!(!other.verify(&[5u8; 32], &draw, &key, &signature));
		}
		for other in [
			SegmentDraw { kernel: 2, ..draw },
			SegmentDraw {
				challenge: [8; 32],
				..draw
			},
			SegmentDraw {
				threshold: Threshold::ALWAYS,
				..draw
			},
		] {
			assert!(!win.verify(&[5u8; 32], &other, &key, &signature));
		}
	}
}
