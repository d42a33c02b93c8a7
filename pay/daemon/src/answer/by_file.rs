//! Channels without a network: what partners say to each other goes by file, by QR or by NFC.

use super::words::{lasting, stci};
use crate::{arrive::unix_now, peers, Daemon};
use channel_primitives::{Balance, ChannelId};
use smart_agent_terminal::{duration, minute};
use smart_pay_api::{Answer, Flow, Plan, Planck};
use smart_pay_chain::Ledger;
use smart_pay_frames::envelope::{Envelope, MAX_ENVELOPE};
use smartchain_channel::{Event, Message};
use std::{collections::VecDeque, time::Duration};

/// Whoever takes a payment by file needs so many hundredths of the window to reach the chain.
const LEAST_LEFT: u64 = 20;

impl<L: Ledger> Daemon<L> {
	/// From now on a channel goes by file, until its partner is connected.
	fn go_by_file(&mut self, channel: ChannelId) -> Result<(), String> {
		if self.greeted.contains(&channel) {
			return Err(format!(
				"the partner of channel {channel} is connected: pay over the network, by an invoice"
			));
		}
		if self.by_file.contains_key(&channel) {
			return Ok(());
		}
		self.by_file.insert(channel, VecDeque::new());
		let number = peers::number();
		self.step(Event::Connected { channel, number }, None)
			.map_err(|refused| {
				self.by_file.remove(&channel);
				refused.to_string()
			})
	}

	/// Pays a partner by file.
	pub(super) async fn give(&mut self, channel: ChannelId, amount: Balance, dry_run: bool) -> Answer {
		if dry_run {
			let Some(sheet) = self.party.sheet(channel) else {
				return Answer::Failed(format!("there is no channel {channel} here"));
			};
			return Answer::Plan(Plan {
				what: format!("pays the partner of channel {channel} by file"),
				paid: Planck(amount),
				worst: vec![
					"it is paid as soon as the file is made; if the file is lost, export it again: it is not paid \
					 twice"
						.into(),
					format!(
						"whoever takes it has to reach the chain within the window of the channel, {}, after it saw it",
						lasting(sheet.opened.terms.window)
					),
				],
				..Plan::default()
			});
		}
		if let Err(why) = self.go_by_file(channel) {
			return Answer::Failed(why);
		}
		if amount > 0 {
			let pay = Event::Pay {
				channel,
				amount,
				memo: [0; 32],
			};
			if let Err(refused) = self.step(pay, None) {
				return Answer::Failed(format!(
					"{refused}. If the two programs have not spoken since their start, hand over greetings first: \
					 `smart-pay export {channel}` here, `import` there, and the same back"
				));
			}
			self.pays.given(channel);
		}
		Answer::Done(Flow {
			said: format!("stored; `smart-pay export {channel}` writes what is to be handed over"),
			envelope: None,
			number: Some(channel),
		})
	}

	/// What is to be handed over.
	pub(super) fn export(&mut self, channel: ChannelId) -> Answer {
		if let Err(why) = self.go_by_file(channel) {
			return Answer::Failed(why);
		}
		let node = self
			.contacts
			.get(&channel)
			.and_then(|contact| contact.reach.as_ref())
			.map(|reach| reach.node);
		let Some(node) = node else {
			return Answer::Failed(format!(
				"the node of the partner of channel {channel} is not known: connect once"
			));
		};
		let waiting = self.by_file.get(&channel).cloned().unwrap_or_default();
		// What is being stored is a part of it: a file without the payment that was just made helps nobody.
		if waiting.is_empty() || self.counts.steps < self.handed_over {
			return Answer::Failed("nothing is stored yet that could be handed over: try again in a moment".into());
		}
		let said = format!("{} message(s) for the partner of channel {channel}", waiting.len());
		let envelope = Envelope {
			channel,
			messages: waiting.into_iter().collect(),
		};
		match self.wire.seal(node, &envelope.write()) {
			Some(sealed) => Answer::Done(Flow {
				said,
				envelope: Some(sp_core::bytes::to_hex(&sealed, false)),
				number: Some(channel),
			}),
			None => Answer::Failed("it is too long for a file: connect, or wait until locks are gone".into()),
		}
	}

	/// Something was handed over. What pays this side is taken while there is time to bring it to the chain, or if
	/// `late`.
	pub(super) async fn import(&mut self, text: &str, late: bool) -> Answer {
		let opened = sp_core::bytes::from_hex(text)
			.ok()
			.filter(|bytes| bytes.len() <= MAX_ENVELOPE)
			.and_then(|bytes| self.wire.open(&bytes));
		let Some((node, bytes)) = opened else {
			return Answer::Failed("the file is not sealed for this program, or damaged: have it sent again".into());
		};
		let envelope = match Envelope::read(&bytes) {
			Ok(envelope) => envelope,
			Err(why) => return Answer::Failed(why),
		};
		let channel = envelope.channel;
		let reach = self.contacts.get(&channel).and_then(|contact| contact.reach.as_ref());
		if reach.is_none_or(|reach| reach.node != node) {
			return Answer::Failed(format!(
				"the file was not made by the partner of channel {channel}: nothing was taken"
			));
		}
		let before = self.received(channel);
		let pays = |message: &Message| matches!(message, Message::Update(new) if new.half.body.transferred > before);
		if !late && envelope.messages.iter().any(pays) {
			if let Err(why) = self.may_take_by_file(channel) {
				return Answer::Failed(why);
			}
		}
		if let Err(why) = self.go_by_file(channel) {
			return Answer::Failed(why);
		}
		let mut refused = None;
		for message in envelope.messages {
			// By file as over the network.
			if self.is_unwanted(channel, &message) {
				self.counts.refused += 1;
				refused = Some("the partner asks for what the configuration does not allow".into());
				continue;
			}
			if let Err(why) = self.ask_and_step(Event::Received(channel, message)).await {
				refused = Some(why);
			}
		}
		let came = self.received(channel).saturating_sub(before);
		match refused {
			Some(why) if came == 0 => Answer::Failed(format!("{why}; nothing was taken")),
			_ => Answer::Done(Flow {
				said: self.taken_words(channel, came),
				envelope: None,
				number: Some(channel),
			}),
		}
	}

	fn taken_words(&self, channel: ChannelId, came: Balance) -> String {
		let answer = format!("`smart-pay export {channel}` writes the answer");
		if came == 0 {
			return format!("taken; nothing new was paid in channel {channel}. {answer}");
		}
		let until = match self.file_deadline(channel) {
			Some(until) => format!(
				"{} UTC (in {})",
				minute(until),
				duration(Duration::from_secs(until.saturating_sub(unix_now())))
			),
			None => "its window is over".into(),
		};
		format!(
			"{} received in channel {channel}; reach the chain before {until}, or an old state could be settled. \
			 {answer}",
			stci(came)
		)
	}

	/// Until when this side has to reach the chain, by the clock: the partner may have closed on an older state right
	/// after the chain was seen last. None if that is not known.
	fn file_deadline(&self, channel: ChannelId) -> Option<u64> {
		let window = Self::seconds(self.party.sheet(channel)?.opened.terms.window);
		(self.seen_unix > 0).then(|| self.seen_unix.saturating_add(window))
	}

	/// Whether there is time enough left to bring what a file pays to the chain.
	fn may_take_by_file(&self, channel: ChannelId) -> Result<(), String> {
		let sheet = self
			.party
			.sheet(channel)
			.ok_or("the channel is gone: nothing was taken")?;
		let window = Self::seconds(sheet.opened.terms.window);
		let until = self.file_deadline(channel);
		let left = until.map_or(0, |until| until.saturating_sub(unix_now()));
		if left.saturating_mul(100) >= window.saturating_mul(LEAST_LEFT) {
			return Ok(());
		}
		let seen = match until {
			Some(_) => format!("was seen last at {} UTC", minute(self.seen_unix)),
			None => "was not seen yet".into(),
		};
		Err(format!(
			"nothing was taken: the chain {seen}, and less than {LEAST_LEFT} % of the window of {} is left, so that \
			 the partner may have closed on an older state. The file counts later, too: reach the chain and import \
			 it again, or trust the partner and add --late",
			duration(Duration::from_secs(window))
		))
	}

	fn received(&self, channel: ChannelId) -> Balance {
		let theirs = self.party.sheet(channel).and_then(|sheet| sheet.theirs.as_ref());
		theirs.map_or(0, |theirs| theirs.half.body.transferred)
	}
}
