use super::*;
use crate::warp::provider::WarpProvider;
use bft_finality_primitives::Phase;
use sc_consensus::{ImportedState, StateAction, StorageChanges};
use sc_network_sync::strategy::warp::{EncodedProof, WarpSyncProvider};
use smartchain_node_testkit::past::{certificate, target, Past};
use sp_consensus::BlockOrigin;
use sp_runtime::{Justifications, OpaqueExtrinsic};

/// The sets end at 10 and 20; the node warps to 30.
const CHANGES: [u32; 2] = [10, 20];
const TARGET: u32 = 30;

/// The client of a node that joins, which imports what it is told to as a true one does.
struct Database(Arc<Past>);

#[async_trait::async_trait]
impl BlockImport<Block> for Database {
	type Error = ConsensusError;

	async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, ConsensusError> {
		let known = self.0.stored.lock().headers.contains_key(&block.parent_hash);
		Ok(if known || block.allow_missing_parent {
			ImportResult::imported(false)
		} else {
			ImportResult::UnknownParent
		})
	}

	async fn import_block(&self, block: BlockImportParams<Block>) -> Result<ImportResult, ConsensusError> {
		assert!(block.intermediates.is_empty(), "nothing is left over");
		let (hash, number) = (block.post_hash(), block.header.number);
		let with_state = block.with_state();
		let mut stored = self.0.stored.lock();
		stored.headers.insert(hash, block.header.clone());
		if let Some(certificate) = block.justifications.as_ref().and_then(certificate_in) {
			// What goes along with a change, as the keys of `smartchain_chain` say it.
			if !block.auxiliary.is_empty() && block.origin == BlockOrigin::WarpSync {
				stored.ends.insert(certificate.vote.set_id, hash);
			}
			stored.certificates.insert(hash, certificate);
		}
		if with_state {
			assert!(
				block.finalized && block.auxiliary.len() == 1,
				"final, and the voters of genesis are kept"
			);
			stored.canonical.insert(number, hash);
			stored.finalized = number;
			stored.gap = Some((1, number - 1));
		} else if let Some((start, end)) = stored.gap.filter(|(start, _)| *start == number) {
			stored.canonical.insert(number, hash);
			stored.gap = (start < end).then_some((start + 1, end));
		} else {
			assert_eq!(
				block.origin,
				BlockOrigin::WarpSync,
				"block {number} is imported out of turn"
			);
		}
		Ok(ImportResult::imported(false))
	}
}

/// A node that joins.
struct Joining {
	past: Arc<Past>,
	database: Database,
	history: History,
	warp: WarpProvider,
}

impl Joining {
	fn new() -> Self {
		let past = Arc::new(Past::new(TARGET, &CHANGES, 0));
		let proven = ProvenBlocks::default();
		Self {
			database: Database(past.clone()),
			history: History::new(past.clone(), proven.clone()),
			warp: WarpProvider::new(past.clone(), proven),
			past,
		}
	}

	/// One that has checked a proof of everything.
	fn proven() -> Self {
		let joining = Self::new();
		let full = Past::known(TARGET, &CHANGES, &[]);
		let server = WarpProvider::new(full.clone(), ProvenBlocks::default());
		let proof = server.prove(full.genesis(), usize::MAX).expect("is proven");
		let mut verifier = joining.warp.create_verifier();
		assert!(verifier.verify(&EncodedProof(proof.encode())).is_ok());
		joining
	}

	/// One that has warped.
	async fn warped() -> Self {
		let joining = Self::proven();
		for number in CHANGES {
			assert!(joining.change(number).await.is_ok());
		}
		assert!(matches!(
			joining.state(TARGET, None).await,
			Ok(ImportResult::Imported(_))
		));
		joining
	}

	async fn change(&self, number: u32) -> Result<ImportResult, ConsensusError> {
		let block = BlockImportParams::new(BlockOrigin::WarpSync, self.past.blocks[number as usize].clone());
		self.history.import_change(&self.database, block).await
	}

	async fn state(&self, number: u32, body: Option<Vec<OpaqueExtrinsic>>) -> Result<ImportResult, String> {
		let header = self.past.blocks[number as usize].clone();
		let mut block = BlockImportParams::new(BlockOrigin::NetworkInitialSync, header.clone());
		let state = sp_state_machine_values();
		block.state_action = StateAction::ApplyChanges(StorageChanges::Import(ImportedState {
			block: header.hash(),
			state,
		}));
		block.body = body;
		let block = self.history.verify_state(block).map_err(|error| error.to_string())?;
		let imported = self.history.import_state(&self.database, block).await;
		imported.map_err(|error| error.to_string())
	}

	/// Has a block of the gap verified and imported as the import queue would.
	async fn old(
		&self,
		header: &smartchain_chain::Header,
		certificate: Option<Certificate>,
	) -> Result<ImportResult, String> {
		self.old_with(header, certificate, None).await
	}

	async fn old_with(
		&self,
		header: &smartchain_chain::Header,
		certificate: Option<Certificate>,
		body: Option<Vec<OpaqueExtrinsic>>,
	) -> Result<ImportResult, String> {
		let check = BlockCheckParams {
			hash: header.hash(),
			number: header.number,
			parent_hash: header.parent_hash,
			allow_missing_state: true,
			allow_missing_parent: false,
			import_existing: true,
		};
		match self.database.check_block(self.history.check(check)).await {
			Ok(ImportResult::Imported(_)) => (),
			other => return other.map_err(|error| error.to_string()),
		}
		let mut block = BlockImportParams::new(BlockOrigin::GapSync, header.clone());
		block.state_action = StateAction::Skip;
		block.justifications = certificate.map(|c| Justifications::from((BFT_ENGINE_ID, c.encode())));
		block.body = body;
		let block = self.history.verify_old(block).map_err(|error| error.to_string())?;
		let imported = self.history.import_old(&self.database, block).await;
		imported.map_err(|error| error.to_string())
	}

	/// The true block at this height, with its certificate or without.
	async fn true_old(&self, number: u32, certified: bool) -> Result<ImportResult, String> {
		let certificate = certified.then(|| self.past.certificate(number));
		self.old(&self.past.blocks[number as usize], certificate).await
	}

	fn gap(&self) -> Option<(u32, u32)> {
		self.past.stored.lock().gap
	}
}

fn sp_state_machine_values() -> sp_state_machine::KeyValueStates {
	sp_state_machine::KeyValueStates(Vec::new())
}

fn imported(result: Result<ImportResult, String>) -> bool {
	matches!(result, Ok(ImportResult::Imported(_)))
}

#[tokio::test]
async fn the_changes_and_the_state_that_were_proven_are_taken_and_can_be_shown_to_others() {
	let joining = Joining::warped().await;
	assert_eq!(joining.gap(), Some((1, TARGET - 1)));
	let proof = joining
		.warp
		.prove(joining.past.genesis(), usize::MAX)
		.expect("is proven");
	let full = Past::known(TARGET, &CHANGES, &[]);
	let server = WarpProvider::new(full.clone(), ProvenBlocks::default());
	assert_eq!(Some(proof), server.prove(full.genesis(), usize::MAX).ok());
}

#[tokio::test]
async fn what_was_not_proven_is_not_taken() {
	let joining = Joining::new();
	assert!(joining.change(10).await.is_err());
	let error = joining.state(TARGET, None).await.expect_err("is not proven");
	assert!(error.contains("nobody has proven"), "{error}");

	let joining = Joining::proven();
	assert!(joining.change(11).await.is_err(), "block 11 is no change");
	assert!(
		joining.state(20, None).await.is_err(),
		"a change is not what one warps to"
	);
	assert!(joining.change(10).await.is_ok());
	assert!(joining.change(10).await.is_err(), "once is enough");
	let body = vec![OpaqueExtrinsic::from_blob(vec![1, 2, 3])];
	let error = joining.state(TARGET, Some(body)).await.expect_err("another body");
	assert!(error.contains("body"), "{error}");
	assert!(imported(joining.state(TARGET, Some(Vec::new())).await));
	assert!(joining.state(TARGET, None).await.is_err(), "the node has its state");
}

#[tokio::test]
async fn the_gap_is_filled_by_blocks_with_certificates_and_their_ancestors() {
	let joining = Joining::warped().await;
	for number in 1..TARGET {
		let certified = [4, 7, 8, 15].contains(&number);
		assert!(imported(joining.true_old(number, certified).await), "block {number}");
		let open = match number {
			1..=3 => 1,
			4..=6 => 5,
			7 => 8,
			8..=9 => 9,
			// A change is known to be final by itself, and so is the parent of the block above.
			10..=14 => 11,
			15..=19 => 16,
			20..=28 => 21,
			_ => break,
		};
		assert_eq!(joining.gap().map(|gap| gap.0), Some(open), "after block {number}");
	}
	assert_eq!(joining.gap(), None);
	for number in 0..=TARGET {
		assert_eq!(
			joining.past.hash_at(number).ok().flatten(),
			Some(joining.past.hash(number))
		);
	}
	let kept = |number| {
		matches!(
			Chain::certificate(&*joining.past, joining.past.hash(number)),
			Ok(Some(_))
		)
	};
	assert!(kept(7) && kept(10) && !kept(6));
}

#[tokio::test]
async fn a_line_of_headers_that_was_made_up_never_enters() {
	let joining = Joining::warped().await;
	// From genesis on; its voters have never voted for it.
	let mut parent = joining.past.genesis();
	for number in 1..TARGET {
		let mut header = joining.past.blocks[number as usize].clone();
		header.state_root = H256::repeat_byte(6);
		header.parent_hash = parent;
		parent = header.hash();
		let result = joining.old(&header, None).await;
		assert_eq!(
			imported(result),
			number < TARGET - 1,
			"it waits, until the block above the gap is no child of it"
		);
		assert_eq!(joining.gap(), Some((1, TARGET - 1)));
	}
	// The true ones, from the start again.
	for number in 1..TARGET {
		assert!(
			imported(joining.true_old(number, number % 3 == 0).await),
			"block {number}"
		);
	}
	assert_eq!(joining.gap(), None);
}

#[tokio::test]
async fn a_false_start_is_given_up_when_a_true_block_does_not_follow_on_it() {
	let joining = Joining::warped().await;
	let mut false_one = joining.past.blocks[1].clone();
	false_one.state_root = H256::repeat_byte(6);
	assert!(imported(joining.old(&false_one, None).await));
	let result = joining.true_old(2, true).await;
	assert!(
		matches!(result, Ok(ImportResult::UnknownParent)),
		"whose fault it is cannot be told"
	);
	assert_eq!(joining.gap(), Some((1, TARGET - 1)));
	assert!(imported(joining.true_old(1, false).await) && imported(joining.true_old(2, true).await));
	assert_eq!(joining.gap(), Some((3, TARGET - 1)));
}

#[tokio::test]
async fn a_block_that_names_another_parent_than_the_one_below_it_is_not_taken() {
	let joining = Joining::warped().await;
	let on_genesis = |number: u32| {
		let mut header = joining.past.blocks[number as usize].clone();
		header.parent_hash = joining.past.genesis();
		header
	};
	assert!(imported(joining.true_old(1, false).await));
	let result = joining.old(&on_genesis(2), None).await;
	assert!(matches!(result, Ok(ImportResult::UnknownParent)));
	let result = joining.old(&on_genesis(5), None).await;
	assert!(
		matches!(result, Ok(ImportResult::UnknownParent)),
		"nor one with a hole below it"
	);
	assert!(joining.history.gap.lock().waiting.is_empty());
}

#[tokio::test]
async fn the_sync_may_start_again_anywhere_in_what_waits() {
	let joining = Joining::warped().await;
	for number in [1, 2, 3, 1, 2, 3, 4, 3, 4] {
		assert!(imported(joining.true_old(number, false).await), "block {number}");
	}
	assert!(imported(joining.true_old(5, true).await));
	assert_eq!(joining.gap(), Some((6, TARGET - 1)));
	assert!(matches!(
		joining.true_old(3, false).await,
		Ok(ImportResult::AlreadyInChain)
	));
	assert!(
		matches!(joining.true_old(8, true).await, Ok(ImportResult::UnknownParent)),
		"nothing is left out"
	);
}

#[tokio::test]
async fn a_certificate_that_proves_nothing_is_the_senders_fault() {
	let joining = Joining::warped().await;
	let past = &joining.past;
	let block = &past.blocks[1];
	let signed = |set_id, phase| certificate(past.genesis(), set_id, phase, target(block));
	let mut forged = past.certificate(1);
	forged.signatures.swap(0, 1);
	for (certificate, why) in [
		(forged, "signature"),
		(past.certificate(2), "makes"),
		(signed(2, Phase::Commit), "not above"),
		(signed(7, Phase::Commit), "not known"),
	] {
		let error = joining.old(block, Some(certificate)).await.expect_err("is refused");
		assert!(error.contains(why), "{error}");
	}
	// Prevotes make nothing final: such a block only waits.
	assert!(imported(joining.old(block, Some(signed(0, Phase::Prevote))).await));
	assert_eq!(joining.gap(), Some((1, TARGET - 1)));
}

#[tokio::test]
async fn a_set_that_has_ended_makes_nothing_above_its_end_final() {
	let joining = Joining::warped().await;
	for number in 1..=10 {
		assert!(imported(joining.true_old(number, number == 10).await));
	}
	// Whoever has the keys of set 0 now signs another block 11.
	let mut header = joining.past.blocks[11].clone();
	header.state_root = H256::repeat_byte(6);
	let signed = certificate(joining.past.genesis(), 0, Phase::Commit, target(&header));
	let error = joining.old(&header, Some(signed)).await.expect_err("is refused");
	assert!(error.contains("had ended"), "{error}");
	assert!(imported(joining.true_old(11, true).await));
}

#[tokio::test]
async fn another_body_than_the_headers_is_refused() {
	let joining = Joining::warped().await;
	let body = vec![OpaqueExtrinsic::from_blob(vec![1, 2, 3])];
	let block = joining.past.blocks[1].clone();
	let error = joining
		.old_with(&block, Some(joining.past.certificate(1)), Some(body))
		.await
		.expect_err("another body");
	assert!(error.contains("body"), "{error}");
	assert!(imported(
		joining
			.old_with(&block, Some(joining.past.certificate(1)), Some(Vec::new()))
			.await
	));
}

#[tokio::test]
async fn a_block_whose_sender_has_no_body_is_taken_without() {
	let joining = Joining::warped().await;
	let mut header = joining.past.blocks[1].clone();
	header.set_extrinsics_root(H256::repeat_byte(7));
	let mut block = BlockImportParams::new(BlockOrigin::GapSync, header);
	block.body = Some(Vec::new());
	let block = joining.history.verify_old(block).expect("no body is not another body");
	assert_eq!(block.body, None);
}

#[tokio::test]
async fn what_waits_for_a_proof_is_bounded() {
	let joining = Joining::warped().await;
	joining.past.stored.lock().gap = Some((1, u32::MAX - 1));
	let mut parent = joining.past.genesis();
	for number in 1..=MAX_WAITING as u32 + 1 {
		let mut header = joining.past.blocks[1].clone();
		(header.number, header.parent_hash) = (number, parent);
		parent = header.hash();
		let result = joining.old(&header, None).await;
		assert_eq!(imported(result), number <= MAX_WAITING as u32);
	}
	assert!(joining.history.gap.lock().waiting.is_empty());
}
