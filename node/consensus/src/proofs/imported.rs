//! Finality of blocks that come from a file, where no voter runs: by the certificates that came with them.

use crate::{
	blocks::import::{ImportEvent, ImportLink},
	chain::{types::LOG_TARGET, Chain, ChainError},
};
use async_channel::Receiver;
use bft_finality_primitives::{Certificate, LightClient};
use sp_runtime::traits::Header as _;

/// Makes final what the certificates of imported blocks prove, in their order. Ends when the import has ended.
///
/// # Errors
/// Where the chain cannot be read or written.
pub async fn finalize_imported(chain: &dyn Chain, link: ImportLink) -> Result<(), ChainError> {
	finalize_all(chain, &link.events).await
}

async fn finalize_all(chain: &dyn Chain, events: &Receiver<ImportEvent>) -> Result<(), ChainError> {
	while let Ok(event) = events.recv().await {
		if let ImportEvent::Certificate(certificate) = event {
			take(chain, &certificate)?;
		}
	}
	Ok(())
}

fn take(chain: &dyn Chain, certificate: &Certificate) -> Result<(), ChainError> {
	let (info, block) = (chain.info(), certificate.vote.decides());
	if block.number <= info.finalized_number {
		return Ok(());
	}
	let header = chain.header(block.hash)?.ok_or(ChainError::Missing(block.hash))?;
	let set = chain.voter_set(*header.parent_hash())?;
	let voters = LightClient::new(info.genesis_hash, set, info.finalized_number);
	if let Err(error) = voters.check_final(&header, certificate) {
		let number = *header.number();
		log::warn!(target: LOG_TARGET, "The proof that block {number} is final does not hold and is left out: {error}");
		return Ok(());
	}
	chain.finalize(certificate)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::proofs::warp::testing::{certificate, target, Past};
	use bft_finality_primitives::Phase;

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
		let (sender, events) = async_channel::unbounded();
		for certificate in certificates {
			sender
				.try_send(ImportEvent::Certificate(certificate))
				.expect("there is room");
		}
		drop(sender);
		finalize_all(past, &events).await?;
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
