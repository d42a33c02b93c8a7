//! Probes: who looks at whom is drawn by the prober's own key, so that nobody knows before it knocks; what it reports
//! makes a device's score.

use crate::{Draw, Hash, Randomness, SlotId};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;
use sp_core::{
	crypto::VrfPublic,
	sr25519::{
		self,
		vrf::{VrfSignData, VrfSignature, VrfTranscript},
	},
};

/// Of so many last reports, each by another prober, the median is the score.
pub const REPORTS: u32 = 3;

/// How many bytes a prober fetches, of a slot that has as many.
pub const PROBE_BYTES: u32 = 256 << 10;

/// How many devices a prober looks at in an era.
pub const ERRANDS: u8 = 4;

/// Whoever gives [`PROBE_BYTES`] within so many milliseconds has a score of 1: 4 Mbit/s.
const FULL: u32 = 500;

/// The label of what a prober's VRF is evaluated over.
const INPUT: &[u8; 21] = b"smart/storage/probe/1";

/// The label of what the proof of it is bound to.
const BOUND: &[u8; 22] = b"smart/storage/report/1";

/// What a prober got.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Served {
	/// After how many milliseconds it had all of it.
	pub millis: u32,
	/// What the device has signed for it: a [`Receipt`](crate::Receipt).
	pub receipt: sr25519::Signature,
}

/// What a prober reports of a device that it had to look at.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ProbeReport<Device> {
	/// In which era of the probes.
	pub era: u32,
	/// Which of its errands, below [`ERRANDS`].
	pub errand: u8,
	/// Who reports.
	pub prober: Device,
	/// Whom it looked at.
	pub device: Device,
	/// What of it.
	pub at: SlotId,
	/// What it got; none if that was nothing.
	pub served: Option<Served>,
	/// The VRF's pre-output, of the prober's lottery key.
	pub pre_output: Hash,
	/// The proof that it is this key's, bound to all of the above.
	pub proof: [u8; 64],
}

impl<Device: Encode> ProbeReport<Device> {
	/// What the VRF of an era is evaluated over, without what its proof is bound to: by this a prober learns whom to
	/// look at.
	pub fn input(challenge: &Randomness) -> VrfSignData {
		VrfTranscript::new(INPUT, &[(b"challenge", challenge)]).into_sign_data()
	}

	/// The same with what the proof is bound to: this is signed for the report.
	pub fn bound<Genesis: Encode>(&self, genesis: &Genesis, challenge: &Randomness) -> VrfSignData {
		let said = (
			genesis,
			self.era,
			self.errand,
			&self.prober,
			&self.device,
			self.at,
			&self.served,
		);
		let extra = VrfTranscript::new(BOUND, &[(b"report", &said.encode())]);
		Self::input(challenge).with_extra(extra)
	}

	/// Puts in what the prober's key has signed over [`Self::bound`].
	#[must_use]
	pub fn signed(self, vrf: &VrfSignature) -> Self {
		Self {
			pre_output: vrf.pre_output.0.to_bytes(),
			proof: vrf.proof.0.to_bytes(),
			..self
		}
	}

	/// Which of so many devices that offer space is to be looked at on an errand, by the VRF's pre-output.
	pub fn target(pre_output: &Hash, errand: u8, devices: u32) -> u32 {
		Draw::of_vrf(pre_output).below_u32(errand.into(), devices)
	}

	/// Whether this key has made it, on the chain of this genesis, in an era with this challenge.
	///
	/// # Errors
	/// If it has not.
	pub fn verify<Genesis: Encode>(
		&self,
		key: &sr25519::Public,
		genesis: &Genesis,
		challenge: &Randomness,
	) -> Result<(), ProbeError> {
		let bytes: Vec<u8> = [&self.pre_output[..], &self.proof].concat();
		let vrf = VrfSignature::decode_all(&mut &bytes[..]).map_err(|_| ProbeError::Undecodable)?;
		if !key.vrf_verify(&self.bound(genesis, challenge), &vrf) {
			return Err(ProbeError::NotProven);
		}
		Ok(())
	}

	/// What it says of how the device serves. Half as fast is half as good.
	pub fn score(&self) -> Perbill {
		let served = self.served.as_ref();
		served.map_or(Perbill::zero(), |served| {
			Perbill::from_rational(FULL, served.millis.max(FULL))
		})
	}
}

/// Why a report counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeError {
	/// Output or proof are no points and numbers of the curve.
	Undecodable,
	/// They are not of this key, era and report.
	NotProven,
}

impl fmt::Display for ProbeError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Undecodable => "VRF output or proof do not decode: send what schnorrkel's VRF gives, 32 and 64 bytes",
			Self::NotProven => "the VRF is not of the prober's lottery key over this era's challenge and this report",
		})
	}
}

impl core::error::Error for ProbeError {}

/// A report, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Report<Device> {
	/// By whom.
	pub by: Device,
	/// How well it was served.
	pub score: Perbill,
}

/// The last reports of a device, each by another prober.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Scores<Device> {
	/// The oldest one first.
	pub reports: BoundedVec<Report<Device>, ConstU32<REPORTS>>,
}

impl<Device> Default for Scores<Device> {
	fn default() -> Self {
		Self {
			reports: BoundedVec::new(),
		}
	}
}

impl<Device: PartialEq> Scores<Device> {
	/// Takes in a report. An earlier one of the same prober counts no more, and of more than three the oldest.
	pub fn report(&mut self, by: Device, score: Perbill) {
		self.reports.retain(|report| report.by != by);
		if self.reports.is_full() {
			self.reports.remove(0);
		}
		// There is room.
		let _ = self.reports.try_push(Report { by, score });
	}

	/// The median of three; none of fewer.
	pub fn score(&self) -> Option<Perbill> {
		let [one, two, three] = self.reports.as_slice() else {
			return None;
		};
		let (low, high) = (one.score.min(two.score), one.score.max(two.score));
		Some(three.score.clamp(low, high))
	}
}
