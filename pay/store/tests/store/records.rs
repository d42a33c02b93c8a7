//! What lies beside the sheets, who may open a store, and what a backup brings back.

use crate::{options, sheet};
use codec::{Decode, Encode};
use smart_agent_keys::{DeviceSecret, Phrase};
use smart_pay_store::{Backup, BackupError, ChannelStore, Contact, HotKeys, Options, Reach, StoreError};
use smartchain_channel::{Config, Notice, Sheet, Store, Stored, Write};

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

fn keys(name: &str) -> HotKeys {
	let phrase = Phrase::parse(WORDS).unwrap();
	HotKeys::new(DeviceSecret::derive(&phrase, &name.parse().unwrap()).unwrap())
}

fn contact(partner: u8) -> Contact {
	Contact {
		partner: [partner; 32],
		reach: Some(Reach {
			node: [3; 32],
			url: "ws://192.0.2.1:9956".into(),
		}),
		tower: None,
	}
}

/// What meets locks that are not paid yet is in it; whoever made the folder may have let others in.
#[test]
fn the_store_is_for_its_owner_alone_in_whatever_folder() {
	use std::{fs, os::unix::fs::PermissionsExt};
	let folder = tempfile::tempdir().unwrap();
	fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
	drop(ChannelStore::open(folder.path(), &options()).unwrap());
	let file = folder.path().join(smart_pay_store::STORE_FILE);
	assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_second_program_is_refused_and_told_by_whom() {
	let folder = tempfile::tempdir().unwrap();
	let first = ChannelStore::open(folder.path(), &options()).unwrap();
	let refused = ChannelStore::open(folder.path(), &options()).unwrap_err();
	assert!(matches!(refused, StoreError::Busy { .. }), "{refused}");
	assert!(
		refused.to_string().contains(&std::process::id().to_string()),
		"{refused}"
	);
	// Whoever still reads holds it too.
	let records = first.records();
	drop(first);
	assert!(ChannelStore::open(folder.path(), &options()).is_err());
	drop(records);
	let again = ChannelStore::open(folder.path(), &options()).unwrap();
	assert_eq!(again.records().starts().unwrap(), 2);
}

#[test]
fn a_store_is_of_one_chain_and_account() {
	let folder = tempfile::tempdir().unwrap();
	drop(ChannelStore::open(folder.path(), &options()).unwrap());
	let other_chain = Options::new([9; 32], [2; 32]);
	let other_account = Options::new([1; 32], [9; 32]);
	assert!(matches!(
		ChannelStore::open(folder.path(), &other_chain),
		Err(StoreError::OtherChain { .. })
	));
	assert!(matches!(
		ChannelStore::open(folder.path(), &other_account),
		Err(StoreError::OtherAccount { .. })
	));
	ChannelStore::open(folder.path(), &options()).unwrap();
}

#[test]
fn what_is_no_store_is_damaged() {
	let folder = tempfile::tempdir().unwrap();
	std::fs::write(folder.path().join(smart_pay_store::STORE_FILE), [7; 9_000]).unwrap();
	let refused = ChannelStore::open(folder.path(), &options()).unwrap_err();
	assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
	let mut store = ChannelStore::open(&folder.path().join("other"), &options()).unwrap();
	let bytes = vec![1, 2, 3];
	store.commit(&[Write::Sheet { channel: 5, bytes }]).unwrap();
	let refused = store.restore(Config::default()).unwrap_err();
	assert!(refused.to_string().contains("channel 5"), "{refused}");
}

#[test]
fn the_last_notices_are_kept() {
	let folder = tempfile::tempdir().unwrap();
	let mut store = ChannelStore::open(folder.path(), &options()).unwrap();
	for channel in 0..100 {
		store.commit(&[Write::Note(Notice::Gone(channel))]).unwrap();
	}
	drop(store);
	let store = ChannelStore::open(folder.path(), &options()).unwrap();
	let records = store.records();
	assert_eq!(records.notes_kept().unwrap(), 64);
	let notes = records.notes(0, usize::MAX).unwrap();
	assert_eq!(notes.first().map(|note| note.number), Some(36));
	assert!(notes.iter().all(|note| note.notice == Notice::Gone(note.number)));
	assert_eq!(records.notes(90, 3).unwrap().len(), 3);
	// A shorter history takes some commits.
	drop((store, records));
	let fewer = Options {
		history: 8,
		..options()
	};
	let mut store = ChannelStore::open(folder.path(), &fewer).unwrap();
	store.commit(&[Write::Note(Notice::Gone(100))]).unwrap();
	assert_eq!(store.records().notes_kept().unwrap(), 8);
}

#[test]
fn a_key_is_taken_once() {
	let folder = tempfile::tempdir().unwrap();
	let keys = keys("pay");
	let mut seen = Vec::new();
	for start in 0..3 {
		let store = ChannelStore::open(folder.path(), &options()).unwrap();
		let records = store.records();
		for partner in [1, 2] {
			let (of, key) = records.take_key(&keys, &[partner; 32]).unwrap();
			assert_eq!((of.partner, of.number), ([partner; 32], start));
			assert!(!seen.contains(&key));
			assert_eq!(records.key(&key).unwrap(), Some(of));
			seen.push(key);
		}
	}
	let store = ChannelStore::open(folder.path(), &options()).unwrap();
	let unknown = keys.channel(&smart_pay_store::KeyOf {
		partner: [1; 32],
		number: 77,
	});
	let records = store.records();
	assert_eq!(records.key(&unknown.key()).unwrap(), None);
	// Found by the phrase alone: it counts as taken, and all before it.
	let of = keys.find(&unknown.key(), &[1; 32], 100).unwrap();
	records.put_key(&unknown.key(), &of).unwrap();
	assert_eq!(records.key(&unknown.key()).unwrap(), Some(of));
	assert_eq!(records.take_key(&keys, &[1; 32]).unwrap().0.number, 78);
}

#[test]
fn contacts_go_with_their_channel() {
	let folder = tempfile::tempdir().unwrap();
	let mut store = ChannelStore::open(folder.path(), &options()).unwrap();
	let records = store.records();
	store.commit(&[sheet(1), sheet(2)]).unwrap();
	records.put_contact(1, &contact(1)).unwrap();
	records.put_contact(2, &contact(2)).unwrap();
	store.commit(&[Write::Forget(1)]).unwrap();
	assert_eq!(records.contacts().unwrap(), [(2, contact(2))]);
	let mut long = contact(1);
	long.reach.as_mut().unwrap().url = "x".repeat(129);
	assert!(records.put_contact(2, &long).is_err());
	assert_eq!(records.contacts().unwrap(), [(2, contact(2))]);
}

#[test]
fn orders_are_kept_until_they_are_forgotten() {
	let folder = tempfile::tempdir().unwrap();
	let store = ChannelStore::open(folder.path(), &options()).unwrap();
	let records = store.records();
	records.put_order(&[1; 16], b"one").unwrap();
	records.put_order(&[2; 16], b"two").unwrap();
	records.put_order(&[1; 16], b"more of one").unwrap();
	let long = vec![0; smart_pay_store::MAX_ORDER + 1];
	let refused = records.put_order(&[3; 16], &long).unwrap_err();
	assert!(refused.to_string().contains("8192 bytes"), "{refused}");
	drop((store, records));
	let records = ChannelStore::open(folder.path(), &options()).unwrap().records();
	let kept = vec![([1; 16], b"more of one".to_vec()), ([2; 16], b"two".to_vec())];
	assert_eq!(records.orders().unwrap(), kept);
	records.forget_order(&[1; 16]).unwrap();
	records.forget_order(&[9; 16]).unwrap();
	assert_eq!(records.orders().unwrap(), kept[1..]);
}

/// Keys, numbers and contacts come back; what was signed does not.
#[test]
fn a_backup_has_no_half() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("channels.backup");
	let keys = keys("pay");
	let mut store = ChannelStore::open(&folder.path().join("old"), &options()).unwrap();
	let records = store.records();
	let (of, key) = records.take_key(&keys, &[7; 32]).unwrap();
	let Write::Sheet { bytes, .. } = sheet(1) else {
		panic!("a sheet");
	};
	// The sheet of a channel with this key, and totals that must not get out.
	let mut stored = Stored::V1(decoded(&bytes));
	let Stored::V1(sheet) = &mut stored;
	sheet.opened.terms.keys.low = key;
	let body = channel_primitives::Half {
		nonce: 0x1234_5678_9abc,
		ack: 0,
		transferred: 0xdead_beef_0bad_cafe,
		locked: 0,
		locks: [0xaa; 32],
		memo: [0xbb; 32],
	};
	sheet.signed = Some(body);
	let bytes = stored.encode();
	store.commit(&[Write::Sheet { channel: 1, bytes }]).unwrap();
	records.put_contact(1, &contact(7)).unwrap();

	let backup = Backup::of(&records, [1; 32], [2; 32]).unwrap();
	let inside = backup.content.encode();
	for secret in [&body.locks[..], &body.memo[..], &body.transferred.to_le_bytes()[..8]] {
		assert!(!inside.windows(secret.len()).any(|window| window == secret));
	}
	backup.write(&file, &keys).unwrap();
	let again = Backup::read(&file, &[1; 32], &keys).unwrap();
	assert_eq!(again, backup);
	assert!(matches!(
		Backup::read(&file, &[1; 32], &self::keys("phone")),
		Err(BackupError::OtherKey)
	));
	assert!(matches!(again.restore(&store), Err(StoreError::NotEmpty { .. })));

	let new = ChannelStore::open(&folder.path().join("new"), &options()).unwrap();
	let recovered = again.restore(&new).unwrap();
	assert_eq!(recovered.len(), 1);
	assert_eq!(recovered[0].terms.keys.low, key);
	let records = new.records();
	assert_eq!(records.key(&key).unwrap(), Some(of));
	assert_eq!(records.contacts().unwrap(), [(1, contact(7))]);
	assert_eq!(records.channels().unwrap(), 0, "they are recovered, and not begun anew");
	let (next, _) = records.take_key(&keys, &[7; 32]).unwrap();
	assert_eq!(next.number, of.number + 1);
}

fn decoded(mut bytes: &[u8]) -> Sheet {
	let Stored::V1(sheet) = Stored::decode(&mut bytes).unwrap();
	sheet
}
