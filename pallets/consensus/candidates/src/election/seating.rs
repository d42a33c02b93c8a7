//! Who takes the seats of an era: a pure function of whom the election an era before named, and of what became of them
//! since.
//!
//! # Order of what is done
//! 1. Nodes that are back have the seats again that they lost by absence before the election, from whoever has these
//!    now. If they lost them since, the election knows of it: their seats are their own, or they were not elected.
//! 2. Those that left, were removed or barred, or lost their keys since the election do not take their seats, nor do
//!    those that have lost theirs by absence and are not back. Whoever took the seat of one of them keeps it; else the
//!    best standby that was elected takes it.
//! 3. A seat that nobody can take is left out; that of an absent one only as long as two thirds of the seats stay
//!    filled ([`Limits::least_filled`]), otherwise its director has it after all. If fewer than the minimum remain,
//!    those in office stay to fill up: first those that may, then those that left, then the barred; never those without
//!    keys.
//!
//! An absent director that still has its seat keeps it: whether others can replace it is for the election to say, which
//! does so within its limit of changes. So does whoever was elected and has too little bond only because the least bond
//! has been raised since, as director or as standby.

use super::{Fitness, Limits};
use alloc::{collections::VecDeque, vec::Vec};
use core::cmp::Reverse;

/// What the election an era before named.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a, AccountId> {
	/// The directors; no account twice.
	pub directors: &'a [AccountId],
	/// The standby signers, the best first.
	pub standbys: &'a [AccountId],
}

/// What happened since.
#[derive(Clone, Copy, Debug)]
pub struct Since<'a, AccountId> {
	/// The directors in office.
	pub in_office: &'a [AccountId],
	/// Nodes that lost their seat by absence, are back and can work.
	pub returns: &'a [AccountId],
	/// Nodes that lost their seat before the election, each with the one that had it then, or had it before it lost it
	/// the same way.
	pub replaced_before: &'a [(AccountId, AccountId)],
	/// The same of those that lost it since the election.
	pub replaced_since: &'a [(AccountId, AccountId)],
}

/// Who takes the seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seating<AccountId> {
	/// The directors, in no particular order.
	pub directors: Vec<AccountId>,
	/// Their standby signers, the best first; at most as many.
	pub standbys: Vec<AccountId>,
	/// Nodes that do not take their seat, each with the one that does.
	pub substitutes: Vec<(AccountId, AccountId)>,
}

/// Seats those that were named. `None` if not one of them may be a director now: then nothing is to change.
pub fn seat<AccountId: Ord + Clone>(
	named: Named<AccountId>,
	since: Since<AccountId>,
	fitness: impl Fn(&AccountId) -> Fitness,
	limits: &Limits,
) -> Option<Seating<AccountId>> {
	let works = |account: &AccountId| fitness(account).works();
	let mut directors = named.directors.to_vec();
	restore(&mut directors, since.returns, since.replaced_before);
	let replaced = [since.replaced_since, since.replaced_before].concat();
	let mut waiting: VecDeque<_> = named
		.standbys
		.iter()
		.filter(|standby| works(standby) && !directors.contains(standby))
		.cloned()
		.collect();

	// Vacated seats first, then those of the absent, the longest first.
	let mut unable: Vec<_> = directors
		.iter()
		.map(|account| (Reverse(fitness(account)), account.clone()))
		.filter(|(Reverse(fitness), account)| match fitness {
			Fitness::Fit | Fitness::Underbonded => false,
			Fitness::Absent { .. } => !since.in_office.contains(account),
			Fitness::Lapsed | Fitness::Barred | Fitness::Keyless => true,
		})
		.collect();
	unable.sort();
	let mut substitutes = Vec::new();
	let mut left_out = Vec::new();
	for (Reverse(fitness), account) in unable {
		let holder = holder_of(&account, &replaced, |by| works(by) && !directors.contains(by));
		let Some(by) = holder.cloned().or_else(|| waiting.pop_front()) else {
			left_out.push((fitness, account));
			continue;
		};
		waiting.retain(|standby| *standby != by);
		if let Some(seat) = directors.iter_mut().find(|seat| **seat == account) {
			*seat = by.clone();
		}
		substitutes.push((account, by));
	}
	if !left_out.is_empty() {
		// No standby waits any more.
		leave_out(&mut directors, &left_out, limits);
		fill_up(&mut directors, since.in_office, &fitness, limits);
	}
	directors.iter().any(works).then(|| Seating {
		standbys: waiting.into_iter().take(directors.len()).collect(),
		directors,
		substitutes,
	})
}

/// Takes those out of the list whose seats nobody takes, of the absent only as many as may be.
fn leave_out<AccountId: PartialEq>(directors: &mut Vec<AccountId>, left_out: &[(Fitness, AccountId)], limits: &Limits) {
	for (fitness, account) in left_out {
		let absent = matches!(fitness, Fitness::Absent { .. });
		// The absent come last: the others are out by then.
		if !absent || directors.len() > limits.least_filled() {
			directors.retain(|seat| seat != account);
		}
	}
}

/// Fills the list up to the minimum with those in office that are not in it.
fn fill_up<AccountId: Ord + Clone>(
	directors: &mut Vec<AccountId>,
	in_office: &[AccountId],
	fitness: &impl Fn(&AccountId) -> Fitness,
	limits: &Limits,
) {
	let mut could: Vec<_> = in_office
		.iter()
		.filter(|account| !directors.contains(account))
		.map(|account| (fitness(account), account.clone()))
		.filter(|(fitness, _)| *fitness != Fitness::Keyless)
		.collect();
	could.sort();
	let missing = limits.min_directors.saturating_sub(directors.len());
	directors.extend(could.into_iter().take(missing).map(|(_, account)| account));
}

/// Gives the seats of replacements back to those that they replaced.
///
/// `returns` are the nodes that are back and can work; `replaced` says of each node that lost its seat who has it now,
/// or had it before it lost it the same way. A node whose seat is nobody's of these any more has to stand for election.
pub fn restore<AccountId: PartialEq + Clone>(
	seats: &mut [AccountId],
	returns: &[AccountId],
	replaced: &[(AccountId, AccountId)],
) {
	for node in returns {
		if seats.contains(node) {
			continue;
		}
		let Some(holder) = holder_of(node, replaced, |by| seats.contains(by)) else {
			continue;
		};
		if let Some(seat) = seats.iter_mut().find(|seat| *seat == holder) {
			*seat = node.clone();
		}
	}
}

/// The first, along the chain of those that replaced one another, that will do.
fn holder_of<'a, AccountId: PartialEq>(
	lost: &AccountId,
	replaced: &'a [(AccountId, AccountId)],
	will_do: impl Fn(&AccountId) -> bool,
) -> Option<&'a AccountId> {
	let replacement_of = |who: &AccountId| replaced.iter().find(|(lost, _)| lost == who).map(|(_, by)| by);
	let mut holder = replacement_of(lost);
	// A chain of replacements is no longer than their list.
	for _ in 0..replaced.len() {
		let by = holder?;
		if will_do(by) {
			return Some(by);
		}
		holder = replacement_of(by);
	}
	None
}
