//! Finality of blocks that come from a file, where no voter runs: by the certificates that came with them.

use bft_finality_primitives::{Certificate, LightClient};
use futures::{Stream, StreamExt};
use smartchain_chain::{Block, Chain, ChainError, Header, LOG_TARGET};
use sp_blockchain::Info;
use sp_runtime::traits::Header as _;
use std::pin::pin;

/// Makes final what the certificates of imported blocks prove, in their order. Ends when they do.
///
/// # Errors
/// Where the chain cannot be read or written.
pub async fn finalize_imported(
	chain: &dyn Chain,
	certificates: impl Stream<Item = Certificate>,
) -> Result<(), ChainError> {
	let mut certificates = pin!(certificates);
	while let Some(certificate) = certificates.next().await {
		take(chain, &certificate)?;
	}
	Ok(())
}

fn take(chain: &dyn Chain, certificate: &Certificate) -> Result<(), ChainError> {
	let (info, block) = (chain.info(), certificate.vote.decides());
	if block.number <= info.finalized_number {
		return Ok(());
	}
	let header = chain.header(block.hash)?.ok_or(ChainError::Missing(block.hash))?;
	let why = if is_in_reach(chain, &header, &info)? {
		let set = chain.voter_set(info.finalized_hash)?;
		let voters = LightClient::new(info.genesis_hash, set, info.finalized_number);
		match voters.check_final(&header, certificate) {
			Ok(()) => return chain.finalize(certificate),
			Err(error) => error.to_string(),
		}
	} else {
		let number = info.finalized_number;
		format!("it does not follow on final block {number}, or the voters change between the two, unproven")
	};
	let number = *header.number();
	log::warn!(target: LOG_TARGET, "The proof that block {number} is final does not hold and is left out: {why}");
	Ok(())
}

/// Whether whoever votes on what follows the final block votes on this one too: it descends from that block, and no
/// block between the two changes the voters. What is not final proves no voters: anybody who may author can build a
/// branch whose state names its own.
fn is_in_reach(chain: &dyn Chain, header: &Header, info: &Info<Block>) -> Result<bool, ChainError> {
	let mut hash = *header.parent_hash();
	while hash != info.finalized_hash {
		let below = chain.header(hash)?.ok_or(ChainError::Missing(hash))?;
		if *below.number() <= info.finalized_number || chain.change_in(&below)?.is_some() {
			return Ok(false);
		}
		hash = *below.parent_hash();
	}
	Ok(true)
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::Phase;
	use smartchain_node_testkit::past::{certificate, target, Past};
	use sp_core::H256;

	const CHANGES: [u32; 2] = [10, 20];

	/// A chain of which all blocks are here, and none but genesis is final.
	fn imported() -> Past {
		let past = Past::new(30, &CHANGES, 0);
		for block in &past.blocks {
			past.stored.lock().headers.insert(block.hash(), block.clone());
		}
		past
	}

	async fn final_after(past: &Past, certificates: Vec<Certificate>) -> Result<u32, ChainError> {
		finalize_imported(past, futures::stream::iter(certificates)).await?;
		Ok(past.info().finalized_number)
	}

	#[tokio::test]
	async fn certificates_make_final_across_changes_of_voters() {
		let past = imported();
		let certificates = [3, 10, 10, 13, 5, 20, 29].map(|number| past.certificate(number));
		assert_eq!(final_after(&past, certificates.into()).await.expect("is readable"), 29);
		// The next file goes on from there.
		assert_eq!(
			final_after(&past, vec![past.certificate(30)])
				.await
				.expect("is readable"),
			30
		);
	}

	#[tokio::test]
	async fn what_proves_nothing_is_left_out() {
		let past = imported();
		let of =
			|set_id, phase, number: usize| certificate(past.genesis(), set_id, phase, target(&past.blocks[number]));
		let mut forged = past.certificate(8);
		forged.signatures[0] = past.certificate(7).signatures[0].clone();
		let elsewhere = certificate(past.hash(1), 0, Phase::Commit, target(&past.blocks[9]));
		let false_ones = vec![
			of(1, Phase::Commit, 6),
			of(0, Phase::Prevote, 7),
			forged,
			elsewhere,
			of(0, Phase::Commit, 12),
		];
		assert_eq!(final_after(&past, false_ones).await.expect("is readable"), 0);
		assert_eq!(
			final_after(&past, vec![past.certificate(5)])
				.await
				.expect("is readable"),
			5
		);
	}

	/// What is not final names its voters itself: one director could put in its own.
	#[tokio::test]
	async fn who_votes_says_what_is_final_and_no_other_branch() {
		let past = imported();
		let unproven = [13, 19].map(|number| past.certificate(number));
		assert_eq!(final_after(&past, unproven.into()).await.expect("is readable"), 0);
		// With the proof of the change it holds.
		let proven = [10, 13].map(|number| past.certificate(number));
		assert_eq!(final_after(&past, proven.into()).await.expect("is readable"), 13);
		// The next change is missing: that its voters are the same but for one proves nothing.
		let further = [21, 30].map(|number| past.certificate(number));
		assert_eq!(final_after(&past, further.into()).await.expect("is readable"), 13);
	}

	#[tokio::test]
	async fn a_block_beside_what_is_final_is_left_out() {
		let past = imported();
		assert_eq!(
			final_after(&past, vec![past.certificate(5)])
				.await
				.expect("is readable"),
			5
		);
		let mut beside = past.blocks[3].clone();
		for number in 4..7 {
			let mut next = past.blocks[number].clone();
			next.parent_hash = beside.hash();
			next.state_root = H256::repeat_byte(1);
			past.stored.lock().headers.insert(next.hash(), next.clone());
			beside = next;
		}
		let proof = certificate(past.genesis(), 0, Phase::Commit, target(&beside));
		assert_eq!(final_after(&past, vec![proof]).await.expect("is readable"), 5);
	}

	#[tokio::test]
	async fn a_block_that_is_not_here_is_an_error() {
		let other = Past::new(30, &CHANGES, 0);
		let error = final_after(&other, vec![other.certificate(5)]).await;
		assert!(
			matches!(error, Err(ChainError::Missing(hash)) if hash == other.hash(5)),
			"{error:?}"
		);
	}
}
