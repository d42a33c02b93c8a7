//! What the chain is to do, by the names and numbers that it has for that.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use smart_agent_chain::{AccountId, Args, NamedCall, NamedPallet};
use storage_market_primitives::{DealId, Hash, Order, SlotAt, MAX_SLOTS};

/// The pallet.
pub(crate) const PALLET: &str = "StorageMarket";
/// Its number, and those of its calls by their names: they are a part of what is signed.
const PALLET_NUMBER: u8 = 52;
const NUMBERS: [(&str, u8); 9] = [
	("open_deal", 2),
	("redraw", 3),
	("commit_roots", 4),
	("extend", 9),
	("end_deal", 10),
	("close", 12),
	("grant", 15),
	("revoke", 16),
	("top_up_egress", 17),
];

/// Bytes of a key box on chain, at most.
pub const MAX_KEY_BOX: u32 = 128;

/// A key box as the chain keeps it.
pub type KeyBox = BoundedVec<u8, ConstU32<MAX_KEY_BOX>>;

/// The roots of all slots.
type Roots = BoundedVec<Hash, ConstU32<MAX_SLOTS>>;

/// A key box on chain, `KeyBoxes`.
#[derive(Clone, Debug, PartialEq, Eq, Decode, Encode, TypeInfo)]
pub(crate) struct KeptBox {
	pub key_box: KeyBox,
	pub deposit: u128,
}

/// What a slot's device may be paid for what it gives out, as the chain keeps it, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Decode, Encode, TypeInfo)]
pub struct Tab {
	/// In all.
	#[codec(compact)]
	pub limit: u128,
	/// Of it, what was paid.
	#[codec(compact)]
	pub paid: u128,
}

impl Tab {
	/// What may still be paid, in planck.
	pub const fn left(&self) -> u128 {
		self.limit.saturating_sub(self.paid)
	}
}

/// What lies on chain for a deal besides its pay, `Tills`.
#[derive(Clone, Debug, PartialEq, Eq, Decode, Encode, TypeInfo)]
pub(crate) struct Till {
	deposit: u128,
	boxes: u32,
	of_boxes: u128,
	pub tabs: BoundedVec<Tab, ConstU32<MAX_SLOTS>>,
}

/// What is put in for state, and comes back, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Decode, Encode, TypeInfo)]
pub struct Deposits {
	/// For an offer.
	pub offer: u128,
	/// For a deal,
	pub deal: u128,
	/// and for each of its slots.
	pub slot: u128,
	/// For a key box.
	pub key_box: u128,
}

impl Deposits {
	/// For a deal of so many slots, with the key box of its owner.
	pub fn of_deal(&self, slots: u8) -> u128 {
		let slots = self.slot.saturating_mul(slots.into());
		self.deal.saturating_add(slots).saturating_add(self.key_box)
	}
}

/// What the chain is to do for this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
	/// Opens a deal.
	Open {
		/// What is ordered.
		order: Order,
		/// The volume's key, wrapped for the owner.
		key_box: KeyBox,
		/// What is put in, in planck.
		total: u128,
		/// What is put in for its state and comes back, in planck.
		deposit: u128,
		/// What is put in for each slot, for what is given out of it, in planck.
		egress: u128,
	},
	/// Undoes a draw.
	Redraw {
		/// The deal.
		deal: DealId,
		/// The slot.
		slot: SlotAt,
	},
	/// Commits the roots.
	Roots {
		/// The deal.
		deal: DealId,
		/// One a slot.
		roots: Vec<Hash>,
	},
	/// Pays for more time.
	Extend {
		/// The deal.
		deal: DealId,
		/// How much.
		eras: u32,
		/// What it costs, in planck.
		cost: u128,
	},
	/// Ends a deal.
	End {
		/// The deal.
		deal: DealId,
	},
	/// Closes a deal that has ended: everybody is paid what is theirs.
	Close {
		/// The deal.
		deal: DealId,
	},
	/// Lets an account read.
	Grant {
		/// The deal.
		deal: DealId,
		/// Who may.
		who: [u8; 32],
		/// The volume's key, wrapped for it.
		key_box: KeyBox,
		/// What is put in for the box and comes back, in planck.
		deposit: u128,
	},
	/// Takes that back.
	Revoke {
		/// The deal.
		deal: DealId,
		/// Who may no longer.
		who: [u8; 32],
	},
	/// Puts in more for what is given out of a slot.
	TopUp {
		/// The deal.
		deal: DealId,
		/// The slot.
		slot: SlotAt,
		/// How much, in planck.
		amount: u128,
	},
}

impl Act {
	/// What it is, for people.
	pub fn words(&self) -> String {
		match self {
			Self::Open { .. } => "Opening the deal".into(),
			Self::Redraw { slot, .. } => format!("Drawing another device for slot {slot}"),
			Self::Roots { .. } => "Committing the roots".into(),
			Self::Extend { deal, .. } => format!("Extending deal {deal}"),
			Self::End { deal } => format!("Ending deal {deal}"),
			Self::Close { deal } => format!("Closing deal {deal}"),
			Self::Grant { deal, .. } => format!("Sharing deal {deal}"),
			Self::Revoke { deal, .. } => format!("Sharing deal {deal} no more"),
			Self::TopUp { slot, .. } => format!("Putting in for slot {slot}"),
		}
	}

	/// The call, as the chain names it and its arguments.
	pub fn call(&self) -> NamedCall {
		let deal = |deal: &DealId| Args::none().and("deal", deal);
		match self {
			Self::Open {
				order,
				key_box,
				total,
				deposit,
				egress,
			} => NamedCall {
				paid: total.saturating_add(for_slots(*egress, order.geometry.slots)),
				held: *deposit,
				..named("open_deal", opening(order, key_box, *egress))
			},
			Self::Redraw { deal: id, slot } => named("redraw", deal(id).and("slot", slot)),
			Self::Roots { deal: id, roots } => named(
				"commit_roots",
				deal(id).and("roots", &Roots::truncate_from(roots.clone())),
			),
			Self::Extend { deal: id, eras, cost } => NamedCall {
				paid: *cost,
				..named("extend", deal(id).and("eras", eras))
			},
			Self::End { deal: id } => named("end_deal", deal(id)),
			Self::Close { deal: id } => named("close", deal(id)),
			Self::Grant {
				deal: id,
				who,
				key_box,
				deposit,
			} => NamedCall {
				held: *deposit,
				..named(
					"grant",
					deal(id).and("who", &AccountId::new(*who)).and("key_box", key_box),
				)
			},
			Self::Revoke { deal: id, who } => named("revoke", deal(id).and("who", &AccountId::new(*who))),
			Self::TopUp { deal: id, slot, amount } => NamedCall {
				paid: *amount,
				..named("top_up_egress", deal(id).and("slot", slot).and("amount", amount))
			},
		}
	}
}

/// What is put in for all slots, if this is put in for each.
pub fn for_slots(egress: u128, slots: u8) -> u128 {
	egress.saturating_mul(slots.into())
}

/// Of a deal whose devices the beacon draws.
fn opening(order: &Order, key_box: &KeyBox, egress: u128) -> Args {
	let args = Args::none().and("order", order).and("chosen", &false);
	args.and("egress", &egress).and("key_box", &Some(key_box.clone()))
}

fn named(call: &'static str, args: Args) -> NamedCall {
	let pallet = NamedPallet {
		name: PALLET,
		number: PALLET_NUMBER,
		calls: &NUMBERS,
	};
	pallet.call(call, args)
}

#[cfg(test)]
mod tests {
	use super::*;
	use storage_market_primitives::{Geometry, Price, Profile};

	#[test]
	fn each_act_has_its_call() {
		let (deal, who, key_box) = (17, [7; 32], KeyBox::truncate_from(vec![1; 81]));
		let order = Order {
			geometry: Geometry::of(Profile::Standard, 1 << 20),
			max_ask: Price(5),
			eras: 144,
			factor: 2,
		};
		let acts = [
			Act::Open {
				order,
				key_box: key_box.clone(),
				total: 9,
				deposit: 3,
				egress: 2,
			},
			Act::Redraw { deal, slot: 3 },
			Act::Roots {
				deal,
				roots: vec![[1; 32]; 8],
			},
			Act::Extend { deal, eras: 2, cost: 7 },
			Act::End { deal },
			Act::Close { deal },
			Act::Grant {
				deal,
				who,
				key_box,
				deposit: 4,
			},
			Act::Revoke { deal, who },
			Act::TopUp {
				deal,
				slot: 3,
				amount: 6,
			},
		];
		let calls: Vec<NamedCall> = acts.iter().map(Act::call).collect();
		for (call, (name, number)) in calls.iter().zip(NUMBERS) {
			assert_eq!((call.call, call.number), (name, [PALLET_NUMBER, number]));
		}
		assert_eq!((calls[0].paid, calls[3].paid, calls[8].paid), (9 + 8 * 2, 7, 6));
		assert_eq!((calls[0].held, calls[6].held), (3, 4));
	}
}
