use super::*;
use bft_finality_primitives::{BlockRef, Certificate, Phase, SetId, VoterId, VoterSet, BFT_ENGINE_ID};
use codec::{Decode, Encode};
use jsonrpsee::{
	core::{params::ArrayParams, EmptyServerParams},
	rpc_params, MethodsError, RpcModule,
};
use poca_primitives::{AuthorityId, DirectorStatus, Schedule};
use smartchain_chain::{Block, ChainError, Header};
use smartchain_consensus::{RelaxedStatus, Status, VoterStatus};
use smartchain_node_testkit::past::Past;
use smartchain_testkit as testkit;
use sp_blockchain::Info;
use sp_core::{ByteArray, H256};
use sp_runtime::{traits::Header as _, Justifications, OpaqueExtrinsic};
use std::collections::BTreeMap;

/// A chain of headers, some with certificates, and one orphan at height 1.
struct MockChain {
	headers: Vec<Header>,
	orphan: Header,
	certificates: BTreeMap<H256, Certificate>,
	finalized: u32,
}

fn header(number: u32, parent: H256, slot: u64) -> Header {
	testkit::header(number, parent, slot, H256::zero())
}

fn certificate(phase: Phase, target: BlockRef) -> Certificate {
	Certificate {
		vote: testkit::vote_for(5, phase, target),
		signers: vec![0b0000_1011],
		signatures: Vec::new(),
	}
}

impl MockChain {
	fn new(length: u32, certified: &[u32], finalized: u32) -> Self {
		let mut headers = vec![header(0, H256::zero(), 0)];
		for number in 1..=length {
			let parent = headers.last().expect("starts with genesis").hash();
			headers.push(header(number, parent, u64::from(number) * 2));
		}
		let orphan = header(1, headers[0].hash(), 3);
		let mut chain = Self {
			headers,
			orphan,
			certificates: BTreeMap::new(),
			finalized,
		};
		for number in certified {
			let target = chain.target_at(*number);
			chain
				.certificates
				.insert(target.hash, certificate(Phase::Commit, target));
		}
		chain
	}

	fn target_at(&self, number: u32) -> BlockRef {
		let hash = self.headers[number as usize].hash();
		BlockRef {
			slot: u64::from(number) * 2,
			number,
			hash,
		}
	}
}

impl Chain for MockChain {
	fn info(&self) -> Info<Block> {
		let best = self.headers.last().expect("starts with genesis");
		Info {
			best_hash: best.hash(),
			best_number: *best.number(),
			genesis_hash: self.headers[0].hash(),
			finalized_hash: self.headers[self.finalized as usize].hash(),
			finalized_number: self.finalized,
			finalized_state: None,
			number_leaves: 1,
			block_gap: None,
		}
	}

	fn header(&self, hash: H256) -> Result<Option<Header>, ChainError> {
		Ok(self
			.headers
			.iter()
			.chain([&self.orphan])
			.find(|h| h.hash() == hash)
			.cloned())
	}

	fn hash_at(&self, number: u32) -> Result<Option<H256>, ChainError> {
		Ok(self.headers.get(number as usize).map(|h| h.hash()))
	}

	fn justifications(&self, hash: H256) -> Result<Option<Justifications>, ChainError> {
		Ok(self
			.certificates
			.get(&hash)
			.map(|c| Justifications::from((BFT_ENGINE_ID, c.encode()))))
	}

	fn schedule(&self, _: H256) -> Result<Schedule, ChainError> {
		Ok(Schedule {
			era: 7,
			standby_signers: vec![None, Some(authority(3))],
			..testkit::schedule(vec![authority(1), authority(2)])
		})
	}

	fn director_status(&self, _: H256) -> Result<Vec<DirectorStatus>, ChainError> {
		Ok(vec![DirectorStatus {
			director: authority(2),
			missed_slots: 3,
			authored_blocks: 40,
		}])
	}

	fn body(&self, _: H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
		Ok(None)
	}

	fn leaves(&self) -> Result<Vec<H256>, ChainError> {
		Ok(Vec::new())
	}

	fn voter_set(&self, _: H256) -> Result<VoterSet, ChainError> {
		Ok(VoterSet::default())
	}

	fn set_end(&self, _: SetId) -> Result<Option<H256>, ChainError> {
		Ok(None)
	}

	fn finalize(&self, _: &Certificate) -> Result<(), ChainError> {
		unreachable!("the RPC changes nothing")
	}

	fn set_head(&self, _: H256) -> Result<(), ChainError> {
		unreachable!("the RPC changes nothing")
	}
}

fn authority(seed: u8) -> AuthorityId {
	AuthorityId::from_slice(&[seed; 32]).expect("32 bytes")
}

fn module(chain: MockChain) -> (RpcModule<PocaRpc>, ConsensusHandle) {
	let handle = ConsensusHandle::default();
	(PocaRpc::new(Arc::new(chain), handle.clone()).into_rpc(), handle)
}

async fn prove(chain: MockChain, block: NumberOrHash) -> Result<FinalityProof, (i32, String)> {
	match module(chain).0.call("poca_proveFinality", [block]).await {
		Ok(proof) => Ok(proof),
		Err(MethodsError::JsonRpc(error)) => Err((error.code() - BASE_ERROR, error.message().into())),
		Err(other) => panic!("{other}"),
	}
}

#[tokio::test]
async fn a_proof_leads_from_the_block_to_a_certificate() {
	let chain = MockChain::new(10, &[3, 7], 8);
	let (asked, certified) = (chain.target_at(4), chain.target_at(7));
	let by_number = prove(MockChain::new(10, &[3, 7], 8), NumberOrHash::Number(4))
		.await
		.expect("is proven");
	let by_hash = prove(chain, NumberOrHash::Hash(asked.hash)).await.expect("is proven");
	assert_eq!(by_number, by_hash);
	assert_eq!(by_number.block, asked.into());
	assert_eq!((by_number.certified, by_number.set_id), (certified.into(), 5));
	let decoded = Certificate::decode(&mut &by_number.certificate[..]).expect("decodes");
	assert_eq!(decoded.vote.target, certified);
	let headers: Vec<Header> = by_number
		.headers
		.iter()
		.map(|bytes| Header::decode(&mut &bytes[..]).expect("decodes"))
		.collect();
	assert_eq!(
		(headers[0].hash(), headers[3].hash(), headers.len()),
		(asked.hash, certified.hash, 4)
	);
	assert!(headers.windows(2).all(|pair| *pair[1].parent_hash() == pair[0].hash()));
}

#[tokio::test]
async fn what_cannot_be_proven_says_why() {
	let orphan = MockChain::new(3, &[3], 3).orphan.hash();
	let cases = [
		(
			MockChain::new(9, &[3], 5),
			NumberOrHash::Number(6),
			3,
			"highest final block is 5",
		),
		(
			MockChain::new(9, &[3], 5),
			NumberOrHash::Number(4),
			5,
			"from block 4 to block 5",
		),
		(
			MockChain::new(9, &[3], 5),
			NumberOrHash::Hash(H256::repeat_byte(4)),
			2,
			"does not know block 0x0404",
		),
		(
			MockChain::new(3, &[3], 3),
			NumberOrHash::Hash(orphan),
			4,
			"never becomes final",
		),
		(
			MockChain::new(300, &[300], 300),
			NumberOrHash::Number(10),
			6,
			"ask for block 45 or a later one",
		),
	];
	for (chain, block, code, words) in cases {
		let (found, message) = prove(chain, block).await.expect_err("is no proof");
		assert_eq!(found, code, "{message}");
		assert!(message.contains(words), "{message}");
	}
	let longest = prove(MockChain::new(300, &[300], 300), NumberOrHash::Number(45))
		.await
		.expect("is proven");
	assert_eq!(longest.headers.len(), 256);
}

#[tokio::test]
async fn a_question_that_is_neither_number_nor_hash_is_refused() {
	let error = module(MockChain::new(1, &[], 0))
		.0
		.call::<_, FinalityProof>("poca_proveFinality", ["tomorrow"])
		.await
		.expect_err("is no block");
	assert!(error.to_string().contains("expected a block number"), "{error}");
}

#[tokio::test]
async fn the_schedule_is_told_with_how_each_director_does() {
	let (module, _) = module(MockChain::new(4, &[], 0));
	let schedule: ScheduleInfo = module
		.call("poca_schedule", EmptyServerParams::new())
		.await
		.expect("answers");
	assert_eq!(
		(schedule.at.number, schedule.slot_duration_ms, schedule.era),
		(4, 500, 7)
	);
	assert_eq!(schedule.directors[0].standby_signer, None);
	assert_eq!(schedule.directors[1].standby_signer, Some(authority(3)));
	assert_eq!(schedule.directors[0].missed_slots, None);
	assert_eq!(schedule.directors[1].missed_slots, Some(3));
	assert_eq!(schedule.directors[1].authored_blocks, Some(40));
	assert!(schedule.current_slot > 3_000_000_000 && schedule.current_director.is_some());
}

#[tokio::test]
async fn status_and_voter_state_follow_consensus() {
	let chain = MockChain::new(9, &[], 0);
	let (best, last) = (chain.target_at(9), chain.target_at(6));
	let (module, handle) = module(chain);
	let params = EmptyServerParams::new;
	let before: FinalityStatus = module.call("poca_finalityStatus", params()).await.expect("answers");
	assert_eq!(
		(before.best, before.finality_lag_blocks, before.voting),
		(None, None, false)
	);
	handle.update(|status| {
		*status = Status {
			best: Some(best),
			finalized: Some(last),
			voters: 7,
			quorum: 5,
			relaxed_quorum: Some(4),
			relaxed: Some(RelaxedStatus {
				since_ms: 1_800_000_000_000,
				end: best,
			}),
			voter: Some(VoterStatus {
				index: 2,
				key: VoterId::from_slice(&[2; 32]).expect("32 bytes"),
				last_prevote: best,
				other_branch_slot: 0,
				lock: last,
			}),
			..Default::default()
		}
	});
	let after: FinalityStatus = module.call("poca_finalityStatus", params()).await.expect("answers");
	assert_eq!(
		(after.finality_lag_blocks, after.voters, after.quorum, after.voting),
		(Some(3), 7, 5, true)
	);
	assert_eq!(before.relaxed, None);
	assert_eq!(
		(
			after.relaxed_quorum,
			after.relaxed.map(|rule| (rule.since_ms, rule.end))
		),
		(Some(4), Some((1_800_000_000_000, best.into())))
	);
	handle.update(|status| status.not_voting = Some("the disk is full".into()));
	let state: VoterStateInfo = module.call("poca_voterState", params()).await.expect("answers");
	assert_eq!(
		(state.voting, state.not_voting.as_deref()),
		(false, Some("the disk is full"))
	);
	assert_eq!(state.voter.expect("is a voter").lock, last.into());
	assert!(state.relaxed);
	handle.update(|status| status.relaxed = None);
	let state: VoterStateInfo = module.call("poca_voterState", params()).await.expect("answers");
	assert!(!state.relaxed);
}

#[tokio::test]
async fn answers_are_camel_case() {
	let (module, _) = module(MockChain::new(1, &[], 0));
	let request = r#"{"jsonrpc":"2.0","id":1,"method":"poca_finalityStatus","params":[]}"#;
	let (answer, _) = module.raw_json_request(request, 1).await.expect("answers");
	for name in [
		"finalityLagBlocks",
		"setId",
		"notVoting",
		"authoredBlocks",
		"relaxedQuorum",
	] {
		assert!(answer.contains(name), "{answer}");
	}
}

#[tokio::test]
async fn certificates_reach_subscribers() {
	let chain = MockChain::new(2, &[], 0);
	let target = chain.target_at(2);
	let (module, handle) = module(chain);
	let mut subscription = module
		.subscribe_unbounded("poca_subscribeCertificates", EmptyServerParams::new())
		.await
		.expect("subscribes");
	// The subscription listens from its acceptance on; announce until it is told.
	let announcing = tokio::spawn(async move {
		loop {
			handle.announce(certificate(Phase::Prevote, target));
			tokio::time::sleep(std::time::Duration::from_millis(5)).await;
		}
	});
	let (told, _) = subscription
		.next::<CertificateInfo>()
		.await
		.expect("is open")
		.expect("decodes");
	announcing.abort();
	assert_eq!(
		(told.phase, told.set_id, told.signers),
		(PhaseName::Prevote, 5, vec![0, 1, 3])
	);
	assert_eq!(told.block, target.into());
}

#[tokio::test]
async fn it_is_asked_for_by_number_hash_or_nothing_and_by_set() {
	let past = Past::known(60, &[10, 20, 40], &[5, 13, 25, 33, 50]);
	let exported = |number, from_set| export(&*past, NumberOrHash::Number(number), from_set).expect("is exported");
	let module = PocaRpc::new(past.clone(), ConsensusHandle::default()).into_rpc();
	let ask = async |params| -> Result<FinalityExport, _> {
		let params: ArrayParams = params;
		module.call("poca_exportFinality", params).await
	};
	let last = ask(rpc_params![]).await.expect("is exported");
	assert_eq!(last, exported(60, 0));
	assert_eq!(
		ask(rpc_params![Option::<u32>::None, 2]).await.ok(),
		Some(exported(60, 2))
	);
	assert_eq!(ask(rpc_params![past.hash(33)]).await.ok(), Some(exported(33, 0)));
	match ask(rpc_params![61]).await {
		Err(MethodsError::JsonRpc(error)) => assert_eq!(error.code(), BASE_ERROR + 3),
		other => panic!("{other:?}"),
	}
}
