//! Another key for a side: its partner holds the newest half under it before it agrees, and counts nothing under the
//! old one from then on.

use super::Pass;
use crate::{channel::Channel, Agreed, Checks, Notice, Refused, Renewal, Renewed};
use alloc::boxed::Box;
use channel_primitives::{ChannelId, ChannelKey, PerSide, Rekey, RuleError, Signed};

impl<C: Checks> Pass<'_, C> {
	/// We want another key. With a half of its own, so that whoever puts a store from before back is told of it.
	pub(super) fn rekey(&mut self, id: ChannelId, key: ChannelKey) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		channel.may_sign()?;
		if channel.sheet.renewal.is_some() {
			return Err(Refused::Rekeying);
		}
		if channel.sheet.is_withdrawing() {
			return Err(Refused::Withdrawing);
		}
		if channel.sheet.has_key(&key) {
			return Err(Refused::SameKey);
		}
		channel.sign(&[], [0; 32], self.now, &self.config)?;
		channel.sheet.renewal = Some(Box::new(Renewal { key, theirs: None }));
		channel.renew = true;
		channel.watch |= self.config.tower.is_some();
		self.put(channel);
		Ok(())
	}

	/// The partner wants another key. It is agreed to once that signs the very half that we hold: from then on either
	/// key may be in force, and we have what counts under both. This has no end but another key of ours.
	pub(super) fn on_renewed(&mut self, id: ChannelId, renewed: &Renewed) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		match &channel.sheet.agreed {
			Some(agreed) if agreed.key == renewed.key => (),
			Some(_) => return Err(Refused::Rekeying),
			None => {
				let agreed = self.agree(&channel, renewed)?;
				channel.sheet.agreed = Some(Box::new(agreed));
				channel.watch |= self.config.tower.is_some();
			}
		}
		self.actions.extend(channel.agreement());
		self.put(channel);
		Ok(())
	}

	fn agree(&self, channel: &Channel, renewed: &Renewed) -> Result<Agreed, Refused> {
		let sheet = &channel.sheet;
		channel.may_sign()?;
		// What the partner has signed for us to keep would count no more.
		if sheet.is_withdrawing() {
			return Err(Refused::Withdrawing);
		}
		if !sheet.words.is_empty() {
			return Err(Refused::NeedsWords);
		}
		if sheet.has_key(&renewed.key) {
			return Err(Refused::SameKey);
		}
		let held = sheet.theirs.as_ref().map(|theirs| theirs.half.body);
		if held != Some(renewed.half.body) {
			return Err(Refused::Rule(RuleError::Stale));
		}
		let context = sheet.context(sheet.side().partner());
		let by_key = renewed.half.is_by(&renewed.key, &context, |key, payload, signature| {
			self.checks.signed(key, payload, signature)
		});
		if !by_key {
			return Err(Refused::BadSignature);
		}
		Ok(Agreed {
			key: renewed.key,
			signature: renewed.half.signature,
		})
	}

	/// The partner agrees to our key: it goes to the chain.
	pub(super) fn on_rekey(&mut self, id: ChannelId, signed: &Signed<Rekey>) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let own = channel.sheet.side();
		if !self.is_by(&channel.sheet, own.partner(), signed) {
			return Err(Refused::BadSignature);
		}
		let Some(renewal) = &mut channel.sheet.renewal else {
			return Err(Refused::Unasked);
		};
		let wanted = Rekey {
			side: own,
			key: renewal.key,
		};
		if signed.body != wanted {
			return Err(Refused::Unasked);
		}
		renewal.theirs = Some(signed.signature);
		self.put(channel);
		Ok(())
	}

	/// The keys as a final block has them.
	pub(super) fn on_keys(&mut self, id: ChannelId, keys: PerSide<ChannelKey>) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let own = channel.sheet.side();
		let before = core::mem::replace(&mut channel.sheet.opened.terms.keys, keys);
		// What we have agreed to is looked at before our own key makes it void.
		for side in [own.partner(), own] {
			if before.get(side) == keys.get(side) {
				continue;
			}
			let known = if side == own {
				own_key(&mut channel)
			} else {
				partners_key(&mut channel)
			};
			let config = self.config;
			channel.rekeyed(&config);
			if !known {
				// Somebody has signed what this store does not know: it is from before.
				channel.sure = false;
				self.lose(&mut channel);
			}
			self.notices.push(Notice::Rekeyed { channel: id, side });
		}
		self.put(channel);
		Ok(())
	}
}

/// Our key is another one. Whether it is the one that we wanted.
fn own_key(channel: &mut Channel) -> bool {
	let sheet = &mut channel.sheet;
	let key = *sheet.key(sheet.side());
	let known = sheet.renewal.take().is_some_and(|renewal| renewal.key == key);
	// What we had lost was signed by the old key: nobody can show it any more, and no word is needed against it. As
	// long as we do not have the partner's half again, they say that it was lost.
	if known && sheet.theirs.is_some() {
		sheet.words.clear();
	}
	// So is what we had agreed to: it is asked again.
	sheet.agreed = None;
	known
}

/// The partner's key is another one. Whether we hold its newest half under it.
fn partners_key(channel: &mut Channel) -> bool {
	let sheet = &mut channel.sheet;
	let key = *sheet.key(sheet.side().partner());
	// What it had agreed to it agrees to again, by this key.
	if let Some(renewal) = &mut sheet.renewal {
		renewal.theirs = None;
	}
	for withdrawal in [&mut sheet.withdrawals.low, &mut sheet.withdrawals.high]
		.into_iter()
		.flatten()
	{
		withdrawal.theirs = None;
	}
	let agreed = sheet.agreed.take().filter(|agreed| agreed.key == key);
	if let (Some(agreed), Some(theirs)) = (agreed, sheet.theirs.as_mut()) {
		theirs.half.signature = agreed.signature;
		return true;
	}
	// What the old key signed counts for nothing.
	sheet.theirs = None;
	sheet.words.clear();
	false
}
