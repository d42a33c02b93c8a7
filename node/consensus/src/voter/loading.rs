//! Blocks of the database as the core wants them.

use crate::chain::Chain;
use smartchain_bft as bft;
use sp_core::H256;
use std::collections::BTreeMap;

/// All blocks above the final one, parents first.
pub(crate) fn unfinalized(chain: &dyn Chain, finalized: u32) -> Result<Vec<bft::Block<H256>>, crate::voter::Error> {
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

/// The blocks from a known one, exclusive, to this one, parents first; `None` where the client does not have them all.
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

/// A block of the database as the core wants it; `None` for genesis and where it is not there.
fn core_block(chain: &dyn Chain, hash: H256) -> Result<Option<bft::Block<H256>>, crate::voter::Error> {
	let Some(header) = chain.header(hash)? else {
		return Ok(None);
	};
	let Some(digest) = chain.pre_digest_of(&header)? else {
		return Ok(None);
	};
	let ends_set = chain.change_in(&header)?.is_some();
	let parent = header.parent_hash;
	// Where the parent's state is gone the role is of no matter: fork choice looks at it last.
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
