//! Who signs vouchers, and keeps what was promised to whom.

use crate::{Bill, Paid, Place, VoucherError};
use device_primitives::DeviceId;
use smartchain_transfer::{
	client::{Payer, Unwilling},
	wire::{cost, SlotId, Voucher, UNPAID},
};
use sp_core::{sr25519, Pair};
use std::{
	collections::BTreeMap,
	fmt,
	path::Path,
	sync::{Mutex, MutexGuard, PoisonError},
};
use storage_market_primitives::{DealId, SlotId as At, Voucher as Said};

/// Which kind of signature a voucher's proof is, its first byte: sr25519 among those of accounts.
const SR25519: u8 = 1;
/// Complaints that are kept.
const MOST_COMPLAINTS: usize = 64;

/// What was agreed to, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Most {
	/// What may be promised to all devices together, beyond what was promised before.
	pub promises: u128,
	/// Debts that this machine did not make, which it may promise to pay: an equal share of it to each device of a
	/// deal.
	pub debts: u128,
}

/// A device that is paid for what it gives out of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seller {
	/// The slot.
	pub slot: u8,
	/// The device.
	pub device: DeviceId,
	/// What it asks for a MiB, by the chain, in planck.
	pub price: u128,
	/// What it is fair to ask for a MiB, by what the others ask, in planck: of what did not come no more is promised.
	pub fair: u128,
	/// What it may be paid in all, by the chain, in planck.
	pub limit: u128,
	/// What of it was paid.
	pub paid: u128,
}

/// Why a device is promised no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
	/// It claims so many planck more than are owed: it is read from no more.
	Debts(u128),
	/// It asks more than its price, or for what was not read, in words: it is read from no more.
	Overcharged(String),
	/// The chain is good for no more.
	Limit,
	/// This program may promise no more.
	Budget,
	/// Nothing was agreed to.
	Unasked,
	/// What was promised cannot be kept, in words.
	Stuck(String),
}

impl fmt::Display for Why {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Debts(planck) => write!(f, "it claims {planck} planck that this machine does not owe it"),
			Self::Overcharged(why) => write!(f, "it asks more than it is owed: {why}"),
			Self::Limit => f.write_str("all that was put in for the slot is promised; put in more"),
			Self::Budget => f.write_str("all that may be promised is promised; allow more"),
			Self::Unasked => f.write_str("it wants to be paid, and nothing was agreed to"),
			Self::Stuck(why) => f.write_str(why),
		}
	}
}

/// A device with which something is wrong, or that is promised no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
	/// The slot.
	pub slot: SlotId,
	/// The device.
	pub device: DeviceId,
	/// Why.
	pub why: Why,
}

/// What a device may be promised.
#[derive(Clone, Copy, Debug)]
struct May {
	/// By the chain, in planck.
	limit: u128,
	/// What is believed that it sent unpaid, in planck, whatever it asks.
	step: u128,
	/// What this program has promised it for debts, in planck.
	debts: u128,
}

impl May {
	/// What may be promised beyond what is owed, debts apart: a step, and what was broken off, of which no more is
	/// believed.
	fn beyond(&self, bill: &Bill) -> u128 {
		self.step.saturating_add(bill.lost.min(self.step))
	}
}

/// A deal that is paid for.
struct Open {
	paid: Paid,
	may: BTreeMap<Place, May>,
}

#[derive(Default)]
struct State {
	deals: BTreeMap<DealId, Open>,
	agreed: Most,
	left: Most,
	/// What this program has promised, deal by deal.
	promised: BTreeMap<DealId, u128>,
	complaints: Vec<Complaint>,
	/// Why nothing can be kept any more.
	stuck: Option<String>,
}

/// Signs vouchers of an account, as far as was agreed to. Without that it pays nothing.
pub struct Purse {
	genesis: [u8; 32],
	pair: sr25519::Pair,
	state: Mutex<State>,
}

/// A promise: how it stands afterwards, how much more is promised than before, and how much of that for debts that
/// others made.
struct Promise {
	bill: Bill,
	more: u128,
	debts: u128,
}

/// Whether a voucher over a sum may be signed, if so much is left for promises to all, and for debts to this one.
fn judge(bill: Bill, total: u128, may: May, left: Most) -> Result<Promise, Why> {
	let debts = total.saturating_sub(bill.owed.saturating_add(may.beyond(&bill)));
	let more = total.saturating_sub(bill.promised);
	if more == 0 {
		// It was promised before, and is promised no second time.
		return Ok(Promise { bill, more, debts: 0 });
	}
	if debts > left.debts {
		return Err(Why::Debts(debts - left.debts));
	}
	if total > may.limit {
		return Err(Why::Limit);
	}
	if more > left.promises {
		return Err(Why::Budget);
	}
	let bill = Bill {
		owed: bill.owed.saturating_add(debts),
		promised: total,
		..bill
	};
	Ok(Promise { bill, more, debts })
}

impl Purse {
	/// Of an account on the chain of a genesis.
	pub fn new(pair: sr25519::Pair, genesis: [u8; 32]) -> Self {
		Self {
			genesis,
			pair,
			state: Mutex::default(),
		}
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// So much may be promised from now on, all in all.
	pub fn agree(&self, most: Most) {
		let mut state = self.state();
		(state.agreed, state.left) = (most, most);
	}

	/// These devices of a deal are paid from now on. What they are promised is kept in a file.
	///
	/// # Errors
	/// If another program pays for this deal, or what was promised cannot be read or kept.
	pub fn open(&self, deal: DealId, file: &Path, sellers: &[Seller]) -> Result<(), VoucherError> {
		let mut paid = Paid::open(file)?;
		let mut may = BTreeMap::new();
		for seller in sellers {
			let place = (seller.slot, seller.device);
			let bill = paid.of(&place);
			// What the chain has paid by a voucher that this machine does not know was another one's, and owed.
			let others = seller.paid.saturating_sub(bill.promised);
			if others > 0 {
				let bill = Bill {
					owed: bill.owed.saturating_add(others),
					promised: seller.paid,
					..bill
				};
				paid.note(place, bill, false)?;
			}
			let allowed = May {
				limit: seller.limit,
				step: cost(seller.price.min(seller.fair), UNPAID),
				debts: 0,
			};
			may.insert(place, allowed);
		}
		self.state().deals.insert(deal, Open { paid, may });
		Ok(())
	}

	/// The devices of a deal are paid no more by this program.
	pub fn close(&self, deal: DealId) {
		self.state().deals.remove(&deal);
	}

	/// What this program has promised to devices of a deal, in planck.
	pub fn promised(&self, deal: DealId) -> u128 {
		self.state().promised.get(&deal).copied().unwrap_or(0)
	}

	/// What it has promised in all, in planck.
	pub fn all_promised(&self) -> u128 {
		let all = self.state();
		all.promised.values().fold(0, |sum, planck| sum.saturating_add(*planck))
	}

	/// What was wrong with devices, and why some were promised no more; it is told once.
	pub fn complaints(&self) -> Vec<Complaint> {
		std::mem::take(&mut self.state().complaints)
	}

	/// Signs a voucher.
	fn sign(&self, slot: SlotId, device: DeviceId, total: u128) -> Voucher {
		let said = Said {
			at: At::new(slot.deal, slot.slot.into()),
			device,
			total,
		};
		let signature = self.pair.sign(&said.payload(&self.genesis));
		let proof = [&[SR25519][..], &signature.0].concat();
		Voucher { total, proof }
	}
}

impl State {
	fn complain(&mut self, slot: SlotId, device: DeviceId, why: Why) {
		let complaint = Complaint { slot, device, why };
		if self.complaints.len() < MOST_COMPLAINTS && !self.complaints.contains(&complaint) {
			self.complaints.push(complaint);
		}
	}

	/// What may still be promised: of debts no device gets more than its share, or whoever claims first gets all.
	fn left_for(&self, open: &Open, may: &May) -> Most {
		let devices = u128::try_from(open.may.len()).unwrap_or(u128::MAX).max(1);
		let share = self.agreed.debts.div_ceil(devices).saturating_sub(may.debts);
		Most {
			debts: self.left.debts.min(share),
			..self.left
		}
	}

	/// Changes how it stands with a device, which outlives this program.
	fn change(&mut self, slot: SlotId, device: DeviceId, change: impl FnOnce(&mut Bill)) {
		let Some(open) = self.deals.get_mut(&slot.deal) else {
			return;
		};
		let place = (slot.slot, device);
		let mut bill = open.paid.of(&place);
		change(&mut bill);
		if let Err(error) = open.paid.note(place, bill, false) {
			// What is not kept is not promised.
			self.stuck = Some(error.to_string());
		}
	}

	/// Promises, and keeps that it did. Nothing is promised otherwise.
	fn promise(&mut self, slot: SlotId, device: DeviceId, total: u128) -> Result<(), Why> {
		if let Some(why) = &self.stuck {
			return Err(Why::Stuck(why.clone()));
		}
		let place = (slot.slot, device);
		let open = self.deals.get(&slot.deal).ok_or(Why::Unasked)?;
		let may = open.may.get(&place).copied().ok_or(Why::Unasked)?;
		let promise = judge(open.paid.of(&place), total, may, self.left_for(open, &may))?;
		if promise.more == 0 {
			return Ok(());
		}
		let open = self.deals.get_mut(&slot.deal).ok_or(Why::Unasked)?;
		if let Err(error) = open.paid.note(place, promise.bill, true) {
			let why = error.to_string();
			self.stuck = Some(why.clone());
			return Err(Why::Stuck(why));
		}
		if let Some(may) = open.may.get_mut(&place) {
			may.debts = may.debts.saturating_add(promise.debts);
		}
		self.left.promises = self.left.promises.saturating_sub(promise.more);
		self.left.debts = self.left.debts.saturating_sub(promise.debts);
		let all = self.promised.entry(slot.deal).or_default();
		*all = all.saturating_add(promise.more);
		Ok(())
	}
}

impl Payer for Purse {
	fn voucher(&self, slot: SlotId, device: DeviceId, total: u128) -> Result<Voucher, Unwilling> {
		let mut state = self.state();
		match state.promise(slot, device, total) {
			Ok(()) => Ok(self.sign(slot, device, total)),
			Err(why) => {
				let words = why.to_string();
				let debts = matches!(why, Why::Debts(_));
				state.complain(slot, device, why);
				Err(match debts {
					true => Unwilling::Overcharged(words),
					false => Unwilling::Spent(words),
				})
			}
		}
	}

	fn owes(&self, slot: SlotId, device: DeviceId) -> u128 {
		let (state, place) = (self.state(), (slot.slot, device));
		let Some(open) = state.deals.get(&slot.deal) else {
			return 0;
		};
		let bill = open.paid.of(&place);
		let Some(may) = open.may.get(&place) else {
			return bill.owed;
		};
		// The step comes besides.
		let lost = may.beyond(&bill).saturating_sub(may.step);
		bill.owed
			.saturating_add(lost)
			.saturating_add(state.left_for(open, may).debts)
	}

	fn unpaid(&self, slot: SlotId, device: DeviceId, price: u128) -> u128 {
		let (state, asks) = (self.state(), cost(price, UNPAID));
		let open = state.deals.get(&slot.deal);
		let may = open.and_then(|open| open.may.get(&(slot.slot, device)));
		may.map_or(asks, |may| may.step.min(asks))
	}

	fn begins(&self, slot: SlotId, device: DeviceId, planck: u128) {
		self.state().change(slot, device, |bill| {
			bill.open = bill.open.saturating_add(planck);
		});
	}

	fn ended(&self, slot: SlotId, device: DeviceId, begun: u128, owed: u128, lost: u128) {
		self.state().change(slot, device, |bill| {
			bill.open = bill.open.saturating_sub(begun);
			bill.owed = bill.owed.saturating_add(owed);
			bill.lost = bill.lost.saturating_add(lost);
		});
	}

	fn overcharged(&self, slot: SlotId, device: DeviceId, why: &str) {
		self.state().complain(slot, device, Why::Overcharged(why.into()));
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs::File;
	use tempfile::TempDir;

	const GENESIS: [u8; 32] = [9; 32];
	/// A planck for a byte.
	const PRICE: u128 = 1 << 20;
	const STEP: u128 = 4 << 20;
	const DEVICE: DeviceId = DeviceId([5; 32]);
	const SLOT: SlotId = SlotId { deal: 17, slot: 3 };

	fn seller(limit: u128, paid: u128) -> Seller {
		Seller {
			slot: SLOT.slot,
			device: DEVICE,
			price: PRICE,
			fair: PRICE,
			limit,
			paid,
		}
	}

	/// A program that begins in this folder.
	fn begin(folder: &TempDir, seller: Seller, most: Most) -> Purse {
		let purse = Purse::new(sr25519::Pair::from_seed(&[1; 32]), GENESIS);
		purse.agree(most);
		purse
			.open(SLOT.deal, &folder.path().join("paid/17"), &[seller])
			.unwrap();
		purse
	}

	const ALL: Most = Most {
		promises: u128::MAX,
		debts: 0,
	};

	impl Purse {
		fn reads(&self, planck: u128) {
			self.begins(SLOT, DEVICE, planck);
			self.ended(SLOT, DEVICE, planck, planck, 0);
		}

		/// Breaks a read off of which nothing came.
		fn breaks_off(&self, planck: u128) {
			self.begins(SLOT, DEVICE, planck);
			self.ended(SLOT, DEVICE, planck, 0, planck);
		}

		fn asks(&self, total: u128) -> bool {
			self.voucher(SLOT, DEVICE, total).is_ok()
		}
	}

	#[test]
	fn a_voucher_is_what_the_chain_redeems() {
		let folder = tempfile::tempdir().unwrap();
		let purse = begin(&folder, seller(STEP, 0), ALL);
		let voucher = purse.voucher(SLOT, DEVICE, 100).unwrap();
		let (kind, signature) = voucher.proof.split_first().unwrap();
		let said = Said {
			at: At::new(17, 3),
			device: DEVICE,
			total: 100,
		};
		let signature = sr25519::Signature::from_raw(signature.try_into().unwrap());
		let by = sr25519::Pair::from_seed(&[1; 32]).public();
		assert_eq!((*kind, voucher.total, voucher.proof.len()), (1, 100, 65));
		assert!(sr25519::Pair::verify(&signature, said.payload(&GENESIS), &by));
	}

	/// Taker: takes what it is promised, and gives nothing; each time this program begins anew it says that it is owed
	/// the step again.
	#[test]
	fn the_taker_of_vouchers_gets_a_step_for_good() {
		let folder = tempfile::tempdir().unwrap();
		for _ in 0..3 {
			let purse = begin(&folder, seller(u128::MAX, 0), ALL);
			assert_eq!(purse.owes(SLOT, DEVICE), 0);
			assert!(purse.asks(STEP), "it may have been sent, and lost");
			assert!(!purse.asks(STEP + 1));
		}
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		assert_eq!(purse.promised(17), 0, "promised before");
		purse.reads(10);
		assert!(purse.asks(STEP + 10) && !purse.asks(STEP + 11));
		assert_eq!(purse.promised(17), 10);
	}

	#[test]
	fn the_overcharger_is_told_and_not_paid() {
		let folder = tempfile::tempdir().unwrap();
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		purse.reads(1_000);
		for _ in 0..2 {
			let refused = purse.voucher(SLOT, DEVICE, 1_000 + STEP + 7).unwrap_err();
			assert!(matches!(refused, Unwilling::Overcharged(why) if why.contains("7 planck")));
		}
		purse.overcharged(SLOT, DEVICE, "2 planck for a MiB, and on chain 1");
		let complaints = purse.complaints();
		let whys: Vec<&Why> = complaints.iter().map(|complaint| &complaint.why).collect();
		assert!(matches!(whys[..], [Why::Debts(7), Why::Overcharged(_)]), "{whys:?}");
		assert!(purse.complaints().is_empty(), "told once");
		assert_eq!(purse.all_promised(), 0);
	}

	/// Redeemer: has the chain pay what it was promised for nothing, so that it looks like somebody's debts.
	#[test]
	fn the_redeemer_gets_no_second_step() {
		let folder = tempfile::tempdir().unwrap();
		assert!(begin(&folder, seller(u128::MAX, 0), ALL).asks(STEP));
		let purse = begin(&folder, seller(u128::MAX, STEP), ALL);
		assert!(!purse.asks(STEP + 1));
	}

	#[test]
	fn debts_of_another_machine_are_paid_once_they_are_proven_or_allowed() {
		let folder = tempfile::tempdir().unwrap();
		let debts = 10 * STEP;
		assert!(!begin(&folder, seller(u128::MAX, 0), ALL).asks(debts));
		// The device has redeemed what the other machine promised it.
		let purse = begin(&folder, seller(u128::MAX, debts), ALL);
		assert_eq!(purse.owes(SLOT, DEVICE), debts);
		assert!(purse.asks(debts + STEP) && !purse.asks(debts + STEP + 1));
		drop(purse);
		// More of it is allowed, for all devices together.
		let most = Most { debts: 100, ..ALL };
		let purse = begin(&folder, seller(u128::MAX, debts), most);
		assert!(purse.asks(debts + STEP + 60) && !purse.asks(debts + STEP + 101));
		assert!(purse.asks(debts + STEP + 100) && !purse.asks(debts + STEP + 101));
	}

	#[test]
	fn no_more_is_promised_than_was_agreed_to() {
		let folder = tempfile::tempdir().unwrap();
		let most = Most {
			promises: 500,
			debts: 0,
		};
		let purse = begin(&folder, seller(u128::MAX, 0), most);
		purse.reads(1_000);
		assert!(purse.asks(300) && purse.asks(500));
		let refused = purse.voucher(SLOT, DEVICE, 501).unwrap_err();
		assert!(matches!(refused, Unwilling::Spent(_)));
		assert_eq!(purse.complaints()[0].why, Why::Budget);
		assert_eq!(purse.promised(17), 500);
		// The next run is asked anew, and what was promised before is not counted again.
		drop(purse);
		let purse = begin(&folder, seller(u128::MAX, 0), most);
		assert!(purse.asks(1_000) && !purse.asks(1_001));
	}

	#[test]
	fn no_more_is_promised_than_was_put_in() {
		let folder = tempfile::tempdir().unwrap();
		let purse = begin(&folder, seller(700, 0), ALL);
		purse.reads(1_000);
		assert!(purse.asks(700) && !purse.asks(701));
		assert_eq!(purse.complaints()[0].why, Why::Limit);
	}

	#[test]
	fn what_was_promised_is_promised_no_second_time() {
		let folder = tempfile::tempdir().unwrap();
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		purse.reads(1_000);
		assert!(purse.asks(900) && purse.asks(900) && purse.asks(400));
		assert_eq!(purse.promised(17), 900);
		drop(purse);
		let nothing = Most::default();
		let purse = begin(&folder, seller(u128::MAX, 0), nothing);
		assert!(
			purse.asks(900) && !purse.asks(901),
			"a voucher that was lost is shown again"
		);
		assert_eq!(purse.promised(17), 0);
	}

	/// A second program has the file, or there is nobody to be paid: nothing is promised.
	#[test]
	fn what_cannot_be_kept_is_not_promised() {
		let folder = tempfile::tempdir().unwrap();
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		let twin = Purse::new(sr25519::Pair::from_seed(&[1; 32]), GENESIS);
		twin.agree(ALL);
		let taken = twin.open(17, &folder.path().join("paid/17"), &[seller(u128::MAX, 0)]);
		assert!(matches!(taken, Err(VoucherError::Taken)));
		assert!(!twin.asks(1));
		assert_eq!(twin.complaints()[0].why, Why::Unasked);
		let other = DeviceId([6; 32]);
		assert!(purse.voucher(SLOT, other, 1).is_err(), "another device");
		purse.close(17);
		assert!(!purse.asks(1));
		// What cannot be written is no promise, and nothing is promised any more afterwards.
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		let unwritable = File::open(folder.path().join("paid/17")).unwrap();
		purse.state().deals.get_mut(&17).unwrap().paid.replace(unwritable);
		for total in [1, 2] {
			let refused = purse.voucher(SLOT, DEVICE, total);
			assert!(matches!(refused, Err(Unwilling::Spent(why)) if why.contains("cannot be kept")));
		}
		assert!(matches!(purse.complaints()[..], [Complaint { why: Why::Stuck(_), .. }]));
		assert_eq!(purse.all_promised(), 0);
		drop(purse);
		assert_eq!(
			begin(&folder, seller(u128::MAX, 0), ALL).state().deals[&17]
				.paid
				.of(&(3, DEVICE)),
			Bill::default()
		);
		// Likewise where a read is not noted.
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		let unwritable = File::open(folder.path().join("paid/17")).unwrap();
		purse.state().deals.get_mut(&17).unwrap().paid.replace(unwritable);
		purse.begins(SLOT, DEVICE, 1);
		assert!(matches!(purse.voucher(SLOT, DEVICE, 1), Err(Unwilling::Spent(_))));
	}

	/// Killed while a read was under way: the device may have sent all of it. That is believed once, or whoever has
	/// this program killed would be paid for it each time.
	#[test]
	fn a_read_that_a_kill_broke_off_may_be_paid() {
		let folder = tempfile::tempdir().unwrap();
		for killed in 1..=9_u128 {
			let purse = begin(&folder, seller(u128::MAX, 0), ALL);
			purse.begins(SLOT, DEVICE, STEP / 2);
			let lost = (killed - 1) * STEP / 2;
			assert!(!purse.asks(STEP + lost + 1), "not while it is under way");
			drop(purse);
			let purse = begin(&folder, seller(u128::MAX, 0), ALL);
			let lost = (killed * STEP / 2).min(STEP);
			assert_eq!(purse.owes(SLOT, DEVICE), lost);
			assert!(purse.asks(STEP + lost) && !purse.asks(STEP + lost + 1));
		}
	}

	/// Staller: takes the last request of each command, sends nothing, and is broken off.
	#[test]
	fn the_staller_gets_two_steps_for_good() {
		let folder = tempfile::tempdir().unwrap();
		let mut gave = 0;
		for _ in 0..40 {
			let purse = begin(&folder, seller(u128::MAX, 0), ALL);
			purse.reads(1_000);
			gave += 1_000;
			purse.breaks_off(PRICE);
			assert!(!purse.asks(gave + 2 * STEP + 1));
		}
		let purse = begin(&folder, seller(u128::MAX, 0), ALL);
		assert_eq!(purse.owes(SLOT, DEVICE), gave + STEP);
		assert!(purse.asks(gave + 2 * STEP) && !purse.asks(gave + 2 * STEP + 1));
	}

	/// Gouger: asks a thousand times what the others do, claims what it could have sent unpaid, and asks twice as much
	/// at the next run.
	#[test]
	fn the_gouger_gets_a_step_at_a_fair_price() {
		let folder = tempfile::tempdir().unwrap();
		for times in [1_000, 2_000, 4_000, u128::MAX / PRICE] {
			let price = times * PRICE;
			let purse = begin(
				&folder,
				Seller {
					price,
					..seller(u128::MAX, 0)
				},
				ALL,
			);
			assert_eq!(purse.unpaid(SLOT, DEVICE, price), STEP);
			assert!(!purse.asks(cost(price, UNPAID)) && !purse.asks(STEP + 1));
			assert!(purse.asks(STEP));
		}
		// Who asks less than is fair gets a step of that.
		let cheap = Seller {
			price: PRICE / 2,
			..seller(u128::MAX, 0)
		};
		let other = tempfile::tempdir().unwrap();
		let purse = begin(&other, cheap, ALL);
		assert_eq!(purse.unpaid(SLOT, DEVICE, PRICE / 2), STEP / 2);
		assert!(purse.asks(STEP / 2) && !purse.asks(STEP / 2 + 1));
	}

	/// First one: claims all debts that may be paid before the others do.
	#[test]
	fn the_first_to_claim_debts_gets_its_share() {
		let folder = tempfile::tempdir().unwrap();
		let all: Vec<Seller> = (0..4)
			.map(|number| Seller {
				slot: number,
				device: DeviceId([number; 32]),
				..seller(u128::MAX, 0)
			})
			.collect();
		let purse = Purse::new(sr25519::Pair::from_seed(&[1; 32]), GENESIS);
		purse.agree(Most { debts: 400, ..ALL });
		purse.open(17, &folder.path().join("paid/17"), &all).unwrap();
		for seller in &all {
			let slot = SlotId {
				deal: 17,
				slot: seller.slot,
			};
			let asks = |total| purse.voucher(slot, seller.device, total).is_ok();
			assert_eq!(purse.owes(slot, seller.device), 100);
			assert!(!asks(STEP + 101) && asks(STEP + 60) && asks(STEP + 100));
			assert!(!asks(STEP + 101), "it has its share");
		}
		assert_eq!(purse.all_promised(), 4 * (STEP + 100));
	}
}
