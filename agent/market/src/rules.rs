//! The rules that guard collateral, data and the provider's disk, each of which can be left out by tests alone.

/// Which rules hold: all of them, but in a test that shows that it would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// What is submitted was made durable before.
	pub kept_first: bool,
	/// A slot is confirmed once all of it was hashed, and has the root that was committed.
	pub sealed_first: bool,
	/// No more is taken in than is offered.
	pub quota: bool,
	/// Nothing is deleted that the chain may still ask for, on whatever branch.
	pub late_delete: bool,
	/// Groups that are rotten are mended before anything else is read.
	pub mends: bool,
	/// What was lost of the pool or of a branch is sent again.
	pub resends: bool,
}

impl Default for Rules {
	fn default() -> Self {
		Self {
			kept_first: true,
			sealed_first: true,
			quota: true,
			late_delete: true,
			mends: true,
			resends: true,
		}
	}
}
