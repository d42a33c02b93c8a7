//! How blocks travel. The author pushes a block to its peers. Whoever has imported a block announces it to its peers; a
//! peer that has not imported it yet asks for it, of up to five that announced it at a time, as the stock sync does
//! near the head of the chain; the announcement, the request and the answer are three ways. Where the plan says so, a
//! pushed block is passed on besides, before it is executed.

use crate::{
	chain::{Id, NEVER},
	plan::Us,
	simulation::{Simulation, What},
	wire,
};

/// Of how many peers the stock sync asks a block at a time (`max_parallel_downloads`).
const PARALLEL_DOWNLOADS: usize = 5;

impl Simulation {
	/// A node has built a block: it is pushed first, then imported.
	pub fn built(&mut self, node: usize, id: Id) {
		let now = self.now();
		let own_import = self.plan.costs.own_import;
		let made = self.chain.at(id);
		made.built = now;
		made.progress[node].seen = now;
		made.spread[node].taken = true;
		self.push(node, id, now, usize::MAX, None);
		let node = node as u16;
		self.at(now + own_import, What::Imported { node, id });
	}

	/// Sends a block to so many peers, one after the other.
	fn push(&mut self, node: usize, id: Id, now: Us, most: usize, except: Option<usize>) {
		let bytes = 1 + self.block_bytes(id);
		let mut sent = 0;
		for i in 0..self.network.peers(node).len() {
			let peer = self.network.peers(node)[i];
			if Some(peer) == except {
				continue;
			}
			if sent == most {
				return;
			}
			sent += 1;
			let at = self.network.send(now, node, peer, bytes, true);
			let (from, node) = (node as u16, peer as u16);
			self.at(at, What::Pushed { node, from, id });
		}
	}

	fn block_bytes(&mut self, id: Id) -> usize {
		let made = self.chain.at(id);
		wire::block(made.transfers, made.starts_turn)
	}

	/// A pushed block arrives.
	pub fn pushed(&mut self, node: usize, from: usize, id: Id) {
		if !self.take(node, id) {
			return;
		}
		if self.plan.relay > 0 {
			let checked = self.now() + self.plan.costs.header;
			self.push(node, id, checked, self.plan.relay, Some(from));
		}
		self.import(node, id);
	}

	/// Whether a block that arrived is new.
	fn take(&mut self, node: usize, id: Id) -> bool {
		let now = self.now();
		let made = self.chain.at(id);
		let progress = &mut made.progress[node];
		progress.seen = progress.seen.min(now);
		!std::mem::replace(&mut made.spread[node].taken, true)
	}

	/// Executes a block, once its parent is there and the imports before it are done.
	fn import(&mut self, node: usize, id: Id) {
		let parent = self.chain.at(id).block.parent;
		let parent = self.chain.id(parent);
		if self.chain.at(parent).progress[node].imported == NEVER {
			return self.nodes[node].waiting.push(id);
		}
		let costs = self.plan.costs;
		let takes = costs.header + costs.execution(self.chain.at(id).transfers);
		let now = self.now();
		let busy = &mut self.nodes[node].import_busy;
		*busy = takes + (*busy).max(now);
		let at = *busy;
		let node = node as u16;
		self.at(at, What::Imported { node, id });
	}

	/// A node has imported a block: it tells its peers and its voter, and imports what waited.
	pub fn imported(&mut self, node: usize, id: Id) {
		let now = self.now();
		self.chain.at(id).progress[node].imported = now;
		self.announce(node, id, now);
		let as_told = node as u16;
		self.at(now, What::Told { node: as_told, id });
		let hash = self.chain.at(id).block.block.hash;
		let waiting = std::mem::take(&mut self.nodes[node].waiting);
		for child in waiting {
			if self.chain.at(child).block.parent == hash {
				self.import(node, child);
			} else {
				self.nodes[node].waiting.push(child);
			}
		}
	}

	/// Announces a block to all peers that are not known to know it.
	pub fn announce(&mut self, node: usize, id: Id, now: Us) {
		for i in 0..self.network.peers(node).len() {
			let peer = self.network.peers(node)[i];
			if self.chain.announce(id, node, peer) {
				let at = self.network.send(now, node, peer, wire::ANNOUNCEMENT, false);
				let (from, node) = (node as u16, peer as u16);
				self.at(at, What::Announced { node, from, id });
			}
		}
	}

	/// A peer has a block. The sync does not know of a pushed block before that is imported.
	pub fn announced(&mut self, node: usize, from: usize, id: Id) {
		self.chain.announce(id, node, from);
		let made = self.chain.at(id);
		let spread = &mut made.spread[node];
		if made.progress[node].imported != NEVER || spread.requests >= PARALLEL_DOWNLOADS {
			return;
		}
		spread.requests += 1;
		let now = self.now();
		let at = self.network.send(now, node, from, wire::REQUEST, false);
		let (from, node) = (node as u16, from as u16);
		self.at(at, What::Requested { node, from, id });
	}

	/// A peer wants a block.
	pub fn requested(&mut self, node: usize, from: usize, id: Id) {
		let bytes = wire::ANSWER + self.block_bytes(id);
		let read = self.now() + self.plan.costs.serve;
		let at = self.network.send(read, node, from, bytes, true);
		let node = from as u16;
		self.at(at, What::Answered { node, id });
	}

	/// A block that was asked for arrives.
	pub fn answered(&mut self, node: usize, id: Id) {
		self.chain.at(id).spread[node].requests -= 1;
		if self.take(node, id) {
			self.import(node, id);
		}
	}
}
