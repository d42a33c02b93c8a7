//! The blocks above what is final, and the fork choice among them.

use crate::{
	types::{Block, BlockHash, BlockRef, Slot},
	Refused,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many blocks of one slot are kept. A director makes one, and each of its standbys may; an author of two is proven
/// guilty.
pub(crate) const MAX_BLOCKS_A_SLOT: usize = 64;
/// How many blocks are kept in all. A single chain that waits longer for finality is kept all the same.
pub(crate) const MAX_BLOCKS: usize = 8192;

/// How a block ranks among its rivals: the greatest is the head. The slot of the highest prevote certificate on its
/// chain goes first, so that the tree leans to where votes are locked; then the longer chain; the rest settles ties
/// everywhere alike.
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

/// Blocks of a slot that are kept beside certified ones: those under the head, the last prevote and the lock, and the
/// newest, which may have come as the highest of each.
const KEPT_BESIDES: usize = 5;

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
///
/// # Invariants
/// [`Tree::check`] looks at them after every step of every test.
/// - *T1*: the root is in the tree, as its own parent. Every other block's parent is there, of a lower slot and one
///   height less, and has it for a child once; nothing else is anybody's child.
/// - *T2*: a block's chain is certified up to its own slot, or up to where its parent's is.
/// - *T3*: a block's end is its parent's; if that has none, the block itself if it ends the set. With the end final,
///   all is over.
/// - *T4*: each block but the root has its place in the list of its slot, which is above the root's.
/// - *T5*: blocks above the horizon sleep, and no others; the horizon is not below the root.
/// - *T6*: the head ranks highest among those awake.
/// - *T7*: of a slot no more than [`MAX_BLOCKS_A_SLOT`] are kept, unless more than that are, or are built on by,
///   certified blocks, the head, the last prevote, the lock and the newest.
#[derive(Clone, Debug)]
pub(crate) struct Tree<H> {
	root: BlockRef<H>,
	nodes: BTreeMap<H, Node<H>>,
	/// The blocks of each slot, but for the root.
	slots: BTreeMap<Slot, Vec<H>>,
	/// Blocks above the horizon; they take no part in the fork choice yet. A director could otherwise make every honest
	/// author wait behind one block of the far future.
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

	/// Whether a vote may name this block with this end below it: not if a hash is known with
	/// another slot, number or end.
	pub(crate) fn agrees(&self, block: &BlockRef<H>, end: Option<BlockRef<H>>) -> bool {
		let below = end.is_none_or(|end| end.slot < block.slot && end.number < block.number);
		let known_end = end.and_then(|end| self.get(&end.hash));
		below
			&& known_end.is_none_or(|known| Some(known) == end)
			&& self
				.get(&block.hash)
				.is_none_or(|known| known == *block && self.end_below(block) == end)
	}

	/// Adds a block; `certified` says that a prevote certificate of it is known. There is always room for one more:
	/// what makes it is [`Tree::make_room`]. Were a block refused because others came first, the chain that goes on
	/// from it would be lost here, and any author could have it refused: under another seal a block is another block.
	pub(crate) fn import(&mut self, block: Block<H>, certified: bool) -> Result<(), Refused> {
		let BlockRef { slot, number, hash } = block.block;
		if self.nodes.contains_key(&hash) {
			return Err(Refused::Duplicate);
		}
		if slot <= self.root.slot || number <= self.root.number {
			return Err(Refused::Stale);
		}
		let parent = self.nodes.get_mut(&block.parent).ok_or(Refused::UnknownParent)?;
		if parent.block.block.slot >= slot || parent.block.block.number.checked_add(1) != Some(number) {
			return Err(Refused::Malformed);
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
		self.slots.entry(slot).or_default().push(hash);
		if slot > self.horizon {
			self.asleep.insert((slot, hash));
		} else {
			self.challenge(hash);
		}
		Ok(())
	}

	/// Lets go of blocks after `new` has come, until the bounds hold again, and says how many went. Those go that
	/// nobody builds on and that are not certified, the lowest rank first; never the new one, the head, or what is
	/// `spared`. What goes wrongly comes again: a certificate has it fetched, and so has a child.
	pub(crate) fn make_room(&mut self, new: &H, spared: &[H]) -> usize {
		let before = self.nodes.len();
		let kept = |tree: &Self, node: &Node<H>| tree.is_kept(node, spared) || node.block.block.hash == *new;
		let of_slot = self.get(new).and_then(|block| self.slots.get(&block.slot));
		if let Some(of_slot) = of_slot.filter(|of_slot| of_slot.len() > MAX_BLOCKS_A_SLOT) {
			let rivals = || of_slot.iter().filter_map(|hash| self.nodes.get(hash));
			let leaf = self.lowest(rivals().filter(|node| node.children.is_empty() && !kept(self, node)));
			// If all are built on, a whole branch goes.
			let gone = leaf.or_else(|| {
				let trunk = self.trunk(|node| kept(self, node));
				self.lowest(rivals().filter(|node| !trunk.contains(&node.block.block.hash)))
			});
			if let Some(hash) = gone {
				self.remove(&hash);
			}
		}
		// Two for one: a chain that was kept beyond the bound, and is left, goes bit by bit.
		for _ in 0..2 {
			if self.nodes.len() <= MAX_BLOCKS {
				break;
			}
			let leaves = self.nodes.values().filter(|node| node.children.is_empty());
			match self.lowest(leaves.filter(|node| !kept(self, node))) {
				Some(hash) => self.remove(&hash),
				None => break,
			}
		}
		before.saturating_sub(self.nodes.len())
	}

	/// Whether a block stays however many there are.
	fn is_kept(&self, node: &Node<H>, spared: &[H]) -> bool {
		let BlockRef { slot, hash, .. } = node.block.block;
		node.certified == slot || hash == self.head || spared.contains(&hash)
	}

	/// The one that ranks lowest; first of all what waits for its time.
	fn lowest<'a>(&self, nodes: impl Iterator<Item = &'a Node<H>>) -> Option<H>
	where
		H: 'a,
	{
		nodes
			.min_by_key(|node| (node.block.block.slot <= self.horizon, node.rank()))
			.map(|node| node.block.block.hash)
	}

	/// What is kept, with all its ancestors.
	fn trunk(&self, kept: impl Fn(&Node<H>) -> bool) -> BTreeSet<H> {
		let mut trunk = BTreeSet::new();
		for node in self.nodes.values().filter(|node| kept(node)) {
			let mut at = node.block.block.hash;
			// The root is its own parent.
			while trunk.insert(at) {
				at = self.nodes.get(&at).map_or(self.root.hash, |node| node.block.parent);
			}
		}
		trunk
	}

	/// Takes a block out, with what descends from it.
	fn remove(&mut self, hash: &H) {
		let parent = self.nodes.get(hash).map(|node| node.block.parent);
		if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(&parent)) {
			parent.children.retain(|child| child != hash);
		}
		let mut open = vec![*hash];
		while let Some(hash) = open.pop() {
			let Some(node) = self.nodes.remove(&hash) else { continue };
			open.extend_from_slice(&node.children);
			let slot = node.block.block.slot;
			self.asleep.remove(&(slot, hash));
			if let Some(of_slot) = self.slots.get_mut(&slot) {
				of_slot.retain(|other| *other != hash);
				if of_slot.is_empty() {
					self.slots.remove(&slot);
				}
			}
		}
	}

	/// Lets `hash` be the head if it outranks it.
	fn challenge(&mut self, hash: H) {
		let rank = |hash| self.nodes.get(hash).map(Node::rank);
		if rank(&hash) > rank(&self.head) {
			self.head = hash;
		}
	}

	/// The clock has come so far that blocks up to this slot take part. Where a clock was far ahead and is set back,
	/// those that it let in too early leave again; small steps back are not worth the work.
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

	/// Whether `block` is `ancestor` or descends from it, as far as the tree knows: what it does not know extends
	/// nothing but itself, and is extended by nothing.
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

	/// Whether a prevote certificate of this very block was known, or it is final.
	pub(crate) fn is_certified(&self, block: &BlockRef<H>) -> bool {
		let certified = self.nodes.get(&block.hash).map(|n| n.certified);
		certified == Some(block.slot)
	}

	/// Whether this block ends the voter set.
	pub(crate) fn is_end(&self, block: &BlockRef<H>) -> bool {
		self.end_of(&block.hash).as_ref() == Some(block)
	}

	/// The end, of strict ancestors: if there is one, the block lies beyond the end of the set.
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

	/// Moves the root to `to`, a block of the tree, keeping only what descends from it.
	pub(crate) fn finalize(&mut self, to: BlockRef<H>) {
		// What is final is certified, and so are its descendants' chains.
		self.certify(&to);
		let Some(node) = self.nodes.remove(&to.hash) else {
			return;
		};
		let mut old = std::mem::take(&mut self.nodes);
		self.slots.clear();
		self.asleep.clear();
		let mut open = node.children.clone();
		let root = Node {
			children: node.children,
			..Self::root_node(to)
		};
		self.nodes.insert(to.hash, root);
		self.root = to;
		self.horizon = self.horizon.max(to.slot);
		while let Some(hash) = open.pop() {
			let Some(node) = old.remove(&hash) else { continue };
			open.extend_from_slice(&node.children);
			let slot = node.block.block.slot;
			self.slots.entry(slot).or_default().push(hash);
			if slot > self.horizon {
				self.asleep.insert((slot, hash));
			}
			self.nodes.insert(hash, node);
		}
		if !self.nodes.contains_key(&self.head) {
			self.head = self.best();
		}
	}

	/// Whether the invariants hold.
	///
	/// # Errors
	/// The one that does not.
	pub(crate) fn check(&self) -> Result<(), &'static str> {
		let hold = |holds: bool, invariant| if holds { Ok(()) } else { Err(invariant) };
		let mut children = 0usize;
		for (hash, node) in &self.nodes {
			let Block {
				block,
				parent,
				ends_set,
				..
			} = node.block;
			children = children.saturating_add(node.children.len());
			if *hash == self.root.hash {
				hold(block == self.root && parent == *hash, "T1")?;
				hold(node.certified == block.slot && node.end.is_none(), "T2")?;
				continue;
			}
			let parent = self.nodes.get(&parent).ok_or("T1")?;
			let below = parent.block.block;
			let once = parent.children.iter().filter(|child| *child == hash).count() == 1;
			hold(block.hash == *hash && below.slot < block.slot && once, "T1")?;
			hold(below.number.checked_add(1) == Some(block.number), "T1")?;
			let certified = [block.slot, parent.certified].contains(&node.certified);
			hold(certified, "T2")?;
			let end = parent.end.or(ends_set.then_some(block));
			hold(node.end == end || node.end == Some(self.root), "T3")?;
			let of_slot = self.slots.get(&block.slot).ok_or("T4")?;
			hold(of_slot.iter().filter(|other| *other == hash).count() == 1, "T4")?;
			hold(
				self.asleep.contains(&(block.slot, *hash)) == (block.slot > self.horizon),
				"T5",
			)?;
		}
		hold(children.checked_add(1) == Some(self.nodes.len()), "T1")?;
		let placed: usize = self.slots.values().map(Vec::len).sum();
		hold(
			placed == children && self.slots.keys().all(|slot| *slot > self.root.slot),
			"T4",
		)?;
		hold(self.asleep.len() <= placed && self.horizon >= self.root.slot, "T5")?;
		hold(self.head == self.best(), "T6")?;
		let certified = self
			.nodes
			.values()
			.filter(|node| node.certified == node.block.block.slot);
		let bound = MAX_BLOCKS_A_SLOT.max(certified.count().saturating_add(KEPT_BESIDES));
		hold(self.slots.values().all(|of_slot| of_slot.len() <= bound), "T7")?;
		Ok(())
	}
}
