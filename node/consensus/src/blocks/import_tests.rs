use super::*;
use crate::blocks::testing::idle_import;
use bft_finality_primitives::Phase;
use futures::{executor::block_on, StreamExt};
use poca_primitives::AuthorityPair;
use smartchain_node_testkit::Line;
use smartchain_testkit as testkit;
use sp_core::Pair;
use sp_runtime::generic::DigestItem;

/// A slot of the turn in which genesis is, so that no VRF output is due.
const SLOT: u64 = 5;

/// The genesis by which [`Line`] goes.
const GENESIS: H256 = H256::zero();

fn director() -> AuthorityPair {
	testkit::author(1)
}

/// The verifier of a chain of genesis alone, whose one director is [`director`], and that genesis' hash.
fn verifier() -> (PocaVerifier, ImportLink, H256) {
	let (mut line, hashes) = Line::new(1);
	line.schedule = Some(testkit::schedule(vec![director().public()]));
	let (import, link) = idle_import(Arc::new(line));
	(import.verifier(), link, hashes[0])
}

fn unsealed(parent: H256, block: u8) -> Header {
	let digest = testkit::pre_digest(SLOT, 0, GENESIS);
	testkit::unsealed(1, parent, H256::repeat_byte(block), &digest)
}

fn check(verifier: &PocaVerifier, sealed: &Header) -> Result<(), HeaderError> {
	let block = BlockImportParams::new(BlockOrigin::NetworkBroadcast, sealed.clone());
	verifier.check(block, Instant::now()).map(|_| ())
}

/// Here no block is executed. A director that seals one that fails first, or two that fail, is seen all the same.
#[test]
fn two_seals_are_reported_though_neither_block_is_in_the_database() {
	let (verifier, link, genesis) = verifier();
	let sealed = [1, 2, 3].map(|block| testkit::seal(unsealed(genesis, block), &director(), &GENESIS));
	for _ in 0..2 {
		assert!(check(&verifier, &sealed[0]).is_ok());
	}
	assert!(link.offences.is_empty(), "one block is none");
	for _ in 0..2 {
		assert!(check(&verifier, &sealed[1]).is_ok());
	}
	assert!(matches!(check(&verifier, &sealed[2]), Err(HeaderError::Sibling { .. })));
	let offence = link.offences.try_recv().expect("it was seen");
	assert!(offence.holds(&GENESIS));
	let Offence::Blocks(proof) = offence else {
		panic!("of two blocks")
	};
	assert_eq!(
		(proof.author, &proof.first, &proof.second),
		(director().public(), &sealed[0], &sealed[1])
	);
	assert!(link.offences.is_empty(), "once");
}

#[test]
fn a_header_that_no_report_could_hold_is_refused_before_its_seal_is_checked() {
	let (verifier, link, genesis) = verifier();
	let padded = |block, bytes| {
		let mut header = unsealed(genesis, block);
		header.digest_mut().push(DigestItem::Other(vec![0; bytes]));
		testkit::seal(header, &director(), &GENESIS)
	};
	let rest = padded(1, MAX_HEADER_BYTES / 2).encoded_size() - MAX_HEADER_BYTES / 2;
	for block in 0..2 {
		let mut long = padded(block, MAX_HEADER_BYTES - rest + 1);
		assert_eq!(long.encoded_size(), MAX_HEADER_BYTES + 1);
		let refused = |header: &Header| {
			[
				check(&verifier, header),
				verifier.author_by(genesis, header).map(|_| ()),
			]
			.iter()
			.all(|result| matches!(result, Err(HeaderError::TooLong(_))))
		};
		assert!(refused(&long));
		// Though its seal is false.
		long.digest_mut().logs.swap(0, 1);
		assert!(refused(&long));
	}
	assert!(link.offences.is_empty());
	for block in 0..2 {
		let longest = padded(block, MAX_HEADER_BYTES - rest);
		assert!(check(&verifier, &longest).is_ok());
	}
	assert!(link.offences.try_recv().is_ok_and(|offence| offence.holds(&GENESIS)));
}

#[test]
fn certificates_come_in_their_order_without_what_else_is_told_until_the_import_ends() {
	let (line, hashes) = Line::new(1);
	let (import, link) = idle_import(Arc::new(line));
	let certificate = |slot| testkit::certificate(testkit::vote(0, Phase::Commit, slot, 1, 1), 4, 3, &GENESIS);
	let block = BlockRef {
		slot: SLOT,
		number: 0,
		hash: hashes[0],
	};
	for event in [
		ImportEvent::Certificate(certificate(1)),
		ImportEvent::Warped(block),
		ImportEvent::ForeignSeal(block),
		ImportEvent::Certificate(certificate(2)),
	] {
		assert!(import.events.try_send(event).is_ok());
	}
	drop(import);
	let told: Vec<Certificate> = block_on(link.certificates().collect());
	assert_eq!(told, [certificate(1), certificate(2)]);
}
