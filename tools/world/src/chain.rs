//! The blocks that were made, and when each node got how far with each of them.

use crate::plan::Us;
use smartchain_bft::{Block, BlockRef};
use std::collections::HashMap;

/// Never, so far.
pub const NEVER: Us = Us::MAX;

/// When a node got how far with a block.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
	/// Its bytes arrived.
	pub seen: Us,
	/// It was executed.
	pub imported: Us,
	/// Its prevote certificate was there.
	pub certified: Us,
	/// It was final, by itself or by a descendant.
	pub finalized: Us,
}

impl Progress {
	const NOTHING: Self = Self {
		seen: NEVER,
		imported: NEVER,
		certified: NEVER,
		finalized: NEVER,
	};
}

/// What a node knows of who else knows of a block, and what it does about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
	/// Its import is under way or done, or it waits for its parent.
	pub taken: bool,
	/// Requests for it that are not answered.
	pub requests: usize,
}

/// A block.
pub struct Made {
	/// What the core is told of it.
	pub block: Block<u64>,
	/// When its slot began.
	pub slot_began: Us,
	/// When it was built.
	pub built: Us,
	/// Transfers in it.
	pub transfers: u64,
	/// Whether it is the first of its turn.
	pub starts_turn: bool,
	/// By node.
	pub progress: Vec<Progress>,
	/// By node.
	pub spread: Vec<Spread>,
	/// By node and peer: whether the node has announced it to the peer, or the peer to it.
	pub announced: Vec<bool>,
}

/// The index of a block in [`Chain::blocks`].
pub type Id = u32;

/// All blocks, genesis first.
pub struct Chain {
	nodes: usize,
	/// In the order in which they were begun.
	pub blocks: Vec<Made>,
	ids: HashMap<u64, Id>,
	/// What is final somewhere, by height.
	finalized: HashMap<u64, u64>,
}

impl Chain {
	/// Genesis, in the slot before the first.
	pub fn new(nodes: usize, genesis: BlockRef<u64>) -> Self {
		let mut chain = Self {
			nodes,
			blocks: Vec::new(),
			ids: HashMap::new(),
			finalized: HashMap::from([(genesis.number, genesis.hash)]),
		};
		let block = Block {
			block: genesis,
			parent: genesis.hash,
			primary: true,
			ends_set: false,
		};
		let id = chain.add(block, 0, 0, false);
		for progress in &mut chain.at(id).progress {
			*progress = Progress {
				seen: 0,
				imported: 0,
				certified: 0,
				finalized: 0,
			};
		}
		chain
	}

	/// A block that is being built.
	pub fn add(&mut self, block: Block<u64>, slot_began: Us, transfers: u64, starts_turn: bool) -> Id {
		let id = self.blocks.len() as Id;
		self.ids.insert(block.block.hash, id);
		self.blocks.push(Made {
			block,
			slot_began,
			built: NEVER,
			transfers,
			starts_turn,
			progress: vec![Progress::NOTHING; self.nodes],
			spread: vec![Spread::default(); self.nodes],
			announced: vec![false; self.nodes * self.nodes],
		});
		id
	}

	/// A block by its place.
	pub fn at(&mut self, id: Id) -> &mut Made {
		&mut self.blocks[id as usize]
	}

	/// A block by its hash.
	pub fn id(&self, hash: u64) -> Id {
		self.ids[&hash]
	}

	/// Notes an announcement between two nodes, in the node's own view; whether it is the first.
	pub fn announce(&mut self, id: Id, node: usize, peer: usize) -> bool {
		let nodes = self.nodes;
		!std::mem::replace(&mut self.at(id).announced[node * nodes + peer], true)
	}

	/// A node holds a block final, and with it the ancestors.
	///
	/// # Errors
	/// Where another block of that height is final somewhere.
	pub fn finalize(&mut self, node: usize, block: &BlockRef<u64>, now: Us) -> Result<(), String> {
		let mut id = self.id(block.hash);
		loop {
			let made = self.at(id);
			if made.progress[node].finalized != NEVER {
				return Ok(());
			}
			made.progress[node].finalized = now;
			let Block { block, parent, .. } = made.block;
			if *self.finalized.entry(block.number).or_insert(block.hash) != block.hash {
				return Err(format!("two blocks of height {} are final", block.number));
			}
			id = self.id(parent);
		}
	}

	/// Whether a block is final somewhere.
	pub fn is_final(&self, made: &Made) -> bool {
		self.finalized.get(&made.block.block.number) == Some(&made.block.block.hash)
	}
}
