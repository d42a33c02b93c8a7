//! A slot is asked: two of its chunks are opened, and the answer is in a block before its time is over.

use super::{Job, Machine, MAX_OPENS};
use crate::{
	deeds::{Body, Deed, DeedKey},
	events::{Action, Done, Work},
	types::{Asked, GROUP},
	why::{Missed, Why},
};

/// Groups of so many chunks rot together.
const GROUP_CHUNKS: u32 = (GROUP >> 10) as u32;

impl Machine {
	/// Opens what is asked for, the challenges that end first before all others.
	pub(super) fn answer(&mut self, out: &mut Vec<Action>) {
		let all: Vec<Asked> = self.asked.keys().copied().collect();
		for asked in all {
			let Some(challenge) = self.asked.get(&asked).filter(|challenge| challenge.open) else {
				continue;
			};
			let (deed, why) = (DeedKey::answer(&asked), challenge.why);
			let opening = self.jobs.values().any(|job| job.deed == Some(deed));
			if opening || self.sends.contains_key(&deed) || self.stopping {
				continue;
			}
			match self.openable(&asked) {
				Ok(work) if self.count(|work| matches!(work, Work::Open { .. })) < MAX_OPENS => {
					self.begin(asked.key, work, Some(deed), out);
				}
				Ok(_) => (),
				Err(now) => {
					if let Some(challenge) = self.asked.get_mut(&asked) {
						challenge.why = now.or(why);
					}
				}
			}
		}
	}

	/// What opens the chunks, or why they cannot be opened; nothing if only time is missing.
	fn openable(&self, asked: &Asked) -> Result<Work, Option<Why>> {
		if self.tick().saturating_add(self.config.margin) > asked.until {
			return Err(None);
		}
		let slot = self.slots.get(&asked.key).filter(|slot| slot.is_sound());
		let slot = slot.ok_or(Some(Why::NotHere))?;
		let rotten = |chunk: &u32| slot.rotten.contains(&chunk.checked_div(GROUP_CHUNKS).unwrap_or(0));
		if asked.chunks.iter().any(rotten) {
			return Err(Some(Why::Rotten));
		}
		if slot.opens.0 > self.now.ms {
			return Err(None);
		}
		let root = slot.root().ok_or(Some(Why::NotHere))?;
		Ok(Work::Open {
			root,
			chunks: asked.chunks,
		})
	}

	/// Chunks were opened, or are found to be rotten.
	pub(super) fn on_opened(&mut self, job: &Job, done: Done, out: &mut Vec<Action>) {
		let (Work::Open { root, .. }, Some(key)) = (&job.work, job.deed) else {
			return;
		};
		match done {
			Done::Opened(shown) => {
				if let Some(slot) = self.slots.get_mut(&job.key) {
					slot.opens = (0, 0);
				}
				let until = match key {
					DeedKey::Answer { until, .. } | DeedKey::Confirm { until, .. } => until,
					_ => return,
				};
				let body = Body::Shown(*root, shown);
				self.keep(Deed { key, until, body }, out);
			}
			Done::Rotten(groups) => {
				self.found_rotten(&job.key, groups);
				self.blame(job.deed, Some(Why::Rotten));
			}
			_ => (),
		}
	}

	/// Leaves a challenge that is not open any more to itself: another one has to be answered. Whether there was one.
	pub(super) fn pass_over(&mut self) -> bool {
		let closed = self.asked.iter().find(|(_, challenge)| !challenge.open);
		let Some(asked) = closed.map(|(asked, _)| *asked) else {
			return false;
		};
		self.asked.remove(&asked);
		if self.sends.contains_key(&DeedKey::answer(&asked)) {
			self.stats.answered = self.stats.answered.saturating_add(1);
		}
		true
	}

	/// Why a challenge is not answered yet.
	pub(super) fn blame(&mut self, deed: Option<DeedKey>, why: Option<Why>) {
		let found = self
			.asked
			.iter_mut()
			.find(|(asked, _)| Some(DeedKey::answer(asked)) == deed);
		if let Some((_, challenge)) = found {
			challenge.why = why.or(challenge.why);
		}
	}

	/// Challenges whose time is over. What the last block that could have it open did not have was answered.
	pub(super) fn end_challenges(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let over: Vec<Asked> = self.asked.keys().copied().filter(|asked| asked.until < tick).collect();
		for asked in over {
			let Some(challenge) = self.asked.remove(&asked) else {
				continue;
			};
			let sending = self.sends.get(&DeedKey::answer(&asked));
			if !challenge.open && sending.is_none() {
				// It was of a branch that is none any more, or was answered before this program began.
				continue;
			}
			let included = sending.and_then(|sending| sending.included());
			if included.is_some() || !challenge.open {
				self.stats.answered = self.stats.answered.saturating_add(1);
				if let Some(included) = included {
					let took = included.saturating_sub(challenge.seen);
					self.stats.answer_ticks = self.stats.answer_ticks.saturating_add(took.into());
					self.stats.last_answer = Some(took);
				}
				continue;
			}
			let lost = self.node_lost || challenge.why == Some(Why::NodeLost);
			let why = sending.map_or(challenge.why, |sending| Some(sending.why_not(lost)));
			let why = why.unwrap_or(if lost { Why::NodeLost } else { Why::Late });
			if let Some(count) = self.stats.missed.get_mut(why.index()) {
				*count = count.saturating_add(1);
			}
			out.push(Action::Explain(Missed {
				key: asked.key,
				until: asked.until,
				challenge: true,
				why,
			}));
		}
	}
}
