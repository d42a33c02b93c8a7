//! An upgrade tried on a state in memory: migrations, their checks, and what they weigh.

use super::code::{Code, CodeError};
use codec::Decode;
use sp_core::{storage::Storage, traits::Externalities};
use sp_crypto_hashing::twox_128;
use sp_runtime::Weight;
use sp_state_machine::BasicExternalities;

/// The runtime API that a build with the feature `try-runtime` has.
const API: &str = "TryRuntime";
const METHOD: &str = "TryRuntime_on_runtime_upgrade";

/// What is checked besides that migrations run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
	/// Nothing.
	None = 0,
	/// Each migration's own checks, before and after it, and that all pallets find their state sound.
	All = 1,
}

/// Why an upgrade failed, or could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
	/// The build has no interface for it.
	#[error(
		"this runtime was built without the feature try-runtime, and cannot be tried: build it with \
		 `scripts/build-runtime --try-runtime`"
	)]
	NoApi,
	/// It is the runtime of another chain.
	#[error("this is the runtime of {0:?}, and the chain's is of {1:?}: it would be refused when it is set")]
	OtherChain(String, String),
	/// It is no successor.
	#[error("its spec_version is {0}, and the chain's is {1} already: it has to be higher, or it is refused")]
	NoSuccessor(u32, u32),
	/// A migration or a check failed.
	#[error("the upgrade fails on this state: {0}")]
	Failed(#[source] CodeError),
	/// It answers what nobody understands.
	#[error(transparent)]
	Answer(#[from] CodeError),
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
	/// What the migrations of the first block weigh.
	pub weight: Weight,
	/// What a block may weigh.
	pub limit: Weight,
	/// Whether migrations of several blocks begin, of which this trial runs no step.
	pub goes_on: bool,
}

impl Trial {
	/// Whether the first block of the new runtime holds its migrations.
	pub fn fits(&self) -> bool {
		self.weight.all_lte(self.limit)
	}

	/// The share of a block's time that the migrations take, in thousandths; 1000 is all of it.
	pub fn thousandths(&self) -> u64 {
		let (part, whole) = (u128::from(self.weight.ref_time()), u128::from(self.limit.ref_time()));
		u64::try_from(part.saturating_mul(1_000).div_ceil(whole.max(1))).unwrap_or(u64::MAX)
	}
}

/// That this code is a successor of what the chain runs.
///
/// # Errors
/// Where system would refuse it.
pub fn check_successor(code: &Code, spec_name: &str, spec_version: u32) -> Result<(), TrialError> {
	let version = code.version();
	if version.spec_name != spec_name {
		return Err(TrialError::OtherChain(version.spec_name.to_string(), spec_name.into()));
	}
	if version.spec_version <= spec_version {
		return Err(TrialError::NoSuccessor(version.spec_version, spec_version));
	}
	Ok(())
}

/// Runs the upgrade on a state.
///
/// # Errors
/// Where a migration or a check fails, or the build cannot be tried.
pub fn run(code: &Code, state: Storage, checks: Checks) -> Result<Trial, TrialError> {
	if !code.has_api(API) {
		return Err(TrialError::NoApi);
	}
	let mut state = BasicExternalities::new(state);
	let answer = code
		.call(&mut state, METHOD, &[checks as u8])
		.map_err(TrialError::Failed)?;
	let (weight, limit) = <(Weight, Weight)>::decode(&mut &answer[..]).map_err(|_| CodeError::Answer(METHOD))?;
	let cursor = [twox_128(b"MultiBlockMigrations"), twox_128(b"Cursor")].concat();
	let goes_on = Externalities::storage(&mut state, &cursor).is_some();
	Ok(Trial { weight, limit, goes_on })
}
