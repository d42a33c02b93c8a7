//! What comes of work: finds, proofs, segments, outputs, signatures.

use super::{Provider, Running, Task};
use crate::{
	events::{Action, Failure, JobId},
	round::{leading, RoundKey, Work},
	types::{Body, Found, Key, Unit, Winner},
	why::Why,
};
use proof_lottery_primitives::{Challenge, Pulse, Resource, SegmentDraw, SegmentWin, Threshold, MAX_WINS};

/// Bytes of the longest proof of space.
const MAX_PROOF: usize = 448;

impl Provider {
	/// The job that ended; none if it is not the present one. Of a cancelled one nothing is taken.
	fn ended(&mut self, job: JobId) -> Option<Running> {
		let running = self.running.filter(|running| running.job == job)?;
		self.running = None;
		if running.cancelled {
			// Its round may come back with the branch, and is worked on anew.
			if let Some(round) = self.round(&running.round) {
				round.work = Work::Waiting;
			}
			return None;
		}
		Some(running)
	}

	pub(super) fn on_failed(&mut self, job: JobId, failure: Failure) {
		let Some(running) = self.ended(job) else { return };
		let Some(round) = self.round(&running.round) else {
			return;
		};
		round.why = match failure {
			Failure::Cancelled => Why::Stopped,
			Failure::Broken => Why::Failed,
		};
		match running.task {
			// Other finds may be sound.
			Task::Solve(_) | Task::Run { .. } | Task::Again(_) => (),
			Task::Look { .. } => round.work = Work::Done,
		}
	}

	pub(super) fn on_looked(&mut self, job: JobId, mut finds: Vec<Found>) {
		let Some(running) = self.ended(job) else { return };
		let Task::Look { plots, up } = running.task else { return };
		let key = running.round;
		let Some(round) = self.round(&key) else { return };
		let (units, limit) = (round.units.unwrap_or(0), round.limit());
		let Some(threshold) = round.threshold() else { return };
		finds.retain(|find| find.group < units);
		let best = finds.iter().map(|find| leading(&find.quality)).min();
		round.why = if plots < up {
			Why::Partly { plots, up }
		} else if best.is_some() {
			Why::Lost {
				tried: u32::try_from(finds.len()).unwrap_or(u32::MAX),
				best,
				limit,
			}
		} else {
			Why::NoFind { plots }
		};
		finds.retain(|find| threshold.wins(&find.quality));
		finds.sort_unstable_by_key(|find| find.quality);
		finds.dedup_by_key(|find| find.quality);
		let once = self.rules.once;
		finds.retain(|find| !once || !self.is_answered(&Self::key_of(&key, unit_of(find))));
		let Some(round) = self.round(&key) else { return };
		finds.truncate((MAX_WINS as usize).saturating_sub(round.answers.len()));
		// The best one is solved first.
		finds.reverse();
		match finds.is_empty() {
			true => self.worked(&key),
			false => round.work = Work::Solving(finds),
		}
	}

	/// Whether an answer for a unit was made, whatever became of it.
	fn is_answered(&self, key: &Key) -> bool {
		self.memory.get(key).is_some()
	}

	pub(super) fn on_solved(&mut self, job: JobId, proof: Vec<u8>, out: &mut Vec<Action>) {
		let Some(running) = self.ended(job) else { return };
		let Task::Solve(find) = running.task else { return };
		if proof.len() > MAX_PROOF {
			if let Some(round) = self.round(&running.round) {
				round.why = Why::Failed;
			}
			return;
		}
		let key = Self::key_of(&running.round, unit_of(&find));
		self.give(key, Body::Space { proof }, out);
	}

	pub(super) fn on_ran(&mut self, job: JobId, winners: Vec<Winner>, out: &mut Vec<Action>) {
		let Some(running) = self.ended(job) else { return };
		let key = running.round;
		let Some(threshold) = self.round(&key).and_then(|round| round.threshold()) else {
			return;
		};
		match running.task {
			Task::Run { first, end } => {
				let wins = |winner: &Winner| (first..end).contains(&winner.segment) && threshold.wins(&winner.result);
				for winner in winners.into_iter().filter(wins) {
					self.won_once(&key, winner, &threshold, out);
				}
			}
			Task::Again(before) => {
				if winners.contains(&before) && threshold.wins(&before.result) {
					self.won_twice(&key, before, threshold, out);
				} else if let Some(round) = self.round(&key) {
					round.why = Why::Unstable(before);
				}
			}
			Task::Look { .. } | Task::Solve(_) => (),
		}
	}

	fn won_once(&mut self, key: &RoundKey, winner: Winner, threshold: &Threshold, out: &mut Vec<Action>) {
		let answered = self.is_answered(&Self::key_of(key, Unit::Segment(winner.segment)));
		if answered && self.rules.once {
			return;
		}
		let twice = self.rules.twice;
		let Some(Work::Running(segments)) = self.round(key).map(|round| &mut round.work) else {
			return;
		};
		if segments.room == 0 {
			return;
		}
		segments.room = segments.room.saturating_sub(1);
		if twice {
			segments.again.push_back(winner);
		} else {
			self.won_twice(key, winner, *threshold, out);
		}
	}

	fn won_twice(&mut self, key: &RoundKey, winner: Winner, threshold: Threshold, out: &mut Vec<Action>) {
		let Some(Work::Running(segments)) = self.round(key).map(|round| &mut round.work) else {
			return;
		};
		segments.signing.push(winner.segment);
		out.push(Action::Sign {
			key: Self::key_of(key, Unit::Segment(winner.segment)),
			win: SegmentWin {
				device: self.config.device,
				window: key.round,
				segment: winner.segment,
			},
			draw: SegmentDraw {
				kernel: self.config.kernel,
				challenge: key.challenge,
				threshold,
			},
		});
	}

	pub(super) fn on_signed(&mut self, key: Key, signature: [u8; 64], out: &mut Vec<Action>) {
		let Unit::Segment(segment) = key.unit else { return };
		let Some(Work::Running(segments)) = self.round(&of(&key)).map(|round| &mut round.work) else {
			return;
		};
		let asked = segments.signing.contains(&segment);
		segments.signing.retain(|signing| *signing != segment);
		if asked {
			self.give(key, Body::Compute { signature }, out);
		}
	}

	pub(super) fn on_pulsed(&mut self, challenge: Challenge, pulse: &Pulse, out: &mut Vec<Action>) {
		let round = RoundKey {
			resource: Resource::Uptime,
			round: pulse.round,
			challenge,
		};
		let Some(asked) = self.round(&round).filter(|round| matches!(round.work, Work::Asked)) else {
			return;
		};
		let hash = pulse.hash();
		let Some(threshold) = asked.threshold() else { return };
		// As of finds: this is so unless it wins, and then nothing hindered it.
		asked.why = Why::Lost {
			tried: 1,
			best: Some(leading(&hash)),
			limit: asked.limit(),
		};
		self.worked(&round);
		if !threshold.wins(&hash) {
			return;
		}
		let body = Body::Uptime {
			pre_output: pulse.pre_output,
			proof: pulse.proof,
		};
		self.give(Self::key_of(&round, Unit::Presence), body, out);
	}
}

fn unit_of(find: &Found) -> Unit {
	Unit::Find {
		group: find.group,
		find: find.key(),
	}
}

/// The round of an answer.
pub(super) fn of(key: &Key) -> RoundKey {
	RoundKey {
		resource: key.resource,
		round: key.round,
		challenge: key.challenge,
	}
}
