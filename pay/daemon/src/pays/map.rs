//! What is known of channels of others and of relays, and what is learned of them.

use crate::{
	chain::{in_time, ASK_TIME},
	notices, Daemon,
};
use channel_primitives::{Account, Balance, ChannelId, Tick, DAY, HOUR};
use smart_pay_chain::{Endpoint, Ledger};
use smart_pay_frames::{
	invoice::Invoice,
	wire::{NodeKey, Policy},
};
use smart_pay_routes::{
	find,
	letter::{Fault, FaultKey},
	Graph, Odds, Own, Way, Wish, MAX_LINES,
};
use smartchain_channel::Reason;
use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

/// After so many ticks the chain is asked about all channels again; before, about those that are new.
const RESCAN: Tick = HOUR;
/// Of so many numbers of channels, the highest, those are looked at that are open.
const MOST_IDS: ChannelId = 65_536;
/// So many at once.
const AT_ONCE: ChannelId = 1_024;
/// Relays that are asked what they take, at most, for one payment and in all at a time.
const MOST_ASKED: usize = 64;
/// For how long their answers are waited for.
pub(super) const ASKED_FOR: Duration = Duration::from_secs(10);
/// What relays may take of a payment at most: a twentieth, and a thousandth of an STCI, in planck.
const MOST_FEE: (Balance, Balance) = (20, 1_000_000_000);
/// For how long one relay may have it locked beyond the rest, in ticks: whoever wants more is gone around.
const MOST_MARGIN: Tick = DAY;
/// For how long the payee has to take a lock beyond the least, in ticks.
const SLACK: Tick = 240;

/// The map of channels and relays. It is in memory alone.
#[derive(Default)]
pub(crate) struct Map {
	graph: Graph,
	odds: Odds,
	/// Up to which channel the chain was asked, and when it was asked about all.
	last: ChannelId,
	since: Option<Tick>,
	/// Where nodes are reached, as the chain says; nowhere, if it says nothing.
	nodes: BTreeMap<Account, Option<(NodeKey, String)>>,
	/// Whose they are.
	accounts: BTreeMap<NodeKey, Account>,
	/// Which were asked; and since when those are waited for that have not answered.
	asked: BTreeMap<NodeKey, Option<Instant>>,
}

/// What follows of a payment that came to nothing.
pub(super) struct Verdict {
	/// Whether another way may do,
	pub again: bool,
	/// and which channel it does without.
	pub without: Option<ChannelId>,
	/// Why, as a label and a sentence.
	pub label: &'static str,
	pub words: &'static str,
}

impl Map {
	/// All is asked anew. What was learned stays.
	fn begin(&mut self, now: Tick, last: ChannelId) {
		*self = Self {
			odds: std::mem::take(&mut self.odds),
			last: last.saturating_sub(MOST_IDS),
			since: Some(now),
			..Self::default()
		};
	}

	fn meet(&mut self, account: Account, endpoint: Option<Endpoint>) {
		let reached = endpoint.and_then(|endpoint| Some((endpoint.node, String::from_utf8(endpoint.url).ok()?)));
		let reached = reached.filter(|(_, url)| !url.is_empty());
		if let Some((node, _)) = &reached {
			self.accounts.insert(*node, account);
		}
		self.nodes.insert(account, reached);
	}

	fn takes(&mut self, account: Account, node: NodeKey, policy: Option<Policy>) {
		match policy.filter(|policy| policy.margin <= MOST_MARGIN) {
			Some(policy) => self.graph.relay(account, node, policy),
			None => self.graph.no_relay(&account),
		}
	}

	/// Whether relays are waited for that were asked what they take.
	pub(super) fn waits(&self) -> bool {
		let mut waiting = self.asked.values().flatten();
		waiting.any(|since| since.elapsed() < ASKED_FOR)
	}

	/// Those that were asked and have not answered in time.
	fn silent(&mut self) -> Vec<NodeKey> {
		let late = |since: &Option<Instant>| since.is_some_and(|since| since.elapsed() >= ASKED_FOR);
		let late = self.asked.iter_mut().filter(|(_, since)| late(since));
		late.map(|(node, since)| {
			*since = None;
			*node
		})
		.collect()
	}
}

impl<L: Ledger> Daemon<L> {
	/// Asks the chain who has channels with whom, as far as that is new, and relays near the payee what they take.
	///
	/// # Errors
	/// If no node of the chain answers.
	pub(super) async fn survey(&mut self, payee: &Account) -> Result<(), String> {
		let Some(chain) = &self.chain else {
			return Err("no node of the chain is reached, which says who has channels with whom".into());
		};
		chain.answers()?;
		let (ledger, now, began) = (chain.ledger.clone(), self.now(), Instant::now());
		let at = in_time(ledger.finalized()).await?.hash;
		let last = in_time(ledger.last_id(at)).await?;
		if self.map.since.is_none_or(|since| now.saturating_sub(since) >= RESCAN) {
			self.map.begin(now, last);
		}
		// All else waits for it: what is not seen in time is seen when somebody asks again.
		while self.map.last < last && self.map.graph.len() < MAX_LINES && began.elapsed() < ASK_TIME {
			let first = self.map.last.saturating_add(1);
			let end = last.min(self.map.last.saturating_add(AT_ONCE));
			for open in in_time(ledger.open_channels(first, end, at)).await? {
				self.map
					.graph
					.put(open.id, open.accounts.low, open.accounts.high, open.total);
			}
			self.map.last = end;
		}
		let near = self.map.graph.near(payee, MOST_ASKED);
		let is_new = |account: &Account| *account != self.account && !self.map.nodes.contains_key(account);
		let new: Vec<Account> = near.iter().filter(|account| is_new(account)).copied().collect();
		if !new.is_empty() {
			let found = in_time(ledger.endpoints(&new, at)).await?;
			for (account, endpoint) in new.into_iter().zip(found) {
				self.map.meet(account, endpoint);
			}
		}
		self.ask_relays(&near);
		Ok(())
	}

	fn ask_relays(&mut self, near: &[Account]) {
		for account in near {
			let Some(Some((node, url))) = self.map.nodes.get(account).cloned() else {
				continue;
			};
			// Who is connected has said it.
			if let Some(peer) = self.peers.get(&node).filter(|peer| peer.account.is_some()) {
				let policy = peer.policy;
				self.map.takes(*account, node, policy);
				continue;
			}
			let waiting = self.map.asked.values().flatten().count();
			if waiting < MOST_ASKED && !self.map.asked.contains_key(&node) {
				self.map.asked.insert(node, Some(Instant::now()));
				self.want(node, &url);
			}
		}
	}

	/// A node has said what it takes. It said so under its key, so that nobody has to sign it: nobody passes it on.
	pub(crate) fn relay_said(&mut self, node: NodeKey, policy: Option<Policy>) {
		if let Some(account) = self.map.accounts.get(&node).copied() {
			self.map.takes(account, node, policy);
		}
		let waited = self.map.asked.get_mut(&node).and_then(Option::take);
		if waited.is_some() {
			self.leave(node);
		}
	}

	/// Relays that do not answer are not waited for.
	pub(crate) fn leave_silent(&mut self) {
		for node in self.map.silent() {
			self.leave(node);
		}
	}

	/// Ends a connection that was made for a question alone.
	fn leave(&self, node: NodeKey) {
		let tower = self.config.tower().is_some_and(|tower| tower.node == node);
		let needed =
			tower || !self.channels_with(&node).is_empty() || self.openings.wants(&node) || self.pays.wants(&node);
		if !needed {
			self.wire.forget(node);
		}
	}

	/// The cheapest way to whoever made an invoice, as far as is known.
	///
	/// - `without`: channels that are not used.
	pub(super) fn over(&mut self, invoice: &Invoice, without: &[ChannelId]) -> Option<Way> {
		self.hear_partners();
		let own = self.own_channels();
		let wish = self.wish(invoice, &own, without);
		find(&self.map.graph, &self.map.odds, &wish).way
	}

	/// The same, and what would be tried after it.
	pub(crate) fn ways(&mut self, invoice: &Invoice, most: usize) -> Vec<Way> {
		self.hear_partners();
		let own = self.own_channels();
		let (mut all, mut without) = (Vec::new(), Vec::new());
		while all.len() < most {
			let wish = self.wish(invoice, &own, &without);
			let Some(way) = find(&self.map.graph, &self.map.odds, &wish).way else {
				break;
			};
			// The next one does without a channel in the middle of this one.
			without.extend(way.hops.get(way.hops.len() / 2).map(|hop| hop.channel));
			all.push(way);
		}
		all
	}

	fn wish<'a>(&self, invoice: &Invoice, own: &'a [Own], without: &'a [ChannelId]) -> Wish<'a> {
		let (part, least) = MOST_FEE;
		Wish {
			payer: self.account,
			own,
			payee: invoice.payee,
			node: invoice.node,
			amount: invoice.terms.amount,
			last_ticks: self.config.core().last_hop.saturating_add(SLACK),
			most_fee: (invoice.terms.amount / part).saturating_add(least),
			without,
			now: self.now(),
		}
	}

	/// What our own partners take, by their last word.
	fn hear_partners(&mut self) {
		for contact in self.contacts.values() {
			let node = contact.reach.as_ref().map(|reach| reach.node);
			let heard = node.and_then(|node| Some((node, self.peers.get(&node)?)));
			if let Some((node, peer)) = heard.filter(|(_, peer)| peer.account.is_some()) {
				self.map.takes(contact.partner, node, peer.policy);
			}
		}
	}

	/// Our channels whose partner is connected.
	fn own_channels(&self) -> Vec<Own> {
		let ready = |id: &ChannelId| self.greeted.contains(id) && self.party.may_sign(*id).is_ok();
		let ours = self.contacts.iter().filter(|(id, _)| ready(id));
		ours.map(|(id, contact)| Own {
			channel: *id,
			partner: contact.partner,
			room: self.room(*id),
		})
		.collect()
	}

	/// A payment went through.
	pub(super) fn praise(&mut self, way: &Way) {
		let now = self.now();
		for hop in way.hops.iter().skip(1) {
			self.map.odds.passed(hop.channel, hop.side(), hop.amount, now);
		}
	}

	/// A payment came to nothing: whoever said so is believed about itself alone.
	pub(super) fn blame(&mut self, way: &Way, faults: &[FaultKey], reason: Reason) -> Verdict {
		let now = self.now();
		let said = match reason {
			Reason::Sealed(sealed) => {
				let mut keys = faults.iter().enumerate();
				keys.find_map(|(at, key)| Some((at, key.open(&sealed)?)))
			}
			_ => None,
		};
		let Some((at, fault)) = said else {
			// Nobody knows who it was: each may have been.
			for hop in &way.hops {
				self.map.odds.failed(hop.channel, hop.side(), hop.amount, now);
			}
			let (label, words) = notices::reason(reason);
			// One behind the own partner, if there is one.
			let suspect = way.hops.get(1).or(way.hops.first()).map(|hop| hop.channel);
			return Verdict {
				again: true,
				without: suspect,
				label,
				words,
			};
		};
		for hop in way.hops.iter().take(at.saturating_add(1)).skip(1) {
			self.map.odds.passed(hop.channel, hop.side(), hop.amount, now);
		}
		let (label, words) = notices::fault(&fault);
		let (by, next) = (way.hops.get(at), way.hops.get(at.saturating_add(1)));
		let (Some(by), Some(next)) = (by, next) else {
			// It was the payee: over another way it says the same.
			return Verdict {
				again: false,
				without: None,
				label,
				words,
			};
		};
		let news = match fault {
			Fault::Dearer(policy) => Some(policy).filter(|policy| self.map.graph.policy(&by.to) != Some(*policy)),
			_ => None,
		};
		match (news, fault) {
			(Some(policy), _) => self.map.takes(by.to, by.node, Some(policy)),
			(None, Fault::Lacks) => self.map.odds.failed(next.channel, next.side(), next.amount, now),
			(None, _) => self.map.odds.failed(next.channel, next.side(), 0, now),
		}
		Verdict {
			again: true,
			// Who takes more than it had said may be the cheapest all the same.
			without: news.is_none().then_some(next.channel),
			label,
			words,
		}
	}
}

/// Whether two ways are one, at the same price.
pub(super) fn same(one: &Way, other: &Way) -> bool {
	let channels = |way: &Way| -> Vec<ChannelId> { way.hops.iter().map(|hop| hop.channel).collect() };
	channels(one) == channels(other) && one.paid() == other.paid()
}
