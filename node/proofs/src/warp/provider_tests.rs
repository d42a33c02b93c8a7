use super::*;
use bft_finality_primitives::{CertificateError, Phase};
use proptest::prelude::*;
use smartchain_node_testkit::past::{certificate, set, target, Past};

/// Sixty blocks; the sets end at 10, 20, 21 and 40.
const CHANGES: [u32; 4] = [10, 20, 21, 40];

fn full() -> Arc<Past> {
	Past::known(60, &CHANGES, &[])
}

fn serving(past: &Arc<Past>) -> WarpProvider {
	WarpProvider::new(past.clone(), ProvenBlocks::default())
}

/// A verifier of a node that has nothing but genesis, and what it has proven.
fn joining() -> (WarpVerifier, ProvenBlocks) {
	let past = Past::new(60, &CHANGES, 0);
	let (genesis, proven) = (past.genesis(), ProvenBlocks::default());
	let verifier = WarpVerifier {
		client: Ok(LightClient::new(genesis, set(0), 0)),
		genesis,
		reached: genesis,
		proven: proven.clone(),
	};
	(verifier, proven)
}

fn parts(proof: WarpProof) -> (Vec<Fragment>, Option<Fragment>) {
	let WarpProof::V1 { changes, last } = proof;
	(changes, last)
}

fn numbers(fragments: &[Fragment]) -> Vec<u32> {
	fragments.iter().map(|fragment| fragment.header.number).collect()
}

fn proof(past: &Arc<Past>) -> (Vec<Fragment>, Option<Fragment>) {
	parts(serving(past).prove(past.genesis(), usize::MAX).expect("is proven"))
}

fn encoded(changes: Vec<Fragment>, last: Option<Fragment>) -> Vec<u8> {
	WarpProof::V1 { changes, last }.encode()
}

/// What a verifier says of a proof; whatever is refused must leave nothing behind.
fn refusal(bytes: &[u8]) -> WarpError {
	let (mut verifier, proven) = joining();
	let before = (verifier.client.clone(), verifier.reached);
	let error = verifier.check(bytes).err().expect("is refused");
	assert_eq!((verifier.client, verifier.reached), before);
	let proven = proven.0.lock();
	assert!(proven.changes.is_empty() && proven.target.is_none());
	error
}

#[test]
fn a_node_that_knows_genesis_follows_all_changes_to_the_last_final_block() {
	let past = full();
	let (changes, last) = proof(&past);
	assert_eq!(numbers(&changes), CHANGES);
	let (mut verifier, proven) = joining();
	match verifier.check(&encoded(changes, last)) {
		Ok(VerificationResult::Complete(header, pairs)) => assert_eq!((header.hash(), pairs.len()), (past.hash(60), 4)),
		_ => panic!("it is complete"),
	}
	assert_eq!(proven.target(&past.hash(60)), Some(past.certificate(60)));
	assert_eq!(proven.target(&past.hash(40)), None, "no other block's state is taken");
	assert_eq!(proven.take_change(&past.hash(20)), Some(past.certificate(20)));
	assert_eq!(proven.take_change(&past.hash(20)), None);
}

#[test]
fn what_does_not_fit_comes_in_the_next_answers() {
	let past = full();
	let server = serving(&past);
	let (mut verifier, _) = joining();
	let mut seen = Vec::new();
	loop {
		let start = verifier.next_proof_context();
		let proof = server.prove(start, 1).expect("there is more");
		let (changes, _) = parts(proof.clone());
		seen.extend(numbers(&changes));
		match verifier.check(&proof.encode()).expect("is proven") {
			VerificationResult::Partial(pairs) => assert_eq!(pairs.len(), 1),
			VerificationResult::Complete(header, _) => {
				assert_eq!(header.hash(), past.hash(60));
				break;
			}
		}
	}
	assert_eq!(seen, CHANGES);
}

#[test]
fn where_the_last_final_block_is_a_change_it_is_what_one_warps_to() {
	let past = Past::known(40, &CHANGES, &[]);
	let (changes, last) = proof(&past);
	assert_eq!(
		(numbers(&changes), last.as_ref().map(|l| l.header.number)),
		(vec![10, 20, 21], Some(40))
	);
	let (mut verifier, proven) = joining();
	let complete = verifier.check(&encoded(changes, last));
	assert!(matches!(complete, Ok(VerificationResult::Complete(..))));
	assert_eq!(verifier.reached, past.hash(40));
	assert!(proven.target(&past.hash(40)).is_some());
}

#[test]
fn nobody_is_sent_to_a_block_whose_parent_it_will_already_have() {
	// The last final block is 22, its parent 21 and that one's parent 20 are changes.
	let past = Past::known(22, &CHANGES[..3], &[]);
	let (changes, last) = proof(&past);
	assert_eq!(
		(numbers(&changes), last.as_ref().map(|l| l.header.number)),
		(vec![10], Some(20))
	);
	let error = serving(&past)
		.prove(past.hash(21), usize::MAX)
		.expect_err("only its child is left");
	assert!(matches!(error, WarpError::NothingYet(_)));
	let fragment = |number: u32| Fragment {
		header: past.blocks[number as usize].clone(),
		certificate: past.certificate(number),
	};
	let bytes = encoded([10, 20, 21].map(fragment).into(), Some(fragment(22)));
	assert!(matches!(refusal(&bytes), WarpError::AboveChange(hash) if hash == past.hash(22)));
	// The child of genesis is no trouble.
	let young = Past::known(1, &[], &[]);
	assert_eq!(proof(&young).1.map(|last| last.header.number), Some(1));
}

#[test]
fn a_proof_starts_at_genesis_or_at_a_change_that_is_final_here() {
	let past = full();
	for start in [past.hash(11), past.hash(60), H256::repeat_byte(7)] {
		let error = serving(&past).prove(start, usize::MAX).expect_err("is no start");
		assert!(matches!(error, WarpError::UnknownStart(at) if at == start), "{error}");
	}
	let fresh = Arc::new(Past::new(60, &CHANGES, 0));
	let error = serving(&fresh)
		.prove(fresh.genesis(), usize::MAX)
		.expect_err("nothing here");
	assert!(matches!(error, WarpError::NotJoined));
}

#[test]
fn a_change_that_is_not_final_here_is_not_shown() {
	let past = full();
	past.stored.lock().finalized = 30;
	let hash = past.hash(30);
	past.stored.lock().certificates.insert(hash, past.certificate(30));
	let (changes, last) = proof(&past);
	assert_eq!(
		(numbers(&changes), last.map(|l| l.header.number)),
		(vec![10, 20, 21], Some(30))
	);
}

#[test]
fn a_forged_fragment_is_refused() {
	let past = full();
	let (mut changes, last) = proof(&past);
	changes[2].certificate.signatures.swap(0, 1);
	assert!(matches!(
		refusal(&encoded(changes, last.clone())),
		WarpError::Change {
			index: 2,
			error: LightError::Certificate(CertificateError::BadSignature)
		}
	));
	// Another set than the one that signed.
	let (mut changes, last) = proof(&past);
	let other = Past::known(60, &[10, 19], &[]);
	changes[1].header = other.blocks[19].clone();
	assert!(matches!(
		refusal(&encoded(changes, last)),
		WarpError::Change {
			index: 1,
			error: LightError::OtherBlock { .. }
		}
	));
}

#[test]
fn another_order_is_refused() {
	let (mut changes, last) = proof(&full());
	changes.swap(0, 1);
	assert!(matches!(
		refusal(&encoded(changes, last)),
		WarpError::Change { index: 0, .. }
	));
}

#[test]
fn a_change_left_out_is_noticed() {
	for index in 0..CHANGES.len() {
		let (mut changes, last) = proof(&full());
		changes.remove(index);
		let error = refusal(&encoded(changes, last));
		assert!(
			matches!(error, WarpError::Change { .. } | WarpError::Last(_)),
			"{error}"
		);
	}
}

#[test]
fn prevotes_prove_nothing() {
	let past = full();
	let prevotes = |number: u32| {
		let block = target(&past.blocks[number as usize]);
		certificate(past.genesis(), past.set_at(number), Phase::Prevote, block)
	};
	let (mut changes, last) = proof(&past);
	changes[1].certificate = prevotes(20);
	assert!(matches!(
		refusal(&encoded(changes, last)),
		WarpError::Change {
			index: 1,
			error: LightError::Prevotes
		}
	));
	let (changes, mut last) = proof(&past);
	last.as_mut().expect("there is one").certificate = prevotes(60);
	assert!(matches!(
		refusal(&encoded(changes, last)),
		WarpError::Last(LightError::Prevotes)
	));
}

#[test]
fn the_proof_of_a_chain_with_another_genesis_is_refused() {
	// The same voters, another genesis.
	let other = Past::new(60, &CHANGES, 9);
	let fragment = |number: u32| Fragment {
		header: other.blocks[number as usize].clone(),
		certificate: other.certificate(number),
	};
	let bytes = encoded(CHANGES.map(fragment).into(), Some(fragment(60)));
	assert!(matches!(refusal(&bytes), WarpError::Change { index: 0, .. }));
	assert!(matches!(
		refusal(&encoded(Vec::new(), Some(fragment(5)))),
		WarpError::Last(_)
	));
}

#[test]
fn trailing_bytes_an_empty_proof_and_too_many_bytes_are_refused() {
	let (changes, last) = proof(&full());
	let mut bytes = encoded(changes, last);
	bytes.push(0);
	assert!(matches!(refusal(&bytes), WarpError::Undecodable(_)));
	assert!(matches!(refusal(&[]), WarpError::Undecodable(_)));
	assert!(matches!(refusal(&encoded(Vec::new(), None)), WarpError::Empty));
	assert!(matches!(refusal(&vec![1; MAX_PROOF_BYTES + 1]), WarpError::TooLarge(_)));
}

#[test]
fn of_a_proof_that_is_true_in_part_nothing_is_believed() {
	let past = full();
	let (changes, mut last) = proof(&past);
	last.as_mut().expect("there is one").certificate.signatures.pop();
	assert!(matches!(
		refusal(&encoded(changes, last)),
		WarpError::Last(LightError::Certificate(CertificateError::SignatureCount))
	));
}

#[test]
fn a_proof_that_ends_below_what_is_known_is_refused() {
	let past = full();
	let (mut verifier, _) = joining();
	let (changes, _) = proof(&past);
	assert!(verifier.check(&encoded(changes.clone(), None)).is_ok());
	let old = Fragment {
		header: past.blocks[5].clone(),
		certificate: past.certificate(5),
	};
	assert!(matches!(
		verifier.check(&encoded(Vec::new(), Some(old))),
		Err(WarpError::Last(_))
	));
	assert!(matches!(
		verifier.check(&encoded(changes, None)),
		Err(WarpError::Change { index: 0, .. })
	));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Whatever one byte of a proof is changed, it is refused.
	#[test]
	fn a_damaged_proof_is_refused(at in any::<prop::sample::Index>(), flip in 1u8..) {
		let (changes, last) = proof(&full());
		let mut bytes = encoded(changes, last);
		let at = at.index(bytes.len());
		bytes[at] ^= flip;
		let (mut verifier, _) = joining();
		prop_assert!(verifier.check(&bytes).is_err());
	}
}
