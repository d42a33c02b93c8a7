//! What somebody wants to pay step by step.

use super::{LONGEST, MOST_AHEAD};
use channel_primitives::Balance;
use smart_pay_frames::wire::MAX_STREAM_TEXT;

/// What a command wants.
pub(super) struct Asking {
	/// To whom: see `StreamAsk::Begin`.
	pub to: String,
	/// What a step is worth, in planck.
	pub unit: Balance,
	/// How many steps.
	pub steps: u32,
	/// Milliseconds from one to the next.
	pub every: u32,
	/// How many may be given that the payee has not said to have.
	pub ahead: u16,
	/// What it is for.
	pub text: String,
}

impl Asking {
	/// Whether it makes sense.
	pub fn check(&self) -> Result<(), String> {
		if self.unit == 0 || self.steps == 0 {
			return Err("a stream has one step at least, and a step is worth one planck at least".into());
		}
		if self.every == 0 || self.every > LONGEST {
			return Err("from one step to the next there are 1 ms to an hour".into());
		}
		if self.ahead == 0 || self.ahead > MOST_AHEAD {
			return Err(format!("1 to {MOST_AHEAD} steps may be given ahead"));
		}
		if self.text.len() > MAX_STREAM_TEXT {
			return Err(format!("the text of a stream has at most {MAX_STREAM_TEXT} bytes"));
		}
		Ok(())
	}
}
