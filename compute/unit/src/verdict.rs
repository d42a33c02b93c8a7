//! What a worker does about a unit that has no outcome. Pure.

use smartchain_sandbox::Ended;

/// What a worker does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It says that its machine could not run the unit.
	Fault,
	/// It runs it once more, alone: others took the memory.
	Again,
	/// It hands the unit back, and takes none until somebody has mended this machine.
	Unable,
	/// Nothing: it wanted that itself.
	Nothing,
}

/// What is done about this.
pub fn verdict(ended: &Ended) -> Verdict {
	match ended {
		Ended::Fault(_)
		| Ended::Late
		| Ended::Forbidden
		| Ended::Memory
		| Ended::Crashed(_)
		| Ended::Noisy
		| Ended::Lied(_)
		| Ended::Died { .. } => Verdict::Fault,
		Ended::Killed => Verdict::Again,
		Ended::Limits(_) | Ended::Request(_) | Ended::Start(_) | Ended::Unconfined(_) => Verdict::Unable,
		Ended::Stopped => Verdict::Nothing,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_machine_that_cannot_confine_says_nothing_of_the_unit() {
		assert_eq!(verdict(&Ended::Start("no such file".into())), Verdict::Unable);
		assert_eq!(verdict(&Ended::Late), Verdict::Fault);
		assert_eq!(verdict(&Ended::Killed), Verdict::Again);
		assert_eq!(verdict(&Ended::Stopped), Verdict::Nothing);
	}
}
