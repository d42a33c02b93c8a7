//! What goes into the machine and what comes out of it.

use crate::{
	types::*,
	why::{Explanation, Refusal},
};
use core::ops::Range;
use proof_lottery_primitives::{Challenge, Claimed, OpenRound, Pulse, Resource, SegmentDraw, SegmentWin, Threshold};
use proof_of_compute_primitives::Kernel;

/// Numbers the pieces of work. One that is not the present one is not listened to.
pub type JobId = u64;

/// Why a piece of work came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
	/// It was cancelled.
	Cancelled,
	/// A disk, a child process or the machine failed.
	Broken,
}

/// What became of an answer that was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// The node's pool has it.
	Pooled,
	/// A block of the best chain has it.
	Included,
	/// The block that had it is not on the best chain any more; the pool has it again.
	Retracted,
	/// The pool has it no more, and no block has it.
	Dropped,
	/// It was refused.
	Refused(
		/// Why.
		Refusal,
	),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	/// The best block is another one, or was asked again.
	Head {
		/// The block.
		head: Head,
		/// The rounds that a transaction in the next block can still win; the first [`MAX_LISTED`] are looked at.
		///
		/// [`MAX_LISTED`]: crate::MAX_LISTED
		rounds: Vec<OpenRound>,
	},
	/// What the chain knows of the device.
	Device(Device),
	/// Which plots there are; it replaces what was told before. Of more than [`MAX_PLOTS`] the lowest numbers count.
	///
	/// [`MAX_PLOTS`]: crate::MAX_PLOTS
	Plots(Plots),
	/// How fast the machine is.
	Rates(Rates),
	/// The node cannot be reached.
	NodeLost,
	/// It can again. Its pool may have lost what was submitted.
	NodeBack,
	/// A look is done.
	Looked {
		/// Which.
		job: JobId,
		/// What it found, of the groups that were asked for.
		finds: Vec<Found>,
	},
	/// A proof is there, and was verified.
	Solved {
		/// Which job.
		job: JobId,
		/// The proof.
		proof: Vec<u8>,
	},
	/// Segments were run.
	Ran {
		/// Which job.
		job: JobId,
		/// Those that win.
		winners: Vec<Winner>,
	},
	/// A job came to nothing.
	Failed {
		/// Which.
		job: JobId,
		/// Why.
		failure: Failure,
	},
	/// The lottery key's output for a round of uptime.
	Pulsed {
		/// What the round is about.
		challenge: Challenge,
		/// Output and proof.
		pulse: Pulse,
	},
	/// The lottery key signed an announcement.
	Signed {
		/// For what.
		key: Key,
		/// The signature.
		signature: [u8; 64],
	},
	/// An answer is durable.
	Kept(Key),
	/// It could not be made durable, or nobody knows. It is kept again.
	NotKept(Key),
	/// News of an answer that was submitted.
	Submission {
		/// For what.
		key: Key,
		/// What became of it.
		outcome: Outcome,
	},
	/// A claim, or the end of one, was sent and is in a block, or failed.
	Declared {
		/// Of which lottery.
		resource: Resource,
		/// Whether the chain took it.
		taken: bool,
	},
	/// Time passed; at least once a slot.
	Tick,
	/// Begin nothing more: the program is about to end. What is kept may still be submitted.
	Stop,
}

/// What the edge has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Look into these groups, with as many cores as there are for work.
	Look {
		/// The job.
		job: JobId,
		/// The round.
		round: u64,
		/// What it is about.
		challenge: Challenge,
		/// A group is up in one of 2 to the power of so many rounds.
		filter_bits: u8,
		/// Those that are up, claimed and there.
		groups: Vec<u32>,
	},
	/// Make the proof of a find of the last look with this challenge.
	Solve {
		/// The job.
		job: JobId,
		/// What the round is about.
		challenge: Challenge,
		/// The find.
		find: Found,
	},
	/// Run segments, with as many cores as there are for work, and tell of those that win.
	Run {
		/// The job.
		job: JobId,
		/// The window.
		window: u64,
		/// What is run.
		kernel: Kernel,
		/// What it is run over.
		challenge: Challenge,
		/// Which segments.
		segments: Range<u32>,
		/// What wins.
		threshold: Threshold,
	},
	/// End a job as soon as it can be: nobody waits for what comes of it. That it has ended is told as usual.
	Cancel(JobId),
	/// Evaluate the lottery key's VRF over a challenge of uptime. It goes nowhere but back into the machine.
	Pulse {
		/// The round.
		round: u64,
		/// What it is about.
		challenge: Challenge,
	},
	/// Sign an announcement. The signature goes nowhere but back into the machine.
	Sign {
		/// For what.
		key: Key,
		/// What is announced.
		win: SegmentWin,
		/// What it was run over.
		draw: SegmentDraw<Kernel>,
	},
	/// Make an answer durable, and tell [`Event::Kept`].
	Keep(Answer),
	/// Submit an answer, which is durable; byte for byte as it is.
	Submit(Answer),
	/// An answer need not be kept any more; what is to be remembered instead is that rounds of its lottery which ended
	/// no later than it are not answered. Nobody waits for it.
	Forget(Answer),
	/// Declare a claim, by the owner's account.
	Declare(Claimed),
	/// A round ended.
	Explain(Explanation),
	/// Rounds were not seen.
	Missed {
		/// Of which lottery.
		resource: Resource,
		/// Which.
		rounds: Range<u64>,
		/// Whether the node was lost meanwhile.
		node_lost: bool,
	},
}
