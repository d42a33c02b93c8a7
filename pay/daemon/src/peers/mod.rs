//! What comes from partners.

mod noise;

pub use noise::NoiseWire;

use super::Daemon;
use channel_primitives::{Account, ChannelId};
use rand_core::{OsRng, RngCore};
use smart_pay_chain::Ledger;
use smart_pay_frames::wire::{Frame, NodeKey, Policy, WireEvent};
use smart_pay_store::{Contact, Reach};
use smartchain_channel::{Event, Message};

/// Partners that are connected at most; others are left out.
const MOST_PEERS: usize = 4_096;

/// Questions a second that cost us work, of each that is connected and of all: anybody may connect and ask.
const MOST_ASKS: u32 = 32;
const MOST_ASKS_OF_ALL: u32 = 512;

/// Greetings, and words that data is lost, which are answered in a channel in a second; and false steps of chains of
/// hashes, each of which takes as many hashes to see through as a chain has, before no more is looked at.
const MOST_REPEATS: u8 = 16;

/// A partner that is connected.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
	/// Whose program it is, as it says.
	pub account: Option<Account>,
	/// What it takes for carrying payments on; none if it carries none on.
	pub policy: Option<Policy>,
	/// What it has asked in this second.
	asks: u32,
}

/// A number that nobody could foresee, and not 0.
pub(super) fn number() -> u64 {
	OsRng.next_u64() | 1
}

/// Whether somebody wants work of us that is no channel's.
fn asks(frame: &Frame) -> bool {
	matches!(
		frame,
		Frame::Hello { .. } | Frame::AskOpen { .. } | Frame::AskHashes { .. }
	)
}

impl<L: Ledger> Daemon<L> {
	pub(super) async fn on_wire(&mut self, event: WireEvent) {
		match event {
			WireEvent::Up(node) => self.on_up(node),
			WireEvent::Down(node) => self.on_down(node),
			WireEvent::Said(node, frame) if !asks(&frame) || self.may_ask(&node) => self.on_frame(node, *frame).await,
			WireEvent::Said(..) => (),
		}
	}

	fn on_up(&mut self, node: NodeKey) {
		if self.peers.len() >= MOST_PEERS && !self.peers.contains_key(&node) {
			return;
		}
		self.peers.insert(node, Peer::default());
		let hello = Frame::Hello {
			account: self.account,
			policy: self.policy(),
		};
		self.wire.send(node, hello);
		for channel in self.channels_with(&node) {
			self.greet(channel);
		}
	}

	/// What this program takes for carrying payments on; none if it carries none on.
	pub(super) fn policy(&self) -> Option<Policy> {
		let relay = &self.config.relay;
		relay.enabled.then(|| Policy {
			fee_base: relay.fee_base.into(),
			fee_ppm: relay.fee_ppm,
			margin: relay.margin,
		})
	}

	fn on_down(&mut self, node: NodeKey) {
		self.peers.remove(&node);
		for channel in self.channels_with(&node) {
			self.greeted.remove(&channel);
			let _ = self.step(Event::Disconnected(channel), None);
		}
	}

	/// The channels with the partner whose node this is.
	pub(super) fn channels_with(&self, node: &NodeKey) -> Vec<ChannelId> {
		let with = self
			.contacts
			.iter()
			.filter(|(_, contact)| contact.reach.as_ref().is_some_and(|reach| reach.node == *node));
		with.map(|(id, _)| *id).collect()
	}

	/// The first word in a channel on a new connection.
	pub(super) fn greet(&mut self, channel: ChannelId) {
		// One that goes by file goes by the network again from now on.
		self.by_file.remove(&channel);
		let connected = Event::Connected {
			channel,
			number: number(),
		};
		if self.step(connected, None).is_ok() {
			self.greeted.insert(channel);
			self.offer_again(channel);
		}
	}

	/// Greets in channels that are new, or whose partner's node was not known.
	pub(super) fn greet_new(&mut self) {
		let new: Vec<ChannelId> = self
			.contacts
			.iter()
			.filter(|(id, contact)| {
				let reach = contact.reach.as_ref();
				!self.greeted.contains(id)
					&& !self.by_file.contains_key(id)
					&& reach.is_some_and(|reach| self.peers.contains_key(&reach.node))
			})
			.map(|(id, _)| *id)
			.collect();
		for id in new {
			if self.party.sheet(id).is_some() {
				self.greet(id);
			}
		}
	}

	/// Whether what somebody asks is looked at: so much in a second.
	pub(super) fn may_ask(&mut self, node: &NodeKey) -> bool {
		let all = self.peers.values().map(|peer| peer.asks).sum::<u32>();
		let peer = self.peers.get_mut(node).filter(|peer| peer.asks < MOST_ASKS);
		match peer {
			Some(peer) if all < MOST_ASKS_OF_ALL => {
				peer.asks += 1;
				true
			}
			_ => {
				self.counts.refused += 1;
				false
			}
		}
	}

	/// A second has passed.
	pub(super) fn may_ask_again(&mut self) {
		self.repeats.clear();
		for peer in self.peers.values_mut() {
			peer.asks = 0;
		}
	}

	async fn on_frame(&mut self, node: NodeKey, frame: Frame) {
		match frame {
			Frame::Hello { account, policy } => {
				if let Some(peer) = self.peers.get_mut(&node) {
					peer.account = Some(account);
					peer.policy = policy;
				}
				self.ask_openings(node);
				self.relay_said(node, policy);
				self.drive().await;
			}
			Frame::Channel(channel, message) => self.on_message(node, channel, *message).await,
			Frame::AskOpen {
				id,
				opener,
				key,
				window,
			} => {
				let answer = match self.agree(node, opener, key, window) {
					Ok((account, own, expiry, signature)) => Frame::AgreeOpen {
						id,
						account,
						key: own,
						expiry,
						signature,
					},
					Err(why) => Frame::RefuseOpen { id, why },
				};
				self.wire.send(node, answer);
			}
			Frame::AgreeOpen {
				id,
				account,
				key,
				expiry,
				signature,
			} => self.agreed(node, id, account, key, expiry, signature),
			Frame::RefuseOpen { id, why } => self.openings.refused(&node, id, &why),
			// Anybody may ask, and each takes hundreds of hashes. Who is not answered asks again.
			Frame::AskHashes { terms, from, count } => {
				if self.may_ask(&node) {
					self.tell_hashes(node, terms, from, count);
				}
			}
			Frame::Hashes { terms, from, hashes } => {
				self.pays.hashes(&node, &terms, from, hashes);
				self.drive().await;
			}
			Frame::Watch(watch) => self.on_watch(node, *watch).await,
			Frame::Receipt(channel, receipt) => {
				let from_tower = self.config.tower().is_some_and(|tower| tower.node == node);
				if !from_tower || self.step(Event::Receipt(channel, receipt), None).is_err() {
					self.counts.refused += 1;
				}
			}
			Frame::Guard(channel, guard) => self.on_guard(node, channel, *guard),
			Frame::Unguard(channel, lock) => self.on_unguard(node, channel, lock),
			Frame::Order(channel, word) => self.on_order_word(node, channel, *word),
			Frame::StepsCame { channel, lock, steps } => self.steps_came(node, channel, lock, steps),
		}
	}

	/// A message of a channel: from its partner's node alone, for not all of it is signed.
	async fn on_message(&mut self, node: NodeKey, channel: ChannelId, message: Message) {
		let reach = self.contacts.get(&channel).and_then(|contact| contact.reach.as_ref());
		match reach {
			Some(reach) if reach.node == node => (),
			// A channel whose partner's node is not known: whoever greets first in it is not believed either, for
			// what is not
			// signed could be anybody's. The person says who it is.
			_ => {
				self.counts.refused += 1;
				return;
			}
		}
		if self.is_unwanted(channel, &message) {
			self.counts.refused += 1;
			tracing::info!("Channel {channel}: the partner asks for what the configuration does not allow");
			return;
		}
		// A greeting of a few bytes is answered by all that is open: a partner that greets without end keeps nobody
		// busy.
		if matches!(message, Message::Hello(_) | Message::Lost(_)) {
			let repeats = self.repeats.entry(channel).or_default();
			if *repeats >= MOST_REPEATS {
				self.counts.refused += 1;
				return;
			}
			*repeats += 1;
		}
		let is_step = matches!(message, Message::Step(_));
		if is_step
			&& self
				.repeats
				.get(&channel)
				.is_some_and(|false_ones| *false_ones >= MOST_REPEATS)
		{
			self.counts.refused += 1;
			return;
		}
		if let Err(why) = self.ask_and_step(Event::Received(channel, message)).await {
			self.counts.refused += 1;
			if is_step {
				let false_ones = self.repeats.entry(channel).or_default();
				*false_ones = false_ones.saturating_add(1);
			}
			tracing::debug!("Channel {channel}: a message is refused: {why}");
		}
	}

	/// Says whose node is the partner's.
	pub(super) fn set_reach(&mut self, channel: ChannelId, reach: Reach) -> Result<(), String> {
		let known = self.contacts.get(&channel);
		let known = known.ok_or_else(|| format!("there is no channel {channel} here"))?;
		let other = known.reach.as_ref().is_some_and(|before| before.node != reach.node);
		let contact = Contact {
			reach: Some(reach),
			..known.clone()
		};
		let kept = self.records.put_contact(channel, &contact);
		kept.map_err(|error| error.to_string())?;
		self.contacts.insert(channel, contact);
		// Another node is another connection: it is greeted there.
		if other && self.greeted.remove(&channel) {
			let _ = self.step(Event::Disconnected(channel), None);
		}
		Ok(())
	}
}
