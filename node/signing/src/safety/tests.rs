use super::*;
use bft_finality_primitives::BlockRef;
use proptest::prelude::*;
use std::io::{self, ErrorKind};
use tempfile::TempDir;

const GENESIS: H256 = H256::repeat_byte(1);

fn key(seed: u8) -> VoterId {
	VoterId::from_slice(&[seed; 32]).expect("32 bytes")
}

fn target(slot: u64) -> BlockRef {
	BlockRef {
		slot,
		number: slot as u32,
		hash: H256::from_low_u64_be(slot),
	}
}

fn record(slot: u64) -> Record {
	Record {
		set_id: 3,
		last_prevote: target(slot),
		other_branch_slot: slot / 2,
		lock: target(slot - 1),
		last_authored_slot: slot,
	}
}

struct Place {
	_folder: TempDir,
	path: PathBuf,
}

fn place() -> Place {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let path = folder.path().join("voter.state");
	Place { _folder: folder, path }
}

impl Place {
	fn open(&self) -> Opened {
		SafetyFile::open(&self.path, GENESIS, key(7)).expect("opens")
	}

	fn fresh(&self) -> SafetyFile {
		match self.open() {
			Opened::Fresh(file) => file,
			other => panic!("not fresh: {other:?}"),
		}
	}

	fn valid(&self) -> (SafetyFile, Record, bool) {
		match self.open() {
			Opened::Valid {
				file,
				record,
				one_damaged,
			} => (file, record, one_damaged),
			other => panic!("not valid: {other:?}"),
		}
	}

	fn damaged(&self) -> DamagedFile {
		match self.open() {
			Opened::Damaged(file) => file,
			other => panic!("not damaged: {other:?}"),
		}
	}

	/// A file with these records, closed again; its bytes.
	fn with(&self, slots: &[u64]) -> Vec<u8> {
		let mut file = self.fresh();
		for slot in slots {
			file.record(&record(*slot)).expect("records");
		}
		drop(file);
		fs::read(&self.path).expect("reads")
	}
}

#[test]
fn what_was_recorded_is_found_again() {
	let place = place();
	let mut file = place.fresh();
	assert_eq!(file.last(), None);
	assert!(!place.path.exists(), "nothing is created before the first record");
	for slot in [5, 6, 7, 20] {
		file.record(&record(slot)).expect("records");
		assert_eq!(file.last(), Some(&record(slot)));
		assert_eq!(fs::metadata(&place.path).expect("is there").len(), FILE_LENGTH as u64);
	}
	drop(file);
	let (mut file, found, one_damaged) = place.valid();
	assert_eq!((found, one_damaged), (record(20), false));
	file.record(&record(21)).expect("records");
	drop(file);
	assert_eq!(place.valid().1, record(21));
}

#[test]
fn nothing_recorded_is_still_fresh() {
	let place = place();
	drop(place.fresh());
	drop(place.fresh());
}

#[test]
fn the_same_record_again_writes_nothing() {
	let place = place();
	let mut file = place.fresh();
	file.record(&record(5)).expect("records");
	let before = fs::read(&place.path).expect("reads");
	file.record(&record(5)).expect("records");
	assert_eq!(fs::read(&place.path).expect("reads"), before);
}

#[test]
fn truncated_at_every_byte_it_is_damaged() {
	let place = place();
	let whole = place.with(&[5, 6]);
	for length in 0..whole.len() {
		assert_eq!(
			read_records(&whole[..length], &GENESIS, &key(7)),
			Err(Damage::Length { found: length })
		);
	}
	for length in [
		0,
		1,
		REGION_LENGTH - 1,
		REGION_LENGTH,
		REGION_LENGTH + 1,
		FILE_LENGTH - 1,
	] {
		fs::write(&place.path, &whole[..length]).expect("writes");
		assert_eq!(place.damaged().damage(), &Damage::Length { found: length });
	}
	let longer = [&whole[..], &[0; 100]].concat();
	fs::write(&place.path, longer).expect("writes");
	assert_eq!(place.damaged().damage(), &Damage::Length { found: FILE_LENGTH + 1 });
}

#[test]
fn every_flipped_byte_spoils_its_own_record_only() {
	let whole = place().with(&[5, 6, 7]);
	// Creation writes records 0 and 1, so that 6 is record 2 and 7 is record 3.
	for at in 0..whole.len() {
		let mut bytes = whole.clone();
		bytes[at] ^= 1 << (at % 8);
		let survivor = if at < REGION_LENGTH { record(7) } else { record(6) };
		let newest = read_records(&bytes, &GENESIS, &key(7)).expect("one record is sound");
		assert_eq!((newest.record, newest.one_damaged), (survivor, true), "byte {at}");
	}
}

#[test]
fn with_both_records_damaged_it_is_refused_until_reset() {
	let place = place();
	let mut bytes = place.with(&[5, 6]);
	bytes[100] ^= 1;
	bytes[REGION_LENGTH + 100] ^= 1;
	fs::write(&place.path, &bytes).expect("writes");
	let damaged = place.damaged();
	assert_eq!(damaged.damage(), &Damage::NoRecord);
	let mut file = damaged.reset().expect("resets");
	assert_eq!(fs::read(with_suffix(&place.path, ".old-1")).expect("is kept"), bytes);
	file.record(&record(2)).expect("starts anew");
	drop(file);
	assert_eq!(place.valid().1, record(2));
}

#[test]
fn a_removed_file_is_noticed() {
	let place = place();
	place.with(&[5]);
	fs::remove_file(&place.path).expect("removes");
	let damaged = place.damaged();
	assert_eq!(damaged.damage(), &Damage::Missing);
	// A reset without a record after it settles nothing.
	drop(damaged.reset().expect("resets"));
	place
		.damaged()
		.reset()
		.expect("resets")
		.record(&record(9))
		.expect("records");
	assert_eq!(place.valid().1, record(9));
}

#[test]
fn a_sound_file_can_be_reset_where_its_chain_starts_anew() {
	let place = place();
	let bytes = place.with(&[50]);
	let (file, ..) = place.valid();
	let mut file = file.reset().expect("resets");
	assert_eq!(file.last(), None);
	file.record(&record(2)).expect("starts anew");
	drop(file);
	assert_eq!(place.valid().1, record(2));
	assert_eq!(fs::read(with_suffix(&place.path, ".old-1")).expect("is kept"), bytes);
}

#[test]
fn another_chain_or_key_is_noticed() {
	let place = place();
	place.with(&[5]);
	let other_chain = SafetyFile::open(&place.path, H256::zero(), key(7)).expect("opens");
	assert!(matches!(&other_chain, Opened::Damaged(d) if *d.damage() == Damage::OtherChain { found: GENESIS }));
	drop(other_chain);
	let other_key = SafetyFile::open(&place.path, GENESIS, key(8)).expect("opens");
	assert!(matches!(&other_key, Opened::Damaged(d) if *d.damage() == Damage::OtherKey { found: key(7) }));
	assert_ne!(SafetyFile::file_name(&key(7)), SafetyFile::file_name(&key(8)));
}

#[test]
fn regions_that_do_not_belong_together_are_refused() {
	let old = place().with(&[5, 6]);
	let new = place().with(&[5, 6, 7, 8, 9]);
	let read = |bytes: &[u8]| read_records(bytes, &GENESIS, &key(7));
	let mixed = [&old[..REGION_LENGTH], &new[REGION_LENGTH..]].concat();
	assert_eq!(read(&mixed), Err(Damage::Unrelated));
	let swapped = [&new[REGION_LENGTH..], &new[..REGION_LENGTH]].concat();
	assert_eq!(read(&swapped), Err(Damage::NoRecord));
	let doubled = [&new[..REGION_LENGTH], &new[..REGION_LENGTH]].concat();
	assert!(read(&doubled).expect("one is in its place").one_damaged);
	let last = Stored::new(u64::MAX, &GENESIS, &key(7), &record(5)).to_region();
	assert_eq!(read(&[&last[..], &last[..]].concat()), Err(Damage::NoRecord));
}

/// The limit of any file: put back from a backup, it is as sound as it was. Only others know better.
#[test]
fn an_older_copy_is_accepted() {
	let place = place();
	let old = place.with(&[5]);
	place.valid().0.record(&record(50)).expect("records");
	fs::write(&place.path, old).expect("writes");
	assert_eq!(place.valid().1, record(5));
}

#[test]
fn a_second_opener_is_told_who_holds_it() {
	let place = place();
	let file = place.fresh();
	let error = SafetyFile::open(&place.path, GENESIS, key(7)).expect_err("is locked");
	assert!(
		matches!(error, SafetyError::Locked { pid: Some(pid), .. } if pid == std::process::id()),
		"{error}"
	);
	assert!(error.to_string().contains("stop the other one"));
	drop(file);
	drop(place.fresh());
}

#[test]
fn a_crash_in_the_middle_of_a_write_leaves_the_older_record() {
	let place = place();
	let before = place.with(&[5, 6]);
	place.valid().0.record(&record(7)).expect("records");
	let after = fs::read(&place.path).expect("reads");
	// Record 3 goes to the second region; any prefix of it may have reached the disk.
	let tail = (0..=REGION_LENGTH)
		.step_by(64)
		.chain(REGION_LENGTH - 33..=REGION_LENGTH);
	for reached in tail {
		let cut = REGION_LENGTH + reached;
		let torn = [&after[..cut], &before[cut..]].concat();
		let newest = read_records(&torn, &GENESIS, &key(7)).expect("one record is sound");
		let expected = if torn == after { record(7) } else { record(6) };
		assert!(
			newest.record == expected || (torn == before && newest.record == record(6)),
			"cut at {reached}"
		);
	}
	// A crash before the first rename leaves nothing but a file under another name.
	let place = self::place();
	fs::write(with_suffix(&place.path, ".new"), b"half").expect("writes");
	place.fresh().record(&record(5)).expect("records");
	assert_eq!(place.valid().1, record(5));
}

#[test]
fn nothing_goes_back() {
	let place = place();
	let mut file = place.fresh();
	file.record(&record(10)).expect("records");
	let base = record(10);
	let lower = |what| Regression::Lower { what, from: 0, to: 0 };
	let cases = [
		(Record { set_id: 2, ..base }, lower("the voter set")),
		(
			Record {
				last_prevote: target(9),
				..base
			},
			lower("the last prevote"),
		),
		(
			Record {
				lock: target(8),
				..base
			},
			lower("the lock"),
		),
		(
			Record {
				other_branch_slot: 4,
				..base
			},
			lower("the other branch's slot"),
		),
		(
			Record {
				last_authored_slot: 9,
				..base
			},
			lower("the last authored slot"),
		),
		(
			Record {
				last_prevote: BlockRef {
					number: 1,
					..target(10)
				},
				..base
			},
			Regression::OtherBlock {
				what: "the last prevote",
				slot: 10,
			},
		),
		(
			Record {
				lock: BlockRef {
					hash: H256::zero(),
					..target(9)
				},
				..base
			},
			Regression::OtherBlock {
				what: "the lock",
				slot: 9,
			},
		),
		(
			Record {
				other_branch_slot: 11,
				..base
			},
			Regression::Incoherent {
				other_branch: 11,
				last_prevote: 10,
			},
		),
	];
	for (next, expected) in cases {
		let found = match file.record(&next) {
			Err(SafetyError::Backwards(found)) => found,
			other => panic!("{next:?}: {other:?}"),
		};
		match (&found, &expected) {
			(Regression::Lower { what: a, .. }, Regression::Lower { what: b, .. }) => assert_eq!(a, b),
			_ => assert_eq!(found, expected),
		}
		assert_eq!(file.last(), Some(&base));
	}
	// A new set starts from its own block, below what was prevoted in the old one.
	let next_set = Record {
		set_id: 4,
		last_prevote: target(8),
		other_branch_slot: 0,
		lock: target(8),
		last_authored_slot: 10,
	};
	file.record(&next_set).expect("records");
	drop(file);
	assert_eq!(place.valid().1, next_set);
}

#[test]
fn an_incoherent_first_record_is_refused() {
	let bad = Record {
		other_branch_slot: 6,
		..record(5)
	};
	assert!(matches!(
		place().fresh().record(&bad),
		Err(SafetyError::Backwards(Regression::Incoherent { .. }))
	));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_a_later_attempt_passes() {
	let place = place();
	let mut file = place.fresh();
	file.record(&record(5)).expect("records");
	let full = OpenOptions::new()
		.write(true)
		.open("/dev/full")
		.expect("every Linux has it");
	let good = file.data.replace(full);
	let error = file.record(&record(6)).expect_err("is full");
	assert!(
		matches!(&error, SafetyError::Io { source, .. } if source.kind() == ErrorKind::StorageFull),
		"{error}"
	);
	assert!(
		error.may_pass() && error.to_string().contains("free some space"),
		"{error}"
	);
	assert_eq!(file.last(), Some(&record(5)), "what is not durable does not count");
	file.data = good;
	file.record(&record(8)).expect("records");
	drop(file);
	assert_eq!(place.valid().1, record(8));
}

#[cfg(unix)]
#[test]
fn a_file_moved_or_replaced_while_in_use_is_noticed() {
	let place = place();
	let mut file = place.fresh();
	file.record(&record(5)).expect("records");
	let aside = with_suffix(&place.path, ".aside");
	fs::rename(&place.path, &aside).expect("renames");
	assert!(matches!(file.record(&record(6)), Err(SafetyError::Replaced { .. })));
	fs::copy(&aside, &place.path).expect("copies");
	assert!(matches!(file.record(&record(7)), Err(SafetyError::Replaced { .. })));
	fs::rename(&aside, &place.path).expect("renames");
	file.record(&record(8)).expect("records");
}

#[cfg(unix)]
#[test]
fn only_a_plain_file_will_do() {
	let place = place();
	let elsewhere = with_suffix(&place.path, ".elsewhere");
	fs::write(&elsewhere, b"").expect("writes");
	std::os::unix::fs::symlink(&elsewhere, &place.path).expect("links");
	let error = SafetyFile::open(&place.path, GENESIS, key(7)).expect_err("is a link");
	assert!(matches!(error, SafetyError::NotAFile { .. }), "{error}");
}

#[test]
fn a_missing_folder_is_named() {
	let place = place();
	let error = SafetyFile::open(place.path.join("no/such"), GENESIS, key(7)).expect_err("no folder");
	assert!(error.to_string().contains("no/such"), "{error}");
	let not_found = SafetyError::io("lock", &place.path, io::Error::from(ErrorKind::NotFound));
	assert!(not_found.to_string().contains("create the folder"), "{not_found}");
}

fn any_target() -> impl Strategy<Value = BlockRef> {
	(any::<u64>(), any::<u32>(), any::<[u8; 32]>()).prop_map(|(slot, number, hash)| BlockRef {
		slot,
		number,
		hash: H256(hash),
	})
}

prop_compose! {
	fn any_record()(
		set_id in any::<u64>(),
		last_prevote in any_target(),
		other in any::<u64>(),
		lock in any_target(),
		last_authored_slot in any::<u64>(),
	) -> Record {
		let other_branch_slot = other.min(last_prevote.slot);
		Record { set_id, last_prevote, other_branch_slot, lock, last_authored_slot }
	}
}

/// For a fuzzer: whatever the bytes, an answer; and what is sound can be written again and read back.
fn fuzz(bytes: &[u8]) {
	if let Ok(newest) = read_records(bytes, &GENESIS, &key(7)) {
		let again = Stored::new(newest.seq, &GENESIS, &key(7), &newest.record).to_region();
		let at = region_offset(newest.seq) as usize;
		assert_eq!(&bytes[at..at + REGION_LENGTH], &again[..]);
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

	#[test]
	fn any_record_comes_back(records in prop::collection::vec(any_record(), 1..5)) {
		let place = place();
		let mut file = place.fresh();
		let mut last: Option<Record> = None;
		for next in records {
			let allowed = last.is_none_or(|last| last.may_become(&next).is_ok());
			prop_assert_eq!(file.record(&next).is_ok(), allowed);
			if allowed {
				last = Some(next);
			}
		}
		drop(file);
		prop_assert_eq!(Some(place.valid().1), last);
	}

	#[test]
	fn random_bytes_never_pass_nor_panic(
		bytes in prop::collection::vec(any::<u8>(), 0..300),
		fill in any::<u8>(),
		whole in any::<bool>(),
	) {
		let mut bytes = bytes;
		if whole {
			bytes.resize(FILE_LENGTH, fill);
		}
		fuzz(&bytes);
		prop_assert!(read_records(&bytes, &GENESIS, &key(7)).is_err());
	}

	#[test]
	fn several_damages_never_make_up_a_record(
		hits in prop::collection::vec((0..FILE_LENGTH, 1u8..), 1..20),
		cut in prop::option::of(0..FILE_LENGTH),
	) {
		let mut bytes: Vec<u8> =
			[(2, 6), (1, 5)]
				.iter()
				.flat_map(|(seq, slot)| Stored::new(*seq, &GENESIS, &key(7), &record(*slot)).to_region())
				.collect();
		for (at, flip) in hits {
			bytes[at] ^= flip;
		}
		if let Some(cut) = cut {
			bytes[cut..].fill(0);
		}
		fuzz(&bytes);
		if let Ok(newest) = read_records(&bytes, &GENESIS, &key(7)) {
			prop_assert!([record(5), record(6)].contains(&newest.record));
		}
	}
}
