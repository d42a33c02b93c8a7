//! Volumes that no honest program wrote: whoever granted access to one may have made anything of it.

use crate::kit::{entry, fetched, file, key, sealed, slot, volume, Slots, Tree};
use smartchain_rng::{runs, seeds, Rng};
use smartchain_slots::{
	edge::{Log, MemoryLog, RestoreFolder, Sink},
	get,
	manifest::Kind,
	meter::Meter,
	put, Error, Geometry, Get, ManifestError, Put, Selection, FRAME, PLAIN,
};

fn outcome(plain: &[u8]) -> Result<Tree, Error> {
	let (stored, mut slots) = slot(sealed(plain));
	let mut tree = Tree::default();
	fetched(&stored, &mut slots, &mut tree).map(|_| tree)
}

#[test]
fn what_is_made_here_is_as_put_makes_it() {
	let tree = outcome(&volume(b"abc", &[entry("f", Kind::File, 0, b"abc")])).unwrap();
	assert_eq!(tree.items[&b"f"[..]].1, b"abc");
}

#[test]
fn the_climber_does_not_get_out() {
	let passwd = b"root";
	for path in ["../f", "/f", "a/../../f", "..", "a//f", ""] {
		let wrong = outcome(&volume(passwd, &[entry(path, Kind::File, 0, passwd)]));
		assert!(matches!(wrong, Err(Error::Manifest(ManifestError::Path))), "{path}");
	}
	// By a link, and a file below it.
	let climb = [
		entry("out", Kind::Link, 0, b"/etc"),
		entry("out/passwd", Kind::File, 4, passwd),
	];
	let wrong = outcome(&volume(b"/etcroot", &climb));
	assert!(matches!(wrong, Err(Error::Manifest(ManifestError::Order))));
}

#[test]
fn the_climber_by_a_link_that_lies_there_does_not_get_out_either() {
	let folder = tempfile::tempdir().unwrap();
	let (target, outside) = (folder.path().join("target"), folder.path().join("outside"));
	std::fs::create_dir_all(&target).unwrap();
	std::fs::create_dir_all(&outside).unwrap();
	std::os::unix::fs::symlink(&outside, target.join("a")).unwrap();
	let entries = [entry("a", Kind::Folder, 0, b""), entry("a/f", Kind::File, 0, b"abc")];
	let (stored, mut slots) = slot(sealed(&volume(b"abc", &entries)));
	let restored = get(Get {
		stored: &stored,
		key: &key(),
		slots: &mut slots,
		selection: Selection::All,
		sink: &mut RestoreFolder::create(&target, true).unwrap(),
		log: &mut MemoryLog::default(),
		meter: &Meter::default(),
	});
	assert!(matches!(restored, Err(Error::Io { .. })));
	assert!(std::fs::read_dir(&outside).unwrap().next().is_none());
	assert!(RestoreFolder::create(&target, false).is_err(), "it is not empty");
}

#[test]
fn the_squatter_does_not_take_the_place_of_parts() {
	let folder = tempfile::tempdir().unwrap();
	let root = folder.path().canonicalize().unwrap();
	let number = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
	let part = entry(&format!(".smart-part-{}", &number[..8]), Kind::Link, 0, b"/etc");
	let (stored, mut slots) = slot(sealed(&volume(b"/etc", &[part])));
	let restored = get(Get {
		stored: &stored,
		key: &key(),
		slots: &mut slots,
		selection: Selection::All,
		sink: &mut RestoreFolder::create(&root, false).unwrap(),
		log: &mut MemoryLog::default(),
		meter: &Meter::default(),
	});
	assert!(matches!(restored, Err(Error::Io { .. })));
	assert!(std::fs::read_dir(&root).unwrap().next().is_none());
}

/// Squatter, from the other side: a link lies where parts are written.
#[test]
fn the_squatter_of_the_part_has_nothing_written_through_its_link() {
	let folder = tempfile::tempdir().unwrap();
	let (root, outside) = (folder.path().join("target"), folder.path().join("outside"));
	std::fs::create_dir(&root).unwrap();
	std::fs::write(&outside, b"precious").unwrap();
	let root = root.canonicalize().unwrap();
	let number = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
	std::os::unix::fs::symlink(&outside, root.join(format!(".smart-part-{}", &number[..8]))).unwrap();
	let mut sink = RestoreFolder::create(&root, true).unwrap();
	assert!(sink.begin(&entry("f", Kind::File, 0, b"abc"), 0).is_err());
	assert_eq!(std::fs::read(&outside).unwrap(), b"precious");
}

#[test]
fn the_doubler_names_no_path_twice() {
	let twice = [entry("f", Kind::File, 0, b"abc"), entry("f", Kind::File, 0, b"abc")];
	assert!(matches!(
		outcome(&volume(b"abc", &twice)),
		Err(Error::Manifest(ManifestError::Order))
	));
}

#[test]
fn the_bloater_points_beyond_the_data() {
	let mut bloated = entry("f", Kind::File, 0, b"abc");
	for (size, offset) in [(1 << 60, 0), (u64::MAX, 1), (1, u64::MAX)] {
		(bloated.size, bloated.offset) = (size, offset);
		let wrong = outcome(&volume(b"abc", &[bloated.clone()]));
		assert!(matches!(wrong, Err(Error::Manifest(ManifestError::Numbers))), "{size}");
	}
}

/// Bomber: a few bytes that are those of file after file, until the reader's disk is full.
#[test]
fn the_bomber_has_no_byte_come_back_twice() {
	let all = [entry("f", Kind::File, 0, b"abc"), entry("g", Kind::File, 3, b"de")];
	assert!(outcome(&volume(b"abcde", &all)).is_ok());
	for again in [0, 2] {
		let twice = [
			entry("f", Kind::File, 0, b"abc"),
			entry("g", Kind::File, again, &b"abcde"[again as usize..][..2]),
		];
		let wrong = outcome(&volume(b"abcde", &twice));
		assert!(matches!(wrong, Err(Error::Manifest(ManifestError::Numbers))), "{again}");
	}
}

#[test]
fn the_forger_of_hashes_is_named() {
	let mut forged = entry("f", Kind::File, 0, b"abc");
	forged.hash[0] ^= 1;
	let wrong = outcome(&volume(b"abc", &[forged]));
	assert!(matches!(wrong, Err(Error::WrongFile { path }) if path == "f"));
}

#[test]
fn footers_and_indices_that_do_not_fit_are_refused() {
	let sound = volume(b"abc", &[entry("f", Kind::File, 0, b"abc")]);
	let end = sound.len();
	for (back, expected) in [
		(36, ManifestError::Magic),
		(29, ManifestError::Magic),
		(28, ManifestError::Numbers),
		(20, ManifestError::Numbers),
		(16, ManifestError::Numbers),
		(1, ManifestError::Numbers),
		(52, ManifestError::Numbers),
		(44, ManifestError::Numbers),
		(40, ManifestError::Numbers),
	] {
		let mut wrong = sound.clone();
		wrong[end - back] ^= 0x40;
		match outcome(&wrong).err() {
			Some(Error::Manifest(found)) => assert!(found == expected || back > 36, "{back}: {found}"),
			other => panic!("{back} bytes from the end: {other:?}"),
		}
	}
	for short in [1, 35] {
		assert!(matches!(
			outcome(&sound[end - short..]).err(),
			Some(Error::Manifest(ManifestError::Short))
		));
	}
}

#[test]
fn no_manifest_makes_a_reader_panic() {
	let data = vec![7; 305];
	let entries = [
		entry("a", Kind::Folder, 0, b""),
		entry("a/b", Kind::File, 0, &data[..300]),
		entry("c", Kind::Link, 300, &data[300..]),
	];
	let sound = volume(&data, &entries);
	assert!(outcome(&sound).is_ok());
	for seed in seeds(2_000 * runs()) {
		let mut rng = Rng::new(seed);
		let mut wrong = sound.clone();
		for _ in 0..rng.range(1, 3) {
			let at = rng.range(data.len() as u64, wrong.len() as u64 - 1) as usize;
			wrong[at] = [0, 1, 0xff, rng.next_u64() as u8][rng.below(4) as usize];
		}
		if rng.percent(10) {
			wrong.truncate(rng.range(1, sound.len() as u64) as usize);
		}
		// Whatever comes out: within the folder, and no more than there is.
		if let Ok(tree) = outcome(&wrong) {
			assert!(tree.written <= 2 * 305, "seed {seed}");
		}
	}
}

#[test]
fn frames_open_in_their_order_and_number_alone() {
	let data = vec![5; 3 * PLAIN];
	let sound = sealed(&volume(&data, &[entry("f", Kind::File, 0, &data)]));
	let mut swapped = sound.clone();
	swapped[..2 * FRAME].rotate_left(FRAME);
	let truncated = sound[..3 * FRAME].to_vec();
	let mut repeated = sound.clone();
	repeated.copy_within(..FRAME, FRAME);
	for (what, wrong) in [("swapped", swapped), ("truncated", truncated), ("repeated", repeated)] {
		let (stored, mut slots) = slot(wrong);
		let outcome = fetched(&stored, &mut slots, &mut Tree::default());
		assert!(matches!(outcome, Err(Error::Unsealed { .. })), "{what}");
	}
}

/// A journal of any size.
struct Bloated;

impl Log for Bloated {
	fn load(&mut self, most: u64) -> std::io::Result<Vec<u8>> {
		assert!(most < 16 << 20, "the bound is one");
		Err(std::io::Error::other("longer than that"))
	}

	fn append(&mut self, _: &[u8]) -> std::io::Result<()> {
		Ok(())
	}

	fn cut(&mut self, _: u64) -> std::io::Result<()> {
		Ok(())
	}
}

#[test]
fn journals_have_a_bound() {
	let items = [file("f", vec![1])];
	let wrong = put(Put {
		source: &mut crate::kit::Items::new(&items, &crate::kit::Power::endless()),
		key: &key(),
		geometry: Geometry::new(1, 1, 64).unwrap(),
		sink: &mut Slots::new(1),
		log: &mut Bloated,
		meter: &Meter::default(),
	});
	assert!(matches!(wrong, Err(Error::Io { .. })));
}
