#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod v1;

pub use v1::{Block, Scratchpad, BLOCKS, BLOCK_WORDS, SCRATCHPAD_BYTES, STEPS};

use alloc::boxed::Box;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use proof_lottery_primitives::{Challenge, DeviceId, SegmentDraw, SegmentWin};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// The tag of the challenges of compute, and of what segments of the first kernel begin from.
pub const COMPUTE_TAG: &[u8; 15] = b"smart/compute/1";

/// Keeps what decides a win apart from everything else that is hashed.
const RESULT_TAG: &[u8; 22] = b"smart/compute/result/1";

/// Which kernel. An upgrade that brings another gives it a number and tags of its own, and says from which window on it
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kernel {
	/// A walk through 512 KiB.
	#[codec(index = 1)]
	V1,
}

impl Kernel {
	/// What a segment begins from.
	pub fn seed(self, challenge: &Challenge, device: &DeviceId, segment: u32) -> [u8; 32] {
		match self {
			Self::V1 => blake2_256(&[&COMPUTE_TAG[..], challenge, device, &segment.to_le_bytes()].concat()),
		}
	}

	/// Runs a segment. It wins if the result is below the threshold of the device's claim.
	///
	/// Whatever the scratchpad holds is overwritten, and does not matter: one can serve for any number of segments.
	pub fn run(self, challenge: &Challenge, device: &DeviceId, segment: u32, pad: &mut Scratchpad) -> [u8; 32] {
		match self {
			Self::V1 => {
				let state = v1::walk(&self.seed(challenge, device, segment), pad, |_| ());
				blake2_256(&[&RESULT_TAG[..], &state].concat())
			}
		}
	}
}

/// Whether a win that was signed over this draw is a lie: the segment, run so, does not win. That is so or not whatever
/// window the chain had, so that nobody who told the truth on a fork is a liar on another one.
pub fn is_lie(win: &SegmentWin, draw: &SegmentDraw<Kernel>, pad: &mut Scratchpad) -> bool {
	let result = draw.kernel.run(&draw.challenge, &win.device, win.segment, pad);
	!draw.threshold.wins(&result)
}

/// Room for a kernel to work in: on the heap, for it is too large for most stacks.
pub fn scratchpad() -> Box<Scratchpad> {
	// Made as a list of blocks, so that it never lies on the stack; the list has as many as it takes.
	let blocks = alloc::vec![[0; BLOCK_WORDS]; BLOCKS].into_boxed_slice();
	Box::<Scratchpad>::try_from(blocks).unwrap_or_else(|_| Box::new([[0; BLOCK_WORDS]; BLOCKS]))
}
