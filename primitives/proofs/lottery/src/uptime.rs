//! The lottery of uptime: VRF outputs of lottery keys.

use crate::{Challenge, DeviceId, LotteryKey, Threshold};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{
	crypto::VrfPublic,
	sr25519::{
		self,
		vrf::{VrfSignData, VrfSignature, VrfTranscript},
	},
};
use sp_crypto_hashing::blake2_256;

/// The tag of the challenges of uptime, and the label of what its VRF is evaluated over.
pub const UPTIME_TAG: &[u8; 14] = b"smart/uptime/1";

/// Keeps what decides a win apart from everything else that is hashed.
const WIN_TAG: &[u8; 18] = b"smart/uptime/win/1";

/// "I am here": what a device sends if its VRF output wins a round. Nobody else can make it, and there is but one for
/// a key and a round: an ordinary signature would do as well, and could be made anew until it wins.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Pulse {
	/// The device.
	pub device: DeviceId,
	/// The round.
	pub round: u64,
	/// The VRF's pre-output.
	pub pre_output: [u8; 32],
	/// The proof that it is this key's.
	pub proof: [u8; 64],
}

/// Why a pulse is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPulse {
	/// The output does not win.
	NoWin,
	/// Output or proof are no points and numbers of the curve.
	Undecodable,
	/// The output is not that of the key and challenge.
	NotProven,
}

impl core::fmt::Display for BadPulse {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::NoWin => "the VRF output is not below the threshold: send a pulse only for rounds that were won",
			Self::Undecodable => "VRF output or proof do not decode: send what schnorrkel's VRF gives, 32 and 64 bytes",
			Self::NotProven => {
				"the VRF output is not the one of this device's lottery key for this round: evaluate it over the \
				 round's challenge, with the key that is registered"
			}
		})
	}
}

impl core::error::Error for BadPulse {}

impl Pulse {
	/// What the VRF of a round is evaluated over.
	pub fn input(challenge: &Challenge) -> VrfSignData {
		VrfTranscript::new(UPTIME_TAG, &[(b"challenge", challenge)]).into_sign_data()
	}

	/// The hash that has to be below the threshold.
	pub fn hash(&self) -> [u8; 32] {
		blake2_256(&[&WIN_TAG[..], &self.pre_output].concat())
	}

	/// Of a VRF signature over [`Pulse::input`].
	pub fn new(device: DeviceId, round: u64, vrf: &VrfSignature) -> Self {
		Self {
			device,
			round,
			pre_output: vrf.pre_output.0.to_bytes(),
			proof: vrf.proof.0.to_bytes(),
		}
	}

	/// Whether it is a win of this key. What is cheap comes first: the hash, then the encoding, then the proof.
	///
	/// # Errors
	/// If it is none, the first reason.
	pub fn verify(&self, key: &LotteryKey, challenge: &Challenge, threshold: &Threshold) -> Result<(), BadPulse> {
		if !threshold.wins(&self.hash()) {
			return Err(BadPulse::NoWin);
		}
		let bytes: Vec<u8> = [&self.pre_output[..], &self.proof].concat();
		let vrf = VrfSignature::decode_all(&mut &bytes[..]).map_err(|_| BadPulse::Undecodable)?;
		if !sr25519::Public::from(key.clone()).vrf_verify(&Self::input(challenge), &vrf) {
			return Err(BadPulse::NotProven);
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{crypto::VrfSecret, Pair};

	const CHALLENGE: Challenge = [7; 32];

	fn pair(seed: u8) -> sr25519::Pair {
		sr25519::Pair::from_seed(&[seed; 32])
	}

	fn pulse(seed: u8, challenge: &Challenge) -> Pulse {
		Pulse::new([seed; 32], 3, &pair(seed).vrf_sign(&Pulse::input(challenge)))
	}

	fn verify(pulse: &Pulse, seed: u8) -> Result<(), BadPulse> {
		pulse.verify(&pair(seed).public().into(), &CHALLENGE, &Threshold::ALWAYS)
	}

	#[test]
	fn a_pulse_is_of_its_key_and_round() {
		let good = pulse(1, &CHALLENGE);
		assert_eq!(verify(&good, 1), Ok(()));
		assert_eq!(verify(&good, 2), Err(BadPulse::NotProven));
		assert_eq!(verify(&pulse(1, &[8; 32]), 1), Err(BadPulse::NotProven));
	}

	#[test]
	fn a_key_has_one_output_for_a_round_however_often_it_tries() {
		let (one, other) = (pulse(1, &CHALLENGE), pulse(1, &CHALLENGE));
		assert_ne!(one.proof, other.proof);
		assert_eq!(one.pre_output, other.pre_output);
		assert_eq!(one.hash(), other.hash());
		// The output of another round does not serve.
		let mut borrowed = one.clone();
		borrowed.pre_output = pulse(1, &[8; 32]).pre_output;
		assert_eq!(verify(&borrowed, 1), Err(BadPulse::NotProven));
	}

	#[test]
	fn only_what_is_below_the_threshold_wins() {
		let good = pulse(1, &CHALLENGE);
		let key = pair(1).public().into();
		let never = Threshold::of(1, 1 << 95).expect("possible");
		assert_eq!(good.verify(&key, &CHALLENGE, &never), Err(BadPulse::NoWin));
	}

	#[test]
	fn what_is_no_proof_is_refused() {
		let mut bad = pulse(1, &CHALLENGE);
		bad.proof = [0xff; 64];
		assert_eq!(verify(&bad, 1), Err(BadPulse::Undecodable));
		bad = pulse(1, &CHALLENGE);
		bad.pre_output = [0xff; 32];
		assert_eq!(verify(&bad, 1), Err(BadPulse::NotProven));
		for place in [0, 31] {
			bad = pulse(1, &CHALLENGE);
			bad.pre_output[place] ^= 1;
			assert!(verify(&bad, 1).is_err());
		}
		for place in [0, 31, 32, 63] {
			bad = pulse(1, &CHALLENGE);
			bad.proof[place] ^= 1;
			assert!(verify(&bad, 1).is_err());
		}
	}

	#[test]
	fn a_threshold_lets_its_part_win() {
		let quarter = Threshold::one_in(4).expect("possible");
		let wins = (0..400u32)
			.filter(|round| {
				let challenge = crate::challenge(UPTIME_TAG, &[0; 32], u64::from(*round));
				quarter.wins(&pulse(1, &challenge).hash())
			})
			.count();
		// 100 expected, 8.7 the standard deviation.
		assert!((57..143).contains(&wins), "{wins}");
	}
}
