//! Queues: a map by numbers, and the numbers of its ends.

use codec::FullCodec;
use core::marker::PhantomData;
use frame_support::storage::{StorageMap, StorageValue};

/// A queue that lies in a map, and whose ends lie in a value.
pub(crate) struct Queue<Items, Ends, Item>(PhantomData<(Items, Ends, Item)>);

impl<Items, Ends, Item> Queue<Items, Ends, Item>
where
	Item: FullCodec,
	Items: StorageMap<u64, Item, Query = Option<Item>>,
	Ends: StorageValue<(u64, u64), Query = (u64, u64)>,
{
	/// Puts one at the end. Returns its number.
	pub(crate) fn push(item: Item) -> u64 {
		let (head, tail) = Ends::get();
		Items::insert(tail, item);
		Ends::put((head, tail.saturating_add(1)));
		tail
	}

	/// The first one.
	pub(crate) fn first() -> Option<Item> {
		let (head, tail) = Ends::get();
		if head < tail {
			Items::get(head)
		} else {
			None
		}
	}

	/// Takes the first one away.
	pub(crate) fn pop() -> Option<Item> {
		let (head, tail) = Ends::get();
		if head >= tail {
			return None;
		}
		Ends::put((head.saturating_add(1), tail));
		Items::take(head)
	}

	/// How many there are.
	pub(crate) fn len() -> u64 {
		let (head, tail) = Ends::get();
		tail.saturating_sub(head)
	}
}
