//! The cheapest way: by fees, by how long money is bound, and by how likely it comes to nothing.

use crate::{
	amounts::{doubt, part_of},
	Graph, NodeKey, Odds, MAX_HOPS, MAX_TICKS,
};
use channel_primitives::{Account, Balance, ChannelId, Side, Tick, HOUR};
use std::{
	cmp::Reverse,
	collections::{BTreeMap, BTreeSet, BinaryHeap},
};

/// How many ways to a relay are looked at further, of those that none is better than in everything.
pub const MAX_LABELS: usize = 32;
/// How many channels are looked at for one way, until each relay is looked at once more at most.
pub const MAX_LOOKS: usize = 1 << 17;
/// What a bit of doubt is worth at least, in planck: a millionth of an STCI.
const BIT: Balance = 1_000_000;

/// A channel of the payer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
	/// Its number.
	pub channel: ChannelId,
	/// Who is at the other end.
	pub partner: Account,
	/// What can be paid in it now, in planck.
	pub room: Balance,
}

/// What is to be paid.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
	/// Who pays.
	pub payer: Account,
	/// The payer's channels that can be used.
	pub own: &'a [Own],
	/// Who is paid.
	pub payee: Account,
	/// The key of its node.
	pub node: NodeKey,
	/// What the payee gets, in planck.
	pub amount: Balance,
	/// In how many ticks the payee's lock expires.
	pub last_ticks: Tick,
	/// What relays may take at most in all, in planck.
	pub most_fee: Balance,
	/// Channels that are not used, a few.
	pub without: &'a [ChannelId],
	/// What time it is.
	pub now: Tick,
}

/// A lock of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
	/// In which channel.
	pub channel: ChannelId,
	/// Who gives it.
	pub from: Account,
	/// Who gets it.
	pub to: Account,
	/// The key of the node of who gets it.
	pub node: NodeKey,
	/// How much is in it, in planck.
	pub amount: Balance,
	/// In how many ticks it expires.
	pub ticks: Tick,
}

impl Hop {
	/// The side of who gives the lock.
	pub fn side(&self) -> Side {
		// The two are never the same.
		Side::of(&self.from, &self.to).unwrap_or(Side::Low)
	}
}

/// A way: its locks, from the payer's on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
	/// The locks.
	pub hops: Vec<Hop>,
	/// What it was chosen by, in planck: fees, and what time and doubt are worth.
	pub cost: Balance,
}

impl Way {
	/// What leaves the payer, in planck.
	pub fn paid(&self) -> Balance {
		self.hops.first().map_or(0, |hop| hop.amount)
	}

	/// What relays take, in planck.
	pub fn fee(&self) -> Balance {
		let last = self.hops.last().map_or(0, |hop| hop.amount);
		self.paid().saturating_sub(last)
	}
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
	/// The cheapest way, if there is one.
	pub way: Option<Way>,
	/// How many channels were looked at.
	pub looked: usize,
}

/// A part of a way, from somebody to the payee.
#[derive(Clone, Copy)]
struct Label {
	at: Account,
	node: NodeKey,
	/// What has to come there.
	amount: Balance,
	/// In how many ticks that has to expire.
	ticks: Tick,
	hops: usize,
	cost: Balance,
	/// The channel in which it goes on from there, and the label behind it.
	next: Option<(ChannelId, usize)>,
}

impl Label {
	/// Whether another one is no better in anything.
	fn covers(&self, other: &Self) -> bool {
		self.cost <= other.cost && self.amount <= other.amount && self.ticks <= other.ticks && self.hops <= other.hops
	}
}

struct Search<'a> {
	graph: &'a Graph,
	odds: &'a Odds,
	wish: &'a Wish<'a>,
	labels: Vec<Label>,
	of: BTreeMap<Account, Vec<usize>>,
	heap: BinaryHeap<Reverse<(Balance, usize, usize)>>,
	/// From whom it was looked further.
	done: BTreeSet<Account>,
	looked: usize,
}

/// Looks for the cheapest way, backward from the payee: so what each relay takes is known exactly. Of ways to the same
/// relay all are followed of which none is better than another in cost, amount, time and length; so the cheapest is
/// found though the ways are bounded. Only if there are more than [`MAX_LABELS`] of them it may be missed, or if
/// [`MAX_LOOKS`] channels were looked at: from then on the first way to each relay is the only one that is followed.
pub fn find(graph: &Graph, odds: &Odds, wish: &Wish<'_>) -> Found {
	let mut search = Search {
		graph,
		odds,
		wish,
		labels: Vec::new(),
		of: BTreeMap::new(),
		heap: BinaryHeap::new(),
		done: BTreeSet::new(),
		looked: 0,
	};
	let way = search.run();
	Found {
		way,
		looked: search.looked,
	}
}

impl Search<'_> {
	fn run(&mut self) -> Option<Way> {
		let wish = self.wish;
		if wish.amount == 0 || wish.payer == wish.payee || wish.last_ticks > MAX_TICKS {
			return None;
		}
		self.push(Label {
			at: wish.payee,
			node: wish.node,
			amount: wish.amount,
			ticks: wish.last_ticks,
			hops: 0,
			cost: 0,
			next: None,
		});
		while let Some(Reverse((_, _, at))) = self.heap.pop() {
			let label = *self.labels.get(at)?;
			if label.at == wish.payer {
				return Some(self.way(&label));
			}
			let new = self.done.insert(label.at);
			if new || self.looked < MAX_LOOKS {
				self.from_payer(at, &label);
				self.from_relays(at, &label);
			}
		}
		None
	}

	/// The payer's own channels with whoever this is.
	fn from_payer(&mut self, at: usize, label: &Label) {
		let wish = self.wish;
		for own in wish.own.iter().filter(|own| own.partner == label.at) {
			self.looked += 1;
			if own.room < label.amount || label.hops >= MAX_HOPS || wish.without.contains(&own.channel) {
				continue;
			}
			let Some(doubt) = self.doubt(own.channel, (wish.payer, label.at), label.amount, own.room, true) else {
				continue;
			};
			self.push(Label {
				at: wish.payer,
				hops: label.hops + 1,
				cost: label.cost.saturating_add(doubt),
				next: Some((own.channel, at)),
				..*label
			});
		}
	}

	/// Relays with a channel to whoever this is.
	fn from_relays(&mut self, at: usize, label: &Label) {
		let (graph, wish) = (self.graph, self.wish);
		// One more has to be left for the payer's own channel.
		if label.hops + 1 >= MAX_HOPS {
			return;
		}
		for line in graph.lines(&label.at) {
			self.looked += 1;
			let relay = line.to;
			if relay == wish.payer || relay == wish.payee || line.total < label.amount {
				continue;
			}
			if wish.without.contains(&line.channel) {
				continue;
			}
			let Some(known) = graph.relay_of(&relay) else {
				continue;
			};
			let ticks = label
				.ticks
				.checked_add(known.policy.ticks())
				.filter(|ticks| *ticks <= MAX_TICKS);
			let amount = known.policy.incoming(label.amount);
			let (Some(ticks), Some(amount)) = (ticks, amount) else {
				continue;
			};
			// Nothing comes that is less than what the payee gets.
			if amount.saturating_sub(wish.amount) > wish.most_fee {
				continue;
			}
			let Some(doubt) = self.doubt(line.channel, (relay, label.at), label.amount, line.total, false) else {
				continue;
			};
			let fee = amount.saturating_sub(label.amount);
			let bound = time(amount, known.policy.ticks());
			self.push(Label {
				at: relay,
				node: known.node,
				amount,
				ticks,
				hops: label.hops + 1,
				cost: label
					.cost
					.saturating_add(fee)
					.saturating_add(bound)
					.saturating_add(doubt),
				next: Some((line.channel, at)),
			});
		}
	}

	/// What it is worth that an amount may not go through.
	fn doubt(
		&self,
		channel: ChannelId,
		(from, to): (Account, Account),
		amount: Balance,
		most: Balance,
		ours: bool,
	) -> Option<Balance> {
		let side = Side::of(&from, &to)?;
		let chance = self.odds.chance(channel, side, amount, most, ours, self.wish.now);
		let bit = (amount / 10_000).saturating_add(BIT);
		Some(part_of(bit, doubt(chance).into(), 1_024))
	}

	fn push(&mut self, label: Label) {
		let others = self.of.entry(label.at).or_default();
		let labels = &self.labels;
		let known = |at: &usize| labels.get(*at).is_some_and(|other| other.covers(&label));
		if others.len() >= MAX_LABELS || others.iter().any(known) {
			return;
		}
		let at = self.labels.len();
		others.push(at);
		self.labels.push(label);
		self.heap.push(Reverse((label.cost, label.hops, at)));
	}

	/// The way that begins at the payer with this label.
	fn way(&self, first: &Label) -> Way {
		let mut hops = Vec::new();
		let mut from = *first;
		while let Some((channel, next)) = from.next {
			let Some(to) = self.labels.get(next).copied() else {
				break;
			};
			hops.push(Hop {
				channel,
				from: from.at,
				to: to.at,
				node: to.node,
				amount: to.amount,
				ticks: to.ticks,
			});
			from = to;
		}
		Way { hops, cost: first.cost }
	}
}

/// What it is worth that an amount is bound for so long: a millionth of it an hour.
fn time(amount: Balance, ticks: Tick) -> Balance {
	part_of(amount, ticks.into(), Balance::from(HOUR).saturating_mul(1_000_000))
}
