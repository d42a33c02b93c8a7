//! Following finality without executing the chain: warp proofs for nodes that join, and exported ones for whoever wants
//! to check a block offline.
//!
//! # Overview
//! ```text
//!   a node that joins                                  a node that serves
//!   [provider] ◀── (header of a change, certificate)… ── [provider] ◀── changes kept in the database
//!       │ verifies from the voters of genesis on
//!       ▼
//!   [history] headers of the changes, then the state of the last final block, then the blocks behind it
//! ```
//! [`crate::export`] writes the same proofs as JSON, and checks them.
//!
//! # Terms
//! - **Fragment**: the header of a block and the certificate that makes it final.
//! - **Warp proof**: fragments of all changes of voters from a known one on, then that of the last final block; in
//!   several answers where one has no room for them.
//! - **Gap**: the blocks between genesis and the block that a node has warped to. They are fetched later, and not
//!   executed.
//!
//! # Assumptions
//! Those of [`LightClient`]: the genesis is the right one, and of each set fewer than a third were Byzantine while it
//! was in force, and still are where their keys exist.
//!
//! # Not covered
//! Whether the last final block that a peer proves is the newest one. A peer that shows an older one can delay a node
//! that joins, and cannot deceive it.

pub mod history;
mod provider;

pub use provider::{ProvenBlocks, WarpError, WarpProvider};

use bft_finality_primitives::{Certificate, LightClient, SetId};
use codec::{Decode, Encode};
use smartchain_chain::{Chain, ChainError, Header};
use sp_core::H256;
use sp_runtime::traits::Header as _;

/// The voters of genesis have this id.
pub const GENESIS_SET: SetId = 0;
/// No warp proof that a node answers is larger, and none is looked at that is: a change by 21 voters takes some 2 KB.
pub const MAX_PROOF_BYTES: usize = 2 * 1024 * 1024;
/// As much of it is for changes; the largest last fragment fits into the rest.
const MAX_CHANGES_BYTES: usize = MAX_PROOF_BYTES - 512 * 1024;

/// The header of a block, and what makes it final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Fragment {
	/// The header, with its seal.
	pub header: Header,
	/// The certificate that decides it.
	pub certificate: Certificate,
}

/// What a node answers that is asked for a warp proof, by version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum WarpProof {
	/// Version 1.
	#[codec(index = 1)]
	V1 {
		/// The changes of voters that follow, in order, none left out.
		changes: Vec<Fragment>,
		/// The last final block, where all changes below it are told. It may be a change itself.
		last: Option<Fragment>,
	},
}

/// The changes that ended the voter sets from this one on, in blocks up to this height, as many as fit into so many
/// bytes; and whether these are all of them. A first one comes even where it alone is larger.
///
/// # Errors
/// Where the database cannot be read.
pub fn changes(
	chain: &dyn Chain,
	from: SetId,
	up_to: u32,
	max_bytes: usize,
) -> Result<(Vec<Fragment>, bool), ChainError> {
	let mut fragments: Vec<Fragment> = Vec::new();
	let mut bytes = 0usize;
	for set_id in from.. {
		let Some((end, certificate)) = chain.change_proof(set_id)? else {
			break;
		};
		let header = chain.header(end)?.ok_or(ChainError::Missing(end))?;
		if *header.number() > up_to {
			break;
		}
		let fragment = Fragment { header, certificate };
		bytes = bytes.saturating_add(fragment.encoded_size());
		if bytes > max_bytes && !fragments.is_empty() {
			return Ok((fragments, false));
		}
		fragments.push(fragment);
	}
	Ok((fragments, true))
}

/// A light client in this voter set, from what the database keeps of the changes; `None` where it does not know the
/// set.
///
/// # Errors
/// Where the database cannot be read.
pub(crate) fn light_client(chain: &dyn Chain, set_id: SetId) -> Result<Option<LightClient>, ChainError> {
	let genesis = chain.info().genesis_hash;
	let Some(before) = set_id.checked_sub(1) else {
		return Ok(Some(LightClient::new(genesis, chain.genesis_voters()?, 0)));
	};
	let Some(start) = chain.set_end(before)? else {
		return Ok(None);
	};
	let header = chain.header(start)?.ok_or(ChainError::Missing(start))?;
	let set = chain.change_in(&header)?.filter(|set| set.set_id == set_id);
	Ok(set.map(|set| LightClient::new(genesis, set, *header.number())))
}

/// The set that votes on what follows a change of voters, or genesis; `None` of any other block, and of what is not
/// final here.
fn set_after(chain: &dyn Chain, block: H256) -> Result<Option<SetId>, ChainError> {
	if block == chain.info().genesis_hash {
		return Ok(Some(GENESIS_SET));
	}
	let Some(header) = chain.header(block)? else {
		return Ok(None);
	};
	let Some(set) = chain.change_in(&header)? else {
		return Ok(None);
	};
	let Some(before) = set.set_id.checked_sub(1) else {
		return Ok(None);
	};
	Ok((chain.set_end(before)? == Some(block)).then_some(set.set_id))
}
