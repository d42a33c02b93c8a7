//! A unit on its way to a result: given out, sealed, revealed, judged, and given out again if it has to be.

use crate::{Commitment, Outcome, Said, Tick, MAX_POOL};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use quorum_primitives::{Return, Rule, Verdict, MOST};
use scale_info::TypeInfo;

/// Those who compute a unit only because somebody else is slow, at most.
pub const MAX_COPIES: usize = 3;

/// Those who compute a unit at most: 21, and copies.
pub const MAX_REPLICAS: u32 = 24;

/// How far one member is with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum State {
	/// It computes.
	#[codec(index = 0)]
	Working,
	/// It has committed itself to an outcome.
	#[codec(index = 1)]
	Sealed(Commitment),
	/// It has revealed it.
	#[codec(index = 2)]
	Revealed(Outcome),
	/// It has not revealed it in time.
	#[codec(index = 3)]
	Nothing,
	/// Its machine could not run it. Of an output that was to be fetched: nobody served it.
	#[codec(index = 4)]
	Fault,
}

/// A member of the pool that was given a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Replica {
	/// Its place in the pool.
	pub member: u8,
	/// When it was given the unit.
	pub since: Tick,
	/// The last tick at which it can commit itself.
	pub due: Tick,
	/// Whether it was given it only because somebody else is slow.
	pub copy: bool,
	/// Whether others were faster. It counts no more.
	pub spare: bool,
	/// How far it is.
	pub state: State,
}

impl Replica {
	fn is_ready(&self) -> bool {
		!self.spare && self.state != State::Working
	}

	fn is_out(&self) -> bool {
		!self.spare && self.state == State::Working
	}
}

/// Whether commitments or reveals are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Phase {
	/// Commitments.
	#[codec(index = 0)]
	Working,
	/// Reveals.
	#[codec(index = 1)]
	Revealing {
		/// The last tick for them.
		until: Tick,
		/// Whether one is there: from then on nobody commits itself who might have seen it.
		begun: bool,
	},
}

/// Why a unit stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitError {
	/// The member was not given the unit, or has committed itself already.
	NotAssigned,
	/// Its time is over.
	TooLate,
	/// Others have still to commit themselves.
	TooEarly,
	/// It has revealed what it committed itself to.
	AlreadyRevealed,
	/// Nobody else can be given the unit.
	Full,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
	/// Nothing before somebody does something, or a time is over.
	Wait,
	/// So many are to be given it besides.
	Ask(usize),
	/// Commitments are to be revealed up to this tick.
	Reveal(Tick),
	/// Not enough agree: so many are to be given it besides.
	More(usize),
	/// It is decided.
	Decided(Verdict<Outcome>),
}

/// A unit that is out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Unit {
	/// Whether commitments or reveals are waited for.
	pub phase: Phase,
	/// How many have to say something before it is judged.
	pub want: u8,
	/// Members that were given it at some time: a bit for each.
	pub asked: u64,
	/// What counts as if one more had said it: what one worker alone has said before.
	pub prior: Option<Outcome>,
	/// Those who have it.
	pub replicas: BoundedVec<Replica, ConstU32<MAX_REPLICAS>>,
}

/// What of a unit a copy is made for: how late it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
	/// The current tick.
	pub now: Tick,
	/// How many times as long as it should take everybody has,
	pub slowness: u32,
	/// and what besides.
	pub slack: Tick,
	/// How much later than expected it has to be.
	pub late: Tick,
}

fn bit(member: u8) -> u64 {
	1_u64.checked_shl(member.into()).unwrap_or(0)
}

impl Unit {
	/// One that nobody has, of which so many have to say something. `asked` are those who may not.
	#[must_use]
	pub fn new(want: usize, asked: u64, prior: Option<Outcome>) -> Self {
		Self {
			phase: Phase::Working,
			want: u8::try_from(want.min(MOST)).unwrap_or(0),
			asked,
			prior,
			replicas: BoundedVec::new(),
		}
	}

	/// Whether a member was given it at some time, or may not be.
	#[must_use]
	pub fn was_asked(&self, member: u8) -> bool {
		self.asked & bit(member) != 0
	}

	/// How many have to be given it besides.
	#[must_use]
	pub fn missing(&self) -> usize {
		let counted = self.replicas.iter().filter(|replica| !replica.spare && !replica.copy);
		let counted = counted.count().saturating_add(usize::from(self.prior.is_some()));
		match self.phase {
			Phase::Working => usize::from(self.want).saturating_sub(counted.max(self.ready())),
			Phase::Revealing { .. } => 0,
		}
	}

	/// Whether some of those who are to be asked at this step of the rule have it already.
	#[must_use]
	pub fn has_begun(&self, rule: &Rule) -> bool {
		let want = usize::from(self.want);
		let steps = rule.0.iter().map(|step| step.asked);
		let before = steps.filter(|asked| *asked < want).max().unwrap_or(0);
		want.saturating_sub(self.missing()) > before
	}

	/// How many more are to be asked if those that it wants now decide nothing.
	#[must_use]
	pub fn further(&self, rule: &Rule) -> usize {
		let want = usize::from(self.want);
		let next = rule.0.iter().map(|step| step.asked).find(|asked| *asked > want);
		next.map_or(0, |asked| asked.saturating_sub(want))
	}

	/// Whether somebody who counts works on it.
	#[must_use]
	pub fn is_computed(&self) -> bool {
		self.replicas.iter().any(Replica::is_out)
	}

	/// How many have said something that counts.
	fn ready(&self) -> usize {
		let ready = self.replicas.iter().filter(|replica| replica.is_ready()).count();
		ready.saturating_add(usize::from(self.prior.is_some()))
	}

	/// Whether it can go on: so many have said something as are wanted, or all who have it. Where nobody else is left
	/// the latter are fewer, and nothing else would have it go on.
	#[must_use]
	pub fn is_said(&self) -> bool {
		let nobody_works = !self.is_computed();
		self.phase == Phase::Working && (nobody_works || self.ready() >= usize::from(self.want))
	}

	/// Whether all have revealed what is waited for.
	#[must_use]
	pub fn is_revealed(&self) -> bool {
		let waits = |replica: &Replica| !replica.spare && matches!(replica.state, State::Sealed(_));
		matches!(self.phase, Phase::Revealing { .. }) && !self.replicas.iter().any(waits)
	}

	/// The replica of a member that has the unit now.
	#[must_use]
	pub fn replica(&self, member: u8) -> Option<&Replica> {
		self.replicas.iter().find(|replica| replica.member == member)
	}

	fn replica_mut(&mut self, member: u8, since: Tick) -> Result<&mut Replica, UnitError> {
		let mut all = self.replicas.iter_mut();
		all.find(|replica| replica.member == member && replica.since == since)
			.ok_or(UnitError::NotAssigned)
	}

	/// Gives it to a member, until a tick.
	///
	/// # Errors
	/// [`UnitError::Full`] if it has had it, or nobody else can be given it.
	pub fn give(&mut self, member: u8, since: Tick, due: Tick, copy: bool) -> Result<(), UnitError> {
		if u32::from(member) >= MAX_POOL || self.was_asked(member) {
			return Err(UnitError::Full);
		}
		let replica = Replica {
			member,
			since,
			due,
			copy,
			spare: false,
			state: State::Working,
		};
		self.replicas.try_push(replica).map_err(|_| UnitError::Full)?;
		self.asked |= bit(member);
		Ok(())
	}

	/// A member that was given it at this tick says what it has.
	///
	/// # Errors
	/// [`UnitError::NotAssigned`], [`UnitError::TooLate`].
	pub fn say(&mut self, member: u8, since: Tick, said: Said, now: Tick) -> Result<(), UnitError> {
		let revealed = matches!(self.phase, Phase::Revealing { begun: true, .. });
		let replica = self.replica_mut(member, since)?;
		if replica.state != State::Working {
			return Err(UnitError::NotAssigned);
		}
		if now > replica.due || revealed {
			return Err(UnitError::TooLate);
		}
		replica.state = match said {
			Said::Committed(commitment) => State::Sealed(commitment),
			Said::Fault => State::Fault,
		};
		Ok(())
	}

	/// What a member has committed itself to, if it can reveal that now.
	///
	/// # Errors
	/// [`UnitError::NotAssigned`], [`UnitError::TooEarly`], [`UnitError::TooLate`], [`UnitError::AlreadyRevealed`].
	pub fn sealed(&self, member: u8, since: Tick, now: Tick) -> Result<Commitment, UnitError> {
		let replica = self.replica(member).filter(|replica| replica.since == since);
		let sealed = match replica.ok_or(UnitError::NotAssigned)?.state {
			State::Working | State::Fault => return Err(UnitError::NotAssigned),
			State::Sealed(sealed) => sealed,
			State::Revealed(_) => return Err(UnitError::AlreadyRevealed),
			State::Nothing => return Err(UnitError::TooLate),
		};
		match self.phase {
			Phase::Working => Err(UnitError::TooEarly),
			Phase::Revealing { until, .. } if now > until => Err(UnitError::TooLate),
			Phase::Revealing { .. } => Ok(sealed),
		}
	}

	/// A member reveals what it committed itself to. That this is so was looked at.
	///
	/// # Errors
	/// Those of [`Self::sealed`].
	pub fn reveal(&mut self, member: u8, since: Tick, outcome: Outcome, now: Tick) -> Result<(), UnitError> {
		self.sealed(member, since, now)?;
		self.replica_mut(member, since)?.state = State::Revealed(outcome);
		if let Phase::Revealing { begun, .. } = &mut self.phase {
			*begun = true;
		}
		Ok(())
	}

	/// A member says what it has, with nothing to compare it with.
	///
	/// # Errors
	/// [`UnitError::NotAssigned`], [`UnitError::TooLate`].
	pub fn tell(&mut self, member: u8, told: State, now: Tick) -> Result<(), UnitError> {
		let since = self.replica(member).ok_or(UnitError::NotAssigned)?.since;
		self.say(member, since, Said::Fault, now)?;
		self.replica_mut(member, since)?.state = told;
		Ok(())
	}

	/// A member has it no more: whoever copied it takes its place.
	fn drop_at(&mut self, index: usize) {
		let gone = self.replicas.remove(index);
		let copy = self.replicas.iter_mut().find(|replica| replica.copy && !replica.spare);
		if let Some(copy) = copy.filter(|_| !gone.copy && !gone.spare) {
			copy.copy = false;
		}
	}

	/// A member that computes hands it back.
	///
	/// # Errors
	/// [`UnitError::NotAssigned`].
	pub fn hand_back(&mut self, member: u8, since: Tick) -> Result<(), UnitError> {
		let has =
			|replica: &Replica| (replica.member, replica.since) == (member, since) && replica.state == State::Working;
		let index = self.replicas.iter().position(has).ok_or(UnitError::NotAssigned)?;
		self.drop_at(index);
		Ok(())
	}

	/// Takes it from those whose time is over. Returns them, and whether they counted.
	pub fn take_late(&mut self, now: Tick) -> Vec<(u8, bool)> {
		let mut late = Vec::new();
		let is_late = |replica: &Replica| replica.state == State::Working && now > replica.due;
		while let Some(index) = self.replicas.iter().position(is_late) {
			if let Some(replica) = self.replicas.get(index) {
				late.push((replica.member, !replica.spare));
			}
			self.drop_at(index);
		}
		late
	}

	/// Whether somebody idle should compute it too: all are out, one of them for longer than it was expected to take.
	#[must_use]
	pub fn wants_copy(&self, by: &Copied) -> bool {
		let copies = self.replicas.iter().filter(|replica| replica.copy).count();
		let overdue = |replica: &&Replica| {
			let takes = replica.due.saturating_sub(replica.since).saturating_sub(by.slack);
			let expected = replica
				.since
				.saturating_add(takes.checked_div(by.slowness).unwrap_or(0));
			replica.is_out() && !replica.copy && by.now > expected.saturating_add(by.late)
		};
		let slow = self.replicas.iter().filter(overdue).count();
		let has_room = copies < MAX_COPIES && !self.replicas.is_full();
		self.phase == Phase::Working && self.missing() == 0 && has_room && copies < slow
	}

	/// Goes on as far as it can. `left` says how many members may still be given it. Where [`Step::More`] is returned
	/// those who were not fast enough have it no more; what they computed is in vain.
	pub fn step(&mut self, rule: &Rule, left: usize, now: Tick, reveal: Tick) -> Step {
		if let Phase::Revealing { until, .. } = self.phase {
			if now <= until && !self.is_revealed() {
				return Step::Wait;
			}
			let hidden = |replica: &&mut Replica| !replica.spare && matches!(replica.state, State::Sealed(_));
			for replica in self.replicas.iter_mut().filter(hidden) {
				replica.state = State::Nothing;
			}
			return self.judge(rule, left);
		}
		let ready = self.ready();
		if ready < usize::from(self.want) {
			let missing = self.missing();
			if missing > 0 && left > 0 {
				return Step::Ask(missing.min(left));
			}
			if self.is_computed() {
				return Step::Wait;
			}
			// Nobody else is there.
			self.want = u8::try_from(ready).unwrap_or(self.want);
		}
		self.pass_over_extra();
		let sealed = |replica: &Replica| !replica.spare && matches!(replica.state, State::Sealed(_));
		if !self.replicas.iter().any(sealed) {
			return self.judge(rule, left);
		}
		for replica in self
			.replicas
			.iter_mut()
			.filter(|replica| replica.state == State::Working)
		{
			replica.spare = true;
		}
		let until = now.saturating_add(reveal);
		self.phase = Phase::Revealing { until, begun: false };
		Step::Reveal(until)
	}

	/// Where slow ones and their copies have all said something, more have than are wanted: of those who were given it
	/// last so many came second. No rule judges a number between its steps.
	fn pass_over_extra(&mut self) {
		let extra = self.ready().saturating_sub(self.want.into());
		let ready = self.replicas.iter_mut().rev().filter(|replica| replica.is_ready());
		for replica in ready.take(extra) {
			replica.spare = true;
		}
	}

	fn judge(&mut self, rule: &Rule, left: usize) -> Step {
		let counted = self.replicas.iter().filter(|replica| replica.is_ready());
		let returned = counted.map(|replica| said(&replica.state));
		let returns: Vec<Return<Outcome>> = self.prior.map(Return::Digest).into_iter().chain(returned).collect();
		match rule.judge(&returns, left) {
			Verdict::Ask(more) => {
				self.want = u8::try_from(returns.len().saturating_add(more).min(MOST)).unwrap_or(self.want);
				self.phase = Phase::Working;
				self.replicas.retain(|replica| !replica.spare);
				for replica in &mut self.replicas {
					replica.copy = false;
				}
				Step::More(more)
			}
			verdict => Step::Decided(verdict),
		}
	}
}

fn said(state: &State) -> Return<Outcome> {
	match state {
		State::Revealed(outcome) => Return::Digest(*outcome),
		State::Fault => Return::Fault,
		_ => Return::Nothing,
	}
}
