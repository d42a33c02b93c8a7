//! Who held a key, and when: a short list of intervals for each key.
//!
//! The points of an interval are slots for authors and set ids for voters. Intervals of a key are in order and do not
//! overlap; only the last one may be open.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// How many uses of a key are kept. If there are more, neighbours become one: see [`open`].
pub const MAX_USES: u32 = 16;

/// An account held a key from one point on, up to another.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KeyUse<AccountId> {
	/// The account.
	pub account: AccountId,
	/// The first slot, or set id, in which it held the key.
	pub from: u64,
	/// The last one; none while it still holds the key.
	pub until: Option<u64>,
}

/// The uses of one key.
pub type Uses<AccountId> = BoundedVec<KeyUse<AccountId>, ConstU32<MAX_USES>>;

/// The account that held the key at this point.
pub(crate) fn holder<AccountId: Clone>(uses: &[KeyUse<AccountId>], at: u64) -> Option<AccountId> {
	uses.iter()
		.find(|one| one.from <= at && one.until.is_none_or(|until| at <= until))
		.map(|one| one.account.clone())
}

/// From `from` on `account` holds the key, unless somebody does already.
///
/// If the list is full, the oldest two neighbours of one account become one use, with the time between them: that lays
/// nothing to an account that did not sign with this key of its own, and an honest one signs nothing twice in any time.
/// If no two neighbours are of one account, the oldest two become one all the same, and the first of them answers for
/// both: it has let the key go to another account, which proved that it had the key. Nothing is forgotten early,
/// however often a key changes hands.
pub(crate) fn open<AccountId: Clone + PartialEq>(uses: &mut Uses<AccountId>, account: &AccountId, from: u64) {
	if let Some(last) = uses.last_mut() {
		let Some(until) = last.until else { return };
		if last.account == *account && until.saturating_add(1) >= from {
			last.until = None;
			return;
		}
	}
	if uses.is_full() {
		let neighbours = uses
			.windows(2)
			.position(|two| matches!(two, [one, next] if one.account == next.account));
		let first = neighbours.unwrap_or(0);
		let next = uses.remove(first.saturating_add(1));
		if let Some(merged) = uses.get_mut(first) {
			merged.until = next.until;
		}
	}
	// There is room now.
	let _ = uses.try_push(KeyUse {
		account: account.clone(),
		from,
		until: None,
	});
}

/// The key is held up to `until` and no longer. A use that would begin after its end never was.
pub(crate) fn close<AccountId>(uses: &mut Uses<AccountId>, until: u64) {
	match uses.last_mut() {
		Some(last) if last.until.is_none() && last.from <= until => last.until = Some(until),
		Some(last) if last.until.is_none() => {
			uses.pop();
		}
		_ => (),
	}
}

/// Forgets the uses that ended at this point or before.
pub(crate) fn forget<AccountId>(uses: &mut Uses<AccountId>, up_to: u64) {
	uses.retain(|one| one.until.is_none_or(|until| until > up_to));
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
/// Whether the uses are in order and do not overlap, and only the last is open.
pub(crate) fn are_sound<AccountId>(uses: &[KeyUse<AccountId>]) -> bool {
	let ends_after_it_begins = |one: &KeyUse<AccountId>| one.until.is_none_or(|until| one.from <= until);
	let in_order =
		|two: &[KeyUse<AccountId>]| matches!(two, [one, next] if one.until.is_some_and(|until| until < next.from));
	!uses.is_empty() && uses.iter().all(ends_after_it_begins) && uses.windows(2).all(in_order)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn one(account: u64, from: u64, until: impl Into<Option<u64>>) -> KeyUse<u64> {
		KeyUse {
			account,
			from,
			until: until.into(),
		}
	}

	/// Uses of these accounts, for three points each, with one between them.
	fn full(account: impl Fn(u64) -> u64) -> Uses<u64> {
		let mut uses = Uses::default();
		for i in 0..u64::from(MAX_USES) {
			open(&mut uses, &account(i), 4 * i);
			close(&mut uses, 4 * i + 2);
		}
		uses
	}

	#[test]
	fn a_key_is_held_from_its_first_point_to_its_last() {
		let mut uses = Uses::default();
		open(&mut uses, &1, 5);
		close(&mut uses, 8);
		open(&mut uses, &2, 11);
		let held: Vec<_> = (4..13).map(|at| holder(&uses, at)).collect();
		assert_eq!(
			held,
			[None, Some(1), Some(1), Some(1), Some(1), None, None, Some(2), Some(2)]
		);
		assert_eq!(holder(&uses, u64::MAX), Some(2));
	}

	#[test]
	fn a_key_is_one_account_s_at_a_time() {
		let mut uses = Uses::default();
		open(&mut uses, &1, 5);
		open(&mut uses, &2, 7);
		assert_eq!(uses.into_inner(), [one(1, 5, None)]);
	}

	#[test]
	fn what_ends_and_goes_on_at_once_never_ended_and_what_never_began_never_was() {
		let mut uses = Uses::default();
		open(&mut uses, &1, 5);
		close(&mut uses, 8);
		open(&mut uses, &2, 9);
		close(&mut uses, 8);
		assert_eq!(uses.to_vec(), [one(1, 5, 8)]);
		open(&mut uses, &1, 9);
		assert_eq!(uses.into_inner(), [one(1, 5, None)]);
	}

	#[test]
	fn a_full_list_forgets_nothing() {
		// Two accounts by turns, but for one neighbour.
		let mut uses = full(|i| if i == 6 { 1 } else { i % 2 });
		open(&mut uses, &9, 100);
		assert_eq!(uses.len(), MAX_USES as usize);
		assert_eq!(holder(&uses, 23), Some(1), "between two uses of one account");
		assert_eq!(holder(&uses, 0), Some(0));
		assert_eq!(holder(&uses, 100), Some(9));
		assert!(are_sound(&uses));

		let mut uses = full(|i| i % 2);
		open(&mut uses, &9, 100);
		assert_eq!(uses.first(), Some(&one(0, 0, 6)), "the first answers for both");
		assert!(are_sound(&uses));
	}

	#[test]
	fn uses_are_forgotten_by_their_end() {
		let mut uses = full(|i| i);
		open(&mut uses, &9, 100);
		let ends = |uses: &Uses<u64>| uses.iter().map(|one| one.until).collect::<Vec<_>>();
		forget(&mut uses, 54);
		assert_eq!(ends(&uses), [Some(58), Some(62), None]);
		forget(&mut uses, u64::MAX);
		assert_eq!(ends(&uses), [None]);
	}

	proptest! {
		/// Whatever happens to a key: the list is sound, and at every point at which the key was somebody's, somebody
		/// is found; the very account, as long as there were no more uses than are kept.
		#[test]
		fn uses_are_what_happened(steps in prop::collection::vec((prop::option::of(0u64..3), 0u64..4), 1..80)) {
			let mut uses = Uses::default();
			let (mut now, mut told, mut holds) = (0u64, Vec::new(), None);
			for (account, wait) in steps {
				// At the end of point `now` the key changes hands.
				if holds != account {
					if holds.is_some() {
						close(&mut uses, now);
					}
					if let Some(account) = account {
						open(&mut uses, &account, now + 1);
					}
					holds = account;
				}
				for _ in 0..wait {
					now += 1;
					told.push((now, holds));
				}
				prop_assert!(uses.is_empty() || are_sound(&uses));
			}
			let changes = told.windows(2).filter(|two| two[0].1 != two[1].1).count();
			for (at, held) in told {
				let found = holder(&uses, at);
				if changes < MAX_USES as usize {
					prop_assert_eq!(found, held, "at {}", at);
				} else {
					prop_assert!(found.is_some() || held.is_none(), "nobody at {}", at);
				}
			}
		}
	}
}
