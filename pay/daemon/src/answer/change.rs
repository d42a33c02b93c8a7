//! What changes a channel while it is used, and how it ends if its data is lost: taking out, another key, a recovery.

use super::{
	words::{lasting, stci},
	Daemon,
};
use channel_primitives::{Balance, ChannelId, ChannelKey, ChannelSignature, PerSide, Rekey, Tick, Withdraw, DAY};
use smart_pay_api::{Answer, Ask, Flow, Plan};
use smart_pay_chain::{Ledger, Order, Submission};
use smart_pay_config::AgreeKeys;
use smartchain_channel::{Call, Event, Message, Phase, Refused, Sheet};

/// For how many ticks a partner that is there may leave us without a word about lost data: five minutes.
const SILENT_FOR: Tick = 600;
/// A recovery takes so many windows,
const RECOVERY_WINDOWS: Tick = 8;
/// and so many ticks at least on the real chain.
const RECOVERY_TICKS: Tick = 14 * DAY;
/// No signature: for what is only priced.
const NOBODYS: ChannelSignature = ChannelSignature([0; 64]);

fn no_channel(channel: ChannelId) -> Answer {
	Answer::Failed(format!(
		"there is no channel {channel} here: `smart-pay channels` shows those that are"
	))
}

fn done(channel: ChannelId, said: String) -> Answer {
	Answer::Done(Flow {
		said,
		envelope: None,
		number: Some(channel),
	})
}

impl<L: Ledger> Daemon<L> {
	/// What changes or ends a channel.
	pub(super) async fn ask_change(&mut self, ask: Ask) -> Answer {
		match ask {
			Ask::Close {
				channel,
				alone,
				sure,
				dry_run,
			} => self.close(channel, alone, sure, dry_run),
			Ask::Withdraw {
				channel,
				amount,
				dry_run,
			} => self.take_out(channel, amount.0, dry_run).await,
			Ask::Rekey { channel, dry_run } => self.ask_rekey(channel, dry_run).await,
			Ask::CloseRecovery { channel, dry_run } => self.close_recovery(channel, dry_run),
			_ => Answer::Failed("that changes no channel".into()),
		}
	}

	/// What a call of the machine would cost. Nothing is signed.
	async fn plan_call(&self, channel: ChannelId, call: Call, what: &str, worst: Vec<String>) -> Answer {
		let Some(side) = self.party.sheet(channel).map(Sheet::side) else {
			return no_channel(channel);
		};
		let order = Order::Core(Box::new(Submission { channel, side, call }));
		self.plan(&order, what, worst).await
	}

	/// Takes out, if the partner agrees.
	async fn take_out(&mut self, channel: ChannelId, amount: Balance, dry_run: bool) -> Answer {
		let Some(sheet) = self.party.sheet(channel) else {
			return no_channel(channel);
		};
		let side = sheet.side();
		let room = self.room(channel);
		if amount == 0 || amount > room {
			return Answer::Failed(format!(
				"{} can be taken out of channel {channel} at most: what is locked, and what was paid, is not ours",
				stci(room)
			));
		}
		let seconds = Self::seconds(self.config.core().together);
		if dry_run {
			let withdraw = Withdraw {
				side,
				total: sheet.opened.stake.withdrawn.get(side).saturating_add(amount),
				expiry: Tick::MAX,
			};
			let call = Call::Withdraw {
				withdraw,
				signatures: PerSide::from_fn(|_| NOBODYS),
				own: side,
			};
			let worst = vec![
				format!(
					"if the partner does not agree within {seconds} s, nothing is taken out; until then the amount can \
					 be neither paid nor locked, and the channel is not closed together"
				),
				format!(
					"so much less can be paid in the channel then: {}",
					stci(room.saturating_sub(amount))
				),
			];
			let what = format!("takes {} out of channel {channel}, which stays open", stci(amount));
			return self.plan_call(channel, call, &what, worst).await;
		}
		match self.step(Event::Withdraw { channel, amount }, None) {
			Ok(()) => done(
				channel,
				format!(
					"the partner is asked; once it agrees, {} come to this account in a few blocks; if it does not \
					 within {seconds} s, all stays as it is",
					stci(amount)
				),
			),
			Err(refused) => Answer::Failed(refused.to_string()),
		}
	}

	/// Takes another key for our side, if the partner agrees.
	async fn ask_rekey(&mut self, channel: ChannelId, dry_run: bool) -> Answer {
		let Some(sheet) = self.party.sheet(channel) else {
			return no_channel(channel);
		};
		let (side, own) = (sheet.side(), *sheet.key(sheet.side()));
		if let Some(renewal) = &sheet.renewal {
			let said = match renewal.theirs {
				Some(_) => "another key is on its way to the chain already",
				None => "the partner is asked for another key already, until it agrees",
			};
			return Answer::Failed(format!("{said}: `smart-pay channels` shows how far it is"));
		}
		if dry_run {
			let rekey = Rekey {
				side,
				key: ChannelKey([0; 32]),
			};
			let call = Call::Rekey {
				rekey,
				signatures: PerSide::from_fn(|_| NOBODYS),
				own: side,
			};
			let what = format!("gives this side of channel {channel} another key");
			return self.plan_call(channel, call, &what, worst_of_rekeying()).await;
		}
		if let Err(refused) = self.party.may_sign(channel) {
			return Answer::Failed(refused.to_string());
		}
		// The one that it has is known to the store from here on: neither it nor one before it is taken again.
		if self.signer_of(channel, &own).is_none() {
			return Answer::Failed(format!("the key of channel {channel} is not of this program's phrase"));
		}
		let Some(partner) = self.contacts.get(&channel).map(|contact| contact.partner) else {
			return Answer::Failed(format!(
				"who the partner of channel {channel} is is not known: connect once"
			));
		};
		let key = match self.records.take_key(&self.keys, &partner) {
			Ok((_, key)) => key,
			Err(error) => return Answer::Failed(error.to_string()),
		};
		match self.step(Event::Rekey { channel, key }, None) {
			Ok(()) => done(
				channel,
				"the partner is asked; once it agrees, the new key is in force in a few blocks".into(),
			),
			Err(refused) => Answer::Failed(refused.to_string()),
		}
	}

	/// Closes without the data, because the partner is silent.
	fn close_recovery(&mut self, channel: ChannelId, dry_run: bool) -> Answer {
		let Some(sheet) = self.party.sheet(channel) else {
			return no_channel(channel);
		};
		let connected = self.greeted.contains(&channel);
		match &sheet.phase {
			Phase::Lost { since } if connected && self.now() < since.saturating_add(SILENT_FOR) => {
				return Answer::Failed(format!(
					"the partner is there, and was asked a moment ago where to go on: give it {} s, and see `smart-pay \
					 channels`",
					Self::seconds(SILENT_FOR)
				));
			}
			Phase::Lost { .. } => (),
			Phase::Open if self.party.may_sign(channel) == Err(Refused::Unsure) => (),
			Phase::Open => {
				return Answer::Failed(format!(
					"this store is the newest, as the partner says: `smart-pay close {channel} --alone` takes an \
					 eighth of the time, and costs no fine"
				));
			}
			_ => return Answer::Failed(Refused::Closing.to_string()),
		}
		if dry_run {
			return Answer::Plan(self.plan_recovery(channel, sheet));
		}
		match self.step(Event::CloseRecovery(channel), None) {
			Ok(()) => done(
				channel,
				format!("channel {channel} is being closed without its data; `smart-pay channels` shows until when"),
			),
			Err(refused) => Answer::Failed(refused.to_string()),
		}
	}

	fn plan_recovery(&self, channel: ChannelId, sheet: &Sheet) -> Plan {
		let window = sheet.opened.terms.window.saturating_mul(RECOVERY_WINDOWS);
		let (ticks, total) = (window.max(RECOVERY_TICKS), sheet.opened.stake.total());
		Plan {
			what: format!(
				"closes channel {channel} without its data: about {} come back to this account",
				stci(self.parts(sheet))
			),
			worst: vec![
				format!(
					"your part comes after {}, less on a test chain: eight windows, and 14 days at least",
					lasting(ticks)
				),
				format!(
					"if more is owed than this store says, the partner shows it, is paid that, and a fine besides: 1 % \
					 of all that is in the channel, {}, if holders have not set it otherwise",
					stci(total / 100)
				),
				"what the partner has paid and this store does not remember is lost, if nobody brings it".into(),
				"if the partner is only away for a while, waiting for it costs nothing".into(),
			],
			..Plan::default()
		}
	}

	/// Whether a message asks for something that the person who runs this does not want.
	pub(crate) fn is_unwanted(&self, channel: ChannelId, message: &Message) -> bool {
		let channels = &self.config.channels;
		match message {
			Message::Withdraw(withdraw) => {
				let own = self.party.sheet(channel).map(Sheet::side);
				!channels.agree_withdrawals && own != Some(withdraw.body.side)
			}
			Message::Renewed(_) => match channels.agree_keys {
				AgreeKeys::Never => true,
				AgreeKeys::Unwatched => self.config.tower().is_some(),
				AgreeKeys::Always => false,
			},
			_ => false,
		}
	}

	/// How far a channel is that is open, in words.
	pub(super) fn state_of_open(&self, id: ChannelId, sheet: &Sheet) -> String {
		if let Err(refused) = self.party.may_sign(id) {
			return format!("open; {refused}");
		}
		let side = sheet.side();
		if let Some(withdrawal) = sheet.withdrawals.get(side) {
			let more = withdrawal
				.body
				.total
				.saturating_sub(*sheet.opened.stake.withdrawn.get(side));
			let how = if withdrawal.theirs.is_some() {
				"agreed"
			} else {
				"not agreed yet"
			};
			let expiry = withdrawal.body.expiry;
			return format!("open; {} are being taken out, {how}, until tick {expiry}", stci(more));
		}
		match (&sheet.renewal, &sheet.agreed) {
			(Some(renewal), _) if renewal.theirs.is_some() => "open; another key is on its way to the chain".into(),
			(Some(_), _) => "open; the partner is asked for another key".into(),
			(None, Some(_)) => "open; the partner takes another key, and pays on when it is in force".into(),
			(None, None) => "open".into(),
		}
	}

	/// Channels whose data is lost and whose partner says nothing, each with what to do.
	pub(super) fn lost_channels(&self) -> Vec<String> {
		let lost = |id: ChannelId| match self.party.sheet(id)?.phase {
			Phase::Lost { since } if self.now() >= since.saturating_add(SILENT_FOR) => Some(format!(
				"channel {id}: its data is lost, and the partner has not said where to go on for {} s; `smart-pay \
				 reach {id} KEY@URL` if it has moved, `smart-pay close {id} --recovery` if it is gone for good",
				Self::seconds(self.now().saturating_sub(since))
			)),
			_ => None,
		};
		self.party.channels().filter_map(lost).collect()
	}
}

/// What a program should know before it takes another key.
fn worst_of_rekeying() -> Vec<String> {
	vec![
		"if the partner does not agree, all goes on under the old key, and it is asked again and again".into(),
		"bonds of towers cover nothing in this channel any more, on both sides: open another one for that".into(),
		"a tower that is not reached just now cannot answer under the new key until it is".into(),
		"a copy of the store from before cannot pay in the channel any more".into(),
		"if the key file was copied this helps nothing, for all keys derive from it: close, and begin with a new phrase"
			.into(),
	]
}
