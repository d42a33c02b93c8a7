//! Two machines in one process, on one core and without a disk: what one says is signed, handed over and checked, as
//! daemons do it.

use channel_primitives::{
	Balance, ChannelId, ChannelKey, ChannelSignature, Condition, Context, Hash, LeafWitness, Lock, LockId, Node,
	PerSide, PredicateId, Reveal, Side, Stake, Terms, Tick, Witness,
};
use smart_agent_keys::{DeviceName, DeviceSecret, Phrase};
use smart_pay_store::{verify, ChannelSigner, HotKeys, KeyOf};
use smartchain_channel::{
	Action, Block, Checks, Config, Event, Fact, Message, Notice, Opened, Packet, Party, Place, Sheet, Step, Store,
	Write,
};
use smartchain_tests::{ensure, Error, Result};
use sp_io::hashing::sha2_256;
use std::{
	collections::{HashMap, VecDeque},
	convert::Infallible,
	time::{Duration, Instant},
};

/// The channel of both.
pub const CHANNEL: ChannelId = 1;
/// The tick of all of it.
const NOW: Tick = 1_000;
/// The last tick at which a lock counts here.
const EXPIRY: Tick = 9_000;
/// What each side puts in, in planck.
const STAKE: Balance = 1 << 80;
/// What is paid each time, in planck.
const AMOUNT: Balance = 1_000_000_000;
/// The phrase that the keys derive from: worth nothing.
const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

/// What a machine asks: signatures are checked as a daemon checks them, and the chain knows of no condition.
pub struct Edge;

impl Checks for Edge {
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		verify(key, payload, signature)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}

	fn revealed(&self, _: &Hash) -> Option<Reveal> {
		None
	}
}

/// Keeps the last sheet in memory, as bytes.
#[derive(Default)]
pub struct Kept(Vec<u8>);

impl Store for Kept {
	type Error = Infallible;

	fn commit(&mut self, writes: &[Write]) -> std::result::Result<(), Infallible> {
		for write in writes {
			if let Write::Sheet { bytes, .. } = write {
				self.0.clone_from(bytes);
			}
		}
		Ok(())
	}
}

/// When what comes of events is stored: then it is signed and sent, as far as the machine wants it to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
	/// After each event: so every half goes out.
	Each,
	/// After all that has come meanwhile, as `smart-pay` does while its disk is busy: of the halves of a commit the
	/// machine lets the newest out alone.
	Joined,
}

/// One side.
struct End {
	party: Party,
	signer: ChannelSigner,
	store: Kept,
	/// What came of all events since the last commit.
	waiting: Option<Step>,
	arrived: Vec<Lock>,
	paid: u64,
	received: u64,
}

/// Both sides, and what is on its way between them.
pub struct Pair {
	ends: [End; 2],
	commits: Commits,
	wire: VecDeque<(usize, Message)>,
	/// Preimages, by the hashes of their conditions.
	secrets: HashMap<Hash, Hash>,
	made: u64,
}

/// Keys of channels, which derive from a phrase that is worth nothing.
pub fn keys() -> Result<HotKeys> {
	let phrase = Phrase::parse(WORDS).map_err(|error| Error::new(error.to_string()))?;
	let name: DeviceName = "pay".parse().map_err(|_| Error::new("no name of a device"))?;
	let device = DeviceSecret::derive(&phrase, &name).map_err(|error| Error::new(error.to_string()))?;
	Ok(HotKeys::new(device))
}

/// The channel, as the chain has it, seen from one side.
fn opened(side: Side, keys: PerSide<ChannelKey>) -> Opened {
	Opened {
		context: Context {
			genesis: [7; 32],
			channel: CHANNEL,
			asset: channel_primitives::STCI,
			side,
		},
		terms: Terms {
			keys,
			window: channel_primitives::DAY,
		},
		stake: Stake {
			deposited: PerSide {
				low: STAKE,
				high: STAKE,
			},
			withdrawn: PerSide::default(),
		},
	}
}

impl End {
	fn new(side: Side, keys: PerSide<ChannelKey>, signer: ChannelSigner) -> Result<Self> {
		let mut end = Self {
			party: Party::new(Config::default()),
			signer,
			store: Kept::default(),
			waiting: None,
			arrived: Vec::new(),
			paid: 0,
			received: 0,
		};
		let block = Block {
			tick: NOW,
			facts: vec![Fact::Opened(opened(side, keys))],
		};
		end.tell(Event::Final(block))?;
		Ok(end)
	}

	/// Tells the machine something. What comes of it waits for the next commit.
	fn tell(&mut self, event: Event) -> Result<()> {
		let step = self.party.step(event, &Edge)?;
		self.waiting = Some(match self.waiting.take() {
			Some(before) => before.and(step),
			None => step,
		});
		Ok(())
	}

	/// Stores what waits, and says what is to be done.
	fn commit(&mut self) -> Vec<Action> {
		match self.waiting.take().map(|step| step.commit(&mut self.store)) {
			None => Vec::new(),
			Some(Ok(actions)) => actions,
			Some(Err(never)) => match never.error {},
		}
	}

	fn note(&mut self, notice: &Notice) {
		match notice {
			Notice::Arrived { lock, .. } => self.arrived.push(*lock),
			Notice::Paid { .. } => self.paid = self.paid.saturating_add(1),
			Notice::Received { .. } => self.received = self.received.saturating_add(1),
			_ => (),
		}
	}
}

impl Pair {
	/// Two machines with one channel that have greeted each other.
	///
	/// # Errors
	/// If they refuse to.
	pub fn new(commits: Commits) -> Result<Self> {
		let keys = keys()?;
		let signer = |number| {
			keys.channel(&KeyOf {
				partner: [1; 32],
				number,
			})
		};
		let both = PerSide {
			low: signer(0).key(),
			high: signer(1).key(),
		};
		let mut pair = Self {
			ends: [
				End::new(Side::Low, both, signer(0))?,
				End::new(Side::High, both, signer(1))?,
			],
			commits,
			wire: VecDeque::new(),
			secrets: HashMap::new(),
			made: 0,
		};
		for (who, number) in [(0, 11), (1, 12)] {
			let channel = CHANNEL;
			pair.tell(who, Event::Connected { channel, number })?;
		}
		pair.settle()?;
		for end in &pair.ends {
			end.party.may_sign(CHANNEL)?;
		}
		Ok(pair)
	}

	/// Tells one of both something; what comes of it is stored and sent at once, or with what comes of the next events.
	///
	/// # Errors
	/// If it is refused.
	pub fn tell(&mut self, who: usize, event: Event) -> Result<()> {
		self.ends[who].tell(event)?;
		if self.commits == Commits::Each {
			self.flush(who);
		}
		Ok(())
	}

	/// Stores what came of all that one of both was told, signs and sends it.
	fn flush(&mut self, who: usize) {
		for action in self.ends[who].commit() {
			match action {
				Action::Send(_, unsigned) => {
					let end = &self.ends[who];
					let message = unsigned.signed(|payload| end.signer.sign(payload));
					self.wire.push_back((1 - who, message));
				}
				Action::Notify(notice) => self.ends[who].note(&notice),
				_ => (),
			}
		}
	}

	/// The messages that are on their way to one of both: they are taken off the wire.
	pub fn take(&mut self, to: usize) -> Vec<Message> {
		let (for_it, others): (VecDeque<_>, VecDeque<_>) = self.wire.drain(..).partition(|(who, _)| *who == to);
		self.wire = others;
		for_it.into_iter().map(|(_, message)| message).collect()
	}

	/// All that is on its way arrives and is answered, until nothing is. Locks that came are claimed.
	///
	/// # Errors
	/// If anything of it is refused.
	pub fn settle(&mut self) -> Result<()> {
		loop {
			self.flush(0);
			self.flush(1);
			for who in 0..self.ends.len() {
				for lock in std::mem::take(&mut self.ends[who].arrived) {
					self.claim(who, &lock)?;
				}
				self.flush(who);
			}
			if self.wire.is_empty() {
				return Ok(());
			}
			for (to, message) in std::mem::take(&mut self.wire) {
				self.tell(to, Event::Received(CHANNEL, message))?;
			}
		}
	}

	/// Claims a lock if what meets its condition is known. Others are left alone: those over chains of hashes.
	fn claim(&mut self, who: usize, lock: &Lock) -> Result<()> {
		let Some(secret) = self.secrets.remove(&lock.condition) else {
			return Ok(());
		};
		let leaf = vec![LeafWitness::Preimage(secret)];
		let witness = Witness(leaf.try_into().map_err(|_| Error::new("one leaf is too many"))?);
		let at = Place {
			channel: CHANNEL,
			id: lock.id,
		};
		self.tell(who, Event::Show { at, witness })
	}

	/// One of both pays the other so many times under hashes of the other's, all of them on their way at once.
	///
	/// # Errors
	/// If anything is refused, or not all are paid in the end.
	pub fn pay(&mut self, payer: usize, count: u64) -> Result<()> {
		let before = (self.ends[payer].paid, self.ends[1 - payer].received);
		for _ in 0..count {
			self.made = self.made.wrapping_add(1);
			let mut preimage = [5; 32];
			preimage[..8].copy_from_slice(&self.made.to_le_bytes());
			let condition = Condition::new(vec![Node::Preimage {
				hash: sha2_256(&preimage),
			}])
			.map_err(|error| Error::new(format!("no condition: {error:?}")))?;
			self.secrets.insert(condition.hash(), preimage);
			self.lock(payer, AMOUNT, condition)?;
		}
		self.settle()?;
		let after = (self.ends[payer].paid, self.ends[1 - payer].received);
		ensure!(
			after == (before.0 + count, before.1 + count),
			"{count} payments came to {after:?} after {before:?}"
		);
		Ok(())
	}

	/// One of both locks an amount.
	///
	/// # Errors
	/// If it is refused.
	pub fn lock(&mut self, payer: usize, amount: Balance, condition: Condition) -> Result<()> {
		let event = Event::Lock {
			channel: CHANNEL,
			amount,
			expiry: EXPIRY,
			condition,
			packet: Packet::default(),
		};
		self.tell(payer, event)
	}

	/// Both pay in turns, so many payments on their way at once, for at least this long: payments a second.
	///
	/// # Errors
	/// If a payment fails.
	pub fn rate(&mut self, at_once: u64, lasts: Duration) -> Result<f64> {
		// What is there for the first time is not what is measured.
		self.pay(0, at_once)?;
		self.pay(1, at_once)?;
		let (began, mut count) = (Instant::now(), 0_u64);
		while began.elapsed() < lasts {
			self.pay(0, at_once)?;
			self.pay(1, at_once)?;
			count = count.saturating_add(2 * at_once);
		}
		Ok(count as f64 / began.elapsed().as_secs_f64())
	}

	/// What one of both knows of the channel.
	///
	/// # Errors
	/// If it knows none.
	pub fn sheet(&self, who: usize) -> Result<&Sheet> {
		let sheet = self.ends[who].party.sheet(CHANNEL);
		sheet.ok_or_else(|| Error::new("the channel is gone"))
	}

	/// The lock that one of both has given last.
	///
	/// # Errors
	/// If there is none.
	pub fn newest_lock(&self, payer: usize) -> Result<LockId> {
		let newest = self.sheet(payer)?.given.keys().next_back();
		newest.copied().ok_or_else(|| Error::new("there is no lock"))
	}

	/// How often one of both was paid.
	pub fn received(&self, who: usize) -> u64 {
		self.ends[who].received
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// With either way all that is locked is paid, and both know the same.
	#[test]
	fn payments_are_paid_one_by_one_and_many_at_once() {
		for commits in [Commits::Each, Commits::Joined] {
			let mut pair = Pair::new(commits).unwrap();
			pair.pay(0, 1).unwrap();
			pair.pay(1, 40).unwrap();
			pair.pay(0, 40).unwrap();
			let paid = |who: usize| pair.sheet(who).unwrap().signed.unwrap().transferred;
			assert_eq!((paid(0), paid(1)), (41 * AMOUNT, 40 * AMOUNT), "{commits:?}");
			assert!(pair.sheet(0).unwrap().given.is_empty() && pair.sheet(1).unwrap().taken.is_empty());
		}
	}
}
