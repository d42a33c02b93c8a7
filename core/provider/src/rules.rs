//! The rules that guard deposits and the device's word, each of which can be left out by tests alone.

/// Which rules hold: all of them, but in a test that shows that it would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// What is submitted was made durable before.
	pub kept_first: bool,
	/// There is one answer for a unit in a round with a challenge.
	pub once: bool,
	/// Nothing is begun that cannot be ready in time.
	pub in_time: bool,
	/// A segment that wins is run again before it is announced.
	pub twice: bool,
	/// No more is claimed than is held.
	pub held: bool,
	/// What left memory is not answered again.
	pub horizon: bool,
}

impl Default for Rules {
	fn default() -> Self {
		Self {
			kept_first: true,
			once: true,
			in_time: true,
			twice: true,
			held: true,
			horizon: true,
		}
	}
}
