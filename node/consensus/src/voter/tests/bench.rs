//! A voter with all around it: a chain in memory, keys, and peers without a network.

use crate::{
	blocks::{
		import::{ImportEvent, ImportLink, Imported},
		testing::idle_import,
	},
	net::{
		gossip::{ClockReading, Message, MessageV1},
		peers::testing::Far,
	},
	own::shown_votes::OwnCommits,
	shown::status::ConsensusHandle,
	voter::{ask::Ports, serve::Newest, Edge, Voter},
};
use bft_finality_primitives::{
	BlockRef, Certificate, ConsensusLog, Phase, SetId, SignedVote, Vote, VoterPair, VoterSet, BFT_ENGINE_ID,
};
use codec::{DecodeAll, Encode};
use futures::{future::BoxFuture, FutureExt};
use parking_lot::Mutex;
use poca_primitives::{DirectorStatus, Schedule, SlotDuration};
use sc_network::PeerId;
use smartchain_chain::{clock, Block, Chain, ChainError, Header, Metrics, SealedBlock};
use smartchain_signing::{clock_payload, KeptBlocks, Past, Signer, SignerParams};
use smartchain_testkit as testkit;
use sp_blockchain::Info;
use sp_core::{Pair, H256};
use sp_keystore::{testing::MemoryKeystore, Keystore};
use sp_runtime::{Justifications, OpaqueExtrinsic};
use std::{collections::HashMap, sync::Arc, time::Instant};
use tempfile::TempDir;

pub const SLOT: SlotDuration = SlotDuration::from_millis(500);
/// The voters of each set; this node is the first.
pub const VOTERS: u16 = 4;

pub fn slot_now() -> u64 {
	*clock::slot_now(SLOT)
}

#[derive(Default)]
struct Tree {
	headers: HashMap<H256, Header>,
	best: H256,
	finalized: H256,
	genesis: H256,
	justifications: HashMap<H256, Justifications>,
	/// What was made the best block, in order.
	heads: Vec<H256>,
}

/// A chain with forks.
#[derive(Default)]
pub struct Forks(Mutex<Tree>);

impl Forks {
	fn new() -> Self {
		let header = testkit::header(0, H256::zero(), 0, H256::zero());
		let genesis = header.hash();
		Self(Mutex::new(Tree {
			headers: [(genesis, header)].into(),
			best: genesis,
			finalized: genesis,
			genesis,
			..Default::default()
		}))
	}

	/// A block; `set` is the one that it changes to.
	pub fn add(&self, parent: H256, slot: u64, set: Option<VoterSet>) -> BlockRef {
		let mut tree = self.0.lock();
		let number = tree.headers[&parent].number + 1;
		let mut header = testkit::header(number, parent, slot, tree.genesis);
		if let Some(set) = set {
			header.digest.push(ConsensusLog::ScheduledChange(set).item());
		}
		let hash = header.hash();
		tree.headers.insert(hash, header);
		BlockRef { slot, number, hash }
	}

	/// Makes a block the best one behind the voter's back, as an import does.
	pub fn set_best(&self, hash: H256) {
		self.0.lock().best = hash;
	}

	pub fn best(&self) -> H256 {
		self.0.lock().best
	}

	pub fn heads(&self) -> Vec<H256> {
		self.0.lock().heads.clone()
	}
}

impl Chain for Forks {
	fn info(&self) -> Info<Block> {
		let tree = self.0.lock();
		Info {
			best_hash: tree.best,
			best_number: tree.headers[&tree.best].number,
			genesis_hash: tree.genesis,
			finalized_hash: tree.finalized,
			finalized_number: tree.headers[&tree.finalized].number,
			finalized_state: None,
			number_leaves: 1,
			block_gap: None,
		}
	}
	fn header(&self, hash: H256) -> Result<Option<Header>, ChainError> {
		Ok(self.0.lock().headers.get(&hash).cloned())
	}
	fn hash_at(&self, number: u32) -> Result<Option<H256>, ChainError> {
		let tree = self.0.lock();
		let mut header = &tree.headers[&tree.best];
		while header.number > number {
			header = &tree.headers[&header.parent_hash];
		}
		Ok((header.number == number).then(|| header.hash()))
	}
	fn body(&self, hash: H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
		Ok(self.0.lock().headers.contains_key(&hash).then(Vec::new))
	}
	fn justifications(&self, hash: H256) -> Result<Option<Justifications>, ChainError> {
		Ok(self.0.lock().justifications.get(&hash).cloned())
	}
	fn leaves(&self) -> Result<Vec<H256>, ChainError> {
		let tree = self.0.lock();
		let is_parent = |hash: &H256| tree.headers.values().any(|header| header.parent_hash == *hash);
		Ok(tree.headers.keys().filter(|hash| !is_parent(hash)).copied().collect())
	}
	fn schedule(&self, at: H256) -> Result<Schedule, ChainError> {
		Err(ChainError::Missing(at))
	}
	fn director_status(&self, _: H256) -> Result<Vec<DirectorStatus>, ChainError> {
		Ok(Vec::new())
	}
	fn voter_set(&self, at: H256) -> Result<VoterSet, ChainError> {
		let header = self.header(at)?.ok_or(ChainError::Missing(at))?;
		Ok(self.change_in(&header)?.unwrap_or_else(|| set(0)))
	}
	fn set_end(&self, set_id: SetId) -> Result<Option<H256>, ChainError> {
		let tree = self.0.lock();
		let ends = |header: &&Header| matches!(self.change_in(header), Ok(Some(set)) if set.set_id == set_id + 1);
		Ok(tree.headers.values().find(ends).map(|header| header.hash()))
	}
	fn finalize(&self, certificate: &Certificate) -> Result<(), ChainError> {
		let mut tree = self.0.lock();
		let hash = certificate.vote.decides().hash;
		tree.finalized = hash;
		tree.justifications
			.insert(hash, (BFT_ENGINE_ID, certificate.encode()).into());
		Ok(())
	}
	fn set_head(&self, hash: H256) -> Result<(), ChainError> {
		let mut tree = self.0.lock();
		tree.best = hash;
		tree.heads.push(hash);
		Ok(())
	}
}

/// What the voter asked of the network.
#[derive(Default)]
pub struct Asked {
	pub questions: Mutex<Vec<PeerId>>,
	pub fetched: Mutex<Vec<H256>>,
	pub pushed: Mutex<Vec<(SealedBlock, usize)>>,
}

impl Ports for Asked {
	fn request(&self, peer: PeerId, _: Vec<u8>) -> BoxFuture<'static, Option<Vec<u8>>> {
		self.questions.lock().push(peer);
		futures::future::ready(None).boxed()
	}
	fn fetch(&self, block: H256, _: u32) {
		self.fetched.lock().push(block);
	}
	fn push_again(&self, block: SealedBlock, peers: Vec<PeerId>) {
		self.pushed.lock().push((block, peers.len()));
	}
}

fn pair(voter: u16) -> VoterPair {
	VoterPair::from_string(&format!("//{voter}"), None).expect("is a path")
}

/// The same voters in every set.
pub fn set(set_id: SetId) -> VoterSet {
	VoterSet {
		set_id,
		voters: (0..VOTERS).map(|voter| pair(voter).public()).collect(),
		relaxed_quorum: 0,
	}
}

/// What is on the table.
pub struct Bench {
	pub voter: Voter,
	pub chain: Arc<Forks>,
	pub far: Far,
	pub asked: Arc<Asked>,
	_link: ImportLink,
	_folder: TempDir,
}

impl Bench {
	/// A voter on this chain, whose key has signed nothing before. What is in the database it has loaded.
	pub fn new(prepare: impl FnOnce(&Forks)) -> Self {
		Self::with_past(Past::NeverSigned, 0, prepare)
	}

	/// A voter with a new safety file, of whose key only that is known. Up to the horizon it may have signed anything.
	pub fn with_past(past: Past, horizon: u64, prepare: impl FnOnce(&Forks)) -> Self {
		let chain = Arc::new(Forks::new());
		prepare(&chain);
		let folder = tempfile::tempdir().expect("a temporary folder");
		let keystore = Arc::new(MemoryKeystore::new());
		keystore
			.ed25519_generate_new(bft_finality_primitives::KEY_TYPE, Some("//0"))
			.expect("generates");
		let info = chain.info();
		let metrics = Metrics::default();
		let signer = Signer::open(SignerParams {
			keystore,
			genesis: info.genesis_hash,
			set: &set(0),
			folder: folder.path(),
			past,
			start: chain.target(info.finalized_hash).expect("is there"),
			horizon: horizon.into(),
			metrics: metrics.clone(),
		});
		let (import, link) = idle_import(chain.clone());
		let (far, peers) = Far::new();
		let asked = Arc::new(Asked::default());
		let edge = Edge {
			chain: chain.clone(),
			signer,
			slot_duration: SLOT,
			peers,
			ports: asked.clone(),
			imports: link.events.clone(),
			block_import: import,
			kept_blocks: KeptBlocks::new(folder.path().join("recent")),
			newest: Newest::default(),
			commits: OwnCommits::default(),
			handle: ConsensusHandle::default(),
			metrics,
		};
		let mut voter = Voter::new(edge, set(0)).expect("starts");
		let events = voter.load();
		voter.feed(events);
		Self {
			voter,
			chain,
			far,
			asked,
			_link: link,
			_folder: folder,
		}
	}

	/// The voter hears all that peers have said.
	pub fn hear(&mut self) {
		while let Some(Some(event)) = self.voter.edge.peers.next().now_or_never() {
			let events = self.voter.from_peer(event);
			self.voter.feed(events);
		}
	}

	/// A peer that connects, with room for this many large messages.
	pub fn connect(&mut self) -> PeerId {
		let peer = self.far.open(64);
		self.hear();
		peer
	}

	/// A peer says this, and is heard.
	pub fn say(&mut self, peer: PeerId, bytes: Vec<u8>) {
		self.far.says(peer, bytes);
		self.hear();
	}

	pub fn tick(&mut self) {
		let events = self.voter.tick();
		self.voter.feed(events);
	}

	/// A block of the chain is told as imported.
	pub fn import(&mut self, block: BlockRef) {
		let header = self.chain.header(block.hash).expect("reads").expect("is there");
		self.voter_hears(ImportEvent::Block(Imported {
			target: block,
			parent: header.parent_hash,
			primary: true,
			ends_set: matches!(self.chain.change_in(&header), Ok(Some(_))),
			seen: Instant::now(),
		}));
	}

	pub fn voter_hears(&mut self, event: ImportEvent) {
		let events = self.voter.imported(event);
		self.voter.feed(events);
	}

	/// A new child of a block, told as imported.
	pub fn grow(&mut self, parent: H256, slot: u64) -> BlockRef {
		let block = self.chain.add(parent, slot, None);
		self.chain.set_best(block.hash);
		self.import(block);
		block
	}

	pub fn genesis(&self) -> H256 {
		self.chain.info().genesis_hash
	}

	/// A true vote.
	pub fn vote(&self, voter: u16, set_id: SetId, phase: Phase, block: BlockRef) -> SignedVote {
		let vote = testkit::vote_for(set_id, phase, block);
		testkit::signed_by(vote, voter, &pair(voter), &self.genesis())
	}

	/// A true certificate of these voters.
	pub fn certificate(
		&self,
		voters: impl IntoIterator<Item = u16>,
		set_id: SetId,
		phase: Phase,
		block: BlockRef,
	) -> Certificate {
		let vote = testkit::vote_for(set_id, phase, block);
		let pairs = voters.into_iter().map(|voter| (voter, pair(voter)));
		testkit::certificate_by(vote, usize::from(VOTERS), pairs, &self.genesis())
	}

	/// Own votes that were sent to this peer, once each.
	pub fn own_votes(&self, peer: PeerId) -> Vec<Vote> {
		let mut votes: Vec<Vote> = self
			.votes_to(peer)
			.into_iter()
			.filter(|v| v.voter == 0)
			.map(|v| v.vote)
			.collect();
		votes.dedup();
		votes
	}

	/// What a voter's clock shows.
	pub fn clock_reading(&self, voter: u16, slot: u64) -> ClockReading {
		ClockReading {
			set_id: 0,
			voter,
			slot,
			signature: pair(voter).sign(&clock_payload(&self.genesis(), 0, slot)),
		}
	}

	/// Readings of clocks that were sent to this peer.
	pub fn clocks_to(&self, peer: PeerId) -> Vec<ClockReading> {
		self.sent_to(peer, |message| match message {
			MessageV1::Clock(reading) => Some(reading),
			_ => None,
		})
	}

	/// Votes that were sent to this peer.
	pub fn votes_to(&self, peer: PeerId) -> Vec<SignedVote> {
		self.sent_to(peer, |message| match message {
			MessageV1::Vote(vote) => Some(vote),
			_ => None,
		})
	}

	fn sent_to<T>(&self, peer: PeerId, pick: impl Fn(MessageV1) -> Option<T>) -> Vec<T> {
		let sent = self.far.sent.lock();
		let to_peer = sent.iter().filter(|(to, _)| *to == peer);
		to_peer
			.filter_map(|(_, bytes)| match Message::decode_all(&mut &bytes[..]) {
				Ok(Message::V1(message)) => pick(message),
				_ => None,
			})
			.collect()
	}
}
