#![doc = include_str!("../README.md")]

mod error;
pub mod export;
pub mod imported;
mod types;
pub mod warp;

pub use error::Error;
pub use types::{BlockRef, FinalityProof, NumberOrHash};

use codec::Encode;
use smartchain_chain::{Chain, ChainError};
use sp_core::{Bytes, H256};
use sp_runtime::traits::Header as _;

/// The most headers in a proof; some 100 KB of them.
pub const MAX_PROOF_HEADERS: u32 = 256;
/// The most blocks looked at in search of a certificate.
pub const MAX_SEARCH: u32 = 4096;

/// The certificate of the first block at or above `block` that has one, and the headers from `block` to it.
///
/// # Errors
/// If there is none here, or too far up; see [`Error`].
pub fn prove(chain: &dyn Chain, block: NumberOrHash) -> Result<FinalityProof, Error> {
	let finalized = chain.info().finalized_number;
	let from = match block {
		NumberOrHash::Number(number) => number,
		NumberOrHash::Hash(hash) => number_of(chain, hash, finalized)?,
	};
	if from > finalized {
		return Err(Error::NotFinal {
			number: from,
			finalized,
		});
	}
	let last = finalized.min(from.saturating_add(MAX_SEARCH - 1));
	for number in from..=last {
		let Some(certificate) = chain.certificate(canonical(chain, number)?)? else {
			continue;
		};
		if number - from >= MAX_PROOF_HEADERS {
			return Err(Error::TooFar { from, to: number });
		}
		let headers = (from..=number).map(|n| Ok(Bytes(header(chain, canonical(chain, n)?)?.encode())));
		return Ok(FinalityProof {
			block: chain.target(canonical(chain, from)?)?.into(),
			certified: certificate.vote.decides().into(),
			set_id: certificate.vote.set_id,
			certificate: Bytes(certificate.encode()),
			headers: headers.collect::<Result<_, Error>>()?,
		});
	}
	Err(Error::NoCertificate { from, to: last })
}

/// The height of a block that is on the final chain, or still above it.
fn number_of(chain: &dyn Chain, hash: H256, finalized: u32) -> Result<u32, Error> {
	let header = chain
		.header(hash)?
		.ok_or_else(|| Error::UnknownBlock(format!("{hash:?}")))?;
	let number = *header.number();
	if number <= finalized {
		let canonical = canonical(chain, number)?;
		if canonical != hash {
			return Err(Error::Orphaned {
				hash,
				number,
				canonical,
			});
		}
	}
	Ok(number)
}

fn canonical(chain: &dyn Chain, number: u32) -> Result<H256, Error> {
	chain
		.hash_at(number)?
		.ok_or_else(|| Error::UnknownBlock(number.to_string()))
}

fn header(chain: &dyn Chain, hash: H256) -> Result<smartchain_chain::Header, Error> {
	Ok(chain.header(hash)?.ok_or(ChainError::Missing(hash))?)
}
