//! Who has channels with whom, and what relays take.

use crate::{NodeKey, Policy};
use channel_primitives::{Account, Balance, ChannelId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Channels that are known at most; what comes beyond them is left out.
pub const MAX_LINES: usize = 65_536;
/// Relays whose policy is known at most.
const MAX_RELAYS: usize = 16_384;

/// A channel as its one end sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
	/// Its number.
	pub channel: ChannelId,
	/// Who is at the other end.
	pub to: Account,
	/// All that is in it, in planck. On which side nobody else knows.
	pub total: Balance,
}

/// What is known of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relay {
	pub node: NodeKey,
	pub policy: Policy,
}

/// What is known of all channels.
#[derive(Clone, Debug, Default)]
pub struct Graph {
	lines: BTreeMap<Account, Vec<Line>>,
	ends: BTreeMap<ChannelId, (Account, Account)>,
	relays: BTreeMap<Account, Relay>,
}

impl Graph {
	/// A channel is there, or holds something else now. Whether it was taken.
	pub fn put(&mut self, channel: ChannelId, one: Account, other: Account, total: Balance) -> bool {
		self.remove(channel);
		if self.ends.len() >= MAX_LINES || one == other {
			return false;
		}
		self.ends.insert(channel, (one, other));
		for (from, to) in [(one, other), (other, one)] {
			self.lines.entry(from).or_default().push(Line { channel, to, total });
		}
		true
	}

	/// A channel is gone.
	pub fn remove(&mut self, channel: ChannelId) {
		let Some((one, other)) = self.ends.remove(&channel) else {
			return;
		};
		for end in [one, other] {
			if let Some(lines) = self.lines.get_mut(&end) {
				lines.retain(|line| line.channel != channel);
				if lines.is_empty() {
					self.lines.remove(&end);
				}
			}
		}
	}

	/// What a relay takes, as its node has said.
	pub fn relay(&mut self, account: Account, node: NodeKey, policy: Policy) {
		if self.relays.len() < MAX_RELAYS || self.relays.contains_key(&account) {
			self.relays.insert(account, Relay { node, policy });
		}
	}

	/// An account carries nothing on.
	pub fn no_relay(&mut self, account: &Account) {
		self.relays.remove(account);
	}

	/// What an account takes, if it carries payments on.
	pub fn policy(&self, account: &Account) -> Option<Policy> {
		self.relays.get(account).map(|relay| relay.policy)
	}

	pub(crate) fn relay_of(&self, account: &Account) -> Option<&Relay> {
		self.relays.get(account)
	}

	/// The channels of an account.
	pub fn lines(&self, of: &Account) -> &[Line] {
		self.lines.get(of).map_or(&[], Vec::as_slice)
	}

	/// How many channels are known.
	pub fn len(&self) -> usize {
		self.ends.len()
	}

	/// Whether none is.
	pub fn is_empty(&self) -> bool {
		self.ends.is_empty()
	}

	/// Who could carry a payment on to this account: those with two channels at least, the nearest first, so many at
	/// most.
	pub fn near(&self, account: &Account, most: usize) -> Vec<Account> {
		let mut seen = BTreeSet::from([*account]);
		let mut next = VecDeque::from([*account]);
		let mut found = Vec::new();
		while let Some(at) = next.pop_front() {
			for line in self.lines(&at) {
				if found.len() >= most {
					return found;
				}
				if self.lines(&line.to).len() >= 2 && seen.insert(line.to) {
					found.push(line.to);
					next.push_back(line.to);
				}
			}
		}
		found
	}
}
