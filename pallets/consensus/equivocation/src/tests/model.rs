//! The history by intervals against one that writes everything down.

use crate::{mock::*, uses, AuthorUses, Error, VoterUses, MAX_USES};
use bft_finality_primitives::{Phase, SetId};
use pallet_traits::{OffenceKind, VoterHistory, VotersInForce, MAX_SETS_IN_FORCE};
use proptest::prelude::*;
use sp_core::Pair;
use std::collections::BTreeSet;

/// Accounts 0 to 3 hold the keys 0 to 3, each its own or another's.
const ACCOUNTS: u64 = 4;

#[derive(Clone, Debug)]
enum Step {
	/// These accounts author with these keys.
	Seat(Vec<(AccountId, u64)>),
	/// These accounts vote with these keys.
	Name(Vec<(AccountId, u64)>),
	/// More than a third of the newest set show votes.
	Show,
	/// So many slots pass, and the last of them has a block.
	Pass(u64),
	/// So many periods pass without a block.
	Sleep(u64),
	/// Two blocks of the holder of this key, so many slots ago.
	Blocks(u64, u64),
	/// Two votes of the holder of this key in the set before the newest, or in the newest, so many slots ago.
	Votes(u64, bool, u64),
}

fn pairs() -> impl Strategy<Value = Vec<(AccountId, u64)>> {
	let holder = prop::option::weighted(0.7, 0..ACCOUNTS);
	let holders = prop::collection::vec(holder, ACCOUNTS as usize);
	holders.prop_map(|holders| {
		let pairs = (0..).zip(holders).filter_map(|(key, account)| Some((account?, key)));
		// An account holds one key.
		let mut seen = BTreeSet::new();
		pairs.filter(|(account, _)| seen.insert(*account)).collect()
	})
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		3 => pairs().prop_map(Step::Seat),
		2 => pairs().prop_map(Step::Name),
		1 => Just(Step::Show),
		5 => (0..2 * ERA).prop_map(Step::Pass),
		1 => (1..60u64).prop_map(Step::Sleep),
		4 => (0..ACCOUNTS, 0..40 * ERA).prop_map(|(key, ago)| Step::Blocks(key, ago)),
		4 => (0..ACCOUNTS, any::<bool>(), 0..40 * ERA).prop_map(|(key, newest, ago)| Step::Votes(key, newest, ago)),
	]
}

/// One set, as the model remembers it.
struct Set {
	began: u32,
	ended: Option<u32>,
	voters: Vec<(AccountId, u64)>,
}

/// All that ever happened.
struct Model {
	/// From which slot on who authored.
	authors: Vec<(u64, Vec<(AccountId, u64)>)>,
	sets: Vec<Set>,
	reported: BTreeSet<(AccountId, bool, u32)>,
	reported_of_set: BTreeSet<(AccountId, usize)>,
}

fn holder(pairs: &[(AccountId, u64)], key: u64) -> Option<AccountId> {
	pairs.iter().find(|(_, held)| *held == key).map(|(account, _)| *account)
}

impl Model {
	fn new() -> Self {
		let genesis: Vec<_> = (0..3).map(|account| (account, account)).collect();
		let set = Set {
			began: 0,
			ended: None,
			voters: genesis.clone(),
		};
		Self {
			authors: vec![(0, genesis)],
			sets: vec![set],
			reported: BTreeSet::new(),
			reported_of_set: BTreeSet::new(),
		}
	}

	fn author(&self, key: u64, slot: u64) -> Option<AccountId> {
		let (_, authors) = self.authors.iter().rev().find(|(from, _)| *from <= slot)?;
		holder(authors, key)
	}

	fn newest(&self) -> usize {
		self.sets.len() - 1
	}

	fn is_old(era: u32) -> bool {
		era + HISTORY < current_era()
	}

	/// The era of a slot as the clock tells it. (The clock is not what is tested.)
	fn era(slot: u64) -> Result<Option<u32>, Error<Test>> {
		let era = <Clock as pallet_traits::EraOfSlot>::era_of_slot(slot.into());
		if era.is_none() && slot > Now::get() {
			return Err(Error::Ahead);
		}
		Ok(era)
	}

	fn blocks(&mut self, key: u64, slot: u64) -> Result<(AccountId, u32), Error<Test>> {
		let era = Self::era(slot)?
			.filter(|era| !Self::is_old(*era))
			.ok_or(Error::TooOld)?;
		let account = self.author(key, slot).ok_or(Error::NotInOffice)?;
		if !self.reported.insert((account, false, era)) {
			return Err(Error::AlreadyReported);
		}
		Ok((account, era))
	}

	fn votes(&mut self, key: u64, set_id: usize, slot: u64) -> Result<(AccountId, u32), Error<Test>> {
		let set = &self.sets[set_id];
		if set.ended.is_some_and(Self::is_old) {
			return Err(Error::TooOld);
		}
		let account = holder(&set.voters, key).ok_or(Error::NotInOffice)?;
		let latest = set.ended.unwrap_or_else(current_era);
		let era = Self::era(slot)?.unwrap_or(set.began).clamp(set.began, latest);
		let era = if Self::is_old(era) { set.began } else { era };
		let of_set = self.reported_of_set.contains(&(account, set_id));
		let known = if Self::is_old(era) {
			of_set
		} else {
			!self.reported.insert((account, true, era))
		};
		if known {
			return Err(Error::AlreadyReported);
		}
		self.reported_of_set.insert((account, set_id));
		Ok((account, era))
	}

	fn name(&mut self, voters: Vec<(AccountId, u64)>) {
		let set = Set {
			began: current_era(),
			ended: None,
			voters,
		};
		self.sets.push(set);
		let ended = self.sets.len().saturating_sub(MAX_SETS_IN_FORCE as usize);
		self.end(ended);
	}

	/// The first so many sets have ended.
	fn end(&mut self, count: usize) {
		for set in &mut self.sets[..count] {
			set.ended.get_or_insert_with(current_era);
		}
	}
}

/// Does a step, in the pallet and in the model, and compares what they say.
fn take(model: &mut Model, step: Step) {
	match step {
		Step::Seat(pairs) => {
			seat_with(&pairs);
			model.authors.push((Now::get() + 1, pairs));
		}
		Step::Name(pairs) => {
			// As on a chain: not without any voters.
			let last = model.newest();
			if pairs.is_empty() {
				return;
			}
			let voters: Vec<_> = pairs
				.iter()
				.map(|(account, key)| (*account, voter_pair(*key).public()))
				.collect();
			Equivocation::voters_named(last as SetId + 1, &voters);
			model.name(pairs);
		}
		Step::Show => {
			let last = model.newest();
			Equivocation::set_votes(last as SetId);
			model.end(last);
		}
		Step::Pass(slots) => drop(slot(Now::get() + slots)),
		Step::Sleep(periods) => drop(slot(Now::get() + periods * ERA)),
		Step::Blocks(key, ago) => {
			let at = Now::get().saturating_sub(ago);
			let expected = model.blocks(key, at);
			compare(report_blocks(blocks(key, at)), expected, OffenceKind::Block);
		}
		Step::Votes(key, newest, ago) => {
			let at = Now::get().saturating_sub(ago);
			let set_id = if newest {
				model.newest()
			} else {
				model.newest().saturating_sub(1)
			};
			let expected = model.votes(key, set_id, at);
			compare(
				report_votes(votes(key, set_id as SetId, Phase::Commit, at)),
				expected,
				OffenceKind::Vote,
			);
		}
	}
}

fn compare(
	result: Result<(), sp_runtime::transaction_validity::TransactionValidityError>,
	expected: Result<(AccountId, u32), Error<Test>>,
	kind: OffenceKind,
) {
	let punished = Recorder::take_only(Told::offence);
	match expected {
		Ok((account, era)) => {
			assert_eq!(result, Ok(()));
			assert_eq!(punished, [(account, kind, era)]);
		}
		Err(error) => {
			assert_eq!(result, refused(error));
			assert!(punished.is_empty());
		}
	}
}

/// Whoever held a key while that can be reported is found, and nobody else.
fn compare_holders(model: &Model) {
	for key in 0..ACCOUNTS {
		let uses = AuthorUses::<Test>::get(author_pair(key).public());
		for at in (0..=Now::get()).step_by(37) {
			if matches!(Model::era(at), Ok(Some(era)) if !Model::is_old(era)) {
				assert_eq!(uses::holder(&uses, at), model.author(key, at), "key {key} in slot {at}");
			}
		}
		let uses = VoterUses::<Test>::get(voter_pair(key).public());
		for (set_id, set) in model.sets.iter().enumerate() {
			if !set.ended.is_some_and(Model::is_old) {
				let found = uses::holder(&uses, set_id as u64);
				assert_eq!(found, holder(&set.voters, key), "key {key} in set {set_id}");
			}
		}
	}
	for account in 0..ACCOUNTS {
		let votes = |set: &Set| set.ended.is_none() && set.voters.iter().any(|(voter, _)| *voter == account);
		assert_eq!(Equivocation::is_in_force(&account), model.sets.iter().any(votes));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Seats, keys and voters change at random, periods pass without a block, and what happened is reported, late or
	/// twice: each report is judged as by whoever had written down everything.
	#[test]
	fn every_report_is_judged_as_if_everything_had_been_written_down(steps in prop::collection::vec(step(), 1..120)) {
		run(|| {
			let mut model = Model::new();
			let mut changes = 0;
			for step in steps {
				// A key that changes hands more often than is kept apart has tests of its own.
				changes += u32::from(matches!(step, Step::Seat(_) | Step::Name(_)));
				if changes >= MAX_USES && matches!(step, Step::Seat(_) | Step::Name(_)) {
					continue;
				}
				take(&mut model, step);
				block();
			}
			compare_holders(&model);
		});
	}
}
