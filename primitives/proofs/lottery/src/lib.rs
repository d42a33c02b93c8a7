#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answers;
mod competence;
mod decay;
mod estimator;
mod fixed;
mod rounds;
mod signed;
mod terms;
mod uptime;

pub use answers::{Claimed, DeviceProofs, LotteryState, OpenRound, Resource, SpaceScheme, WhyNot};
pub use competence::{
	check_weights, competence, uptime_factor, Share, Total, UnfairWeights, COMPETENCE_BITS, MAX_COMPETENCE, MAX_WEIGHT,
};
pub use decay::Decay;
pub use estimator::{Claim, ClaimRefused, Estimator, Kept, ASSURED_FROM, MOST_MISSED};
pub use fixed::{Credit, Wins, CREDIT_BITS, WINS_BITS};
pub use rounds::{challenge, Rounds, Windows};
pub use signed::{SegmentDraw, SegmentWin, SEGMENT_WIN_DOMAIN};
#[cfg(feature = "testing")]
pub use terms::testing;
pub use terms::{BadLottery, Lottery, Terms, Threshold, CUT_FROM, MAX_ANSWER, MAX_CLAIM, MAX_WINS};
pub use uptime::{BadPulse, Pulse, UPTIME_TAG};

/// Which device.
pub type DeviceId = [u8; 32];

/// What the VRF outputs of authors have accumulated to: it changes in the first block of a turn alone.
pub type Accumulator = [u8; 32];

/// What a round of a lottery is about: 32 bytes that nobody could foresee.
pub type Challenge = [u8; 32];

/// The key type of lottery keys.
pub const KEY_TYPE: sp_core::crypto::KeyTypeId = sp_core::crypto::KeyTypeId(*b"lott");

/// The sr25519 keys of devices, which evaluate the VRF of uptime and sign wins of compute.
pub mod app {
	use sp_application_crypto::{app_crypto, sr25519};
	app_crypto!(sr25519, crate::KEY_TYPE);
}

/// The lottery key of a device.
pub type LotteryKey = app::Public;
/// A signature by it.
pub type LotterySignature = app::Signature;
/// The key pair of a device.
#[cfg(feature = "std")]
pub type LotteryPair = app::Pair;
