//! What is signed, and what is not.

use super::*;
use bft_finality_primitives::Phase;
use smartchain_testkit::vote_for;
use sp_keystore::{testing::MemoryKeystore, Keystore};
use tempfile::TempDir;

const START: BlockRef = BlockRef {
	slot: 10,
	number: 1,
	hash: H256::repeat_byte(1),
};
const LATER: BlockRef = BlockRef {
	slot: 90,
	number: 50,
	hash: H256::repeat_byte(5),
};

/// Above all that was signed before, in these tests.
const HORIZON: u64 = 70;

struct Bench {
	keystore: Arc<MemoryKeystore>,
	keys: Vec<VoterId>,
	folder: TempDir,
}

impl Bench {
	fn new() -> Self {
		let keystore = Arc::new(MemoryKeystore::new());
		let key = |seed| {
			let key = keystore.ed25519_generate_new(bft_finality_primitives::KEY_TYPE, Some(seed));
			VoterId::from(key.expect("generates"))
		};
		let keys = vec![key("//1"), key("//2")];
		Self {
			keystore,
			keys,
			folder: tempfile::tempdir().expect("a temporary folder"),
		}
	}

	/// The set with only this key of the node.
	fn set(&self, set_id: SetId, key: usize) -> VoterSet {
		VoterSet {
			set_id,
			voters: vec![self.keys[key].clone()],
			relaxed_quorum: 0,
		}
	}

	fn open(&self, set: &VoterSet, start: BlockRef, past: Past) -> Arc<Signer> {
		self.open_at(set, start, past, HORIZON)
	}

	fn open_at(&self, set: &VoterSet, start: BlockRef, past: Past, horizon: u64) -> Arc<Signer> {
		Signer::open(SignerParams {
			keystore: self.keystore.clone(),
			genesis: H256::zero(),
			set,
			folder: self.folder.path(),
			past,
			start,
			horizon: horizon.into(),
			metrics: Metrics::default(),
		})
	}

	fn vote(&self, signer: &Signer, set_id: SetId, slot: u64) -> Result<SignedVote, Silence> {
		let target = BlockRef {
			slot,
			number: 60,
			hash: H256::from_low_u64_be(slot),
		};
		let vote = vote_for(set_id, Phase::Prevote, target);
		let cover = Cover {
			set_id,
			last_prevote: target,
			other_branch_slot: signer.record().other_branch_slot,
			lock: signer.record().lock,
		};
		let signed = signer.sign_votes(0, &[vote], cover)?;
		Ok(signed[0].clone())
	}
}

#[test]
fn a_new_set_starts_anew_and_what_was_authored_is_remembered() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	bench.vote(&signer, 0, 80).expect("signs");
	signer.authorize_block(85.into()).expect("permits");
	signer.enter(&bench.set(1, 0), LATER, HORIZON.into());
	let record = signer.record();
	assert_eq!((record.set_id, record.last_prevote, record.lock), (1, LATER, LATER));
	assert_eq!(record.last_authored_slot, 85);
	bench.vote(&signer, 1, 91).expect("signs");
	// An earlier set is never entered again.
	signer.enter(&bench.set(0, 0), START, HORIZON.into());
	assert_eq!(signer.record().set_id, 1);
}

#[test]
fn what_a_key_without_a_file_has_signed_is_forgotten_until_a_later_block_is_final() {
	let bench = Bench::new();
	for past in [Past::InFile, Past::Forgotten] {
		let signer = bench.open(&bench.set(0, 0), START, past);
		assert_eq!(signer.forgotten_until(), Some(HORIZON.into()), "{past:?}");
		let record = signer.record();
		assert_eq!(
			(record.last_prevote.slot, record.last_authored_slot),
			(HORIZON, HORIZON)
		);
		// It may never have authored, and is not told that it has.
		let refused = signer.authorize_block(HORIZON.into()).unwrap_err();
		assert!(matches!(refused, Silence::SlotUsed { .. }), "{refused}");
		assert!(
			refused.to_string().contains("may have (a new safety file begins"),
			"{refused}"
		);
		// A block may be authored, since its slot lies above; the file is there then, and still remembers nothing.
		signer.authorize_block((HORIZON + 1).into()).expect("permits");
		drop(signer);
		let signer = bench.open(&bench.set(0, 0), START, Past::InFile);
		assert_eq!(signer.forgotten_until(), Some(HORIZON.into()), "after a restart");
		// The first vote above it ends that for good.
		bench.vote(&signer, 0, HORIZON + 9).expect("signs");
		assert_eq!(signer.forgotten_until(), None);
		drop(signer);
		assert_eq!(
			bench.open(&bench.set(0, 0), START, Past::InFile).forgotten_until(),
			None
		);
	}
}

#[test]
fn an_operator_may_risk_it_or_know_that_there_is_nothing_to_forget() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	assert_eq!(signer.forgotten_until(), None);
	bench.vote(&signer, 0, HORIZON - 20).expect("signs");
	drop(signer);
	// A file that is there counts, whatever is said of it.
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	assert_eq!(signer.record().last_prevote.slot, HORIZON - 20);
	drop(signer);
	let signer = bench.open(&bench.set(0, 0), START, Past::Risked);
	assert_eq!(signer.forgotten_until(), None);
	assert_eq!(signer.record().last_prevote.slot, HORIZON);
}

#[test]
fn a_new_key_that_was_prepared_votes_as_soon_as_a_block_above_its_horizon_is_final() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	bench.vote(&signer, 0, 80).expect("signs");
	signer.authorize_block(85.into()).expect("permits");
	signer.prepare_new_keys(START, HORIZON.into());
	signer.enter(&bench.set(1, 1), LATER, 95.into());
	assert_eq!(signer.key(), Some(bench.keys[1].clone()));
	// Not the horizon of the set's beginning.
	assert_eq!(signer.forgotten_until(), None, "the set's start is final, and above it");
	let signed = bench.vote(&signer, 1, 91).expect("signs");
	assert!(signed.verify(&H256::zero(), &bench.keys[1]));
	assert!(matches!(
		signer.authorize_block(85.into()),
		Err(Silence::SlotUsed { .. })
	));
}

#[test]
fn what_is_forgotten_stays_so_over_sets_that_begin_below_it() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::InFile);
	let early = BlockRef { slot: HORIZON, ..LATER };
	signer.enter(&bench.set(1, 0), early, 95.into());
	assert_eq!(signer.forgotten_until(), Some(HORIZON.into()));
	signer.enter(&bench.set(2, 0), LATER, 95.into());
	assert_eq!(signer.forgotten_until(), None);
}

#[test]
fn a_new_key_that_comes_with_its_set_waits() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	signer.enter(&bench.set(1, 1), LATER, 95.into());
	assert_eq!(signer.forgotten_until(), Some(95.into()));
}

#[test]
fn who_was_silenced_stays_silent_whatever_the_set() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	signer.stop(Silence::SignedElsewhere("a vote".into()));
	signer.enter(&bench.set(1, 1), LATER, HORIZON.into());
	assert!(matches!(bench.vote(&signer, 1, 91), Err(Silence::SignedElsewhere(_))));
}

#[test]
fn who_gets_a_key_of_the_set_votes() {
	let bench = Bench::new();
	let keyless = Bench {
		keystore: Arc::new(MemoryKeystore::new()),
		..bench
	};
	let signer = keyless.open(&keyless.set(0, 0), START, Past::InFile);
	assert!(matches!(keyless.vote(&signer, 0, 80), Err(Silence::NoKey)));
	let key = keyless
		.keystore
		.ed25519_generate_new(bft_finality_primitives::KEY_TYPE, Some("//1"))
		.expect("generates");
	assert_eq!(VoterId::from(key), keyless.keys[0]);
	signer.enter(&keyless.set(1, 0), LATER, HORIZON.into());
	keyless.vote(&signer, 1, 91).expect("signs");
}

/// A node that has authored up to slot 120: up to 85 while its first key voted, then while the second did.
fn with_two_files() -> Bench {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	signer.authorize_block(85.into()).expect("permits");
	signer.enter(&bench.set(1, 1), LATER, HORIZON.into());
	signer.authorize_block(120.into()).expect("permits");
	bench
}

fn path_of(bench: &Bench, key: usize) -> PathBuf {
	bench.folder.path().join(SafetyFile::file_name(&bench.keys[key]))
}

/// A database that is fetched again begins in a set in which a former key voted, and brings blocks that the node
/// authored while others did.
#[test]
fn what_was_authored_is_remembered_by_the_files_of_all_keys() {
	let bench = with_two_files();
	let opened = |bench: &Bench, key| bench.open_at(&bench.set(0, key), START, Past::InFile, 130);
	for key in [0, 1] {
		let signer = opened(&bench, key);
		assert_eq!(signer.key().as_ref(), Some(&bench.keys[key]));
		assert_eq!(signer.record().last_authored_slot, 120, "key {key}");
		assert!(matches!(
			signer.authorize_block(120.into()),
			Err(Silence::SlotUsed { .. })
		));
	}
	// Whether the keystore still has those keys, has another one, or none at all.
	let third = MemoryKeystore::new();
	let key = third.ed25519_generate_new(bft_finality_primitives::KEY_TYPE, Some("//3"));
	let keys = vec![key.expect("generates").into()];
	let other = Bench {
		keystore: Arc::new(third),
		keys,
		folder: bench.folder,
	};
	let signer = other.open_at(&other.set(0, 0), START, Past::NeverSigned, 130);
	assert_eq!(signer.record().last_authored_slot, 120);
	drop(signer);
	let keyless = Bench {
		keystore: Arc::new(MemoryKeystore::new()),
		..other
	};
	assert_eq!(opened(&keyless, 0).record().last_authored_slot, 120);
}

#[test]
fn if_a_file_can_no_longer_say_what_was_authored_anything_up_to_the_horizon_may_have_been() {
	let spoil: [(&str, fn(&Path)); 3] = [
		("cut", |path| fs::write(path, [0; 100]).expect("writes")),
		("gone", |path| fs::remove_file(path).expect("removes")),
		("half a write", |path| {
			let mut bytes = fs::read(path).expect("reads");
			bytes[0] ^= 1;
			fs::write(path, bytes).expect("writes");
		}),
	];
	for (name, spoil) in spoil {
		for key in [0, 1] {
			let bench = with_two_files();
			spoil(&path_of(&bench, 1));
			let signer = bench.open_at(&bench.set(0, key), START, Past::InFile, 200);
			assert_eq!(signer.record().last_authored_slot, 200, "{name}, key {key}");
		}
	}
	// A file of another chain says nothing of this one.
	let bench = with_two_files();
	let signer = Signer::open(SignerParams {
		keystore: Arc::new(MemoryKeystore::new()),
		genesis: H256::repeat_byte(9),
		set: &bench.set(0, 0),
		folder: bench.folder.path(),
		past: Past::InFile,
		start: START,
		horizon: 200.into(),
		metrics: Metrics::default(),
	});
	assert_eq!(signer.record().last_authored_slot, 0);
}

/// The clock was far ahead when a former key authored, for an hour or for years. The node authors all the same, and
/// with a reset no file says it any more.
#[test]
fn a_slot_that_has_not_come_ends_no_authoring() {
	let bench = with_two_files();
	for past in [Past::InFile, Past::Forgotten] {
		let signer = bench.open_at(&bench.set(0, 0), START, past, 100);
		assert_eq!(signer.record().last_authored_slot, 100, "{past:?}");
		signer.authorize_block(101.into()).expect("permits");
		drop(signer);
		let far = last_authored(bench.folder.path(), &H256::zero(), None, 110.into()).far;
		let paths: Vec<_> = far.iter().map(|far| (far.path.clone(), far.slot)).collect();
		let expected = if past == Past::InFile {
			vec![(path_of(&bench, 1), 120)]
		} else {
			Vec::new()
		};
		assert_eq!(paths, expected, "{past:?}");
	}
	assert!(path_of(&bench, 1).with_extension("state.old-1").exists());
	// The other key votes when its time comes, with a file that has forgotten what it signed.
	let signer = bench.open_at(&bench.set(0, 1), START, Past::InFile, 110);
	assert!(signer.silence().is_none());
	assert_eq!(signer.record().last_authored_slot, 101);
	assert_eq!(signer.forgotten_until(), Some(100.into()));
}

#[test]
fn a_new_key_whose_file_is_gone_is_told_of_with_its_cause_and_remedy() {
	let bench = Bench::new();
	let signer = bench.open(&bench.set(0, 0), START, Past::NeverSigned);
	let prepared = signer.prepare_new_keys(START, HORIZON.into());
	assert_eq!(prepared, [Prepared::Made(bench.keys[1].clone())]);
	assert!(signer.prepare_new_keys(START, HORIZON.into()).is_empty(), "it is there");
	fs::remove_file(path_of(&bench, 1)).expect("removes");
	let prepared = signer.prepare_new_keys(START, HORIZON.into());
	assert!(matches!(
		&prepared[..],
		[Prepared::Damaged {
			damage: Damage::Missing,
			..
		}]
	));
	let words = prepared[0].to_string();
	assert!(
		words.contains("will not sign") && words.contains("it is gone"),
		"{words}"
	);
	assert!(words.contains("Put it back"), "{words}");
	// The same again, by which the task that asks each second knows that it has been said.
	assert_eq!(signer.prepare_new_keys(START, HORIZON.into()), prepared);
}

#[test]
fn each_damage_has_a_remedy_of_its_own_kind() {
	let text = |damage| {
		Silence::Damaged {
			path: "x".into(),
			damage,
		}
		.to_string()
	};
	assert!(text(Damage::Missing).contains("Put it back"));
	assert!(text(Damage::NoRecord).contains("--reset-voter-state"));
	// A reset of somebody else's file would help nobody.
	let other = text(Damage::OtherChain { found: H256::zero() });
	assert!(
		other.contains("another network") && !other.contains("--reset-voter-state"),
		"{other}"
	);
}

/// A node that is silent already shall not be told besides that another machine has its keys.
#[test]
fn if_the_file_of_the_key_that_votes_cannot_be_read_its_own_blocks_are_no_foreign_ones() {
	let bench = with_two_files();
	fs::write(path_of(&bench, 0), [0; 100]).expect("writes");
	let signer = bench.open_at(&bench.set(0, 0), START, Past::InFile, 200);
	assert!(matches!(signer.silence(), Some(Silence::Damaged { .. })));
	assert_eq!(signer.record().last_authored_slot, 200);
}
