//! Authoring, as `node/consensus/src/authoring/author.rs` and `node/chain/src/slot_share.rs` do it: turns of twelve
//! slots, the next director standing by, a little patience for a parent that is on its way.

use crate::{
	plan::{Us, SLOT_US, TURN},
	simulation::{hash_of, Simulation, What},
};
use smartchain_bft::{Block, BlockRef, Slot};

/// The share of a slot that building may take, that of a turn's first block, and that of its last.
const BUILD_PERCENT: Us = 80;
const FIRST_BUILD_PERCENT: Us = 50;
const LAST_BUILD_PERCENT: Us = 25;
/// The share of a slot that an author waits for a parent that is on its way, and how often it looks.
const WAIT_FOR_PARENT_PERCENT: Us = 25;
const LOOK_US: Us = 5_000;
/// Who holds a turn and misses so many of its slots in a row may be replaced by the other of director and standby.
const MISSED_SLOTS: u64 = 2;

impl Simulation {
	/// A slot begins: its director and its standby see whether there is something to do.
	pub fn slot(&mut self, slot: Slot) {
		let until = self.now() + SLOT_US * WAIT_FOR_PARENT_PERCENT / 100;
		for node in [self.director(slot), self.director(slot + TURN)] {
			if !self.is_down[node] {
				self.claim(node, slot, until);
			}
		}
	}

	fn director(&self, slot: Slot) -> usize {
		(slot / TURN) as usize % self.plan.voters
	}

	/// Builds a block where that is this node's part; waits for its parent until then where that may come.
	pub fn claim(&mut self, node: usize, slot: Slot, until: Us) {
		let now = self.now();
		let parent = self.nodes[node].core.head();
		let primary = self.director(slot) == node;
		let turn = slot / TURN;
		let absent = slot >= (parent.slot + 1).max(turn * TURN) + MISSED_SLOTS;
		let standby_holds =
			parent.slot / TURN == turn && !self.chain.blocks[self.chain.id(parent.hash) as usize].block.primary;
		if slot <= parent.slot || !(absent || primary != standby_holds) {
			return;
		}
		let starts_turn = parent.slot / TURN != slot / TURN;
		let follows = parent.slot + 1 == slot || parent.number == 0;
		if !follows && (starts_turn || !primary) && now < until {
			let node = node as u16;
			return self.at(now + LOOK_US, What::Look { node, slot, until });
		}
		let hands_over = slot / TURN != (slot + 1) / TURN && self.director(slot) != self.director(slot + 1);
		let takes_over = starts_turn && self.director(parent.slot) != self.director(slot);
		let percent = match (hands_over, takes_over) {
			(true, _) => LAST_BUILD_PERCENT,
			(false, true) => FIRST_BUILD_PERCENT,
			(false, false) => BUILD_PERCENT,
		};
		let began = (slot - self.first_slot) * SLOT_US;
		let costs = self.plan.costs;
		let left = (began + SLOT_US * percent / 100).saturating_sub(now + costs.block);
		let fit = left.checked_div(costs.transfer).unwrap_or(u64::MAX);
		let transfers = self.plan.transfers.min(fit);
		let block = BlockRef {
			slot,
			number: parent.number + 1,
			hash: hash_of(self.chain.blocks.len() as u64),
		};
		let block = Block {
			block,
			parent: parent.hash,
			primary,
			ends_set: false,
		};
		let id = self.chain.add(block, began, transfers, starts_turn);
		let node = node as u16;
		self.at(now + costs.execution(transfers), What::Built { node, id });
	}
}
