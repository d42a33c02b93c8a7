//! Why a round was not won, in words that a person can act on.

use crate::types::Winner;
use core::fmt;
use proof_lottery_primitives::{Challenge, Resource};

/// Why a round was not won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
	/// The chain has not been asked about the device yet.
	Unasked,
	/// The registry does not know the device.
	NotRegistered,
	/// The device is suspended.
	Suspended,
	/// The device told of a win that was none, and is out for good.
	Struck,
	/// The device is in no such lottery.
	NoEntry,
	/// Its claim did not count yet when the round was opened.
	NotYet,
	/// The claim changed while nobody looked, and which of two is meant is not known: a false threshold is no answer.
	Unclear,
	/// No plot can be looked into.
	NoPlots,
	/// None of the plots is up.
	NoneUp,
	/// The plots that are up hold no chain for this challenge.
	NoFind {
		/// How many plots were looked into.
		plots: u32,
	},
	/// What was found does not win: this is what happens mostly.
	Lost {
		/// How many finds, segments or outputs there were.
		tried: u32,
		/// The first eight bytes of the lowest one, big endian; none where only winners are told.
		best: Option<u64>,
		/// The first eight bytes of what it had to stay below.
		limit: u64,
	},
	/// The round was open before the program began, and too little was left of it.
	Before,
	/// There was no time for it.
	Late {
		/// Milliseconds that the rest of the work takes.
		needed: u64,
		/// Milliseconds that were left.
		left: u64,
	},
	/// Only some of the plots could be looked into.
	Partly {
		/// How many were,
		plots: u32,
		/// of so many that were up.
		up: u32,
	},
	/// Only some of the segments could be run.
	Slow {
		/// How many were run,
		ran: u32,
		/// of so many that are claimed.
		of: u32,
	},
	/// There was time for it, and it was not done when the round ended: it waited, or took longer than was reckoned.
	Unfinished,
	/// A segment won, and lost when it was run again: memory or processor err.
	Unstable(
		/// As it was the first time.
		Winner,
	),
	/// The work could not be done.
	Failed,
	/// The program ends, or was told to begin nothing.
	Stopped,
	/// The answer could not be made durable, and was not sent.
	NotKept,
	/// The node could not be reached while it mattered.
	NodeLost,
	/// The chain refused the answer.
	Refused(
		/// For this.
		Refusal,
	),
	/// The answer was sent, and no block has it.
	NotIncluded,
	/// The block that opened the round is not on the best chain any more.
	Reorganised,
	/// Whether it was answered before is not known any more: so it is not answered.
	Forgotten,
}

impl Why {
	/// A word for it, for metrics.
	pub fn label(&self) -> &'static str {
		match self {
			Self::Unasked => "unasked",
			Self::NotRegistered => "not_registered",
			Self::Suspended => "suspended",
			Self::Struck => "struck",
			Self::NoEntry => "no_entry",
			Self::NotYet => "not_yet",
			Self::Unclear => "unclear",
			Self::NoPlots => "no_plots",
			Self::NoneUp => "none_up",
			Self::NoFind { .. } => "no_find",
			Self::Lost { .. } => "lost",
			Self::Before => "before",
			Self::Late { .. } => "late",
			Self::Partly { .. } => "partly",
			Self::Slow { .. } => "slow",
			Self::Unfinished => "unfinished",
			Self::Unstable(_) => "unstable",
			Self::Failed => "failed",
			Self::Stopped => "stopped",
			Self::NotKept => "not_kept",
			Self::NodeLost => "node_lost",
			Self::Refused(_) => "refused",
			Self::NotIncluded => "not_included",
			Self::Reorganised => "reorganised",
			Self::Forgotten => "forgotten",
		}
	}

	/// Whether it is how a lottery goes, or how a program begins, and nobody has to do anything.
	pub fn is_chance(&self) -> bool {
		matches!(
			self,
			Self::NoneUp | Self::NoFind { .. } | Self::Lost { .. } | Self::Reorganised | Self::NotYet | Self::Before
		)
	}
}

impl fmt::Display for Why {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Unasked => "the chain has not said yet what it knows of the device: it is asked with the next block",
			Self::NotRegistered => "the registry does not know the device: register it",
			Self::Suspended => "the device is suspended: whoever suspended it has to resume it",
			Self::Struck => "the device announced a win that was none, and is out for good: register another key",
			Self::NoEntry => "the device is not in this lottery: declare what it has",
			Self::NotYet => "the claim does not count yet: it does from the second round after its block on",
			Self::Unclear => "the claim changed while the program was away: the next round goes by the new one",
			Self::NoPlots => "there is no plot that can be looked into: make some, or verify those that there are",
			Self::NoneUp => "none of the plots was up in this round: that is chance",
			Self::NoFind { plots: 1 } => "the plot that was up had no chain for it: that is chance",
			Self::NoFind { plots } => {
				return write!(f, "the {plots} plots that were up had no chain for it: that is chance");
			}
			Self::Lost { tried, best, limit } => return lost(f, *tried, *best, *limit),
			Self::Before => "it was open before this program began, and too little was left of it",
			Self::Late { needed, left } => {
				return write!(
					f,
					"{needed} ms were needed and {left} ms were left: give the work more cores or a faster disk, and \
					 look whether the node is behind"
				);
			}
			Self::Partly { plots, up } => {
				return write!(
					f,
					"{plots} of {up} plots that were up could be looked into in time: give looks more cores or a \
					 faster disk, and look whether the node is behind"
				);
			}
			Self::Slow { ran, of } => {
				return write!(
					f,
					"{ran} of {of} claimed segments could be run in time: claim fewer, or give more cores"
				);
			}
			Self::Unfinished => {
				"there was time for the work, and it was not done when the round ended: give it more cores or a faster \
				 disk, and look whether other programs take them"
			}
			Self::Unstable(winner) => {
				return write!(
					f,
					"segment {} won once and not again: memory or processor err; it was not announced, and the \
					 machine needs a test of its memory",
					winner.segment
				);
			}
			Self::Failed => "the work failed: the log says why; verify the plots",
			Self::Stopped => "the program was about to end: start it again",
			Self::NotKept => "the answer could not be written to the journal, and was not sent: see to the disk",
			Self::NodeLost => "the node could not be reached: look whether it runs, and at its address",
			Self::Refused(refusal) => return write!(f, "the chain refused the answer: {refusal}"),
			Self::NotIncluded => "the answer was sent in time, and no block took it: look at the node's peers",
			Self::Reorganised => "the block that opened the round was replaced by another: nothing is to be done",
			Self::Forgotten => "the round is older than what the journal remembers: it may have been answered",
		})
	}
}

fn lost(f: &mut fmt::Formatter<'_>, tried: u32, best: Option<u64>, limit: u64) -> fmt::Result {
	match best.and_then(|best| best.checked_div(limit.max(1))) {
		Some(1) => write!(
			f,
			"the best of {tried} was less than twice what would have won: that is chance"
		),
		Some(times @ 2..) => write!(
			f,
			"the best of {tried} was more than {times} times what would have won: that is chance"
		),
		Some(0) | None => write!(f, "none of {tried} won: that is chance"),
	}
}

/// Why the chain refused an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// Block or queue are full: again with the next block.
	Full,
	/// The node has not seen the round yet: again with the next block.
	Ahead,
	/// The round is over, the win was there before, or the device has won too often in it.
	Stale,
	/// Proof, output or signature are not good.
	BadProof,
	/// The device is not registered, not active, or in no such lottery; or it does not claim that unit.
	NotEntitled,
	/// The node could not be asked.
	Unreachable,
	/// The chain had no use for it.
	Call,
	/// Somebody should have paid for it.
	Payment,
	/// The node had it a short while ago, and does not look at it again.
	Banned,
	/// Another transaction went before it, or took its place.
	Order,
	/// The pool let it go, and no block has it.
	Dropped,
	/// A block has it, and it failed there.
	Failed,
	/// The runtime has a reason of its own.
	Custom(
		/// Its number.
		u8,
	),
	/// Something else, which the node says in words: who sent it has them.
	Other,
}

impl Refusal {
	/// Whether the node's own words say more than this does.
	pub fn has_words(&self) -> bool {
		matches!(self, Self::Failed | Self::Custom(_) | Self::Other)
	}
}

impl fmt::Display for Refusal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Full => "blocks or the queue of announcements were full until the round was over",
			Self::Ahead => "the node had not seen the round: look whether it is in sync",
			Self::Stale => {
				"the round was over, or the win had been there before: if that is said again and again, look whether \
				 another agent runs with the same key"
			}
			Self::BadProof => "proof, output or signature are not good: verify the plots, and that the key is enrolled",
			Self::NotEntitled => "the device is not active, or does not claim that unit: look at its status",
			Self::Unreachable => "the node could not be asked: look whether it runs",
			Self::Call => "the chain had no use for it at that time: look at the device's status",
			Self::Payment => {
				"the chain wants a fee for wins, and this program knows of none: use a newer one, by the chain's \
				 release"
			}
			Self::Banned => {
				"the node had seen it shortly before, and looks at none twice within half an hour: look at the \
				 device's status, and whether another agent runs with the same key"
			}
			Self::Order => "another transaction went before it: look whether another agent runs with the same key",
			Self::Dropped => "the node let it go before a block took it: look at the node's load and peers",
			Self::Failed => "a block took it, and it failed there: look at the device's status",
			Self::Custom(code) => {
				return write!(
					f,
					"the runtime has a reason, {code}, that this program does not know: use a newer one"
				);
			}
			Self::Other => "for a reason that this program does not know: look at the node's log, and use a newer one",
		})
	}
}

/// How a round ended for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
	/// So many of its answers are in blocks.
	Won(
		/// How many.
		u32,
	),
	/// None is.
	NotWon(
		/// Why.
		Why,
	),
}

/// What became of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
	/// Of which lottery.
	pub resource: Resource,
	/// Its number.
	pub round: u64,
	/// What it was about.
	pub challenge: Challenge,
	/// How many answers were submitted.
	pub answers: u32,
	/// How it ended.
	pub ending: Ending,
	/// What else went wrong, of a round that was won in part.
	pub besides: Option<Why>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn how_far_the_best_was_from_a_win_is_said_in_plain_words() {
		let said = |best| {
			let why = Why::Lost {
				tried: 24,
				best,
				limit: 100,
			};
			why.to_string()
		};
		assert_eq!(said(None), "none of 24 won: that is chance");
		assert_eq!(said(Some(40)), said(None), "below the limit no distance is named");
		assert!(said(Some(199)).starts_with("the best of 24 was less than twice what"));
		assert!(said(Some(350)).starts_with("the best of 24 was more than 3 times what"));
		assert!(Why::NoFind { plots: 1 }.to_string().starts_with("the plot that was up"));
		assert!(Why::NoFind { plots: 2 }
			.to_string()
			.starts_with("the 2 plots that were up"));
	}
}
