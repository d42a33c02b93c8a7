//! Payments that a command has asked for: one or many of an invoice, to a partner or through one.

use super::{arrive::unix_now, notices::reason, Daemon};
use crate::{
	api::{PayView, Planck},
	invoice::{hash_lock, Invoice, Letter},
	wire::{Frame, InvoiceTerms, MAX_HASHES},
};
use channel_primitives::{Balance, ChannelId, Hash, LockId, Tick};
use codec::Encode;
use smart_pay_chain::Ledger;
use smartchain_channel::{Event, Place, Reason};
use std::{
	collections::{BTreeMap, VecDeque},
	time::{Duration, Instant},
};

/// Locks of one payment on their way at most: a channel takes 64 of all.
const MOST_LOCKS: usize = 40;
/// Payments for good that wait to be stored at most.
const MOST_AHEAD: u32 = 1_024;
/// For how long the payee has to take a lock beyond the least, in ticks.
const SLACK: Tick = 240;
/// Payments that are remembered; the oldest that has ended is forgotten.
const MOST_PAYMENTS: usize = 256;
/// Hashes that are asked for ahead.
const AHEAD: usize = 512;
/// How long is waited for hashes before they are asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Which way a payment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
	/// To the partner of this channel.
	Direct(ChannelId),
	/// Through the partner of this channel.
	Through {
		/// The channel.
		channel: ChannelId,
		/// What the partner takes for each, in planck.
		fee: Balance,
		/// Its margin.
		margin: Tick,
	},
}

/// A payment, or many of one invoice.
struct Payment {
	invoice: Invoice,
	way: Way,
	times: u32,
	/// The next one that is begun.
	next: u32,
	hashes: VecDeque<(u32, Hash)>,
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
	/// Whose each lock is.
	locks: BTreeMap<Place, u64>,
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

	/// A payment for good is being stored that is none of these.
	pub fn skip(&mut self, channel: ChannelId) {
		self.direct.entry(channel).or_default().push_back(0);
	}

	/// How far one is.
	pub fn view(&self, payment: u64) -> Option<PayView> {
		self.all.get(&payment).map(|found| found.view(payment))
	}

	/// The payee has told hashes.
	pub fn hashes(&mut self, terms: &InvoiceTerms, from: u32, hashes: Vec<Hash>) {
		for payment in self.all.values_mut() {
			let wanted = payment.ended.is_none() && payment.invoice.terms == *terms && payment.asked == from;
			if !wanted {
				continue;
			}
			for (index, hash) in (from..payment.times).zip(hashes.iter().take(usize::from(MAX_HASHES))) {
				payment.hashes.push_back((index, *hash));
				payment.asked = index.saturating_add(1);
			}
			payment.asked_at = None;
		}
	}
}

impl<L: Ledger> Daemon<L> {
	/// Which way an invoice is paid: to its payee, or through the partner with the most room.
	///
	/// # Errors
	/// Why there is none.
	pub(super) fn way(&self, invoice: &Invoice) -> Result<Way, String> {
		let amount = invoice.terms.amount;
		let open = |id: ChannelId| self.party.may_sign(id).is_ok();
		let mut seen = false;
		for (id, _) in self
			.contacts
			.iter()
			.filter(|(_, contact)| contact.partner == invoice.payee)
		{
			seen = true;
			if open(*id) && self.room(*id) >= amount {
				return Ok(Way::Direct(*id));
			}
		}
		let mut best: Option<(Balance, Way)> = None;
		for (id, contact) in self.contacts.iter().filter(|(id, _)| open(**id)) {
			let peer = contact.reach.as_ref().and_then(|reach| self.peers.get(&reach.node));
			let Some(policy) = peer.and_then(|peer| peer.policy) else {
				continue;
			};
			let taken = smartchain_channel::Config {
				fee_base: policy.fee_base,
				fee_ppm: policy.fee_ppm,
				..Default::default()
			};
			let fee = taken.fee(amount);
			let room = self.room(*id);
			if room >= amount.saturating_add(fee) && best.is_none_or(|(most, _)| room > most) {
				let way = Way::Through {
					channel: *id,
					fee,
					margin: policy.margin,
				};
				best = Some((room, way));
			}
		}
		best.map(|(_, way)| way).ok_or_else(|| {
			if seen {
				"the channel with the payee has too little money, or is not ready: see `smart-pay channels`; put \
				more in, \
				 or open another"
					.into()
			} else {
				"there is no channel with the payee, and no partner that carries payments on and has room: open a \
				channel \
				 with the payee or with a relay"
					.into()
			}
		})
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
	pub(super) fn pay(&mut self, invoice: Invoice, times: u32) -> Result<u64, String> {
		if invoice.chain != self.genesis[..4] {
			return Err("the invoice is of another chain".into());
		}
		if unix_now() > invoice.terms.expires {
			return Err("the invoice is over: ask for a new one".into());
		}
		let way = self.way(&invoice)?;
		let mut hashes = VecDeque::new();
		if times > 0 {
			hashes.push_back((0, invoice.first));
		}
		if times > 1 && matches!(way, Way::Through { .. }) {
			self.want(invoice.node, &invoice.url);
		}
		Ok(self.pays.add(Payment {
			invoice,
			way,
			times,
			next: 0,
			hashes,
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
			match payment.way {
				Way::Direct(channel) => self.drive_direct(id, channel),
				Way::Through { channel, fee, margin } => self.drive_through(id, channel, fee, margin).await,
			}
			if let Some(payment) = self.pays.all.get_mut(&id) {
				payment.end();
			}
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
		let condition = |(_, hash): &(u32, Hash)| hash_lock(*hash).hash();
		let first = payment.hashes.front().map(condition);
		if self.known.missing(first).is_empty() {
			return;
		}
		let next: Vec<Hash> = payment.hashes.iter().take(AHEAD).map(condition).collect();
		// If the chain is not reached, the lock says so.
		let _ = self.learn(next).await;
	}

	async fn drive_through(&mut self, id: u64, channel: ChannelId, fee: Balance, margin: Tick) {
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
			let Some((index, hash)) = payment.hashes.front().copied() else {
				return;
			};
			let lock = self.lock_of(&payment.invoice, channel, (fee, margin), index, hash);
			let begun = match lock {
				Some(lock) => self.ask_and_step(lock).await,
				None => Err("the way is too long to be written down".into()),
			};
			let place = begun.as_ref().ok().and_then(|()| self.newest(channel));
			let Some(payment) = self.pays.all.get_mut(&id) else {
				return;
			};
			match (begun, place) {
				(Ok(()), Some(id_of_lock)) => {
					payment.hashes.pop_front();
					payment.next += 1;
					payment.in_flight += 1;
					self.pays.locks.insert(
						Place {
							channel,
							id: id_of_lock,
						},
						id,
					);
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

	fn lock_of(
		&self,
		invoice: &Invoice,
		channel: ChannelId,
		(fee, margin): (Balance, Tick),
		index: u32,
		hash: Hash,
	) -> Option<Event> {
		let last = Letter::Last {
			terms: invoice.terms,
			index,
		};
		let core = self.config.core();
		let expiry = self.now().saturating_add(core.last_hop).saturating_add(SLACK);
		let on = Letter::On {
			to: invoice.payee,
			amount: invoice.terms.amount,
			expiry,
			rest: last.encode(),
		};
		Some(Event::Lock {
			channel,
			amount: invoice.terms.amount.saturating_add(fee),
			expiry: expiry.saturating_add(margin).saturating_add(SLACK),
			condition: hash_lock(hash),
			packet: on.packet()?,
		})
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
			Some(id) => self.pays.locks.remove(&Place { channel, id }),
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

	/// A lock of ours came to nothing.
	pub(super) fn failed(&mut self, place: Place, why: Reason) {
		let (label, words) = reason(why);
		*self.counts.payments.entry(("failed", label)).or_default() += 1;
		let owner = self.pays.locks.remove(&place);
		let Some(payment) = owner.and_then(|owner| self.pays.all.get_mut(&owner)) else {
			return;
		};
		payment.failed += 1;
		payment.in_flight = payment.in_flight.saturating_sub(1);
		payment.why = Some(words.into());
		payment.end();
	}
}
