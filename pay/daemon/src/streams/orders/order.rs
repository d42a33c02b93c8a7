//! An order, at either end, and what is kept of it.

use super::super::{digits_of, StreamId};
use crate::{answer::words::lasting, arrive::unix_now};
use channel_primitives::{Balance, ChannelId, ChannelSignature, Hash, LockId, Tick, MAX_LOCKS};
use codec::{Decode, DecodeAll, Encode};
use smart_pay_api::{metrics::Counts, OrderView, Planck};
use smart_pay_frames::wire::{Bill, OrderTerms, StreamTerms, MAX_STREAM_TEXT};
use smartchain_channel::Place;
use std::time::Duration;

/// For so long at least a partner's offer is here that waits for our word, though there is no room for others: what a
/// person was told of it is what it accepts, and not what came under the same number since.
const KEPT: Duration = Duration::from_secs(600);
/// For how many ticks a deposit may be locked: less than the week that a lock may last.
const LONGEST: Tick = 1_000_000;
/// How far the ticks of two programs may be apart.
pub(super) const APART: Tick = 240;
/// Locks over units that are waited for at most: one side has so many in a channel.
const MOST_LEGS: usize = MAX_LOCKS as usize;
/// The version of what is kept.
const VERSION: u8 = 1;

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) enum State {
	/// Nobody has accepted it.
	#[codec(index = 0)]
	Offered,
	/// Units are counted and paid.
	#[codec(index = 1)]
	Running,
	/// There is a bill: of the payer's order one that it pays.
	#[codec(index = 2)]
	Billed,
	/// All is paid.
	#[codec(index = 3)]
	Done,
	/// The deposit is the payee's.
	#[codec(index = 4)]
	Forfeit,
	/// The deposit is back, and not all was paid.
	#[codec(index = 5)]
	Failed,
}

/// An order, at either end. It is kept as it is, after each change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(in super::super) struct Order {
	pub(super) terms: OrderTerms,
	pub(super) channel: ChannelId,
	pub(super) pays: bool,
	pub(super) state: State,
	/// Units of the payer's meter. They are kept before they are given.
	pub(super) units: u32,
	pub(super) bill: Option<Bill>,
	/// What names it since it is accepted: see [`OrderTerms::accepted`].
	pub(super) accepted: Option<Hash>,
	/// The lock over the deposit, while it is there.
	pub(super) deposit: Option<Place>,
	/// Locks over units of which it is not counted yet what they came to.
	pub(super) legs: Vec<LockId>,
	/// The newest lock over units that was ever one of these: numbers of locks go up, and each is counted once.
	pub(super) newest: Option<LockId>,
	/// What such locks came to in all, in planck.
	pub(super) paid: Balance,
	/// Of the payer: what this side has paid in all in the channel once the rest of the bill is.
	pub(super) owes: Option<Balance>,
	/// Of the payee: whether the payer has signed the bill, and whether the rest came.
	pub(super) agreed: bool,
	pub(super) came: bool,
	/// Of the payee: the arbiter's word by which it takes the deposit.
	pub(super) word: Option<ChannelSignature>,
	pub(super) why: Option<String>,
	/// When it was offered, in seconds of Unix time.
	pub(super) since: u64,
}

impl Order {
	pub(super) fn new(terms: OrderTerms, channel: ChannelId, pays: bool) -> Self {
		Self {
			terms,
			channel,
			pays,
			state: State::Offered,
			units: 0,
			bill: None,
			accepted: None,
			deposit: None,
			legs: Vec::new(),
			newest: None,
			paid: 0,
			owes: None,
			agreed: false,
			came: false,
			word: None,
			why: None,
			since: unix_now(),
		}
	}

	/// As it is kept.
	pub(super) fn to_bytes(&self) -> Vec<u8> {
		(VERSION, self).encode()
	}

	/// From what was kept; none if another program has written it.
	pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
		let (version, mut rest) = bytes.split_first()?;
		if *version != VERSION {
			return None;
		}
		Self::decode_all(&mut rest).ok()
	}

	/// Whether a stream with its number is that of its units.
	pub fn takes(&self, channel: ChannelId, stream: &StreamTerms) -> bool {
		let terms = &self.terms;
		!self.pays && self.channel == channel && (terms.unit, terms.most) == (stream.unit, stream.steps)
	}

	/// Whether it is a partner's offer that waits for our word.
	pub(super) fn waits(&self) -> bool {
		self.pays && self.state == State::Offered
	}

	/// Whether another one may take its place, of those that nobody has accepted. An order of ours takes that of any; a
	/// partner's that of other partners' alone, and not at once.
	pub(super) fn gives_way(&self, to_ours: bool) -> bool {
		let age = Duration::from_secs(unix_now().saturating_sub(self.since));
		self.state == State::Offered && (to_ours || (self.pays && age > KEPT))
	}

	/// Whether its payee may bill it, once more if the payer's meter counts otherwise. What is paid already is: whoever
	/// has paid one bill could agree to a higher one, and have the deposit back for that.
	pub(super) fn may_bill(&self) -> bool {
		!self.pays && matches!(self.state, State::Running | State::Billed) && !self.agreed && !self.came
	}

	/// Whether units of it are, or were, paid by a stream that may not have ended.
	pub(super) fn streams(&self) -> bool {
		matches!(self.state, State::Running | State::Billed)
	}

	/// Whether nothing is due of it any more.
	pub fn has_ended(&self) -> bool {
		matches!(self.state, State::Done | State::Forfeit | State::Failed) && self.deposit.is_none()
	}

	/// Whether neither anything is due of it nor a lock left over its units.
	pub(super) fn is_settled(&self) -> bool {
		self.has_ended() && self.legs.is_empty()
	}

	/// Units that were paid for good.
	pub(super) fn units_paid(&self) -> u32 {
		u32::try_from(self.paid / self.terms.unit.max(1)).unwrap_or(u32::MAX)
	}

	/// What was paid for good of its units, in planck.
	pub fn paid(&self) -> Balance {
		self.paid
	}

	/// A lock over units begins to be one, unless it was one before.
	pub(super) fn leg_begins(&mut self, lock: LockId) {
		if self.newest.is_some_and(|newest| lock <= newest) {
			return;
		}
		self.newest = Some(lock);
		// A payer that begins one over the other, and pays none, has some of them not counted.
		if self.legs.len() >= MOST_LEGS {
			self.legs.remove(0);
		}
		self.legs.push(lock);
	}

	/// What a lock over units came to is counted, once.
	pub(super) fn leg_gone(&mut self, lock: LockId, amount: Balance) {
		let before = self.legs.len();
		self.legs.retain(|other| *other != lock);
		if self.legs.len() < before {
			self.paid = self.paid.saturating_add(amount);
		}
	}

	/// It is done, forfeit or has failed; each is counted once.
	pub(super) fn ends(&mut self, state: State, counts: &mut Counts) {
		if self.state == state {
			return;
		}
		self.state = state;
		let result = match state {
			State::Done => "done",
			State::Forfeit => "forfeit",
			_ => "failed",
		};
		*counts.orders.entry(result).or_default() += 1;
	}

	pub(super) fn view(&self, id: &StreamId) -> OrderView {
		let state = match self.state {
			State::Offered => "offered",
			State::Running => "running",
			State::Billed => "billed",
			State::Done if self.deposit.is_some() => "paid; the deposit is on its way back",
			State::Done => "done; the deposit is back",
			State::Forfeit => "forfeit: the deposit is the payee's",
			State::Failed => "failed",
		};
		OrderView {
			order: digits_of(id),
			hash: self.accepted.map(|hash| hex(&hash)).unwrap_or_default(),
			pays: self.pays,
			channel: self.channel,
			what: self.terms.what.clone(),
			unit: Planck(self.terms.unit),
			most: self.terms.most,
			deposit: Planck(self.terms.deposit),
			state: state.into(),
			units: self.bill.map_or(self.units, |bill| bill.units),
			amount: Planck(self.bill.map_or(0, |bill| bill.amount)),
			why: self.why.clone(),
		}
	}
}

pub(super) fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a bill comes to.
pub(super) fn amount_of(terms: &OrderTerms, units: u32) -> Balance {
	terms.base.saturating_add(terms.unit.saturating_mul(units.into()))
}

/// Whether an order makes sense.
pub(super) fn check(terms: &OrderTerms) -> Result<(), String> {
	if terms.unit == 0 || terms.most == 0 || terms.base == 0 || terms.deposit == 0 {
		return Err(
			"unit, most, base and deposit of an order are not 0: the payment of the base names the bill".into(),
		);
	}
	if terms.lasts <= APART || terms.lasts > LONGEST {
		return Err(format!(
			"the deposit of an order is locked for more than {}, and at most {}",
			lasting(APART),
			lasting(LONGEST)
		));
	}
	if terms.what.len() > MAX_STREAM_TEXT || terms.what.contains(char::is_control) {
		return Err(format!(
			"what an order is has at most {MAX_STREAM_TEXT} bytes, all on one line"
		));
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use channel_primitives::ChannelKey;

	fn order(pays: bool) -> Order {
		let terms = OrderTerms {
			id: [1; 16],
			payee: [2; 32],
			unit: 50,
			most: 60,
			base: 100,
			deposit: 5_000,
			lasts: 6_000,
			arbiter: ChannelKey([3; 32]),
			what: "charging".into(),
		};
		Order::new(terms, 7, pays)
	}

	/// Painter offers something whose name wipes the deposit from the screen of whoever is asked.
	#[test]
	fn what_is_offered_paints_over_nothing() {
		let mut terms = order(true).terms;
		assert_eq!(check(&terms), Ok(()));
		terms.what = "tea\u{1b}[2A\r".into();
		assert!(check(&terms).is_err());
	}

	/// Haggler pays the first bill without a word, waits for the second, and agrees to that.
	#[test]
	fn a_bill_that_is_paid_is_not_billed_anew() {
		let mut order = order(false);
		assert!(!order.may_bill(), "nobody has accepted it");
		order.state = State::Running;
		assert!(order.may_bill());
		order.state = State::Billed;
		assert!(order.may_bill(), "its payer counts otherwise");
		order.came = true;
		assert!(!order.may_bill());
		(order.came, order.agreed) = (false, true);
		assert!(!order.may_bill());
	}

	/// Switcher has its own offer pushed out by others, and offers something else under the same number.
	#[test]
	fn an_offer_that_somebody_may_be_looking_at_stays() {
		let (mut theirs, mut ours) = (order(true), order(false));
		assert!(!theirs.gives_way(false) && theirs.gives_way(true));
		assert!(!ours.gives_way(false) && ours.gives_way(true));
		// Ten minutes later.
		(theirs.since, ours.since) = (theirs.since - 601, ours.since - 601);
		assert!(theirs.gives_way(false) && !ours.gives_way(false));
		theirs.state = State::Running;
		assert!(!theirs.gives_way(true));
	}

	#[test]
	fn a_lock_is_counted_once() {
		let mut order = order(true);
		for lock in [3, 5, 5, 4] {
			order.leg_begins(lock);
		}
		assert_eq!(order.legs, [3, 5]);
		order.leg_gone(5, 200);
		order.leg_gone(5, 200);
		order.leg_gone(9, 1);
		order.leg_begins(5);
		assert_eq!((order.paid, order.units_paid(), &order.legs[..]), (200, 4, &[3][..]));
	}

	/// Piler begins one lock after the other over the same order, without an end.
	#[test]
	fn locks_that_come_to_nothing_do_not_pile_up() {
		let mut order = order(false);
		for lock in 0..1_000 {
			order.leg_begins(lock);
		}
		assert_eq!(order.legs, (936..1_000).collect::<Vec<_>>());
	}

	/// Made by another program, from the layout of SCALE.
	#[test]
	fn bytes_stay() {
		let mut order = order(true);
		order.state = State::Billed;
		order.units = 40;
		order.bill = Some(Bill {
			order: [4; 32],
			units: 40,
			amount: 2_100,
		});
		order.accepted = Some([5; 32]);
		order.deposit = Some(Place { channel: 7, id: 8 });
		order.legs = vec![9, 10];
		order.newest = Some(10);
		order.paid = 1_000;
		order.owes = Some(3_000);
		order.word = Some(ChannelSignature([6; 64]));
		order.why = Some("so".into());
		order.since = 1_700_000_000;
		assert_eq!(hex(&order.to_bytes()), GOLDEN);
		assert_eq!(Order::from_bytes(&order.to_bytes()), Some(order.clone()));
		let mut newer = order.to_bytes();
		newer[0] = 2;
		assert_eq!(Order::from_bytes(&newer), None);
		for end in 0..newer.len() {
			assert_eq!(Order::from_bytes(&order.to_bytes()[..end]), None);
		}
	}

	const GOLDEN: &str = concat!(
		"010101010101010101010101010101010102020202020202020202020202020202020202020202020202020202020202",
		"02320000000000000000000000000000003c000000640000000000000000000000000000008813000000000000000000",
		"000000000070170000030303030303030303030303030303030303030303030303030303030303030320636861726769",
		"6e6707000000000000000102280000000104040404040404040404040404040404040404040404040404040404040404",
		"042800000034080000000000000000000000000000010505050505050505050505050505050505050505050505050505",
		"05050505050501070000000000000008000000000000000809000000000000000a00000000000000010a000000000000",
		"00e803000000000000000000000000000001b80b00000000000000000000000000000000010606060606060606060606",
		"060606060606060606060606060606060606060606060606060606060606060606060606060606060606060606060606",
		"06060606060108736f00f1536500000000",
	);
}
