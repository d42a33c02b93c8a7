//! Accepted units: the beacon says which of them are run again; and while customers use little, the chain has others
//! run again as well.

use crate::{
	queues::Queue, AutoMine, Beacons, Config, DrawnNext, Jobs, Live, Pallet, Pools, Recent, RecentEnds, RecentUnit,
	Results, WeightInfo,
};
use compute_market_primitives::{recent, recheck, JobId, UnitAt, MAX_RECENT};
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::MarketClock;

/// Accepted units for which the beacon says in a block whether they are run again, at most.
pub const MAX_DRAWS: u32 = 64;

/// Accepted units that are remembered once it is known whether they are run again.
pub const KEPT_RECENT: u64 = MAX_RECENT as u64;

/// While more jobs than this are pooled or run the chain orders nothing: what it has run again takes machines and
/// stakes of customers' jobs.
pub const MAX_BEFORE_CHAIN: u32 = 8;

/// Turns between the acceptance of a unit and the beacon that says whether it is run again: nobody knew it then.
const TURNS: u32 = 2;

/// Whether most of those who answer for a result are among these: it may be theirs alone.
fn are_most(by: u64, among: u64) -> bool {
	by.count_ones() < (by & among).count_ones().saturating_mul(2)
}

impl<T: Config> Pallet<T> {
	/// Says of accepted units whether they are run again, as long as there is weight; and orders that for the chain.
	pub(crate) fn recent_within(left: Weight) -> Weight {
		let used = Self::draws_within(left);
		used.saturating_add(Self::order_within(left.saturating_sub(used)))
	}

	fn draws_within(left: Weight) -> Weight {
		let each = T::WeightInfo::draw_recent();
		let mut used = Weight::zero();
		let turns = Beacons::<T>::get();
		for _ in 0..MAX_DRAWS {
			let (head, tail) = RecentEnds::<T>::get();
			let next = DrawnNext::<T>::get().max(head);
			let due = |recent: &RecentUnit| recent.turn.saturating_add(TURNS) <= turns.turn;
			let Some(unit) = Recent::<T>::get(next).filter(|recent| next < tail && due(recent)) else {
				break;
			};
			if !used.saturating_add(each).all_lte(left) {
				break;
			}
			used = used.saturating_add(each);
			DrawnNext::<T>::put(next.saturating_add(1));
			// By the beacon of that turn, however late it is looked at.
			if let Some(beacon) = turns.of(unit.turn.saturating_add(TURNS)) {
				Self::draw_whether(unit.job, unit.unit, &beacon);
			}
			if next.saturating_sub(head) >= KEPT_RECENT {
				Queue::<Recent<T>, RecentEnds<T>, RecentUnit>::pop();
			}
		}
		used
	}

	/// A beacon that nobody knows yet says whether an accepted unit is run again.
	pub(crate) fn remember(job: JobId, unit: UnitAt) {
		let turn = Beacons::<T>::get().turn;
		Queue::<Recent<T>, RecentEnds<T>, _>::push(RecentUnit { job, unit, turn });
	}

	/// Members of a job who answer for a result that is being run again or looked for: a bit for each.
	fn in_doubt(id: JobId) -> u64 {
		let pool = Pools::<T>::get(id);
		let doubted = pool.iter().zip(0_u32..).filter(|(member, _)| member.checked > 0);
		doubted.fold(0, |bits, (_, place)| bits | 1_u64.checked_shl(place).unwrap_or(0))
	}

	pub(crate) fn draw_whether(id: JobId, unit: UnitAt, beacon: &[u8; 32]) {
		let (Some(job), Some(mut agreed)) = (Jobs::<T>::get(id), Results::<T>::get(id, unit)) else {
			return;
		};
		// One that somebody has appealed is run again anyway.
		if !agreed.undrawn {
			return;
		}
		let lied = are_most(agreed.by, job.suspects);
		if !lied && are_most(agreed.by, Self::in_doubt(id)) {
			// Whoever has lied in one may have lied in this as well: it is settled once that is known.
			Self::remember(id, unit);
			return;
		}
		agreed.undrawn = false;
		Results::<T>::insert(id, unit, agreed);
		let share = T::Terms::get().share_run_again(job.assurance);
		let again = (lied || recheck(beacon, id, unit).hits(share)) && Self::recheck(id, unit);
		if !again {
			Self::end_check(id, unit);
		}
	}

	/// The chain has one of the last units run again, if it wants that.
	pub(crate) fn order_within(left: Weight) -> Weight {
		let each = T::WeightInfo::order();
		let (head, _) = RecentEnds::<T>::get();
		let known = DrawnNext::<T>::get().saturating_sub(head);
		if known == 0 || Live::<T>::get() > MAX_BEFORE_CHAIN || !each.all_lte(left) {
			return Weight::zero();
		}
		let place = recent(&Self::beacon(), T::Clock::tick()).below(0, known);
		let cost = |unit: RecentUnit| Some((Self::recheck_cost(&Jobs::<T>::get(unit.job)?), unit));
		let found = Recent::<T>::get(head.saturating_add(place)).and_then(cost);
		if let Some((cost, unit)) = found {
			if let Some(payer) = T::AutoMine::payer(cost) {
				Self::recheck_for(payer, unit.job, unit.unit);
			}
		}
		each
	}
}
