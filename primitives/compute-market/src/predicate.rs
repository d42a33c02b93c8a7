//! What a payment may wait for: that a unit was computed.

use crate::{Hash, JobId, Tick, UnitAt};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// That a task was accepted: a result of this unit stands, and the time in which anybody might have appealed is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct TaskAccepted {
	/// The job.
	pub job: JobId,
	/// The unit.
	pub unit: UnitAt,
	/// The root of the output, if it has to be this one.
	pub root: Option<Hash>,
}

impl TaskAccepted {
	/// Whether it holds of a result with this root that was accepted at a tick. It is not to be asked while somebody
	/// runs the unit again.
	pub fn holds(&self, root: &Hash, accepted: Tick, now: Tick, window: Tick) -> bool {
		let fits = self.root.is_none_or(|wanted| wanted == *root);
		fits && now > accepted.saturating_add(window)
	}
}
