//! What was learned of channels of others: what went through, and what did not.

use crate::amounts::part_of;
use channel_primitives::{Balance, ChannelId, Side, Tick};
use std::collections::BTreeMap;

/// After so many ticks nothing is left of what was learned: an hour.
pub const RELAX: Tick = 7_200;
/// Of how many channels something is remembered, each direction for itself; of more, the oldest is forgotten.
pub const MAX_KNOWN: usize = 16_384;
/// The least and the greatest chance, of 65,536: nothing is certain of others.
const LEAST: u32 = 1 << 10;
const MOST: u32 = (1 << 16) - (1 << 10);

/// What is known of a direction of a channel.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
	/// So much went through, and when.
	can: Option<(Balance, Tick)>,
	/// So much did not, and when.
	cannot: Option<(Balance, Tick)>,
}

impl Known {
	fn newest(&self) -> Tick {
		let at = |known: Option<(Balance, Tick)>| known.map_or(0, |(_, at)| at);
		at(self.can).max(at(self.cannot))
	}
}

/// The odds that an amount goes through channels.
#[derive(Clone, Debug, Default)]
pub struct Odds(BTreeMap<(ChannelId, Side), Known>);

impl Odds {
	/// An amount went through, from this side on.
	pub fn passed(&mut self, channel: ChannelId, from: Side, amount: Balance, now: Tick) {
		let known = self.known(channel, from);
		let before = known.can.filter(|(_, at)| now.saturating_sub(*at) < RELAX);
		known.can = Some((before.map_or(amount, |(most, _)| most.max(amount)), now));
		known.cannot = known.cannot.filter(|(least, _)| *least > amount);
	}

	/// An amount did not, from this side on. Of a channel that cannot be used at all, no amount does.
	pub fn failed(&mut self, channel: ChannelId, from: Side, amount: Balance, now: Tick) {
		let known = self.known(channel, from);
		let before = known.cannot.filter(|(_, at)| now.saturating_sub(*at) < RELAX);
		known.cannot = Some((before.map_or(amount, |(least, _)| least.min(amount)), now));
		known.can = known.can.filter(|(most, _)| *most < amount);
	}

	fn known(&mut self, channel: ChannelId, from: Side) -> &mut Known {
		let key = (channel, from);
		if self.0.len() >= MAX_KNOWN && !self.0.contains_key(&key) {
			let oldest = self
				.0
				.iter()
				.min_by_key(|(_, known)| known.newest())
				.map(|(key, _)| *key);
			if let Some(oldest) = oldest {
				self.0.remove(&oldest);
			}
		}
		self.0.entry(key).or_default()
	}

	/// In how many of 65,536 cases an amount goes through, as far as is known. It never rises with the amount.
	///
	/// - `most`: what all of the channel holds, in planck.
	/// - `ours`: whether it is a channel of our own, in which `most` can be paid for certain.
	pub fn chance(&self, channel: ChannelId, from: Side, amount: Balance, most: Balance, ours: bool, now: Tick) -> u32 {
		let known = self.0.get(&(channel, from)).copied().unwrap_or_default();
		let sure = if ours { most } else { 0 };
		let above = most.saturating_add(1);
		// What was learned fades within an hour.
		let can = known.can.map_or(sure, |(can, at)| {
			let left = RELAX.saturating_sub(now.saturating_sub(at));
			part_of(can.min(most), left.into(), RELAX.into()).min(most).max(sure)
		});
		let before = between(amount, can, above, ours);
		let Some((cannot, at)) = known.cannot else {
			return before;
		};
		let learned = between(amount, can, cannot.min(above), ours);
		// The chance fades, and not the bound: what is little beside the channel would seem to go through again at
		// once.
		let gone = now.saturating_sub(at).min(RELAX);
		let faded = part_of(before.saturating_sub(learned).into(), gone.into(), RELAX.into());
		learned.saturating_add(u32::try_from(faded).unwrap_or(MOST))
	}

	/// How many directions something is known of.
	pub fn len(&self) -> usize {
		self.0.len()
	}

	/// Whether nothing is known.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}
}

/// The chance if `can` goes through and `cannot` does not: between the two every amount is as likely to be there as
/// every other.
fn between(amount: Balance, can: Balance, cannot: Balance, ours: bool) -> u32 {
	if amount >= cannot {
		return LEAST;
	}
	if amount <= can {
		return if ours { 1 << 16 } else { MOST };
	}
	let share = part_of(
		cannot.saturating_sub(amount),
		1 << 16,
		cannot.saturating_sub(can).max(1),
	);
	u32::try_from(share).unwrap_or(MOST).clamp(LEAST, MOST)
}
