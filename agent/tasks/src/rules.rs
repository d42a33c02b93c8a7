//! The rules that guard stake and pay, each of which can be left out by tests alone.

/// Which rules hold: all of them, but in a test that shows that it would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// What is sent was made durable before.
	pub kept_first: bool,
	/// A task has one answer.
	pub once: bool,
	/// What is over is not sent.
	pub in_time: bool,
	/// Outputs stay until their job is over.
	pub served: bool,
	/// No more units run than slots there are.
	pub slots: bool,
	/// What was lost of the pool or of a branch is sent again.
	pub resends: bool,
}

impl Default for Rules {
	fn default() -> Self {
		Self {
			kept_first: true,
			once: true,
			in_time: true,
			served: true,
			slots: true,
			resends: true,
		}
	}
}
