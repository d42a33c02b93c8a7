//! What commands want of the daemon that runs: files in a folder, which it takes and deletes. They are found also if
//! the daemon is started later.

use smart_agent_market::{Order, SlotKey};
use std::{fs, io, path::Path};

/// The folder of orders within that of the market's state.
pub const ORDERS: &str = "orders";
/// Orders that are taken at a time.
const MOST: usize = 256;

/// What a command wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
	/// To read one slot as a whole, or all.
	Scrub(
		/// Which.
		Option<(u64, u8)>,
	),
}

impl Wish {
	fn name(&self) -> String {
		match self {
			Self::Scrub(None) => "scrub".into(),
			Self::Scrub(Some((deal, slot))) => format!("scrub-{deal}-{slot}"),
		}
	}

	fn of(name: &str) -> Option<Self> {
		let slot = |rest: &str| {
			let (deal, slot) = rest.split_once('-')?;
			Some((deal.parse().ok()?, slot.parse().ok()?))
		};
		let found = match name.split_once('-') {
			None if name == "scrub" => Self::Scrub(None),
			Some(("scrub", rest)) => Self::Scrub(Some(slot(rest)?)),
			_ => return None,
		};
		(found.name() == name).then_some(found)
	}

	fn order(&self) -> Order {
		let Self::Scrub(which) = *self;
		Order::Scrub(which.map(|(deal, slot)| SlotKey { deal, slot }))
	}
}

/// Puts an order down.
///
/// # Errors
/// The disk's.
pub fn place(state: &Path, wish: &Wish) -> io::Result<()> {
	let folder = state.join(ORDERS);
	fs::create_dir_all(&folder)?;
	fs::write(folder.join(wish.name()), b"")
}

/// Takes the orders that are there. What is none is deleted as well.
pub(crate) fn take(state: &Path) -> Vec<Order> {
	let Ok(places) = fs::read_dir(state.join(ORDERS)) else {
		return Vec::new();
	};
	let mut orders = Vec::new();
	for place in places.take(MOST).flatten() {
		let name = place.file_name().to_string_lossy().into_owned();
		// One that stays would be taken again and again.
		if fs::remove_file(place.path()).is_ok() {
			orders.extend(Wish::of(&name).map(|wish| wish.order()));
		}
	}
	orders
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_put_down_is_taken_once() {
		let folder = tempfile::tempdir().unwrap();
		assert!(take(folder.path()).is_empty());
		for wish in [Wish::Scrub(None), Wish::Scrub(Some((1, 0)))] {
			place(folder.path(), &wish).unwrap();
			assert_eq!(take(folder.path()), [wish.order()]);
			assert!(take(folder.path()).is_empty());
		}
		for wrong in [
			"scrub-1",
			"scrub-x-1",
			"scrub-1-256",
			"scrub-01-1",
			"other",
			"claim-1-2",
		] {
			fs::write(folder.path().join(ORDERS).join(wrong), b"").unwrap();
			assert!(take(folder.path()).is_empty(), "{wrong}");
		}
	}
}
