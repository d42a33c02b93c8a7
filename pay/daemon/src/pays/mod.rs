//! Payments that a command has asked for: one or many of an invoice, to a partner or over relays.

mod asked;
mod begun;
mod map;

pub(super) use begun::Begun;
pub(super) use map::Map;

use super::{arrive::unix_now, Daemon};
use channel_primitives::{Balance, ChannelId, Hash, LockId};
use codec::Encode;
use rand_core::{OsRng, RngCore};
use smart_pay_api::{PayView, Planck};
use smart_pay_chain::Ledger;
use smart_pay_frames::{
	invoice::{hash_lock, Due, Invoice},
	wire::{Frame, InvoiceTerms, NodeKey, MAX_HASHES},
};
use smart_pay_routes::{
	letter::{FaultKey, Letter, On},
	Way as Route,
};
use smartchain_channel::{Event, Place, Reason};
use std::{
	collections::{BTreeMap, VecDeque},
	sync::Arc,
	time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// Locks of one payment on their way at most: a channel takes 64 of all.
const MOST_LOCKS: usize = 40;
/// Payments for good that wait to be stored at most.
const MOST_AHEAD: u32 = 1_024;
/// Payments that are remembered; the oldest that has ended is forgotten.
const MOST_PAYMENTS: usize = 256;
/// The number of none.
const NONE: u64 = 0;
/// Numbers of payments for each start of the daemon, and starts that have numbers of their own.
const NUMBERS: u64 = 1 << 24;
const MOST_STARTS: u64 = 1 << 28;
/// Hashes that are asked for ahead.
const AHEAD: usize = 512;
/// How long is waited for hashes before they are asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Over so many ways a payment is tried at most.
const MOST_TRIES: u8 = 5;
/// After so long another way is looked for again, if there was none.
const SEARCH_AGAIN: Duration = Duration::from_secs(1);
/// So many channels that it failed at are gone around.
const MOST_WITHOUT: usize = 16;

/// Which way a payment goes.
#[derive(Clone, Debug)]
enum Way {
	/// To the partner of this channel.
	Direct(ChannelId),
	/// Over these channels.
	Over(Arc<Route>),
	/// Relays are asked what they take.
	Looking,
}

/// A payment that is next.
#[derive(Clone, Copy, Debug)]
struct Next {
	index: u32,
	hash: Hash,
	/// Over how many ways it was tried.
	tries: u8,
}

/// A lock that is on its way.
struct Flight {
	/// Whose it is.
	payment: u64,
	next: Next,
	route: Arc<Route>,
	faults: Vec<FaultKey>,
}

/// A payment, or many of one invoice.
struct Payment {
	invoice: Invoice,
	way: Way,
	times: u32,
	/// The next one that is begun.
	next: u32,
	hashes: VecDeque<Next>,
	/// Channels that it failed at.
	without: Vec<ChannelId>,
	/// When no other way was found.
	searched: Option<Instant>,
	/// Up to which one hashes were asked for or came.
	asked: u32,
	asked_at: Option<Instant>,
	paid: u32,
	failed: u32,
	in_flight: u32,
	amount: Balance,
	fees: Balance,
	began: Instant,
	ended: Option<Duration>,
	why: Option<String>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Pays {
	all: BTreeMap<u64, Payment>,
	last: u64,
	/// Those that are locked.
	locks: BTreeMap<Place, Flight>,
	/// Whose payments for good are being stored, in their order.
	direct: BTreeMap<ChannelId, VecDeque<u64>>,
}

impl Payment {
	fn view(&self, payment: u64) -> PayView {
		let time = self.ended.unwrap_or_else(|| self.began.elapsed());
		PayView {
			payment,
			times: self.times,
			paid: self.paid,
			failed: self.failed,
			in_flight: self.in_flight,
			amount: Planck(self.amount),
			fees: Planck(self.fees),
			millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
			done: self.ended.is_some(),
			why: self.why.clone(),
		}
	}

	/// The rest is not begun.
	fn stop(&mut self, why: String) {
		let rest = self.times.saturating_sub(self.next);
		self.failed = self.failed.saturating_add(rest);
		self.next = self.times;
		self.why = Some(why);
	}

	fn end(&mut self) {
		if self.ended.is_none() && self.next >= self.times && self.in_flight == 0 {
			self.ended = Some(self.began.elapsed());
		}
	}
}

impl Pays {
	/// None yet. Numbers go on where none was before: who asks about a payment of before a start must not be told of
	/// another one. They fit 53 bits.
	pub fn new(starts: u64) -> Self {
		Self {
			last: starts.min(MOST_STARTS).saturating_mul(NUMBERS),
			..Self::default()
		}
	}

	/// A new one.
	fn add(&mut self, payment: Payment) -> u64 {
		if self.all.len() >= MOST_PAYMENTS {
			let oldest = self
				.all
				.iter()
				.find(|(_, payment)| payment.ended.is_some())
				.map(|(id, _)| *id);
			if let Some(oldest) = oldest {
				self.all.remove(&oldest);
			}
		}
		self.last += 1;
		self.all.insert(self.last, payment);
		self.last
	}

	/// Whether all that was begun of an invoice has ended, and nothing of it was paid; as far as is known since the
	/// start.
	fn came_to_nothing(&self, memo: &Hash) -> bool {
		let of_it = |payment: &&Payment| payment.invoice.memo() == *memo;
		let mut begun = self.all.values().filter(of_it).peekable();
		begun.peek().is_some() && begun.all(|payment| payment.ended.is_some() && payment.paid == 0)
	}

	/// Something is paid for good in a channel that is none of these.
	pub fn given(&mut self, channel: ChannelId) {
		self.direct.entry(channel).or_default().push_back(NONE);
	}

	/// How far one is.
	pub fn view(&self, payment: u64) -> Option<PayView> {
		self.all.get(&payment).map(|found| found.view(payment))
	}

	/// Whether this node is a payee's that something is still to be asked of.
	pub fn wants(&self, node: &NodeKey) -> bool {
		let mut open = self.all.values().filter(|payment| payment.ended.is_none());
		open.any(|payment| payment.invoice.node == *node)
	}

	/// A node has told hashes. They are taken from the payee's alone: whoever else names what a payment is locked by
	/// could claim it, and relays know the terms of an invoice, too.
	pub fn hashes(&mut self, node: &NodeKey, terms: &InvoiceTerms, from: u32, hashes: Vec<Hash>) {
		for payment in self.all.values_mut() {
			let wanted = payment.ended.is_none() && payment.invoice.terms == *terms && payment.asked == from;
			if !wanted || payment.invoice.node != *node {
				continue;
			}
			for (index, hash) in (from..payment.times).zip(hashes.iter().take(usize::from(MAX_HASHES))) {
				let (hash, tries) = (*hash, 0);
				payment.hashes.push_back(Next { index, hash, tries });
				payment.asked = index.saturating_add(1);
			}
			payment.asked_at = None;
		}
	}
}

impl<L: Ledger> Daemon<L> {
	/// Which way an invoice is paid: to its payee, or over the cheapest way that is known. Relays that have not said
	/// what they take are asked.
	///
	/// # Errors
	/// Why there is none.
	async fn way(&mut self, invoice: &Invoice) -> Result<Way, String> {
		if let Some(direct) = self.direct(invoice) {
			return Ok(Way::Direct(direct));
		}
		// What the chain says anew is asked for in any case: a channel more may be cheaper.
		let surveyed = self.survey(&invoice.payee).await;
		if let Some(route) = self.over(invoice, &[]) {
			return Ok(Way::Over(Arc::new(route)));
		}
		surveyed?;
		if self.map.waits() {
			return Ok(Way::Looking);
		}
		Err(self.no_way(invoice))
	}

	/// A channel with the payee that has room.
	fn direct(&self, invoice: &Invoice) -> Option<ChannelId> {
		let with = self
			.contacts
			.iter()
			.filter(|(_, contact)| contact.partner == invoice.payee);
		let mut ready = with.filter(|(id, _)| self.party.may_sign(**id).is_ok());
		let found = ready.find(|(id, _)| self.room(**id) >= invoice.terms.amount);
		found.map(|(id, _)| *id)
	}

	fn no_way(&self, invoice: &Invoice) -> String {
		let seen = self.contacts.values().any(|contact| contact.partner == invoice.payee);
		if seen {
			"the channel with the payee has too little money, or is not ready, and there is no way on over relays: see \
			 `smart-pay channels`; put more in, or open another"
				.into()
		} else {
			"there is no channel with the payee, and no way on over relays that takes as much for at most a twentieth \
			 of it: open a channel with the payee or with a relay, or put more in"
				.into()
		}
	}

	/// What can be paid in a channel, in planck.
	pub(super) fn room(&self, channel: ChannelId) -> Balance {
		let strict = self.config.tower.strict;
		let sheet = self.party.sheet(channel);
		sheet.map_or(0, |sheet| sheet.obligations.room(&sheet.sight(self.now(), strict)))
	}

	/// Begins a payment.
	///
	/// # Errors
	/// Why not.
	async fn pay(&mut self, invoice: Invoice, times: u32) -> Result<u64, String> {
		if invoice.chain != self.genesis[..4] {
			return Err("the invoice is of another chain".into());
		}
		if unix_now() > invoice.terms.expires {
			return Err("the invoice is over: ask for a new one".into());
		}
		let way = self.way(&invoice).await?;
		self.may_begin(&invoice)?;
		if !matches!(way, Way::Direct(_)) {
			self.begun.keep(invoice.memo(), invoice.terms.expires, unix_now())?;
		}
		let mut hashes = VecDeque::new();
		if times > 0 {
			hashes.push_back(Next {
				index: 0,
				hash: invoice.first,
				tries: 0,
			});
		}
		if times > 1 && !matches!(way, Way::Direct(_)) {
			self.want(invoice.node, &invoice.url);
		}
		Ok(self.pays.add(Payment {
			invoice,
			way,
			times,
			next: 0,
			hashes,
			without: Vec::new(),
			searched: None,
			asked: 1,
			asked_at: None,
			paid: 0,
			failed: 0,
			in_flight: 0,
			amount: 0,
			fees: 0,
			began: Instant::now(),
			ended: None,
			why: None,
		}))
	}

	/// Whether an invoice may be paid: what was begun over a relay is done once, see [`Begun`]. A payee that has shown
	/// nothing yet could be paid for good as well, and show it then.
	///
	/// # Errors
	/// Why not, and what to do.
	fn may_begin(&self, invoice: &Invoice) -> Result<(), String> {
		let memo = invoice.memo();
		if self.begun.has(&memo) && !self.pays.came_to_nothing(&memo) {
			return Err(
				"this invoice was paid before, or is being paid: a relay could take a second payment of it for itself. \
				 Ask the payee whether it has come, and for a new invoice for more"
					.into(),
			);
		}
		Ok(())
	}

	/// Begins as many payments as there is room for.
	pub(super) async fn drive(&mut self) {
		let open: Vec<u64> = self
			.pays
			.all
			.iter()
			.filter(|(_, payment)| payment.ended.is_none())
			.map(|(id, _)| *id)
			.collect();
		for id in open {
			let Some(payment) = self.pays.all.get(&id) else {
				continue;
			};
			match payment.way.clone() {
				Way::Direct(channel) => self.drive_direct(id, channel),
				Way::Over(route) => self.drive_over(id, &route).await,
				Way::Looking => self.look(id).await,
			}
			if let Some(payment) = self.pays.all.get_mut(&id) {
				payment.end();
			}
		}
	}

	/// Takes a way that has been found since, or gives up looking for one.
	async fn look(&mut self, id: u64) {
		let Some(invoice) = self.pays.all.get(&id).map(|payment| payment.invoice.clone()) else {
			return;
		};
		let found = match self.over(&invoice, &[]).map(Arc::new) {
			None if self.map.waits() => return,
			None => Err(self.no_way(&invoice)),
			Some(route) => Ok(route),
		};
		if let Some(payment) = self.pays.all.get_mut(&id) {
			match &found {
				Ok(route) => payment.way = Way::Over(Arc::clone(route)),
				Err(why) => payment.stop(why.clone()),
			}
		}
		if let Ok(route) = found {
			self.drive_over(id, &route).await;
		}
	}

	fn drive_direct(&mut self, id: u64, channel: ChannelId) {
		loop {
			let Some(payment) = self.pays.all.get(&id) else {
				return;
			};
			if payment.next >= payment.times || payment.in_flight >= MOST_AHEAD {
				return;
			}
			let (amount, memo) = (payment.invoice.terms.amount, payment.invoice.memo());
			let begun = self.step(Event::Pay { channel, amount, memo }, None);
			let Some(payment) = self.pays.all.get_mut(&id) else {
				return;
			};
			match begun {
				Ok(()) => {
					payment.next += 1;
					payment.in_flight += 1;
					self.pays.direct.entry(channel).or_default().push_back(id);
				}
				Err(refused) => {
					if payment.in_flight == 0 {
						payment.stop(format!("{refused}; see `smart-pay channels`"));
					}
					return;
				}
			}
		}
	}

	/// Asks the chain about the next locks at once, if it was not asked about the first of them.
	async fn look_ahead(&mut self, id: u64) {
		let Some(payment) = self.pays.all.get(&id) else {
			return;
		};
		let condition = |next: &Next| hash_lock(next.hash).hash();
		let first = payment.hashes.front().map(condition);
		if self.known.missing(first).is_empty() {
			return;
		}
		let next: Vec<Hash> = payment.hashes.iter().take(AHEAD).map(condition).collect();
		// If the chain is not reached, the lock says so.
		let _ = self.learn(next).await;
	}

	async fn drive_over(&mut self, id: u64, route: &Arc<Route>) {
		let Some(channel) = route.hops.first().map(|hop| hop.channel) else {
			return;
		};
		loop {
			self.look_ahead(id).await;
			self.ask_hashes(id);
			let Some(payment) = self.pays.all.get(&id) else {
				return;
			};
			let flying = usize::try_from(payment.in_flight).unwrap_or(usize::MAX);
			if payment.next >= payment.times || flying >= MOST_LOCKS {
				return;
			}
			let Some(next) = payment.hashes.front().copied() else {
				return;
			};
			let (begun, faults) = match self.lock_of(&payment.invoice, route, &next) {
				Some((lock, faults)) => (self.ask_and_step(lock).await, faults),
				None => (
					Err("a node on the way has no sound key: try another invoice".into()),
					Vec::new(),
				),
			};
			let lock = begun.as_ref().ok().and_then(|()| self.newest(channel));
			let Some(payment) = self.pays.all.get_mut(&id) else {
				return;
			};
			match (begun, lock) {
				(Ok(()), Some(lock)) => {
					payment.hashes.pop_front();
					payment.next += 1;
					payment.in_flight += 1;
					let flight = Flight {
						payment: id,
						next,
						route: Arc::clone(route),
						faults,
					};
					self.pays.locks.insert(Place { channel, id: lock }, flight);
				}
				(Ok(()), None) => return,
				(Err(why), _) => {
					if payment.in_flight == 0 {
						payment.stop(why);
					}
					return;
				}
			}
		}
	}

	/// The first lock of a way, with the letter for the others, and what opens reasons.
	fn lock_of(&self, invoice: &Invoice, route: &Route, next: &Next) -> Option<(Event, Vec<FaultKey>)> {
		let now = self.now();
		let condition = hash_lock(next.hash);
		let pairs = route.hops.iter().zip(route.hops.iter().skip(1));
		let mediators: Vec<(NodeKey, On)> = pairs
			.map(|(to, on)| {
				let on = On {
					channel: on.channel,
					amount: on.amount,
					expiry: now.saturating_add(on.ticks),
				};
				(to.node, on)
			})
			.collect();
		let due = Due {
			terms: invoice.terms,
			index: next.index,
		};
		let mut session = Zeroizing::new([0; 32]);
		OsRng.fill_bytes(&mut session[..]);
		let hash = condition.hash();
		let sealed = Letter::seal(&self.genesis, &hash, &session, &mediators, &invoice.node, &due.encode());
		let (letter, faults) = sealed.ok()?;
		let first = route.hops.first()?;
		let lock = Event::Lock {
			channel: first.channel,
			amount: first.amount,
			expiry: now.saturating_add(first.ticks),
			condition,
			packet: letter.write().try_into().ok()?,
		};
		Some((lock, faults))
	}

	/// The lock that was given last in a channel.
	fn newest(&self, channel: ChannelId) -> Option<LockId> {
		let sheet = self.party.sheet(channel)?;
		sheet.given.keys().next_back().copied()
	}

	/// Asks the payee for more hashes.
	fn ask_hashes(&mut self, id: u64) {
		let Some(payment) = self.pays.all.get_mut(&id) else {
			return;
		};
		let enough = payment.hashes.len() >= AHEAD || payment.asked >= payment.times;
		let waits = payment.asked_at.is_some_and(|at| at.elapsed() < ASK_AGAIN);
		if enough || waits {
			return;
		}
		let left = payment.times.saturating_sub(payment.asked);
		let count = u16::try_from(left).unwrap_or(u16::MAX).min(MAX_HASHES);
		let ask = Frame::AskHashes {
			terms: payment.invoice.terms,
			from: payment.asked,
			count,
		};
		if self.wire.send(payment.invoice.node, ask) {
			payment.asked_at = Some(Instant::now());
		} else if payment.hashes.is_empty()
			&& payment.in_flight == 0
			&& payment.began.elapsed() > ASK_AGAIN.saturating_mul(10)
		{
			payment.stop("the payee's node is not reached, which has to say what each payment is locked by".into());
		}
	}

	/// A payment of ours is paid.
	pub(super) fn paid(&mut self, channel: ChannelId, lock: Option<LockId>, amount: Balance) {
		let owner = match lock {
			Some(id) => {
				let flight = self.pays.locks.remove(&Place { channel, id });
				if let Some(flight) = &flight {
					self.praise(&flight.route);
				}
				flight.map(|flight| flight.payment)
			}
			None => self.pays.direct.get_mut(&channel).and_then(VecDeque::pop_front),
		};
		*self.counts.payments.entry(("paid", "")).or_default() += 1;
		let Some(payment) = owner.and_then(|owner| self.pays.all.get_mut(&owner)) else {
			return;
		};
		payment.paid += 1;
		payment.in_flight = payment.in_flight.saturating_sub(1);
		payment.amount = payment.amount.saturating_add(amount);
		payment.fees = payment
			.fees
			.saturating_add(amount.saturating_sub(payment.invoice.terms.amount));
		payment.end();
	}

	/// A lock of ours came to nothing. It is tried over another way, if there is one: nobody can claim it any more.
	pub(super) fn failed(&mut self, place: Place, why: Reason) {
		let Some(flight) = self.pays.locks.remove(&place) else {
			// One of before the start: nobody waits for it.
			let (label, _) = super::notices::reason(why);
			*self.counts.payments.entry(("failed", label)).or_default() += 1;
			return;
		};
		let verdict = self.blame(&flight.route, &flight.faults, why);
		let again = verdict.again && flight.next.tries + 1 < MOST_TRIES;
		let other = if again {
			self.another(&flight, verdict.without)
		} else {
			None
		};
		let result = if other.is_some() { "retried" } else { "failed" };
		*self.counts.payments.entry((result, verdict.label)).or_default() += 1;
		let Some(payment) = self.pays.all.get_mut(&flight.payment) else {
			return;
		};
		payment.in_flight = payment.in_flight.saturating_sub(1);
		match other {
			Some(other) => {
				payment.way = Way::Over(other);
				payment.next = payment.next.saturating_sub(1);
				payment.hashes.push_front(Next {
					tries: flight.next.tries + 1,
					..flight.next
				});
			}
			None => {
				payment.failed += 1;
				payment.why = Some(verdict.words.into());
			}
		}
		payment.end();
	}

	/// Another way for a payment than the one over which it came to nothing.
	fn another(&mut self, flight: &Flight, without: Option<ChannelId>) -> Option<Arc<Route>> {
		let payment = self.pays.all.get_mut(&flight.payment)?;
		payment.without.extend(without);
		let much = payment.without.len().saturating_sub(MOST_WITHOUT);
		payment.without.drain(..much);
		// Of many that were on one way the first to come back finds another one, and the rest follow it.
		if let Way::Over(current) = &payment.way {
			if !map::same(current, &flight.route) {
				return Some(Arc::clone(current));
			}
		}
		if payment.searched.is_some_and(|at| at.elapsed() < SEARCH_AGAIN) {
			return None;
		}
		let (invoice, without) = (payment.invoice.clone(), payment.without.clone());
		let found = self.over(&invoice, &without);
		let other = found.filter(|other| !map::same(other, &flight.route)).map(Arc::new);
		if let Some(payment) = self.pays.all.get_mut(&flight.payment) {
			payment.searched = other.is_none().then(Instant::now);
		}
		other
	}
}
