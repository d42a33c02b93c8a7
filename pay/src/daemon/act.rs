//! What is done once it is stored.

use super::{Daemon, Signing};
use crate::wire::Frame;
use channel_primitives::{ChannelId, ChannelSignature, Hash};
use smart_pay_chain::{Ledger, Submission};
use smart_pay_store::Committed;
use smartchain_channel::{Action, Call, Message, Signable, Unsigned};

/// Messages that wait in a file at most: each newest half takes the place of the last.
const MOST_BY_FILE: usize = 64;

/// Whether a message says all that another one said. Of greetings, what answers one is no greeting to be answered: with
/// one of each in its file the partner is sure of us, and lets us be sure of it.
fn replaces(message: &Message, other: &Message) -> bool {
	match (message, other) {
		(Message::Hello(new), Message::Hello(old)) => (new.answers == 0) == (old.answers == 0),
		(Message::Update(_) | Message::Got(_) | Message::Together(_), _) => {
			std::mem::discriminant(message) == std::mem::discriminant(other)
		}
		_ => false,
	}
}

impl<L: Ledger> Daemon<L> {
	pub(super) async fn act_all(&mut self, committed: Committed) {
		self.counts.commits += 1;
		self.counts.steps += u64::try_from(committed.steps).unwrap_or(u64::MAX);
		self.counts.commit_time += committed.took;
		for action in committed.actions {
			self.act(action).await;
		}
		self.drive().await;
	}

	async fn act(&mut self, action: Action) {
		match action {
			Action::Send(channel, unsigned) => {
				if let Some(message) = self.signed(channel, unsigned) {
					self.send(channel, message);
				}
			}
			Action::Submit(channel, unsigned) => {
				if let Some(call) = self.signed(channel, unsigned) {
					self.submit(channel, call);
				}
			}
			Action::Watch(channel, unsigned) => {
				if let Some(watch) = self.signed(channel, unsigned) {
					self.to_tower(&Frame::Watch(Box::new(watch)));
				}
			}
			Action::Guard(channel, guard) => self.to_tower(&Frame::Guard(channel, Box::new(guard))),
			Action::Unguard(channel, lock) => self.to_tower(&Frame::Unguard(channel, lock)),
			Action::Notify(notice) => self.on_notice(notice).await,
			Action::Progress { at, steps } => self.stream_came(at, steps),
			Action::Watched(channel, nonce) => tracing::debug!("Channel {channel}: a receipt for {nonce}"),
		}
	}

	/// What goes out, signed by this side's key of the channel; none if that is not here.
	fn signed<What: Signable>(&mut self, channel: ChannelId, unsigned: Unsigned<What>) -> Option<What> {
		let signature = match unsigned.payload().copied() {
			None => None,
			Some(payload) => Some(self.sign(channel, &payload)?),
		};
		// It is asked for only if there is a payload, and then there is a signature.
		Some(unsigned.signed(|_| signature.unwrap_or(ChannelSignature([0; 64]))))
	}

	/// What this side's key of a channel signs.
	pub(super) fn sign(&mut self, channel: ChannelId, payload: &Hash) -> Option<ChannelSignature> {
		Some(self.signing(channel)?.key.sign(payload))
	}

	/// The key of a channel, looked for once.
	fn signing(&mut self, channel: ChannelId) -> Option<&Signing> {
		if !self.signings.contains_key(&channel) {
			let sheet = self.party.sheet(channel)?;
			let (side, key) = (sheet.side(), *sheet.key(sheet.side()));
			let of = match self.records.key(&key) {
				Ok(Some(of)) => of,
				Ok(None) => {
					let partner = self.contacts.get(&channel)?.partner;
					// One of a lost store: it is found by trying.
					self.keys.find(&key, &partner, super::open::MOST_KEYS)?
				}
				Err(error) => {
					tracing::error!("{error}");
					return None;
				}
			};
			let key = self.keys.channel(&of);
			self.signings.insert(channel, Signing { key, side });
		}
		self.signings.get(&channel)
	}

	/// To the partner: on the wire, or into the file that is handed over.
	fn send(&mut self, channel: ChannelId, message: Message) {
		if let Some(waiting) = self.by_file.get_mut(&channel) {
			waiting.retain(|other| !replaces(&message, other));
			if waiting.len() >= MOST_BY_FILE {
				waiting.pop_front();
			}
			waiting.push_back(message);
			return;
		}
		let node = self
			.contacts
			.get(&channel)
			.and_then(|contact| contact.reach.as_ref())
			.map(|reach| reach.node);
		if let Some(node) = node {
			// If it is lost, the machine says it again.
			self.wire.send(node, Frame::Channel(channel, Box::new(message)));
		}
	}

	fn to_tower(&self, frame: &Frame) {
		if let Some(tower) = self.config.tower() {
			self.wire.send(tower.node, frame.clone());
		}
	}

	/// To the chain. Without one, the machine makes it again.
	fn submit(&mut self, channel: ChannelId, call: Call) {
		let Some(side) = self.signing(channel).map(|signing| signing.side) else {
			return;
		};
		if let Some(chain) = &self.chain {
			chain.submitter.submit(Submission {
				channel,
				side,
				call,
			});
		}
	}
}
