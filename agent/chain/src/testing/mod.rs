//! A chain in memory, for the tests of those that build on [`Node`].

use crate::{
	heads::{Head, HeadEvent, Heads, HEAD_BUFFER},
	link::LinkState,
	node::Node,
	types::{AccountId, Device, Hash, KeyUse, NodeUrl, Slot},
	wins::{Outcome, Receipt, Refusal, Submitted, Win},
	ChainError, Result,
};
use async_trait::async_trait;
use codec::Encode;
use device_primitives::DeviceId;
use proof_lottery_primitives::{DeviceProofs, OpenRound};
use sp_crypto_hashing::blake2_256;
use std::{
	collections::{BTreeMap, HashSet},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::SystemTime,
};
use tokio::sync::{broadcast, watch};

/// Milliseconds of a slot, as on chains of this kind.
const SLOT_MS: u64 = 500;

/// A [`Node`] whose blocks, rounds and answers a test says. Cheap to clone; clones are one chain.
#[derive(Clone)]
pub struct MockNode {
	genesis: Hash,
	state: Arc<Mutex<State>>,
	heads: broadcast::Sender<HeadEvent>,
	link: Arc<watch::Sender<LinkState>>,
}

/// A block, with what is answered at it.
#[derive(Clone)]
struct Block {
	head: Head,
	rounds: Vec<OpenRound>,
	wins: Vec<Hash>,
}

#[derive(Default)]
struct State {
	/// The best chain, from its first block.
	chain: Vec<Block>,
	/// Blocks that were of it.
	abandoned: Vec<Block>,
	authored: u64,
	rounds: Vec<OpenRound>,
	proofs: BTreeMap<DeviceId, DeviceProofs<AccountId>>,
	devices: BTreeMap<DeviceId, Device>,
	uses: BTreeMap<DeviceId, KeyUse>,
	/// Transactions that wait.
	pool: Vec<Hash>,
	known: HashSet<Hash>,
	refusal: Option<Refusal>,
	no_wins: bool,
	fail: Option<(u32, ChainError)>,
	told: Vec<(Win, u32)>,
}

impl State {
	fn best(&self) -> Head {
		// `MockNode::new` makes the first one, and none takes that away.
		self.chain.last().map_or(NOTHING, |block| block.head)
	}
}

const NOTHING: Head = Head {
	number: 0,
	hash: Hash::zero(),
	parent: Hash::zero(),
	slot: 0,
};

/// What tells a win from others. The real one's is the hash of its transaction.
fn transaction_of(win: &Win) -> Hash {
	let bytes = match win {
		Win::Space {
			device,
			round,
			group,
			proof,
		} => (1u8, device, round, group, proof).encode(),
		Win::Compute { win, signature } => (2u8, win, signature).encode(),
		Win::Uptime(pulse) => (3u8, pulse).encode(),
	};
	Hash::from(blake2_256(&bytes))
}

impl MockNode {
	/// A chain with its first block, of half-second slots.
	pub fn new(genesis: Hash) -> Self {
		let state = State {
			chain: vec![Block {
				head: Head {
					hash: genesis,
					..NOTHING
				},
				rounds: Vec::new(),
				wins: Vec::new(),
			}],
			..State::default()
		};
		Self {
			genesis,
			state: Arc::new(Mutex::new(state)),
			heads: broadcast::Sender::new(HEAD_BUFFER),
			link: Arc::new(watch::Sender::new(connected())),
		}
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Whether the next question is answered.
	fn asked(&self) -> Result<MutexGuard<'_, State>> {
		if let LinkState::Lost { why, .. } = &*self.link.borrow() {
			return Err(ChainError::Lost { why: why.clone() });
		}
		let mut state = self.state();
		match state.fail.take() {
			Some((count, error)) if count > 0 => {
				state.fail = Some((count.saturating_sub(1), error.clone()));
				Err(error)
			}
			_ => Ok(state),
		}
	}

	/// Authors a block in a slot on the best one, with all wins that wait, and tells listeners.
	pub fn author(&self, slot: Slot) -> Head {
		self.author_after(0, slot)
	}

	/// Goes `depth` blocks back and authors one there, in a slot: a reorganization if `depth` is not 0. Wins of the
	/// blocks that are abandoned are lost. Listeners are not told while the connection is lost.
	pub fn author_after(&self, depth: u32, slot: Slot) -> Head {
		let mut state = self.state();
		let mut abandoned = Vec::new();
		for _ in 0..depth {
			// The first block stays.
			if state.chain.len() > 1 {
				abandoned.extend(state.chain.pop());
			}
		}
		let parent = state.best();
		state.authored = state.authored.saturating_add(1);
		let wins = if state.no_wins {
			Vec::new()
		} else {
			std::mem::take(&mut state.pool)
		};
		let head = Head {
			number: parent.number.saturating_add(1),
			hash: Hash::from(blake2_256(&(self.genesis, state.authored).encode())),
			parent: parent.hash,
			slot,
		};
		let rounds = state.rounds.clone();
		state.chain.push(Block { head, rounds, wins });
		let event = HeadEvent::Best {
			head,
			adopted: vec![head],
			abandoned: abandoned.iter().map(|block| block.head).collect(),
			gap: false,
		};
		state.abandoned.extend(abandoned);
		drop(state);
		self.tell(event);
		head
	}

	/// The best block is final, and listeners are told.
	pub fn finalize(&self) -> Head {
		let head = self.state().best();
		self.tell(HeadEvent::Final(head));
		head
	}

	fn tell(&self, event: HeadEvent) {
		if self.link.borrow().is_connected() {
			// It fails if nobody listens.
			let _ = self.heads.send(event);
		}
	}

	/// What `open_rounds` answers at blocks authored from now on.
	pub fn set_rounds(&self, rounds: Vec<OpenRound>) {
		self.state().rounds = rounds;
	}

	/// What `device_proofs` answers from now on.
	pub fn set_proofs(&self, device: DeviceId, proofs: Option<DeviceProofs<AccountId>>) {
		let mut state = self.state();
		match proofs {
			Some(proofs) => state.proofs.insert(device, proofs),
			None => state.proofs.remove(&device),
		};
	}

	/// What `device` answers from now on.
	pub fn set_device(&self, device: DeviceId, registered: Option<Device>) {
		let mut state = self.state();
		match registered {
			Some(registered) => state.devices.insert(device, registered),
			None => state.devices.remove(&device),
		};
	}

	/// What `key_use` answers from now on.
	pub fn set_key_use(&self, device: DeviceId, used: KeyUse) {
		self.state().uses.insert(device, used);
	}

	/// What becomes of wins from now on: none means that they are accepted.
	pub fn refuse_wins(&self, why: Option<Refusal>) {
		self.state().refusal = why;
	}

	/// Whether authors put wins into blocks from now on; they do at first.
	pub fn include_wins(&self, include: bool) {
		self.state().no_wins = !include;
	}

	/// The connection is lost: everything asked gives `Lost`, and the state says so.
	pub fn lose(&self, why: &str) {
		self.link.send_replace(LinkState::Lost {
			since: SystemTime::now(),
			why: why.into(),
		});
	}

	/// The connection is there again. The best block is told, with a gap.
	pub fn recover(&self) {
		self.link.send_replace(connected());
		let head = self.state().best();
		self.tell(HeadEvent::Best {
			head,
			adopted: vec![head],
			abandoned: Vec::new(),
			gap: true,
		});
	}

	/// The next `count` things asked give this error.
	pub fn fail(&self, count: u32, error: ChainError) {
		self.state().fail = Some((count, error));
	}

	/// Every win that was submitted, refused or not, with how many times, in the order of its first time.
	pub fn wins(&self) -> Vec<(Win, u32)> {
		self.state().told.clone()
	}

	/// Where a transaction is in the best chain.
	fn find(&self, transaction: Hash) -> Option<Head> {
		let state = self.state();
		let found = state.chain.iter().find(|block| block.wins.contains(&transaction));
		found.map(|block| block.head)
	}
}

fn connected() -> LinkState {
	LinkState::Connected {
		url: NodeUrl::in_memory(),
		since: SystemTime::now(),
	}
}

#[async_trait]
impl Node for MockNode {
	fn genesis(&self) -> Hash {
		self.genesis
	}

	fn slot_ms(&self) -> u64 {
		SLOT_MS
	}

	fn link(&self) -> watch::Receiver<LinkState> {
		self.link.subscribe()
	}

	fn heads(&self) -> Heads {
		Heads::new(self.heads.subscribe())
	}

	async fn open_rounds(&self, at: Hash) -> Result<Vec<OpenRound>> {
		let state = self.asked()?;
		let block = state
			.chain
			.iter()
			.chain(&state.abandoned)
			.find(|block| block.head.hash == at);
		block.map(|block| block.rounds.clone()).ok_or(ChainError::NoState(at))
	}

	async fn device_proofs(&self, device: &DeviceId, _: Hash) -> Result<Option<DeviceProofs<AccountId>>> {
		Ok(self.asked()?.proofs.get(device).cloned())
	}

	async fn device(&self, device: &DeviceId, _: Hash) -> Result<Option<Device>> {
		Ok(self.asked()?.devices.get(device).cloned())
	}

	async fn key_use(&self, device: &DeviceId, _: Hash) -> Result<Option<KeyUse>> {
		Ok(self.asked()?.uses.get(device).copied())
	}

	async fn submit(&self, win: &Win) -> Result<Submitted> {
		let mut state = self.asked()?;
		let transaction = transaction_of(win);
		match state.told.iter_mut().find(|(told, _)| told == win) {
			Some((_, times)) => *times = times.saturating_add(1),
			None => state.told.push((win.clone(), 1)),
		}
		if let Some(why) = &state.refusal {
			return Ok(Submitted::Refused(why.clone()));
		}
		let receipt = Receipt {
			transaction,
			sent_at: state.best().number,
		};
		if !state.known.insert(transaction) {
			return Ok(Submitted::Already(receipt));
		}
		state.pool.push(transaction);
		Ok(Submitted::Accepted(receipt))
	}

	async fn outcome(&self, receipt: &Receipt, until: Slot) -> Result<Outcome> {
		let mut heads = self.heads();
		loop {
			if let Some(head) = self.find(receipt.transaction) {
				return Ok(Outcome::InBlock {
					number: head.number,
					hash: head.hash,
					slot: head.slot,
				});
			}
			let best = self.state().best();
			if best.slot >= until {
				return Ok(Outcome::NotUntil { slot: best.slot });
			}
			if heads.next().await.is_none() {
				return Err(ChainError::Lost {
					why: "the chain has ended".into(),
				});
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_lottery_primitives::Pulse;

	fn pulse(round: u64) -> Win {
		Win::Uptime(Pulse {
			device: [1; 32],
			round,
			pre_output: [2; 32],
			proof: [3; 64],
		})
	}

	#[tokio::test]
	async fn it_does_as_a_chain_does() {
		let node = MockNode::new(Hash::repeat_byte(9));
		let mut heads = node.heads();
		let first = node.author(5);
		assert_eq!((first.number, first.parent), (1, node.genesis()));
		let Ok(Submitted::Accepted(receipt)) = node.submit(&pulse(1)).await else {
			panic!("it is accepted");
		};
		assert_eq!(node.submit(&pulse(1)).await, Ok(Submitted::Already(receipt.clone())));
		assert_eq!(node.wins(), [(pulse(1), 2)]);
		let second = node.author(6);
		assert_eq!(
			node.outcome(&receipt, 9).await,
			Ok(Outcome::InBlock {
				number: 2,
				hash: second.hash,
				slot: 6
			})
		);
		// A reorganization takes it away.
		let fork = node.author_after(2, 10);
		assert_eq!(node.outcome(&receipt, 9).await, Ok(Outcome::NotUntil { slot: 10 }));
		for _ in 0..2 {
			heads.next().await;
		}
		let event = heads.next().await;
		let expected = HeadEvent::Best {
			head: fork,
			adopted: vec![fork],
			abandoned: vec![second, first],
			gap: false,
		};
		assert_eq!(event, Some(expected));
		assert_eq!(node.open_rounds(second.hash).await, Ok(Vec::new()));
	}

	#[tokio::test]
	async fn it_fails_as_it_is_told() {
		let node = MockNode::new(Hash::zero());
		let error = ChainError::NoUrl;
		node.fail(2, error.clone());
		for _ in 0..2 {
			assert_eq!(node.submit(&pulse(1)).await, Err(error.clone()));
		}
		node.refuse_wins(Some(Refusal::Stale));
		assert_eq!(node.submit(&pulse(1)).await, Ok(Submitted::Refused(Refusal::Stale)));
		node.lose("a test");
		assert!(matches!(node.submit(&pulse(1)).await, Err(ChainError::Lost { .. })));
		assert!(!node.link().borrow().is_connected());
		let mut heads = node.heads();
		let missed = node.author(7);
		node.recover();
		let Some(HeadEvent::Best { head, gap: true, .. }) = heads.next().await else {
			panic!("the best block is told");
		};
		assert_eq!(head, missed);
	}
}
