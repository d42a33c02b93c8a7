//! What is begun, and when: one piece of work at a time, that of the round which ends first, and nothing that cannot be
//! ready in time.

use super::{Provider, Running, Task};
use crate::{
	events::{Action, JobId},
	odds::announceable,
	round::{leading, Round, RoundKey, Segments, Work},
	types::{Key, Unit},
	why::Why,
};
use proof_lottery_primitives::Resource;
use proof_of_space_primitives::is_up;
use std::collections::VecDeque;

/// Segments are run in pieces of about so long, so that other work does not wait for them.
const PIECE_MS: u64 = 500;

impl Provider {
	/// Begins what comes next, if nothing is going on.
	pub(super) fn begin(&mut self, out: &mut Vec<Action>) {
		let mut order: Vec<(u64, RoundKey)> = self
			.rounds
			.iter()
			.filter(|round| round.present)
			.map(|round| (round.open.until, round.key()))
			.collect();
		order.sort_by_key(|(until, _)| *until);
		for (_, key) in order {
			self.prepare(&key, out);
			if self.running.is_none() && !self.stopping {
				self.begin_for(&key, out);
			}
		}
	}

	/// What costs nothing: whether there is anything to do at all, and the output of the key.
	fn prepare(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		let (stopping, resource) = (self.stopping, key.resource);
		let barred = self.barred(resource);
		let Some(round) = self.rounds.iter().find(|round| round.is(key)) else {
			return;
		};
		if !matches!(round.work, Work::Waiting) || round.units.is_none() {
			return;
		}
		let (until, beyond) = (round.open.until, self.memory.is_beyond(resource, round.open.until));
		let beyond = beyond && self.rules.horizon && round.answers.is_empty();
		let left = self.left_ms(until);
		let needed = match resource {
			Resource::Space => self.rates.solve_ms,
			Resource::Compute => self.rates.segment_us.div_ceil(1_000),
			Resource::Uptime => 1,
		};
		let needed = needed.max(1);
		let no_plots = resource == Resource::Space && self.held.groups.is_empty();
		let Some(round) = self.round(key) else { return };
		let why = match barred {
			_ if beyond => Some(Why::Forgotten),
			Some(why) => Some(why),
			None if stopping => Some(Why::Stopped),
			None if no_plots => Some(Why::NoPlots),
			None => None,
		};
		if let Some(why) = why {
			round.why = why;
			if beyond {
				round.work = Work::Done;
			}
			return;
		}
		if round.threshold().is_none() {
			round.why = Why::Lost {
				tried: 0,
				best: None,
				limit: 0,
			};
			round.work = Work::Done;
			return;
		}
		// As long as other work goes on; whoever begins says it more exactly.
		round.why = Why::Late { needed, left };
		if resource == Resource::Uptime && !round.answers.is_empty() {
			// There is one unit: with its answer, of whatever program, all is done.
			round.why = Why::Lost {
				tried: 1,
				best: None,
				limit: round.limit(),
			};
			round.work = Work::Done;
		} else if resource == Resource::Uptime && left > 0 {
			round.work = Work::Asked;
			out.push(Action::Pulse {
				round: round.open.round,
				challenge: round.open.challenge,
			});
		}
	}

	fn begin_for(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		let Some(round) = self.rounds.iter().find(|round| round.is(key)) else {
			return;
		};
		let ready = round.units.is_some() && !self.stopping && self.barred(key.resource).is_none();
		if !ready {
			return;
		}
		match (&round.work, key.resource) {
			(Work::Waiting, Resource::Space) => self.begin_look(key, out),
			(Work::Waiting, Resource::Compute) => self.begin_window(key, out),
			(Work::Solving(_), _) => self.begin_solve(key, out),
			(Work::Running(_), _) => self.begin_segments(key, out),
			_ => (),
		}
	}

	/// Whether something that takes so long is ready in time; if not, that is why.
	fn in_time(&mut self, key: &RoundKey, needed: u64) -> bool {
		let Some(until) = self.round(key).map(|round| round.open.until) else {
			return false;
		};
		let left = self.left_ms(until);
		let in_time = (needed <= left && left > 0) || !self.rules.in_time;
		if !in_time {
			if let Some(round) = self.round(key) {
				round.why = Why::Late {
					needed: needed.max(1),
					left,
				};
			}
		}
		in_time
	}

	fn run(&mut self, key: &RoundKey, task: Task) -> JobId {
		let job = self.next_job;
		self.next_job = self.next_job.wrapping_add(1);
		self.running = Some(Running {
			job,
			round: *key,
			task,
			cancelled: false,
		});
		job
	}

	pub(super) fn cancel_work_of(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		if let Some(running) = self.running.as_mut() {
			if running.round == *key && !running.cancelled {
				running.cancelled = true;
				out.push(Action::Cancel(running.job));
			}
		}
	}

	fn done(&mut self, key: &RoundKey) {
		if let Some(round) = self.round(key) {
			round.work = Work::Done;
		}
	}

	fn begin_look(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		let Some(round) = self.rounds.iter().find(|round| round.is(key)) else {
			return;
		};
		let (units, bits) = (round.units.unwrap_or(0), round.open.filter.trailing_zeros());
		let Ok(filter_bits) = u8::try_from(bits) else { return };
		let up = |(_, id): &(&u32, &[u8; 32])| is_up(&key.challenge, id, filter_bits);
		let claimed = self.held.groups.range(..units);
		let mut groups: Vec<u32> = claimed.filter(up).map(|(number, _)| *number).collect();
		if self.held.groups.is_empty() {
			return;
		}
		if groups.is_empty() {
			if let Some(round) = self.round(key) {
				round.why = Why::NoneUp;
			}
			self.worked(key);
			return;
		}
		let up = u32::try_from(groups.len()).unwrap_or(u32::MAX);
		let Some(plots) = self.looked_into(key, up) else {
			self.done(key);
			return;
		};
		// Each challenge begins elsewhere, so that all plots are looked into equally often if there is no time for all.
		if plots < up {
			let begin = leading(&key.challenge).checked_rem(up.into()).unwrap_or(0) as usize;
			groups.rotate_left(begin);
			groups.truncate(plots as usize);
		}
		let job = self.run(key, Task::Look { plots, up });
		if let Some(round) = self.round(key) {
			round.work = Work::Asked;
		}
		out.push(Action::Look {
			job,
			round: key.round,
			challenge: key.challenge,
			filter_bits,
			groups,
		});
	}

	/// How many of the plots that are up can be looked into so that a find of theirs is solved in time; none, and why,
	/// if that is not one.
	fn looked_into(&mut self, key: &RoundKey, up: u32) -> Option<u32> {
		let (threads, look_us) = (u64::from(self.config.threads.max(1)), self.rates.look_us.max(1));
		let until = self.round(key).map(|round| round.open.until)?;
		let rest = self.left_ms(until).saturating_sub(self.rates.solve_ms);
		// Of looks that go on side by side each takes as long as one alone.
		let rows = rest.saturating_mul(1_000).checked_div(look_us).unwrap_or(0);
		let fit = u32::try_from(rows.saturating_mul(threads)).unwrap_or(u32::MAX);
		let plots = match self.rules.in_time {
			true => up.min(fit).max(1),
			false => up,
		};
		let rows = u64::from(plots).div_ceil(threads);
		let look = look_us.saturating_mul(rows).div_ceil(1_000);
		self.in_time(key, look.saturating_add(self.rates.solve_ms))
			.then_some(plots)
	}

	fn begin_solve(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		let Some(Work::Solving(finds)) = self.round(key).map(|round| &mut round.work) else {
			return;
		};
		let Some(find) = finds.pop() else {
			self.worked(key);
			return;
		};
		if !self.in_time(key, self.rates.solve_ms) {
			self.done(key);
			return;
		}
		let job = self.run(key, Task::Solve(find));
		out.push(Action::Solve {
			job,
			challenge: key.challenge,
			find,
		});
	}

	fn begin_window(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		let Some(round) = self.round(key) else { return };
		let units = round.units.unwrap_or(0);
		let answers = u32::try_from(round.answers.len()).unwrap_or(u32::MAX);
		let room = announceable(&round.open, units).saturating_sub(answers);
		round.work = Work::Running(Segments {
			next: 0,
			of: units,
			again: VecDeque::new(),
			signing: Vec::new(),
			room,
		});
		self.begin_segments(key, out);
	}

	fn begin_segments(&mut self, key: &RoundKey, out: &mut Vec<Action>) {
		let segment_us = self.rates.segment_us.max(1);
		let Some(Work::Running(segments)) = self.round(key).map(|round| &mut round.work) else {
			return;
		};
		let one_ms = segment_us.div_ceil(1_000);
		if let Some(winner) = segments.again.pop_front() {
			let range = winner.segment..winner.segment.saturating_add(1);
			if !self.in_time(key, one_ms) {
				self.done(key);
				return;
			}
			self.run_segments(key, Task::Again(winner), range, out);
			return;
		}
		let (next, of) = (segments.next, segments.of);
		if next >= of || segments.room == 0 {
			self.all_ran(key);
			return;
		}
		let Some(until) = self.round(key).map(|round| round.open.until) else {
			return;
		};
		// What wins has to be run again.
		let left = match self.rules.in_time {
			true => self.left_ms(until).saturating_sub(one_ms),
			false => PIECE_MS,
		};
		let in_ms = |ms: u64| {
			let all = ms
				.saturating_mul(1_000)
				.saturating_mul(self.config.threads.max(1).into());
			all.checked_div(segment_us).unwrap_or(0)
		};
		let piece = in_ms(PIECE_MS).max(1).min(in_ms(left));
		let piece = u32::try_from(piece).unwrap_or(u32::MAX).min(of.saturating_sub(next));
		if piece == 0 {
			if let Some(round) = self.round(key) {
				round.why = match next {
					0 => Why::Late { needed: one_ms, left },
					ran => Why::Slow { ran, of },
				};
			}
			self.done(key);
			return;
		}
		let end = next.saturating_add(piece);
		if let Some(Work::Running(segments)) = self.round(key).map(|round| &mut round.work) {
			segments.next = end;
		}
		self.run_segments(key, Task::Run { first: next, end }, next..end, out);
	}

	fn run_segments(&mut self, key: &RoundKey, task: Task, segments: core::ops::Range<u32>, out: &mut Vec<Action>) {
		let Some(threshold) = self.round(key).and_then(|round| round.threshold()) else {
			return;
		};
		let job = self.run(key, task);
		out.push(Action::Run {
			job,
			window: key.round,
			kernel: self.config.kernel,
			challenge: key.challenge,
			segments,
			threshold,
		});
	}

	/// All segments were run: if none won, that is why.
	fn all_ran(&mut self, key: &RoundKey) {
		if let Some(round) = self.round(key) {
			let Work::Running(segments) = &round.work else { return };
			// Those that are being signed come back, and find their round.
			if !segments.signing.is_empty() {
				return;
			}
			let tried = segments.of;
			if matches!(round.why, Why::Late { .. }) {
				round.why = Why::Lost {
					tried,
					best: None,
					limit: round.limit(),
				};
			}
		}
		self.worked(key);
	}

	/// The work of a round was done to the end.
	pub(super) fn worked(&mut self, key: &RoundKey) {
		self.done(key);
		let stats = self.stats.of_mut(key.resource);
		stats.worked = stats.worked.saturating_add(1);
	}

	/// What would be answered for a unit of a round.
	pub(super) fn key_of(key: &RoundKey, unit: Unit) -> Key {
		Key {
			resource: key.resource,
			round: key.round,
			challenge: key.challenge,
			unit,
		}
	}

	/// Whether a round may still be answered by the present branch.
	pub(super) fn may_count(&self, round: &Round) -> bool {
		round.present && self.slot().is_some_and(|slot| slot < round.open.until)
	}
}
