//! The blocks above what is final, and the fork choice among them.

use crate::{
	types::{Block, BlockHash, BlockRef, Slot},
	Drop,
};
use std::collections::{BTreeMap, BTreeSet};

/// So many blocks of one slot are kept. Honest directors make one; each beyond two is signed proof against its author.
pub(crate) const MAX_BLOCKS_A_SLOT: usize = 256;

/// How a block ranks among its rivals: the greatest is the head. The slot of the highest prevote certificate on its chain goes
/// first, so that the tree leans to where votes are locked; then the longer chain; the rest settles ties everywhere alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank<H> {
	/// The slot of the highest certified block on the chain, the block itself included.
	pub certified: Slot,
	/// The block's height.
	pub number: u64,
	/// The block's slot.
	pub slot: Slot,
	/// Whether the slot's director made it, not its standby.
	pub primary: bool,
	/// The hash, so that no two rank alike.
	pub hash: H,
}

/// A clock set back by no more slots than these is not looked after.
const MAX_STEP_BACK: Slot = 4;

#[derive(Clone, Debug)]
struct Node<H> {
	block: Block<H>,
	children: Vec<H>,
	/// The highest slot of a certified block from the root to this one.
	certified: Slot,
	/// The lowest block above the root, up to this one, that ends the voter set.
	end: Option<BlockRef<H>>,
}

impl<H: BlockHash> Node<H> {
	fn rank(&self) -> Rank<H> {
		let Block {
			block: BlockRef { slot, number, hash },
			primary,
			..
		} = self.block;
		Rank {
			certified: self.certified,
			number,
			slot,
			primary,
			hash,
		}
	}
}

/// The finalized block and its known descendants.
#[derive(Clone, Debug)]
pub(crate) struct Tree<H> {
	root: BlockRef<H>,
	nodes: BTreeMap<H, Node<H>>,
	/// How many blocks are kept of each slot.
	slots: BTreeMap<Slot, usize>,
	/// Blocks above the horizon; they take no part in the fork choice yet. A director could otherwise make every honest author
	/// wait behind one block of the far future.
	asleep: BTreeSet<(Slot, H)>,
	/// Blocks up to this slot take part in the fork choice.
	horizon: Slot,
	head: H,
}

impl<H: BlockHash> Tree<H> {
	pub(crate) fn new(root: BlockRef<H>) -> Self {
		Self {
			root,
			nodes: BTreeMap::from([(root.hash, Self::root_node(root))]),
			slots: BTreeMap::new(),
			asleep: BTreeSet::new(),
			horizon: root.slot,
			head: root.hash,
		}
	}

	/// What is final counts as certified: a quorum of Commits holds honest ones, and each saw the prevote certificate.
	fn root_node(root: BlockRef<H>) -> Node<H> {
		let block = Block {
			block: root,
			parent: root.hash,
			primary: true,
			// The set of this tree begins here, whatever ended before.
			ends_set: false,
		};
		Node {
			block,
			children: Vec::new(),
			certified: root.slot,
			end: None,
		}
	}

	pub(crate) fn root(&self) -> BlockRef<H> {
		self.root
	}

	/// The best block.
	pub(crate) fn head(&self) -> BlockRef<H> {
		self.nodes.get(&self.head).map_or(self.root, |n| n.block.block)
	}

	pub(crate) fn get(&self, hash: &H) -> Option<BlockRef<H>> {
		self.nodes.get(hash).map(|n| n.block.block)
	}

	/// How many blocks are known, the root included.
	pub(crate) fn len(&self) -> usize {
		self.nodes.len()
	}

	/// Whether a vote may name this block with this end below it: not, where the hash is known with another slot, number or end.
	pub(crate) fn agrees(&self, block: &BlockRef<H>, end: Option<BlockRef<H>>) -> bool {
		let below = end.is_none_or(|end| end.slot < block.slot && end.number < block.number);
		below
			&& self
				.get(&block.hash)
				.is_none_or(|known| known == *block && self.end_below(block) == end)
	}

	/// Adds a block; `certified` says that a prevote certificate of it is known.
	pub(crate) fn import(&mut self, block: Block<H>, certified: bool) -> Result<(), Drop> {
		let BlockRef { slot, number, hash } = block.block;
		if self.nodes.contains_key(&hash) {
			return Err(Drop::Duplicate);
		}
		if slot <= self.root.slot || number <= self.root.number {
			return Err(Drop::Stale);
		}
		let of_slot = self.slots.get(&slot).copied().unwrap_or(0);
		if of_slot >= MAX_BLOCKS_A_SLOT && !certified {
			return Err(Drop::TooMany);
		}
		let parent = self.nodes.get_mut(&block.parent).ok_or(Drop::UnknownParent)?;
		if parent.block.block.slot >= slot || parent.block.block.number.checked_add(1) != Some(number) {
			return Err(Drop::Malformed);
		}
		parent.children.push(hash);
		let certified = if certified { slot } else { parent.certified };
		let end = parent.end.or(block.ends_set.then_some(block.block));
		self.nodes.insert(
			hash,
			Node {
				block,
				children: Vec::new(),
				certified,
				end,
			},
		);
		self.slots.insert(slot, of_slot.saturating_add(1));
		if slot > self.horizon {
			self.asleep.insert((slot, hash));
		} else {
			self.challenge(hash);
		}
		Ok(())
	}

	/// Lets `hash` be the head if it outranks it.
	fn challenge(&mut self, hash: H) {
		let rank = |hash| self.nodes.get(hash).map(Node::rank);
		if rank(&hash) > rank(&self.head) {
			self.head = hash;
		}
	}

	/// The clock has come so far that blocks up to this slot take part. Where a clock was far ahead and is set back, those that
	/// it let in too early leave again; small steps back are not worth the work.
	pub(crate) fn set_horizon(&mut self, horizon: Slot) {
		let horizon = horizon.max(self.root.slot);
		if horizon.saturating_add(MAX_STEP_BACK) < self.horizon {
			self.horizon = horizon;
			self.asleep = self
				.blocks()
				.filter(|b| b.slot > horizon)
				.map(|b| (b.slot, b.hash))
				.collect();
			self.head = self.best();
			return;
		}
		self.horizon = self.horizon.max(horizon);
		while let Some(&(slot, hash)) = self.asleep.first() {
			if slot > self.horizon {
				break;
			}
			self.asleep.pop_first();
			self.challenge(hash);
		}
	}

	fn blocks(&self) -> impl Iterator<Item = BlockRef<H>> + '_ {
		self.nodes.values().map(|n| n.block.block)
	}

	/// The head by a look at all that take part.
	fn best(&self) -> H {
		let awake = self.nodes.values().filter(|n| n.block.block.slot <= self.horizon);
		awake
			.max_by_key(|n| n.rank())
			.map_or(self.root.hash, |n| n.block.block.hash)
	}

	/// A prevote certificate of this block is known: it and what descends from it rank by it.
	pub(crate) fn certify(&mut self, block: &BlockRef<H>) {
		let mut open = vec![block.hash];
		while let Some(hash) = open.pop() {
			let Some(node) = self.nodes.get_mut(&hash) else {
				continue;
			};
			// Below a higher certificate nothing changes.
			if node.certified >= block.slot {
				continue;
			}
			node.certified = block.slot;
			open.extend_from_slice(&node.children);
			if node.block.block.slot <= self.horizon {
				self.challenge(hash);
			}
		}
	}

	/// Whether `block` is `ancestor` or descends from it, as far as the tree knows: what it does not know extends nothing but
	/// itself, and is extended by nothing.
	pub(crate) fn extends(&self, block: &BlockRef<H>, ancestor: &BlockRef<H>) -> bool {
		if block == ancestor {
			return true;
		}
		let mut at = *block;
		// Slots and numbers fall on the way down, so this ends; the root is its own parent and is where it stops.
		while at.number > ancestor.number && at.hash != self.root.hash {
			match self.nodes.get(&at.hash).and_then(|n| self.get(&n.block.parent)) {
				Some(parent) if parent.number < at.number => at = parent,
				_ => return false,
			}
		}
		at == *ancestor
	}

	/// The highest slot of a certified strict ancestor, from the root on.
	pub(crate) fn certified_below(&self, hash: &H) -> Slot {
		let parent = self.nodes.get(hash).and_then(|n| self.nodes.get(&n.block.parent));
		parent.map_or(0, |p| p.certified)
	}

	/// The block that ends the voter set on the chain of this one, itself included.
	pub(crate) fn end_of(&self, hash: &H) -> Option<BlockRef<H>> {
		self.nodes.get(hash).and_then(|n| n.end)
	}

	/// Whether this block ends the voter set.
	pub(crate) fn is_end(&self, block: &BlockRef<H>) -> bool {
		self.end_of(&block.hash).as_ref() == Some(block)
	}

	/// The end, of strict ancestors: where there is one, the block lies beyond the end of the set.
	pub(crate) fn end_below(&self, block: &BlockRef<H>) -> Option<BlockRef<H>> {
		self.end_of(&block.hash).filter(|end| end != block)
	}

	/// The blocks on the way to the head of slots above `above`, lowest first; the root is none of them.
	pub(crate) fn path_to_head(&self, above: Slot) -> Vec<BlockRef<H>> {
		let mut path = Vec::new();
		let mut at = self.head;
		while at != self.root.hash {
			let Some(node) = self.nodes.get(&at) else { break };
			if node.block.block.slot <= above {
				break;
			}
			path.push(node.block.block);
			at = node.block.parent;
		}
		path.reverse();
		path
	}

	/// Moves the root to `to`, keeping only what descends from it. Where `to` is unknown, nothing does.
	pub(crate) fn finalize(&mut self, to: BlockRef<H>) {
		// What is final is certified, and so are its descendants' chains.
		self.certify(&to);
		let mut old = std::mem::take(&mut self.nodes);
		self.slots.clear();
		self.asleep.clear();
		let mut open = match old.remove(&to.hash) {
			Some(node) => {
				let children = node.children.clone();
				self.nodes.insert(
					to.hash,
					Node {
						children: node.children,
						..Self::root_node(to)
					},
				);
				children
			}
			None => {
				self.nodes.insert(to.hash, Self::root_node(to));
				Vec::new()
			}
		};
		self.root = to;
		self.horizon = self.horizon.max(to.slot);
		while let Some(hash) = open.pop() {
			let Some(node) = old.remove(&hash) else { continue };
			open.extend_from_slice(&node.children);
			let slot = node.block.block.slot;
			let of_slot = self.slots.entry(slot).or_default();
			*of_slot = of_slot.saturating_add(1);
			if slot > self.horizon {
				self.asleep.insert((slot, hash));
			}
			self.nodes.insert(hash, node);
		}
		if !self.nodes.contains_key(&self.head) {
			self.head = self.best();
		}
	}
}
