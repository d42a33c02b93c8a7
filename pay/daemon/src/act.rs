//! What is done once it is stored.

use super::{Daemon, Ended};
use channel_primitives::{ChannelId, ChannelKey, ChannelSignature, Hash};
use smart_pay_chain::{Ledger, Submission};
use smart_pay_frames::wire::Frame;
use smart_pay_store::{ChannelSigner, Committed, StoreError};
use smartchain_channel::{newest, Action, Call, Message, Signable, Unsigned};

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
		// What is said again and again, such as that something is asked for.
		_ => message == other,
	}
}

impl<L: Ledger> Daemon<L> {
	/// Does what is stored: of all commits that are there, for the newest half of theirs says all. Says why the daemon
	/// ends, if it does; what was stored before is done then.
	pub(super) async fn on_committed(&mut self, first: Result<Committed, StoreError>) -> Option<Ended> {
		let (mut actions, mut next, mut ended) = (Vec::new(), Some(first), None);
		while let Some(done) = next {
			match done {
				Ok(committed) => {
					#[cfg(feature = "testing")]
					if self.dies.now() {
						ended = Some(Ended::Told);
						break;
					}
					self.counts.commits += 1;
					self.counts.steps += u64::try_from(committed.steps).unwrap_or(u64::MAX);
					self.counts.commit_time += committed.took;
					actions.extend(committed.actions);
				}
				Err(error) => {
					ended = Some(Ended::Store(error));
					break;
				}
			}
			next = self.committed.try_recv().ok();
		}
		for action in newest(actions) {
			self.act(action).await;
		}
		if ended.is_none() {
			self.drive().await;
		}
		ended
	}

	async fn act(&mut self, action: Action) {
		match action {
			Action::Send(channel, unsigned) => {
				if let Some(message) = self.signed(channel, unsigned) {
					self.counts.halves += u64::from(matches!(message, Message::Update(_)));
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

	/// What goes out, signed by the key that it names; none if that is not ours.
	fn signed<What: Signable>(&mut self, channel: ChannelId, unsigned: Unsigned<What>) -> Option<What> {
		let signature = match (unsigned.key().copied(), unsigned.payload().copied()) {
			(Some(key), Some(payload)) => Some(self.signer_of(channel, &key)?.sign(&payload)),
			_ => None,
		};
		// It is asked for only if there is a payload, and then there is a signature.
		Some(unsigned.signed(|_| signature.unwrap_or(ChannelSignature([0; 64]))))
	}

	/// What this side's key of a channel signs, as the last final block has it.
	pub(super) fn sign(&mut self, channel: ChannelId, payload: &Hash) -> Option<ChannelSignature> {
		let sheet = self.party.sheet(channel)?;
		let key = *sheet.key(sheet.side());
		Some(self.signer_of(channel, &key)?.sign(payload))
	}

	/// A key of ours in a channel, looked for once.
	pub(super) fn signer_of(&mut self, channel: ChannelId, key: &ChannelKey) -> Option<&ChannelSigner> {
		if !self.signings.contains_key(key) {
			let of = match self.records.key(key) {
				Ok(Some(of)) => of,
				Ok(None) => {
					let partner = self.contacts.get(&channel)?.partner;
					// One of a lost store: it is found by trying. From now on it is not given out as a new one, nor is
					// any before it.
					let of = self.keys.find(key, &partner, super::open::MOST_KEYS)?;
					if let Err(error) = self.records.put_key(key, &of) {
						tracing::error!("{error}");
						return None;
					}
					of
				}
				Err(error) => {
					tracing::error!("{error}");
					return None;
				}
			};
			let signer = self.keys.channel(&of);
			self.signings.insert(*key, signer);
		}
		self.signings.get(key)
	}

	/// To the partner: on the wire, or into the file that is handed over.
	pub(super) fn send(&mut self, channel: ChannelId, message: Message) {
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
		let sheet = self.party.sheet(channel);
		let Some((side, stake)) = sheet.map(|sheet| (sheet.side(), sheet.opened.stake.total())) else {
			return;
		};
		if let Some(chain) = &self.chain {
			let submission = Submission { channel, side, call };
			chain.submitter.submit_for(submission, stake);
		}
	}
}
