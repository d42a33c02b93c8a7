//! Proofs of finality as files: what a node exports, and the check of it, offline.
//!
//! An export leads from the voters of genesis, or from a change of voters that is trusted, over every later change to
//! one block. What does not fit into one goes into several, each of which continues where the one before ended.

use crate::{
	prove,
	warp::{changes, Fragment},
	Error, NumberOrHash,
};
use bft_finality_primitives::{scheduled_change, Certificate, LightClient, LightError, SetId};
use codec::{DecodeAll, Encode};
use serde::{Deserialize, Serialize};
use smartchain_chain::{Chain, Header};
use sp_core::{Bytes, H256};
use sp_runtime::traits::Header as _;

/// The version that is written, and the only one that is read.
pub const EXPORT_VERSION: u32 = 1;
/// Changes of one export take no more bytes than that, and twice as many as JSON: RPC answers have 15 MB at most.
const MAX_EXPORT_BYTES: usize = 3 * 1024 * 1024;

/// A proof of finality as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinalityExport {
	/// [`EXPORT_VERSION`].
	pub version: u32,
	/// The hash of genesis, which says which chain this is of. Whoever checks the proof has it from elsewhere.
	pub genesis: H256,
	/// The first voter set whose votes are in it.
	pub from_set: SetId,
	/// The header, SCALE-encoded, of the change with which that set began; `null` where it is that of genesis.
	pub start: Option<Bytes>,
	/// All changes of voters between there and the block, in order.
	pub changes: Vec<ExportedChange>,
	/// The block; `null` where there are more changes below it than one export has room for.
	pub block: Option<ExportedBlock>,
	/// Where `block` is `null`: the set from which the next export has to start.
	pub next_set: Option<SetId>,
}

/// A change of voters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedChange {
	/// The header, SCALE-encoded.
	pub header: Bytes,
	/// The certificate that makes it final, SCALE-encoded.
	pub certificate: Bytes,
}

/// The block that is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportedBlock {
	/// The headers from the block to the one that the certificate makes final, both included, each SCALE-encoded.
	pub headers: Vec<Bytes>,
	/// That certificate, SCALE-encoded.
	pub certificate: Bytes,
}

/// Exports the proof of a block, from the start of a voter set on; [`crate::warp::GENESIS_SET`] starts at
/// genesis.
///
/// # Errors
/// What keeps this node from proving it.
pub fn export(chain: &dyn Chain, block: NumberOrHash, from_set: SetId) -> Result<FinalityExport, Error> {
	let proof = prove(chain, block)?;
	if proof.set_id < from_set {
		return Err(Error::EarlierSet {
			number: proof.block.number,
			set_id: proof.set_id,
			from_set,
		});
	}
	let start = match from_set.checked_sub(1) {
		None => None,
		Some(before) => {
			let (hash, _) = chain.change_proof(before)?.ok_or(Error::NoChangeProof(before))?;
			Some(chain.header(hash)?.ok_or(Error::NoChangeProof(before))?)
		}
	};
	let below = proof.block.number.saturating_sub(1);
	let (changes, all) = changes(chain, from_set, below, MAX_EXPORT_BYTES)?;
	let reached = from_set.saturating_add(changes.len() as u64);
	if all && reached < proof.set_id {
		return Err(Error::NoChangeProof(reached));
	}
	Ok(FinalityExport {
		version: EXPORT_VERSION,
		genesis: chain.info().genesis_hash,
		from_set,
		start: start.map(|header| Bytes(header.encode())),
		changes: changes.into_iter().map(Into::into).collect(),
		block: all.then_some(ExportedBlock {
			headers: proof.headers,
			certificate: proof.certificate,
		}),
		next_set: (!all).then_some(reached),
	})
}

impl From<Fragment> for ExportedChange {
	fn from(fragment: Fragment) -> Self {
		Self {
			header: Bytes(fragment.header.encode()),
			certificate: Bytes(fragment.certificate.encode()),
		}
	}
}

/// Why an export proves nothing. Each message names the first link that does not hold, why, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
	/// Of a version that is not known here.
	#[error("it is of version {0}, this program reads version {EXPORT_VERSION}; use the program of its version")]
	Version(u32),
	/// Of another chain.
	#[error(
		"it is of the chain with genesis {found:?}, and --chain says genesis {expected:?}; give the specification of \
		 that chain, or a proof of this one"
	)]
	OtherChain {
		/// The export's.
		found: H256,
		/// The specification's.
		expected: H256,
	},
	/// It does not start where what is known ends.
	#[error(
		"it starts with voter set {found}, and only set {known} is known; put the exports of the sets between in \
			 front of \
		 it, or give --trusted-hash the hash of the block that began set {found}, from someone you trust"
	)]
	Start {
		/// The export's first set.
		found: SetId,
		/// The set that is known.
		known: SetId,
	},
	/// The block that it starts with is not the trusted one.
	#[error("{0}; ask for an export from the set that the trusted block began, or check the hash")]
	NotTrusted(String),
	/// A link does not decode.
	#[error("{link}: it does not decode ({error}); the file is damaged or was changed: export it again")]
	Undecodable {
		/// Which one.
		link: String,
		/// Why.
		error: codec::Error,
	},
	/// A link does not hold.
	#[error(
		"{link}: {error}; the file is damaged, was changed, or was made to deceive: export it again, from another node"
	)]
	Broken {
		/// Which one.
		link: String,
		/// Why.
		error: LightError,
	},
	/// The headers of the block are no chain.
	#[error(
		"header {index} above the block does not name the one below it as its parent; the file is damaged or was \
		 changed: export it again"
	)]
	Unlinked {
		/// Its place above the block.
		index: usize,
	},
	/// No block in it.
	#[error("it ends at voter set {0} and proves no block; export the rest, from set {0} on, and give that file too")]
	NoBlock(SetId),
}

/// What an export has proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
	/// The block's height.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
	/// The voter set that made it final.
	pub set_id: SetId,
	/// How many changes of voters lead there.
	pub changes: u64,
}

/// Whom a check starts from.
pub enum Trust {
	/// The voters of genesis.
	Genesis(LightClient),
	/// The change of voters with this hash.
	Block(H256),
}

/// Checks exports that continue one another, the last of which proves a block. `progress` hears how many of how many
/// changes are checked.
///
/// # Errors
/// The place of the export, from 0, and what is wrong with it.
pub fn verify(
	exports: &[FinalityExport],
	genesis: H256,
	trust: Trust,
	progress: &mut dyn FnMut(usize, usize),
) -> Result<Proven, (usize, ExportError)> {
	let total = exports.iter().map(|export| export.changes.len()).sum();
	let mut done = 0usize;
	let mut client = match trust {
		Trust::Genesis(client) => client,
		Trust::Block(hash) => {
			let first = exports
				.first()
				.ok_or((0, ExportError::NoBlock(crate::warp::GENESIS_SET)))?;
			trusted(first, genesis, hash).map_err(|error| (0, error))?
		}
	};
	let mut proven = None;
	for (place, export) in exports.iter().enumerate() {
		let at = |error| (place, error);
		if export.version != EXPORT_VERSION {
			return Err(at(ExportError::Version(export.version)));
		}
		if export.genesis != genesis {
			return Err(at(ExportError::OtherChain {
				found: export.genesis,
				expected: genesis,
			}));
		}
		let known = client.set().set_id;
		if export.from_set != known {
			return Err(at(ExportError::Start {
				found: export.from_set,
				known,
			}));
		}
		for (index, change) in export.changes.iter().enumerate() {
			let set_id = client.set().set_id;
			let link = format!(
				"change {} of {}, which ends voter set {set_id}",
				index + 1,
				export.changes.len()
			);
			check_change(&mut client, change, link).map_err(at)?;
			done = done.saturating_add(1);
			progress(done, total);
		}
		proven = export
			.block
			.as_ref()
			.map(|block| check_block(&client, block))
			.transpose()
			.map_err(at)?;
	}
	let set_id = client.set().set_id;
	let (number, hash) = proven.ok_or((exports.len().saturating_sub(1), ExportError::NoBlock(set_id)))?;
	Ok(Proven {
		number,
		hash,
		set_id,
		changes: done as u64,
	})
}

/// A light client at the change that an export starts with, where its hash is the trusted one.
fn trusted(export: &FinalityExport, genesis: H256, hash: H256) -> Result<LightClient, ExportError> {
	let Some(start) = &export.start else {
		return Err(ExportError::NotTrusted(
			"it starts at genesis, which needs no trusted hash".into(),
		));
	};
	let header: Header = decode(start, "the block that it starts with")?;
	if header.hash() != hash {
		return Err(ExportError::NotTrusted(format!(
			"it starts with block {:?}, and {hash:?} is the trusted one",
			header.hash()
		)));
	}
	match scheduled_change(&header) {
		Ok(Some(set)) => Ok(LightClient::new(genesis, set, *header.number())),
		_ => Err(ExportError::NotTrusted(format!(
			"the trusted block {hash:?} changes no voters"
		))),
	}
}

fn check_change(client: &mut LightClient, change: &ExportedChange, link: String) -> Result<(), ExportError> {
	let header: Header = decode(&change.header, &link)?;
	let certificate: Certificate = decode(&change.certificate, &link)?;
	client
		.change(&header, &certificate)
		.map_err(|error| ExportError::Broken { link, error })
}

/// The height and hash of the block that is proven.
fn check_block(client: &LightClient, block: &ExportedBlock) -> Result<(u32, H256), ExportError> {
	let link = "the block that is to be proven";
	let mut headers = Vec::new();
	for (index, bytes) in block.headers.iter().enumerate() {
		let header: Header = decode(bytes, link)?;
		let parent = headers.last().map(Header::hash);
		if parent.is_some_and(|parent| *header.parent_hash() != parent) {
			return Err(ExportError::Unlinked { index });
		}
		headers.push(header);
	}
	let certificate: Certificate = decode(&block.certificate, link)?;
	let (Some(first), Some(last)) = (headers.first(), headers.last()) else {
		return Err(ExportError::NoBlock(client.set().set_id));
	};
	client
		.check_final(last, &certificate)
		.map_err(|error| ExportError::Broken {
			link: link.into(),
			error,
		})?;
	Ok((*first.number(), first.hash()))
}

fn decode<T: DecodeAll>(bytes: &Bytes, link: &str) -> Result<T, ExportError> {
	T::decode_all(&mut &bytes[..]).map_err(|error| ExportError::Undecodable {
		link: link.into(),
		error,
	})
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
