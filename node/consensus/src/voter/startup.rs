//! What a core begins with: the blocks of the database and, after a start, what the database has forgotten.

use crate::{
	blocks::push::import_sealed,
	voter::{ask::Answer, convert::to_core_certificate, Error, Event, Voter},
};
use bft_finality_primitives::Certificate;
use codec::DecodeAll;
use smartchain_bft as bft;
use smartchain_chain::{Chain, LOG_TARGET};
use sp_core::H256;
use std::{collections::BTreeMap, time::Instant};

impl Voter {
	/// What is in the database: the proof of what is final, and the blocks above it.
	pub(super) fn load(&self) -> Vec<Event> {
		let info = self.edge.chain.info();
		let mut events = Vec::new();
		// That of the block that ended the last set is of no use to the core of this one.
		match self.edge.chain.certificate(info.finalized_hash) {
			Ok(Some(certificate)) if certificate.vote.set_id == self.core.set_id() => {
				events.push(Event::Certificate(to_core_certificate(&certificate)));
			}
			Ok(_) => (),
			Err(error) => log::warn!(target: LOG_TARGET, "The stored proof of finality cannot be read: {error}"),
		}
		match unfinalized(&*self.edge.chain, info.finalized_number) {
			Ok(blocks) => events.extend(blocks.into_iter().map(Event::Imported)),
			Err(error) => log::warn!(target: LOG_TARGET, "The blocks above the final one cannot be read: {error}"),
		}
		events
	}

	/// What the database may have forgotten when the process was killed: the last blocks, and the certificate of the
	/// lock.
	pub(super) async fn recover(&mut self) {
		let verifier = self.edge.block_import.verifier();
		for block in self.edge.kept_blocks.load() {
			let (number, hash) = (block.header.number, block.header.hash());
			if number <= self.edge.chain.info().finalized_number || matches!(self.edge.chain.header(hash), Ok(Some(_)))
			{
				continue;
			}
			match import_sealed(&verifier, &self.edge.block_import, block, Instant::now()).await {
				Ok(()) => {
					log::info!(target: LOG_TARGET, "Block {number} ({hash:?}) was lost by the database and is restored")
				}
				Err(refusal) => {
					log::debug!(target: LOG_TARGET, "The kept block {number} ({hash:?}) is of no use: {refusal}")
				}
			}
			while let Ok(event) = self.edge.imports.try_recv() {
				let events = self.imported(event);
				self.feed(events);
			}
		}
		let changes = self.edge.signer.kept_changes();
		let changes = changes.and_then(|bytes| Vec::<Certificate>::decode_all(&mut &bytes[..]).ok());
		let lock = self.edge.signer.kept_lock_certificate();
		let lock = lock.and_then(|bytes| Certificate::decode_all(&mut &bytes[..]).ok());
		self.inbox.answer = Some(Answer {
			peer: None,
			set_id: self.core.set_id(),
			certificates: changes.into_iter().flatten().chain(lock).collect(),
		});
		self.feed(Vec::new());
	}
}

/// All blocks above the final one, parents first.
pub(crate) fn unfinalized(chain: &dyn Chain, finalized: u32) -> Result<Vec<bft::Block<H256>>, Error> {
	let mut blocks = BTreeMap::new();
	for leaf in chain.leaves()? {
		let mut hash = leaf;
		while let Some(block) = core_block(chain, hash)? {
			let number = block.block.number;
			if number <= u64::from(finalized) || blocks.insert((number, hash), block).is_some() {
				break;
			}
			hash = block.parent;
		}
	}
	Ok(blocks.into_values().collect())
}

/// The blocks from a known one, exclusive, to this one, parents first; `None` if the client does not have them all.
pub(crate) fn path_to(chain: &dyn Chain, to: H256, knows: impl Fn(&H256) -> bool) -> Option<Vec<bft::Block<H256>>> {
	let finalized = u64::from(chain.info().finalized_number);
	let mut path = Vec::new();
	let mut hash = to;
	while !knows(&hash) {
		let block = core_block(chain, hash).ok()??;
		if block.block.number <= finalized {
			return None;
		}
		path.push(block);
		hash = block.parent;
	}
	path.reverse();
	(!path.is_empty()).then_some(path)
}

/// A block of the database as the core wants it; `None` for genesis and if it is not there.
fn core_block(chain: &dyn Chain, hash: H256) -> Result<Option<bft::Block<H256>>, Error> {
	let Some(header) = chain.header(hash)? else {
		return Ok(None);
	};
	let Some(digest) = chain.pre_digest_of(&header)? else {
		return Ok(None);
	};
	let ends_set = chain.change_in(&header)?.is_some();
	let parent = header.parent_hash;
	// If the parent's state is gone the role is of no matter: fork choice looks at it last.
	let primary = chain
		.schedule(parent)
		.is_ok_and(|schedule| schedule.director(digest.slot) == Some(digest.author));
	let block = bft::BlockRef {
		slot: *digest.slot,
		number: header.number.into(),
		hash,
	};
	Ok(Some(bft::Block {
		block,
		parent,
		primary,
		ends_set,
	}))
}
